//! What a lender sets of outreach: when people are left in peace, how often they are written to, what they are told.

use std::time::Duration;

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use forbear_engine::text::Language;

use super::template::Templates;
use crate::secret::Hidden;

/// When and how often somebody may be contacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRules {
    /// When everybody is left in peace.
    pub quiet: Quiet,
    /// Messages to one person in seven days, at most, whatever they are about.
    pub weekly: u32,
}

impl Default for ContactRules {
    /// Nobody is called or written to from nine in the evening to eight in the morning: stricter than 22 to 8 of China's
    /// 《互联网金融 个人网络消费信贷 贷后催收风控指引》, and the same as the FDCPA's 9 p.m. to 8 a.m.
    fn default() -> Self {
        Self { quiet: Quiet { from: 21 * 60, until: 8 * 60 }, weekly: 3 }
    }
}

/// Quiet hours of every day, in the lender's zone; over midnight where they end earlier than they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    from: u32,
    until: u32,
}

impl Quiet {
    /// Reads `21:00-08:00`.
    ///
    /// # Errors
    /// It is none; what would be right.
    pub fn read(text: &str) -> Result<Self, String> {
        let minutes = |time: &str| {
            let time = Some(time).filter(|time| time.len() == 5)?;
            let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
            Some(time.hour().saturating_mul(60).saturating_add(time.minute()))
        };
        let times = text.split_once('-').and_then(|(from, until)| Some((minutes(from)?, minutes(until)?)));
        match times {
            Some((from, until)) if from != until => Ok(Self { from, until }),
            _ => Err(format!("{text}: two times of day as 21:00-08:00, over midnight too")),
        }
    }

    /// Until when it is quiet, if it is at a moment.
    #[must_use]
    pub fn until(self, at: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
        let local = at.and_utc().with_timezone(&zone).naive_local();
        let minute = local.hour().saturating_mul(60).saturating_add(local.minute());
        let over_midnight = self.until < self.from;
        let quiet = if over_midnight {
            minute >= self.from || minute < self.until
        } else {
            (self.from..self.until).contains(&minute)
        };
        if !quiet {
            return None;
        }
        let day = if over_midnight && minute >= self.from {
            local.date().checked_add_days(Days::new(1))?
        } else {
            local.date()
        };
        let end = day.and_hms_opt(self.until / 60, self.until % 60, 0)?;
        // Where the clocks are put forward just then, the next hour is the first that there is.
        let there = (0..3).find_map(|hours| {
            let end = end.checked_add_signed(TimeDelta::hours(hours))?;
            zone.from_local_datetime(&end).latest()
        });
        there.map(|end| end.naive_utc())
    }
}

/// What people are told, and how.
#[derive(Debug, Clone)]
pub struct Outreach {
    /// The texts.
    pub templates: Templates,
    /// What somebody reads of whom nobody knows it.
    pub language: Language,
    /// Days before the last day to ask on which those who did not answer are reminded; none are where it is left out.
    pub reminder_days: Option<u32>,
    /// The secret that the gateway signs receipts with; without one none are taken.
    pub receipts: Option<Hidden<Vec<u8>>>,
    /// How long the gateway may take for a message.
    pub patience: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia};

    fn until(quiet: &str, zone: Tz, at: &str) -> Option<String> {
        let at: NaiveDateTime = at.parse().unwrap();
        Quiet::read(quiet).unwrap().until(at, zone).map(|until| until.to_string())
    }

    #[test]
    fn quiet_hours_are_the_lenders_and_go_over_midnight() {
        let shanghai = |at| until("21:00-08:00", Asia::Shanghai, at);
        // 20:59:59, 21:00, midnight, 07:59:59 and 08:00 in Shanghai, eight hours before UTC.
        assert_eq!(shanghai("2026-07-01T12:59:59"), None);
        assert_eq!(shanghai("2026-07-01T13:00:00").unwrap(), "2026-07-02 00:00:00");
        assert_eq!(shanghai("2026-07-01T16:00:00").unwrap(), "2026-07-02 00:00:00");
        assert_eq!(shanghai("2026-07-01T23:59:59").unwrap(), "2026-07-02 00:00:00");
        assert_eq!(shanghai("2026-07-02T00:00:00"), None);
        let noon = |at| until("12:00-13:30", Asia::Shanghai, at);
        assert_eq!(noon("2026-07-01T04:00:00").unwrap(), "2026-07-01 05:30:00");
        assert_eq!((noon("2026-07-01T03:59:59"), noon("2026-07-01T05:30:00")), (None, None));
        // In Chicago 02:30 of 8 March 2026 is not there: 03:30 is the first time after it, 08:30 in UTC.
        assert_eq!(until("22:00-02:30", America::Chicago, "2026-03-08T07:00:00").unwrap(), "2026-03-08 08:30:00");
    }

    #[test]
    fn what_are_no_two_times_is_refused() {
        for text in ["", "21:00", "21:00-21:00", "9:00-10:00", "21:00-24:00", "21:00-08:00-09:00"] {
            assert!(Quiet::read(text).is_err(), "{text}");
        }
    }
}
