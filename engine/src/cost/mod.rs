//! What a loan costs, and what its payments are worth.
//!
//! - [`irr`]: the all-in annual cost of a series of cash flows;
//! - [`apr`]: the annual percentage rate of Regulation Z, with [`unit_period`] measuring time as it prescribes;
//! - [`value`]: present value and the loss on a modification;
//! - `root`: the equation that they share.
//!
//! All of it in decimals, bounded in work; rates are plain numbers per year (0.07 is seven percent).

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::money::{Money, MoneyError};

pub mod apr;
pub mod irr;
mod root;
pub mod unit_period;
pub mod value;

pub use apr::{Apr, actuarial_apr};
pub use irr::{AnnualCost, all_in_annual_cost, effective_annual_rate};
pub use unit_period::UnitPeriod;
pub use value::{modification_loss, original_effective_rate, present_value};

#[cfg(test)]
mod tests;

/// The most cash flows that one computation takes.
pub const MOST_FLOWS: usize = 10_000;

/// Money that moves on a day, as the borrower sees it: an advance received is positive, a payment made negative.
/// All flows of one computation are in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashFlow {
    /// The day.
    pub on: NaiveDate,
    /// Minor units.
    pub amount: i64,
}

impl CashFlow {
    /// What the borrower receives.
    #[must_use]
    pub const fn advance(on: NaiveDate, amount: Money) -> Self {
        Self { on, amount: amount.minor() }
    }

    /// What the borrower pays: `amount` is given as a positive number.
    #[must_use]
    pub const fn payment(on: NaiveDate, amount: Money) -> Self {
        Self { on, amount: amount.minor().saturating_neg() }
    }
}

/// Why a cost or a value could not be computed. Every one is an error of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostError {
    /// More flows than [`MOST_FLOWS`].
    TooManyFlows(usize),
    /// Without both an advance and a payment there is no rate.
    OneSided,
    /// The first flow must be an advance; the day of the payment before it.
    PaymentFirst(NaiveDate),
    /// The payments come to less than the advances, so there is no finance charge to express as a rate.
    NoCharge,
    /// No rate in the range that is searched balances the flows.
    NoRate,
    /// A discount rate of −100 % or less.
    RateTooLow(Decimal),
    /// A number left its range.
    Overflow,
}

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyFlows(count) => write!(f, "{count} cash flows are too many: give at most {MOST_FLOWS}"),
            Self::OneSided => write!(f, "a rate needs an advance and a payment on different days"),
            Self::PaymentFirst(on) => write!(f, "the payment on {on} comes before the first advance"),
            Self::NoCharge => write!(f, "the payments come to less than the advances: there is no charge to annualise"),
            Self::NoRate => write!(f, "no rate makes the advances and the payments equal"),
            Self::RateTooLow(rate) => write!(f, "the annual rate {rate} must be above -1"),
            Self::Overflow => write!(f, "the amounts, the rate or the term are too large to compute with"),
        }
    }
}

impl std::error::Error for CostError {}

impl From<MoneyError> for CostError {
    fn from(_: MoneyError) -> Self {
        Self::Overflow
    }
}

/// The flows of each day added up, days without any left out, ascending.
fn by_day(flows: &[CashFlow]) -> Result<Vec<(NaiveDate, Decimal)>, CostError> {
    if flows.len() > MOST_FLOWS {
        return Err(CostError::TooManyFlows(flows.len()));
    }
    let mut days: BTreeMap<NaiveDate, Decimal> = BTreeMap::new();
    for flow in flows {
        let sum = days.entry(flow.on).or_default();
        *sum = sum.checked_add(Decimal::from(flow.amount)).ok_or(CostError::Overflow)?;
    }
    Ok(days.into_iter().filter(|(_, amount)| !amount.is_zero()).collect())
}
