//! The words of a loan contract that make its schedule, and its due dates.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dates;
use crate::money::{Currency, Money, MoneyError};
use crate::rate::{DayCount, Rate};

/// The most rows a schedule may have: every day for more than thirteen years, every week for 96.
pub const MOST_ROWS: usize = 5_000;

/// How principal and interest spread over the instalments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 等额本息: every instalment is the same amount, interest on the balance first.
    EqualInstalment,
    /// 等额本金: every instalment carries the same principal, interest on the balance on top.
    EqualPrincipal,
    /// Interest each period, all principal with the last instalment.
    InterestOnly,
    /// The same principal each period, interest always on the original principal.
    Flat,
}

impl Method {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EqualInstalment => "equal_instalment",
            Self::EqualPrincipal => "equal_principal",
            Self::InterestOnly => "interest_only",
            Self::Flat => "flat",
        }
    }
}

/// The distance between due dates: `{"months": 1}` or `{"days": 7}`; at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// So many calendar months; month ends are clamped.
    Months(#[schemars(range(min = 1))] u32),
    /// So many days; a week is 7.
    Days(#[schemars(range(min = 1))] u32),
}

impl Frequency {
    /// Every month.
    pub const MONTHLY: Self = Self::Months(1);
    /// Every week.
    pub const WEEKLY: Self = Self::Days(7);

    /// The due date `n` periods after the first (0 is the first itself). Always counted from the first, so that
    /// a clamped month end does not stick: 31 January, 28 February, 31 March.
    pub fn nth_due(&self, first_due: NaiveDate, n: u32) -> Result<NaiveDate, ScheduleError> {
        let (Self::Months(length) | Self::Days(length)) = *self;
        if length == 0 {
            return Err(ScheduleError::EmptyPeriod);
        }
        let steps = i64::from(length).checked_mul(i64::from(n)).ok_or(ScheduleError::BeyondCalendar)?;
        let due = match self {
            Self::Months(_) => dates::add_months(first_due, steps),
            Self::Days(_) => dates::add_days(first_due, steps),
        };
        due.ok_or(ScheduleError::BeyondCalendar)
    }

    /// `count` due dates from the first on.
    pub fn dues(&self, first_due: NaiveDate, count: u32) -> Result<Vec<NaiveDate>, ScheduleError> {
        let rows = usize::try_from(count).unwrap_or(usize::MAX);
        if rows > MOST_ROWS {
            return Err(ScheduleError::TooManyRows(rows));
        }
        (0..count).map(|n| self.nth_due(first_due, n)).collect()
    }
}

/// What the contract says, as far as a schedule depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The currency of every amount.
    pub currency: Currency,
    /// The nominal annual rate.
    pub rate: Rate,
    /// How principal and interest spread.
    pub method: Method,
    /// How days become a fraction of a year.
    pub day_count: DayCount,
}

/// Why no schedule could be made. Every one is an error of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScheduleError {
    /// Principal is left but there is no due date to pay it on.
    NoDues,
    /// More rows than [`MOST_ROWS`].
    TooManyRows(usize),
    /// A due date is not after the one before it (or the first not after the start): row, its date, the earlier date.
    NotAscending(usize, NaiveDate, NaiveDate),
    /// An amount that must not be negative is.
    Negative(Money),
    /// A rate below zero.
    NegativeRate(Decimal),
    /// A frequency of zero months or days.
    EmptyPeriod,
    /// A date left the calendar.
    BeyondCalendar,
    /// A window ends before it begins.
    WindowBackwards(NaiveDate, NaiveDate),
    /// An amount left its range, or two currencies met.
    Money(MoneyError),
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDues => write!(f, "there is principal to repay but no due date: give at least one"),
            Self::TooManyRows(rows) => write!(f, "{rows} rows are too many: a schedule has at most {MOST_ROWS}"),
            Self::NotAscending(row, due, before) => {
                write!(f, "row {row} is due on {due}, which must be after {before}")
            }
            Self::Negative(amount) => write!(f, "{amount} is negative: give zero or more"),
            Self::NegativeRate(rate) => write!(f, "the annual rate {rate} is negative: give zero or more"),
            Self::EmptyPeriod => write!(f, "a period of zero months or days: give at least 1"),
            Self::BeyondCalendar => write!(f, "a due date lies beyond the calendar: give fewer or shorter periods"),
            Self::WindowBackwards(from, until) => {
                write!(f, "a rate window runs from {from} until {until}: it must not end before it begins")
            }
            Self::Money(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ScheduleError {}

impl From<MoneyError> for ScheduleError {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}

/// How many calendar months lie exactly between two days of one monthly series; `None` when they belong to none.
/// Days of one series have the same day of month, or one of them is a month end that was clamped
/// (31 January to 28 February, 28 February to 31 March).
#[must_use]
pub fn exact_months(from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let clamped = |day: NaiveDate, other: NaiveDate| {
        day.day() < other.day() && day.day() == dates::days_in_month(day.year(), day.month())
    };
    let one_series = from.day() == to.day() || clamped(from, to) || clamped(to, from);
    let years = i64::from(to.year()) - i64::from(from.year());
    one_series.then(|| years * 12 + i64::from(to.month()) - i64::from(from.month()))
}
