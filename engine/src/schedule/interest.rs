//! The interest of one period, half-up to the minor unit, with windows in which another rate applies.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::terms::{ScheduleError, exact_months};
use crate::dates::Window;
use crate::money::{Money, MoneyError};
use crate::rate::{DayCount, Rate};

/// Another annual rate inside a window of days, both ends included; zero is a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWindow {
    /// The days; an absent end is unbounded.
    pub window: Window,
    /// The annual rate on each of them.
    pub rate: Rate,
}

/// The days on which a rate other than the contract's applies. Where windows overlap, the lowest rate does:
/// two reliefs together are never dearer than one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RateCalendar {
    /// Disjoint and ascending: first day, last day, rate.
    spans: Vec<(NaiveDate, NaiveDate, Decimal)>,
}

impl RateCalendar {
    /// The contract rate on every day.
    pub const EMPTY: Self = Self { spans: Vec::new() };

    /// From windows in any order.
    pub fn new(windows: &[RateWindow]) -> Result<Self, ScheduleError> {
        // A sweep over the days on which a window begins or has just ended.
        let mut changes: BTreeMap<NaiveDate, Vec<(Decimal, bool)>> = BTreeMap::new();
        for RateWindow { window, rate } in windows {
            if rate.0.is_sign_negative() && !rate.0.is_zero() {
                return Err(ScheduleError::NegativeRate(rate.0));
            }
            let (from, until) = (window.from.unwrap_or(NaiveDate::MIN), window.until.unwrap_or(NaiveDate::MAX));
            if until < from {
                return Err(ScheduleError::WindowBackwards(from, until));
            }
            changes.entry(from).or_default().push((rate.0, true));
            if let Some(after) = until.succ_opt() {
                changes.entry(after).or_default().push((rate.0, false));
            }
        }
        let mut spans: Vec<(NaiveDate, NaiveDate, Decimal)> = Vec::new();
        let mut open: BTreeMap<Decimal, usize> = BTreeMap::new();
        let mut since: Option<(NaiveDate, Decimal)> = None;
        for (day, list) in changes {
            if let (Some((from, rate)), Some(last)) = (since, day.pred_opt()) {
                spans.push((from, last, rate));
            }
            for (rate, begins) in list {
                let count = open.entry(rate).or_default();
                *count = if begins { count.saturating_add(1) } else { count.saturating_sub(1) };
                if *count == 0 {
                    open.remove(&rate);
                }
            }
            since = open.first_key_value().map(|(rate, _)| (day, *rate));
        }
        if let Some((from, rate)) = since {
            spans.push((from, NaiveDate::MAX, rate));
        }
        Ok(Self { spans })
    }

    /// The mean annual rate over the days of (from, to], each day counting the same.
    fn mean_rate(&self, contract: Decimal, from: NaiveDate, to: NaiveDate) -> Option<Decimal> {
        let days = to.signed_duration_since(from).num_days();
        let first_day = from.succ_opt()?;
        let start = self.spans.partition_point(|(_, until, _)| *until < first_day);
        let mut other_days: i64 = 0;
        let mut sum = Decimal::ZERO;
        for (begin, end, rate) in self.spans.iter().skip(start).take_while(|(begin, _, _)| *begin <= to) {
            let (begin, end) = ((*begin).max(first_day), (*end).min(to));
            let inside = end.signed_duration_since(begin).num_days().checked_add(1)?;
            other_days = other_days.checked_add(inside)?;
            sum = sum.checked_add(rate.checked_mul(Decimal::from(inside))?)?;
        }
        if other_days == 0 {
            return Some(contract);
        }
        let rest = contract.checked_mul(Decimal::from(days.checked_sub(other_days)?))?;
        sum.checked_add(rest)?.checked_div(Decimal::from(days))
    }
}

/// The fraction of a year in the period (from, to]. As [`DayCount::year_fraction`], but with `month/12` two days of
/// one monthly series are whole months apart even when one of them was clamped to its month's end.
#[must_use]
pub fn period_fraction(day_count: DayCount, from: NaiveDate, to: NaiveDate) -> Decimal {
    match (day_count, exact_months(from, to)) {
        (DayCount::Month12, Some(months)) if from < to => Decimal::from(months) / Decimal::from(12),
        _ => day_count.year_fraction(from, to),
    }
}

/// What one unit of balance earns in the period (from, to]: rate × fraction of a year. Windows are prorated: the
/// period's interest splits evenly over its actual days (day d is (d−1, d]), each at its own rate. Zero when `to`
/// is not after `from`.
pub fn period_factor(
    rate: Rate,
    day_count: DayCount,
    from: NaiveDate,
    to: NaiveDate,
    calendar: &RateCalendar,
) -> Result<Decimal, ScheduleError> {
    if rate.0.is_sign_negative() && !rate.0.is_zero() {
        return Err(ScheduleError::NegativeRate(rate.0));
    }
    if to <= from {
        return Ok(Decimal::ZERO);
    }
    let factor = calendar.mean_rate(rate.0, from, to);
    let factor = factor.and_then(|mean| mean.checked_mul(period_fraction(day_count, from, to)));
    factor.ok_or(ScheduleError::Money(MoneyError::Overflow))
}

/// Simple interest on an unpaid amount over (from, to]: amount × [`period_factor`], half-up. It is the interest of one
/// period of a schedule, and what a moved instalment earns between its old and its new due date.
pub fn simple_interest(
    unpaid: Money,
    rate: Rate,
    day_count: DayCount,
    from: NaiveDate,
    to: NaiveDate,
    calendar: &RateCalendar,
) -> Result<Money, ScheduleError> {
    times(unpaid, period_factor(rate, day_count, from, to, calendar)?)
}

/// An amount times a factor, half-up.
pub(super) fn times(amount: Money, factor: Decimal) -> Result<Money, ScheduleError> {
    let product = Decimal::from(amount.minor()).checked_mul(factor).ok_or(MoneyError::Overflow)?;
    half_up(product, amount)
}

/// Half-up to the minor unit, in the currency of `like`. A year's fraction such as 1/12 is cut after 28 digits, so
/// that an exact half may arrive as 0.4999…; what lies beyond twelve digits is therefore rounded away first.
pub(super) fn half_up(minor: Decimal, like: Money) -> Result<Money, ScheduleError> {
    let settled = minor.round_dp(12).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let minor = settled.to_i64().ok_or(MoneyError::Overflow)?;
    Ok(Money::new(minor, like.currency()))
}
