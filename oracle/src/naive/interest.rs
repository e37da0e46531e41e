//! Interest in whole fractions: nothing is rounded before the end.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::Method;
use forbear_engine::rate::DayCount;
use rust_decimal::Decimal;

use super::day::{between, month_length, plus_months, whole_months};

/// Days at another rate, both included.
pub type Other = Option<(NaiveDate, NaiveDate, Decimal)>;

/// A number as a fraction.
#[derive(Debug, Clone, Copy)]
struct Fraction(i128, i128);

fn of(number: Decimal) -> Fraction {
    let number = number.normalize();
    Fraction(number.mantissa(), 10_i128.pow(number.scale()))
}

impl Fraction {
    fn times(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.1).reduced()
    }
    fn plus(self, other: Self) -> Self {
        Self(self.0 * other.1 + other.0 * self.1, self.1 * other.1).reduced()
    }
    fn reduced(self) -> Self {
        let (mut a, mut b) = (self.0.abs(), self.1.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(self.0 / a.max(1), self.1 / a.max(1))
    }
    fn half_up(self) -> i64 {
        ((2 * self.0 + self.1).div_euclid(2 * self.1)) as i64
    }
}

/// Whether two days are of one monthly series, and how many months apart.
fn months_apart(from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let clamped = |day: NaiveDate, other: NaiveDate| {
        day.day() < other.day() && day.day() == month_length(day.year(), day.month())
    };
    let series = from.day() == to.day() || clamped(from, to) || clamped(to, from);
    series.then(|| i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month()))
}

fn year_fraction(count: DayCount, from: NaiveDate, to: NaiveDate) -> Fraction {
    let days = i128::from(between(from, to));
    match count {
        DayCount::Act365 => Fraction(days, 365),
        DayCount::Act360 => Fraction(days, 360),
        DayCount::Thirty360 => {
            let first = from.day().min(30);
            let last = if from.day() >= 30 { to.day().min(30) } else { to.day() };
            let months = i128::from(to.year() - from.year()) * 12 + i128::from(to.month()) - i128::from(from.month());
            Fraction(months * 30 + i128::from(last) - i128::from(first), 360)
        }
        DayCount::Month12 => {
            if let Some(months) = months_apart(from, to) {
                return Fraction(i128::from(months), 12);
            }
            let whole = whole_months(from, to);
            let reached = plus_months(from, whole).unwrap();
            let next = plus_months(from, whole + 1).unwrap();
            let rest = Fraction(i128::from(between(reached, to)), i128::from(between(reached, next).max(1)));
            Fraction(i128::from(whole), 1).plus(rest).times(Fraction(1, 12))
        }
    }
}

/// What one unit earns in (from, to], with some days at another rate: every day counts the same.
fn factor(rate: Decimal, count: DayCount, from: NaiveDate, to: NaiveDate, other: Other) -> Fraction {
    if to <= from {
        return Fraction(0, 1);
    }
    let days = between(from, to);
    let mut mean = of(rate);
    if let Some((first, last, lower)) = other {
        let inside = (1..=days).filter(|at| {
            let day = super::day::plus(from, *at).unwrap();
            first <= day && day <= last
        });
        let inside = inside.count() as i128;
        let outside = i128::from(days) - inside;
        let sum = of(lower).times(Fraction(inside, 1)).plus(of(rate).times(Fraction(outside, 1)));
        mean = sum.times(Fraction(1, i128::from(days)));
    }
    mean.times(year_fraction(count, from, to))
}

/// Simple interest, half-up.
#[must_use]
pub fn simple(amount: i64, rate: Decimal, count: DayCount, from: NaiveDate, to: NaiveDate) -> i64 {
    factor(rate, count, from, to, None).times(Fraction(i128::from(amount), 1)).half_up()
}

/// A contract.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    /// A year's rate.
    pub rate: Decimal,
    /// How it is repaid.
    pub method: Method,
    /// How days become a part of a year.
    pub count: DayCount,
}

/// Principal and interest of rows that repay an amount, row after row; the last takes what is left. With `level`, an
/// equal-instalment loan keeps that instalment.
#[must_use]
pub fn rows(
    contract: Contract,
    lent: i64,
    start: NaiveDate,
    dues: &[NaiveDate],
    other: Other,
    level: Option<i64>,
) -> Vec<(i64, i64)> {
    let starts = std::iter::once(&start).chain(dues);
    let factors: Vec<Fraction> =
        starts.zip(dues).map(|(from, to)| factor(contract.rate, contract.count, *from, *to, other)).collect();
    let each = match contract.method {
        Method::EqualInstalment => level.unwrap_or_else(|| instalment(lent, &factors)),
        Method::EqualPrincipal | Method::Flat => Fraction(i128::from(lent), dues.len().max(1) as i128).half_up(),
        Method::InterestOnly => 0,
    };
    let mut balance = lent;
    let mut made = Vec::new();
    for (at, factor) in factors.iter().enumerate() {
        let base = if contract.method == Method::Flat { lent } else { balance };
        let interest = factor.times(Fraction(i128::from(base), 1)).half_up();
        let wanted = match contract.method {
            _ if at + 1 == dues.len() => balance,
            Method::EqualInstalment => each - interest,
            _ => each,
        };
        let principal = wanted.clamp(0, balance.max(0));
        balance -= principal;
        made.push((principal, interest));
    }
    made
}

/// P ÷ Σ Π 1/(1 + iⱼ).
fn instalment(lent: i64, factors: &[Fraction]) -> i64 {
    let (mut discount, mut sum) = (Decimal::ONE, Decimal::ZERO);
    for Fraction(part, whole) in factors {
        discount /= Decimal::ONE + Decimal::from(*part) / Decimal::from(*whole);
        sum += discount;
    }
    super::ground::rounded((Decimal::from(lent) / sum).round_dp(12))
}
