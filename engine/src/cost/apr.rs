//! The annual percentage rate of United States Regulation Z by the actuarial method (12 CFR 1026 Appendix J).

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::irr::dated;
use super::root::{Term, solve};
use super::unit_period::UnitPeriod;
use super::{CashFlow, CostError};

/// An annual percentage rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apr {
    /// Per year: 0.0969 is 9.69 %. Rounded to 16 decimals; a disclosure rounds to a hundredth of a percent.
    #[schemars(with = "String")]
    pub rate: Decimal,
    /// The unit-period that the dates made.
    pub unit_period: UnitPeriod,
}

/// The annual percentage rate: rate per unit-period, from the general equation (b)(8), × unit-periods in a year
/// ((b)(1)). Advances are net of prepaid finance charges; flows of one day are added up; the term begins with the
/// first advance.
///
/// Errors: as [`super::all_in_annual_cost`], and [`CostError::NoCharge`] when less is paid than was advanced.
pub fn actuarial_apr(flows: &[CashFlow]) -> Result<Apr, CostError> {
    let flows = dated(flows)?;
    let days_of = |paid: bool| -> Vec<NaiveDate> {
        flows.iter().filter(|(_, amount)| amount.is_sign_negative() == paid).map(|(on, _)| *on).collect()
    };
    let (advances, payments) = (days_of(false), days_of(true));
    let start = advances.first().copied().ok_or(CostError::OneSided)?;
    let unit_period = UnitPeriod::of(start, &advances, &payments);
    let month_day = payments.iter().map(Datelike::day).max().unwrap_or(1);
    let mut terms: Vec<Term> = flows
        .iter()
        .map(|(on, amount)| {
            let (whole, part) = unit_period.between(start, *on, month_day);
            Term { amount: *amount, whole, part }
        })
        .collect();
    // Counting back from month ends of different length can put a later day in fewer whole periods.
    terms.sort_by_key(|term| term.whole);
    let charge = terms.iter().map(|term| term.amount).try_fold(Decimal::ZERO, |sum, x| sum.checked_add(x));
    if charge.ok_or(CostError::Overflow)? > Decimal::ZERO {
        return Err(CostError::NoCharge);
    }
    let rate = solve(&terms, Decimal::ZERO)?.checked_mul(unit_period.per_year()).ok_or(CostError::Overflow)?;
    Ok(Apr { rate: rate.round_dp(16), unit_period })
}
