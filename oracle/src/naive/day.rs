//! Civil days, counted one by one where that is plain.

use chrono::{Datelike, NaiveDate};
use forbear_engine::dates::{BusinessDay, Calendar};

/// So many days on; none beyond the calendar.
#[must_use]
pub fn plus(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(i64::from(day.num_days_from_ce()) + days).ok()?)
}

/// Days from one day to another.
#[must_use]
pub fn between(from: NaiveDate, to: NaiveDate) -> i64 {
    i64::from(to.num_days_from_ce()) - i64::from(from.num_days_from_ce())
}

/// The last day of a month.
#[must_use]
pub fn month_length(year: i32, month: u32) -> u32 {
    (28..=31).rev().find(|day| NaiveDate::from_ymd_opt(year, month, *day).is_some()).unwrap()
}

/// So many months on; a day that the month does not have becomes its last.
#[must_use]
pub fn plus_months(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let count = i64::from(day.year()) * 12 + i64::from(day.month0()) + months;
    let (year, month) = (i32::try_from(count.div_euclid(12)).ok()?, count.rem_euclid(12) as u32 + 1);
    NaiveDate::from_ymd_opt(year, month, 1)?;
    NaiveDate::from_ymd_opt(year, month, day.day().min(month_length(year, month)))
}

/// Whole months from a day to another: as many as can be added without passing it.
#[must_use]
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> i64 {
    let mut months = 0;
    while plus_months(from, months + 1).is_some_and(|day| day <= to) {
        months += 1;
    }
    months
}

/// Whether people work on a day.
#[must_use]
pub fn is_worked(calendar: &Calendar, day: NaiveDate) -> bool {
    calendar.days.get(&day).copied().unwrap_or(day.weekday().num_days_from_monday() < 5)
}

/// The working day on or after, or on or before, a day.
#[must_use]
pub fn worked(calendar: &Calendar, day: NaiveDate, way: BusinessDay) -> NaiveDate {
    let step = if way == BusinessDay::Following { 1 } else { -1 };
    let mut at = day;
    while !is_worked(calendar, at) {
        at = plus(at, step).unwrap();
    }
    at
}
