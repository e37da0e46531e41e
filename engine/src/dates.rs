//! Civil days: months added with clamped month ends, windows with both ends included, business days.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many days a month has.
#[must_use]
pub fn days_in_month(year: i32, month: u32) -> u32 {
    let first = NaiveDate::from_ymd_opt(year, month, 1);
    let next = first.and_then(|day| day.checked_add_months(Months::new(1)));
    next.and_then(|day| day.pred_opt()).map_or(30, |day| day.day())
}

/// The same day so many months on (or back), clamped to the month's end: 31 January + 1 is 28 or 29 February.
#[must_use]
pub fn add_months(date: NaiveDate, months: i64) -> Option<NaiveDate> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months >= 0 { date.checked_add_months(count) } else { date.checked_sub_months(count) }
}

/// So many days on (or back).
#[must_use]
pub fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days >= 0 { date.checked_add_days(count) } else { date.checked_sub_days(count) }
}

/// How many whole calendar months lie between two days; negative never: 0 when `to` is not after `from`.
#[must_use]
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> i64 {
    if to <= from {
        return 0;
    }
    let years = i64::from(to.year()) - i64::from(from.year());
    let months = years * 12 + i64::from(to.month()) - i64::from(from.month());
    match add_months(from, months) {
        Some(reached) if reached <= to => months,
        _ => (months - 1).max(0),
    }
}

/// A stretch of days, both ends included; an absent end is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

impl Window {
    /// Whether a day lies inside.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// What both windows share; `None` when they share no day.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (from, until) {
            (Some(from), Some(until)) if until < from => None,
            _ => Some(Self { from, until }),
        }
    }

    /// How many days it has; `None` when it is unbounded.
    #[must_use]
    pub fn days(&self) -> Option<i64> {
        let (from, until) = (self.from?, self.until?);
        Some((until.signed_duration_since(from).num_days() + 1).max(0))
    }
}

/// Which way a date that is not a working day is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BusinessDay {
    /// To the next working day.
    Following,
    /// To the working day before.
    Preceding,
}

/// Working days: Monday to Friday, but for the days that the table names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Named days: `true` is a working day (a make-up Saturday), `false` a holiday.
    #[serde(default)]
    pub days: BTreeMap<NaiveDate, bool>,
}

impl Calendar {
    /// Whether people work on a day.
    #[must_use]
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.days.get(&day).copied().unwrap_or(weekday)
    }

    /// The day itself if it is a working day, else the nearest one in the given direction (within a year).
    #[must_use]
    pub fn adjust(&self, day: NaiveDate, direction: BusinessDay) -> NaiveDate {
        let mut at = day;
        for _ in 0..366 {
            if self.is_business_day(at) {
                return at;
            }
            let next = match direction {
                BusinessDay::Following => at.succ_opt(),
                BusinessDay::Preceding => at.pred_opt(),
            };
            at = next.unwrap_or(day);
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn month_ends_are_clamped() {
        assert_eq!(add_months(d("2024-01-31"), 1), Some(d("2024-02-29")));
        assert_eq!(add_months(d("2023-01-31"), 1), Some(d("2023-02-28")));
        assert_eq!(add_months(d("2024-03-31"), -1), Some(d("2024-02-29")));
        for (from, to, months) in [
            ("2024-01-31", "2024-02-28", 0),
            ("2024-01-31", "2024-02-29", 1),
            ("2024-02-01", "2024-03-20", 1),
            ("2024-02-01", "2025-02-01", 12),
            ("2024-02-01", "2024-02-01", 0),
            ("2024-02-01", "2023-02-01", 0),
        ] {
            assert_eq!(whole_months(d(from), d(to)), months, "{from} {to}");
        }
    }

    #[test]
    fn windows_include_both_ends() {
        let may = Window { from: Some(d("2024-05-01")), until: Some(d("2024-05-31")) };
        assert!(may.contains(d("2024-05-01")) && may.contains(d("2024-05-31")) && !may.contains(d("2024-06-01")));
        let from16 = Window { from: Some(d("2024-05-16")), until: None };
        assert_eq!(may.overlap(&from16).and_then(|w| w.days()), Some(16));
        let june = Window { from: Some(d("2024-06-01")), until: None };
        assert_eq!(may.overlap(&june), None);
        assert_eq!(june.days(), None);
    }

    #[test]
    fn working_days_follow_the_table() {
        // 2024-10-01 to 07 were holidays in China; Saturday 2024-10-12 was worked.
        let mut days: BTreeMap<_, _> =
            (1..=7).map(|n| (NaiveDate::from_ymd_opt(2024, 10, n).unwrap(), false)).collect();
        days.insert(d("2024-10-12"), true);
        let calendar = Calendar { days };
        assert_eq!(calendar.adjust(d("2024-10-01"), BusinessDay::Following), d("2024-10-08"));
        assert_eq!(calendar.adjust(d("2024-10-01"), BusinessDay::Preceding), d("2024-09-30"));
        assert_eq!(calendar.adjust(d("2024-10-12"), BusinessDay::Following), d("2024-10-12"));
    }
}
