//! The rows of a schedule, from terms, principal and due dates.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use super::interest::{RateCalendar, half_up, period_factor, times};
use super::terms::{MOST_ROWS, Method, ScheduleError, Terms};
use crate::money::{Money, MoneyError};

/// One row of a derived schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DerivedRow {
    /// The due date.
    pub due: NaiveDate,
    /// Principal due on it.
    pub principal: Money,
    /// Interest due on it.
    pub interest: Money,
}

/// What a derivation keeps of an earlier schedule instead of computing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// The instalment of an equal-instalment loan; the last row takes what then is left.
    pub instalment: Option<Money>,
    /// The original principal, on which a flat loan pays interest; absent, the principal itself.
    pub flat_base: Option<Money>,
}

/// The rows that repay `principal` on `dues`, interest running from `start` (that day not included).
///
/// - Every row's interest is balance × rate × fraction of a year, half-up ([`super::simple_interest`]).
/// - Equal instalment: [`level_instalment`], or the one kept. A row whose interest alone exceeds it carries the
///   interest and no principal; once the balance is gone, rows are zero.
/// - Equal principal and flat: principal / rows, half-up.
/// - The last row repays whatever is left, so the principal sums exactly.
///
/// Dues must ascend strictly and begin after `start`. At most [`MOST_ROWS`] of them.
pub fn derive(
    terms: &Terms,
    principal: Money,
    start: NaiveDate,
    dues: &[NaiveDate],
    calendar: &RateCalendar,
    kept: Kept,
) -> Result<Vec<DerivedRow>, ScheduleError> {
    let base = kept.flat_base.unwrap_or(principal);
    for amount in [Some(principal), Some(base), kept.instalment].into_iter().flatten() {
        require_plain(terms, amount)?;
    }
    let factors = factors(terms, start, dues, calendar)?;
    let Some(last) = dues.len().checked_sub(1) else {
        return if principal.minor() == 0 { Ok(Vec::new()) } else { Err(ScheduleError::NoDues) };
    };
    let level = match (terms.method, kept.instalment) {
        (Method::EqualInstalment, Some(instalment)) => instalment,
        (Method::EqualInstalment, None) => level(principal, &factors)?,
        (Method::EqualPrincipal | Method::Flat, _) => {
            let rows = Decimal::from(dues.len());
            let share = Decimal::from(principal.minor()).checked_div(rows).ok_or(MoneyError::Overflow)?;
            half_up(share, principal)?
        }
        (Method::InterestOnly, _) => Money::zero(terms.currency),
    };
    let mut balance = principal;
    let mut rows = Vec::with_capacity(dues.len());
    for (at, (due, factor)) in dues.iter().zip(&factors).enumerate() {
        let interest = times(if terms.method == Method::Flat { base } else { balance }, *factor)?;
        let part = match terms.method {
            _ if at == last => balance,
            Method::EqualInstalment => level.sub(&interest)?,
            Method::EqualPrincipal | Method::Flat | Method::InterestOnly => level,
        };
        let part = Money::new(part.minor().clamp(0, balance.minor()), terms.currency);
        balance = balance.sub(&part)?;
        rows.push(DerivedRow { due: *due, principal: part, interest });
    }
    Ok(rows)
}

/// The instalment that repays `principal` in equal amounts on `dues`, half-up to the minor unit:
/// principal / Σₖ Πⱼ≤ₖ 1/(1 + iⱼ) with iⱼ the rate of period j. With equal periods this is the annuity formula
/// P·i / (1 − (1 + i)⁻ⁿ), with rate zero P / n.
pub fn level_instalment(
    terms: &Terms,
    principal: Money,
    start: NaiveDate,
    dues: &[NaiveDate],
    calendar: &RateCalendar,
) -> Result<Money, ScheduleError> {
    require_plain(terms, principal)?;
    level(principal, &factors(terms, start, dues, calendar)?)
}

fn level(principal: Money, factors: &[Decimal]) -> Result<Money, ScheduleError> {
    let (mut discount, mut sum) = (Decimal::ONE, Decimal::ZERO);
    for factor in factors {
        let growth = Decimal::ONE.checked_add(*factor).ok_or(MoneyError::Overflow)?;
        discount = discount.checked_div(growth).ok_or(MoneyError::Overflow)?;
        sum = sum.checked_add(discount).ok_or(MoneyError::Overflow)?;
    }
    if sum.is_zero() {
        return if factors.is_empty() { Err(ScheduleError::NoDues) } else { Err(MoneyError::Overflow.into()) };
    }
    half_up(Decimal::from(principal.minor()).checked_div(sum).ok_or(MoneyError::Overflow)?, principal)
}

/// The factor of every period, after a check of the due dates.
fn factors(
    terms: &Terms,
    start: NaiveDate,
    dues: &[NaiveDate],
    calendar: &RateCalendar,
) -> Result<Vec<Decimal>, ScheduleError> {
    if dues.len() > MOST_ROWS {
        return Err(ScheduleError::TooManyRows(dues.len()));
    }
    let mut from = start;
    let mut factors = Vec::with_capacity(dues.len());
    for (at, due) in dues.iter().enumerate() {
        if *due <= from {
            return Err(ScheduleError::NotAscending(at.saturating_add(1), *due, from));
        }
        factors.push(period_factor(terms.rate, terms.day_count, from, *due, calendar)?);
        from = *due;
    }
    Ok(factors)
}

/// An amount of the contract's currency, not below zero.
fn require_plain(terms: &Terms, amount: Money) -> Result<(), ScheduleError> {
    if amount.currency() != terms.currency {
        return Err(MoneyError::Currencies(amount.currency(), terms.currency).into());
    }
    if amount.minor() < 0 {
        return Err(ScheduleError::Negative(amount));
    }
    Ok(())
}
