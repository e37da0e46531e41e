//! What payments are worth on a day, and what a modification costs the lender.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::root::{nth_root, power};
use super::{CashFlow, CostError, by_day, effective_annual_rate};
use crate::money::{Currency, Money, Rounding};

/// The value to the lender, on a day, of the flows: Σ −amount / (1 + rate)^(days/365), rounded half-up once at the
/// end. A flow before the day counts at face value: it is owed and not yet discounted. `rate` is an effective annual
/// rate above −1.
///
/// The daily factor is found once, to about 26 digits, and powers are carried from flow to flow, so that the error
/// over thirty years stays far below one minor unit for amounts up to 10¹³ minor units.
pub fn present_value(flows: &[CashFlow], currency: Currency, rate: Decimal, on: NaiveDate) -> Result<Money, CostError> {
    let growth = Decimal::ONE.checked_add(rate).ok_or(CostError::Overflow)?;
    if growth <= Decimal::ZERO {
        return Err(CostError::RateTooLow(rate));
    }
    let daily = nth_root(growth, 365).and_then(|root| Decimal::ONE.checked_div(root)).ok_or(CostError::Overflow)?;
    let (mut reached, mut discount, mut sum) = (on, Decimal::ONE, Decimal::ZERO);
    for (day, amount) in by_day(flows)? {
        let days = day.signed_duration_since(reached).num_days();
        if let Ok(days @ 1..) = u64::try_from(days) {
            let step = power(daily, days);
            discount = step.and_then(|step| discount.checked_mul(step)).ok_or(CostError::Overflow)?;
            reached = day;
        }
        let worth = amount.checked_mul(discount).ok_or(CostError::Overflow)?;
        sum = sum.checked_sub(worth).ok_or(CostError::Overflow)?;
    }
    let minor = Decimal::new(1, currency.decimals()).checked_mul(sum).ok_or(CostError::Overflow)?;
    Ok(Money::from_decimal(minor, currency, Rounding::HalfUp)?)
}

/// The modification loss: present value of the flows before minus that of the flows after, both at the loan's
/// original effective rate (IFRS 9 paragraph 5.4.3; CAS 22 企业会计准则第22号). Positive is a loss to the lender,
/// negative a gain. Both values are rounded first, so that the three figures agree when they are shown.
pub fn modification_loss(
    before: &[CashFlow],
    after: &[CashFlow],
    currency: Currency,
    original_effective_rate: Decimal,
    on: NaiveDate,
) -> Result<Money, CostError> {
    let before = present_value(before, currency, original_effective_rate, on)?;
    let after = present_value(after, currency, original_effective_rate, on)?;
    Ok(before.sub(&after)?)
}

/// The original effective rate: the effective annual rate (ACT/365) at which the contract's payments are worth what
/// was disbursed, on the day it was (IFRS 9 Appendix A).
pub fn original_effective_rate(disbursed: Money, on: NaiveDate, payments: &[CashFlow]) -> Result<Decimal, CostError> {
    let mut flows = Vec::with_capacity(payments.len().saturating_add(1));
    flows.push(CashFlow::advance(on, disbursed));
    flows.extend_from_slice(payments);
    effective_annual_rate(&flows)
}
