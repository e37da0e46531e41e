//! The all-in annual cost 综合年化成本: the internal rate of return of everything the borrower receives and pays.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::root::{Term, nth_root, power, solve};
use super::{CashFlow, CostError, by_day};
use crate::schedule::terms::exact_months;

/// Decimals of a rate that is handed out: more than any use needs, fewer than the computation carries.
const RATE_DECIMALS: u32 = 16;

/// One cost in the two conventions that people meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnualCost {
    /// Periodic internal rate of return × periods in a year: the annualised rate that lenders in China show under
    /// People's Bank of China Announcement 2021 No. 3, comparable with a contract's nominal rate.
    #[schemars(with = "String")]
    pub nominal: Decimal,
    /// The same with compounding over the year: (1 + daily rate)³⁶⁵ − 1 by actual days (ACT/365), as XIRR does.
    #[schemars(with = "String")]
    pub effective: Decimal,
    /// How many periods the nominal rate takes a year to have: 12 for a monthly schedule, 52 for a weekly one.
    pub periods_per_year: u32,
}

/// The all-in annual cost of advances and payments, in any order, given together.
///
/// Where all days lie whole months apart (month ends clamped), or whole weeks, the nominal rate is solved on those
/// periods, all months being equal: the longest period that divides every distance and the year. Otherwise it is the
/// monthly equivalent of the effective rate, 12 × ((1 + effective)^(1/12) − 1). A cost may be negative, when less is
/// paid than was received. Both rates are rounded to 16 decimals.
///
/// Errors: [`CostError::OneSided`], [`CostError::PaymentFirst`], [`CostError::NoRate`] above a million percent a period.
pub fn all_in_annual_cost(flows: &[CashFlow]) -> Result<AnnualCost, CostError> {
    let flows = dated(flows)?;
    let Some((periods_per_year, distances)) = grid(&flows) else {
        let effective = effective(&flows, Decimal::ZERO)?;
        let monthly = nth_root(Decimal::ONE + effective, 12).ok_or(CostError::Overflow)? - Decimal::ONE;
        return Ok(AnnualCost {
            nominal: (monthly * Decimal::from(12)).round_dp(RATE_DECIMALS),
            effective: effective.round_dp(RATE_DECIMALS),
            periods_per_year: 12,
        });
    };
    let rate = solve(&terms(&flows, distances), Decimal::ZERO)?;
    let nominal = rate.checked_mul(Decimal::from(periods_per_year)).ok_or(CostError::Overflow)?;
    // The first two terms of the logarithm: near enough for Newton to need two or three steps.
    let guess = (Decimal::ONE - rate / Decimal::TWO).checked_mul(nominal).unwrap_or_default();
    let effective = effective(&flows, guess / Decimal::from(365))?;
    Ok(AnnualCost {
        nominal: nominal.round_dp(RATE_DECIMALS),
        effective: effective.round_dp(RATE_DECIMALS),
        periods_per_year,
    })
}

/// The effective annual rate alone (ACT/365), rounded to 16 decimals: what a modification is discounted with.
pub fn effective_annual_rate(flows: &[CashFlow]) -> Result<Decimal, CostError> {
    Ok(effective(&dated(flows)?, Decimal::ZERO)?.round_dp(RATE_DECIMALS))
}

/// Flows by day, an advance first and a payment somewhere.
pub(super) fn dated(flows: &[CashFlow]) -> Result<Vec<(NaiveDate, Decimal)>, CostError> {
    let flows = by_day(flows)?;
    let paid = flows.iter().any(|(_, amount)| amount.is_sign_negative());
    let received = flows.iter().any(|(_, amount)| amount.is_sign_positive());
    match flows.first() {
        Some((on, amount)) if paid && received => {
            if amount.is_sign_negative() {
                Err(CostError::PaymentFirst(*on))
            } else {
                Ok(flows)
            }
        }
        _ => Err(CostError::OneSided),
    }
}

fn effective(flows: &[(NaiveDate, Decimal)], guess: Decimal) -> Result<Decimal, CostError> {
    let begin = flows.first().map(|(on, _)| *on).ok_or(CostError::OneSided)?;
    let days = flows.iter().map(|(on, _)| on.signed_duration_since(begin).num_days().unsigned_abs()).collect();
    let daily = solve(&terms(flows, days), guess)?;
    let year = power(Decimal::ONE + daily, 365).ok_or(CostError::Overflow)?;
    Ok(year - Decimal::ONE)
}

fn terms(flows: &[(NaiveDate, Decimal)], distances: Vec<u64>) -> Vec<Term> {
    let term =
        |((_, amount), whole): (&(NaiveDate, Decimal), u64)| Term { amount: *amount, whole, part: Decimal::ZERO };
    flows.iter().zip(distances).map(term).collect()
}

/// Periods in a year, and each flow's distance from the first in periods, if all lie on one grid of months or weeks.
fn grid(flows: &[(NaiveDate, Decimal)]) -> Option<(u32, Vec<u64>)> {
    let begin = flows.first().map(|(on, _)| *on)?;
    let months = |on: &NaiveDate| exact_months(begin, *on).map(i64::unsigned_abs);
    let weeks = |on: &NaiveDate| {
        let days = on.signed_duration_since(begin).num_days().unsigned_abs();
        days.is_multiple_of(7).then_some(days / 7)
    };
    let months: Option<Vec<u64>> = flows.iter().map(|(on, _)| months(on)).collect();
    let (year, distances) = match months {
        Some(months) => (12, months),
        None => (52, flows.iter().map(|(on, _)| weeks(on)).collect::<Option<Vec<u64>>>()?),
    };
    let unit = distances.iter().fold(year, |unit, distance| common_divisor(unit, *distance));
    let periods = u32::try_from(year.checked_div(unit)?).ok()?;
    Some((periods, distances.iter().map(|distance| distance / unit).collect()))
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
