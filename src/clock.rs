//! The time: UTC for what is kept, the lender's civil day for what is decided.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// A clock: the machine's, or one that is set by hand.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: Tz,
    set: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock, in the lender's zone.
    #[must_use]
    pub const fn of_machine(zone: Tz) -> Self {
        Self { zone, set: None }
    }

    /// A clock that stands still until it is set.
    #[must_use]
    pub fn standing(zone: Tz, at: DateTime<Utc>) -> Self {
        Self { zone, set: Some(Arc::new(AtomicI64::new(at.timestamp_micros()))) }
    }

    /// Sets a standing clock; the machine's takes no notice.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(set) = &self.set {
            set.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Now, in UTC, to the microsecond: what both databases keep.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        let micros = self.set.as_ref().map_or_else(|| Utc::now().timestamp_micros(), |set| set.load(Ordering::SeqCst));
        DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
    }

    /// The lender's civil day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day(self.now())
    }

    /// The lender's civil day at a moment.
    #[must_use]
    pub fn day(&self, at: NaiveDateTime) -> NaiveDate {
        at.and_utc().with_timezone(&self.zone).date_naive()
    }

    /// The lender's zone.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_lenders() {
        // 17:00 in London is one in the morning of the next day in Shanghai.
        let at = "2026-06-30T17:00:00Z".parse().unwrap();
        let clock = Clock::standing(chrono_tz::Asia::Shanghai, at);
        assert_eq!(clock.today().to_string(), "2026-07-01");
        assert_eq!(Clock::standing(chrono_tz::UTC, at).today().to_string(), "2026-06-30");
        clock.set("2026-12-31T16:00:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2027-01-01");
    }
}
