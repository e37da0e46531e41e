//! The schedule that a sample loan was sold with.

use chrono::NaiveDate;
use forbear_engine::money::{Currency, Money, Rounding};
use forbear_engine::rate::{DayCount, Rate};
use forbear_engine::schedule::{DerivedRow, Frequency, Kept, Method, RateCalendar, Terms, derive};
use rust_decimal::Decimal;

/// What a schedule is made of.
pub(super) struct Plan {
    pub currency: Currency,
    /// In minor units.
    pub principal: i64,
    pub rate: Decimal,
    pub method: Method,
    pub day_count: DayCount,
    pub every: Frequency,
    pub start: NaiveDate,
    pub first_due: NaiveDate,
    pub count: u32,
}

/// One row, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub due_on: NaiveDate,
    pub principal: i64,
    pub interest: i64,
}

impl Plan {
    /// The rows as the engine derives them; none when the terms make no schedule.
    pub(super) fn rows(&self) -> Vec<Row> {
        let terms =
            Terms { currency: self.currency, rate: Rate(self.rate), method: self.method, day_count: self.day_count };
        let principal = Money::new(self.principal, self.currency);
        let dues = self.every.dues(self.first_due, self.count);
        let rows = dues
            .and_then(|dues| derive(&terms, principal, self.start, &dues, &RateCalendar::default(), Kept::default()));
        let row =
            |row: DerivedRow| Row { due_on: row.due, principal: row.principal.minor(), interest: row.interest.minor() };
        rows.unwrap_or_default().into_iter().map(row).collect()
    }
}

/// Minor units times a factor, half-up.
pub(super) fn share_of(minor: i64, factor: Decimal, currency: Currency) -> i64 {
    Money::new(minor, currency).mul(factor, Rounding::HalfUp).map_or(0, |money| money.minor())
}
