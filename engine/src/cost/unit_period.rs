//! Time as Regulation Z measures it: unit-periods, whole and fractional (12 CFR 1026 Appendix J (b)(3) to (b)(5)).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dates;
use crate::schedule::terms::exact_months;

/// The interval that the rate is stated for before it is annualised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitPeriod {
    /// One day, or a multiple of seven; of a single payment, the days of its term.
    Days(u32),
    /// Half a month: payments on two fixed days of each month.
    SemiMonth,
    /// So many months, at most twelve.
    Months(u32),
}

impl UnitPeriod {
    /// How many there are in a year ((b)(5)(ii) to (vi)).
    #[must_use]
    pub fn per_year(&self) -> Decimal {
        match self {
            Self::Days(days) if days % 7 == 0 && *days > 0 => Decimal::from(52 * 7) / Decimal::from(*days),
            Self::Days(days) => Decimal::from(365) / Decimal::from((*days).max(1)),
            Self::SemiMonth => Decimal::from(24),
            Self::Months(months) => Decimal::from(12) / Decimal::from((*months).max(1)),
        }
    }

    /// The unit-period of a transaction that begins on `start` ((b)(4)): the period between advances or between
    /// payments that occurs most often, the shorter of two that occur equally often; if none occurs twice, the
    /// standard interval nearest to their average. With one advance and one payment it is the term, at most a year.
    /// Both lists ascend.
    #[must_use]
    pub fn of(start: NaiveDate, advances: &[NaiveDate], payments: &[NaiveDate]) -> Self {
        if let ([_], [payment]) = (advances, payments) {
            return of_term(start, *payment);
        }
        let paid: Vec<NaiveDate> = std::iter::once(start).chain(payments.iter().copied()).collect();
        let mut counts: BTreeMap<Self, u32> = BTreeMap::new();
        for series in [paid.as_slice(), advances] {
            count_periods(series, &mut counts);
        }
        let common = counts.iter().filter(|(_, count)| **count > 1);
        let most = common.max_by(|(a, m), (b, n)| m.cmp(n).then(b.length().cmp(&a.length())));
        most.map_or_else(|| nearest_to_average(&[paid.as_slice(), advances]), |(period, _)| *period)
    }

    /// Whole unit-periods and the fraction of one between two days ((b)(5)), counted back from the later one.
    /// `month_day` is the day of the month on which payments fall when no month end cuts it short.
    #[must_use]
    pub fn between(&self, from: NaiveDate, to: NaiveDate, month_day: u32) -> (u64, Decimal) {
        let (months, rest) = months_back(from, to, month_day);
        let split = |days: u64, unit: u64| {
            let unit = unit.max(1);
            (days / unit, Decimal::from(days % unit) / Decimal::from(unit))
        };
        match self {
            Self::Days(unit) => split(days_between(from, to), u64::from(*unit)),
            Self::Months(1) => (months, Decimal::from(rest) / Decimal::from(30)),
            Self::Months(12) => {
                let odd = months % 12;
                let part = if rest == 0 {
                    Decimal::from(odd) / Decimal::from(12)
                } else {
                    let reached = back(to, months - odd, month_day).unwrap_or(to);
                    Decimal::from(days_between(from, reached)) / Decimal::from(365)
                };
                (months / 12, part)
            }
            Self::Months(unit) => split(months.saturating_mul(30).saturating_add(rest), u64::from(*unit) * 30),
            Self::SemiMonth => split(months.saturating_mul(30).saturating_add(rest), 15),
        }
    }

    /// Length in hours, for comparing; a month is a twelfth of 365 days.
    fn length(&self) -> u64 {
        match self {
            Self::Days(days) => u64::from(*days) * 24,
            Self::SemiMonth => 365,
            Self::Months(months) => u64::from(*months) * 730,
        }
    }
}

fn days_between(from: NaiveDate, to: NaiveDate) -> u64 {
    u64::try_from(to.signed_duration_since(from).num_days()).unwrap_or(0)
}

/// So many months before a day of a monthly series whose nominal day of month is `month_day`.
fn back(day: NaiveDate, months: u64, month_day: u32) -> Option<NaiveDate> {
    let cut_short = day.day() < month_day && day.day() == dates::days_in_month(day.year(), day.month());
    let nominal = if cut_short { month_day } else { day.day() };
    let reached = dates::add_months(day.with_day(1)?, -i64::try_from(months).ok()?)?;
    reached.with_day(nominal.min(dates::days_in_month(reached.year(), reached.month())))
}

/// Full months counted back from the later day, and the days left before the first of them.
fn months_back(from: NaiveDate, to: NaiveDate, month_day: u32) -> (u64, u64) {
    let years = i64::from(to.year()) - i64::from(from.year());
    let most = years * 12 + i64::from(to.month()) - i64::from(from.month());
    let most = u64::try_from(most).unwrap_or(0);
    for months in [most, most.saturating_sub(1)] {
        if let Some(reached) = back(to, months, month_day).filter(|reached| *reached >= from) {
            return (months, days_between(from, reached));
        }
    }
    (0, days_between(from, to))
}

/// A single payment: its term in months or days, or a year when it is longer ((b)(4)(ii), (b)(5)(vi)).
fn of_term(start: NaiveDate, payment: NaiveDate) -> UnitPeriod {
    let year = dates::add_months(start, 12).unwrap_or(payment);
    if payment >= year {
        return UnitPeriod::Months(12);
    }
    match exact_months(start, payment).and_then(|months| u32::try_from(months).ok()) {
        Some(months @ 1..) => UnitPeriod::Months(months),
        _ => UnitPeriod::Days(u32::try_from(days_between(start, payment)).unwrap_or(1)),
    }
}

/// Counts the standard intervals among a series' periods. One that is both a month and four weeks counts as both.
fn count_periods(series: &[NaiveDate], counts: &mut BTreeMap<UnitPeriod, u32>) {
    let mut add = |period: UnitPeriod| {
        let count = counts.entry(period).or_default();
        *count = count.saturating_add(1);
    };
    let month = |from: Option<&NaiveDate>, to: Option<&NaiveDate>| match (from, to) {
        (Some(from), Some(to)) => exact_months(*from, *to) == Some(1),
        _ => false,
    };
    for (at, pair) in series.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let days = days_between(*from, *to);
        if let Some(months @ 1..=12) = exact_months(*from, *to).and_then(|months| u32::try_from(months).ok()) {
            add(UnitPeriod::Months(months));
        }
        match u32::try_from(days) {
            Ok(days) if days == 1 || (days % 7 == 0 && (7..=364).contains(&days)) => add(UnitPeriod::Days(days)),
            _ => {}
        }
        // Half a month: with the period before or after it, it makes a month.
        let before = at.checked_sub(1).and_then(|at| series.get(at));
        let after = series.get(at.saturating_add(2));
        if (13..=18).contains(&days) && (month(before, Some(to)) || month(Some(from), after)) {
            add(UnitPeriod::SemiMonth);
        }
    }
}

/// The standard interval nearest to the average period, the shorter of two equally near ((b)(4)(i)(B)).
fn nearest_to_average(series: &[&[NaiveDate]]) -> UnitPeriod {
    let (mut hours, mut periods) = (0_u64, 0_u64);
    for dates in series {
        if let (Some(first), Some(last)) = (dates.first(), dates.last()) {
            hours = hours.saturating_add(days_between(*first, *last).saturating_mul(24));
            periods = periods.saturating_add(u64::try_from(dates.len()).unwrap_or(0).saturating_sub(1));
        }
    }
    let average = hours / periods.max(1);
    let weeks = (1..=52).map(|weeks| UnitPeriod::Days(weeks * 7));
    let months = (1..=12).map(UnitPeriod::Months);
    let standard = [UnitPeriod::Days(1), UnitPeriod::SemiMonth].into_iter().chain(weeks).chain(months);
    let nearest = standard.min_by_key(|period| (period.length().abs_diff(average), period.length()));
    nearest.unwrap_or(UnitPeriod::Months(1))
}
