//! What a decision comes to: owed before and after, sums by bearer and month, loss in present value.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::decision::{Owed, Totals};
use crate::account::snapshot::Bearer;
use crate::account::{Position, Snapshot};
use crate::adjustment::{Adjustment, Amounts};
use crate::benefit::EngineError;
use crate::cost::{CashFlow, modification_loss, original_effective_rate};
use crate::money::{Money, MoneyError};
use crate::policy::document::Arrears;

/// What is owed in a position.
pub fn owed(position: &Position, today: NaiveDate) -> Result<Owed, MoneyError> {
    let rows = position.unpaid_rows()?;
    let mut charges = Money::zero(position.currency);
    for charge in position.charges.iter().flatten() {
        charges = charges.add(&charge.unpaid()?)?;
    }
    let mut last: Option<NaiveDate> = None;
    for row in position.rows.iter().flatten() {
        if !row.is_paid()? {
            last = last.max(Some(position.payable_on(row.state.due_on)));
        }
    }
    Ok(Owed {
        principal: rows.principal,
        interest: rows.interest,
        fees: rows.fees,
        charges,
        days_past_due: position.days_past_due(today)?,
        next_due_on: next_due(position, today)?,
        maturity_on: last,
    })
}

/// The first day from today on on which a row has to be paid.
pub fn next_due(position: &Position, today: NaiveDate) -> Result<Option<NaiveDate>, MoneyError> {
    let mut next: Option<NaiveDate> = None;
    for row in position.rows.iter().flatten() {
        let payable = position.payable_on(row.state.due_on);
        if payable >= today && !row.is_paid()? {
            next = Some(next.map_or(payable, |found| found.min(payable)));
        }
    }
    Ok(next)
}

/// Days past due after relief: frozen or running arrears keep the count that the old schedule gave.
#[must_use]
pub fn keeps_arrears<'a>(adjustments: impl IntoIterator<Item = &'a Adjustment>) -> bool {
    adjustments.into_iter().any(|one| match one {
        Adjustment::Schedule(change) => matches!(change.arrears, Some(Arrears::Freeze | Arrears::Run)),
        _ => false,
    })
}

/// Sums over everything that is granted.
pub fn totals(
    account: Snapshot<'_>,
    adjustments: &[&Adjustment],
    relieved: &Position,
    after: &Position,
    today: NaiveDate,
) -> Result<Totals, EngineError> {
    let currency = account.currency();
    let mut by_bearer: BTreeMap<Bearer, Money> = BTreeMap::new();
    for one in adjustments {
        if let Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } = one {
            let sum = by_bearer.entry(relieved.bearer).or_insert(Money::zero(currency));
            *sum = sum.add(&relieved.amount)?;
        }
    }
    let moves = adjustments.iter().any(|one| matches!(one, Adjustment::Schedule(_) | Adjustment::Suspension(_)));
    let loss = if moves { present_value_loss(account, relieved, after, today)? } else { Some(Money::zero(currency)) };
    Ok(Totals {
        amounts: Amounts::of(adjustments.iter().copied(), currency)?,
        present_value_loss: loss,
        by_bearer,
        deferred_by_month: if moves { by_month(relieved, after)? } else { BTreeMap::new() },
    })
}

/// By how much less (or more, below zero) falls due in each month than before; months without a change are left out.
fn by_month(before: &Position, after: &Position) -> Result<BTreeMap<NaiveDate, Money>, MoneyError> {
    let mut months: BTreeMap<NaiveDate, Money> = BTreeMap::new();
    for (position, falls) in [(before, true), (after, false)] {
        for row in position.rows.iter().flatten() {
            let total = row.unpaid()?.total()?;
            let month = position.payable_on(row.state.due_on);
            let month = month.with_day(1).unwrap_or(month);
            let sum = months.entry(month).or_insert(Money::zero(position.currency));
            *sum = if falls { sum.add(&total)? } else { sum.sub(&total)? };
        }
    }
    months.retain(|_, money| money.minor() != 0);
    Ok(months)
}

/// Unpaid rows as payments to the lender.
fn flows(position: &Position) -> Result<Vec<CashFlow>, MoneyError> {
    let mut flows = Vec::new();
    for row in position.rows.iter().flatten() {
        let unpaid = row.unpaid()?.total()?;
        if unpaid.minor() > 0 {
            flows.push(CashFlow::payment(position.payable_on(row.state.due_on), unpaid));
        }
    }
    Ok(flows)
}

/// The change in present value of the rows at the original effective rate: the IRR of the schedule first agreed
/// (IFRS 9 B5.4.1, CAS 22). `None` when that rate cannot be found from what is reported.
fn present_value_loss(
    account: Snapshot<'_>,
    before: &Position,
    after: &Position,
    today: NaiveDate,
) -> Result<Option<Money>, EngineError> {
    let Some(rate) = original_rate(account)? else { return Ok(None) };
    Ok(modification_loss(&flows(before)?, &flows(after)?, account.currency(), rate, today).ok())
}

fn original_rate(account: Snapshot<'_>) -> Result<Option<rust_decimal::Decimal>, EngineError> {
    let versions = account.schedules().unwrap_or_default();
    let first = versions.iter().min_by_key(|version| (version.known_from, version.version));
    let terms = account.terms();
    let (Some(first), Some(on), Some(lent)) = (first, terms.disbursed_on, account.principal()) else {
        return Ok(None);
    };
    if terms.rate.is_some_and(|rate| rate.0.is_zero()) && terms.upfront_fee.is_none() {
        return Ok(Some(rust_decimal::Decimal::ZERO));
    }
    let mut payments = Vec::new();
    for row in account.rows(first) {
        payments.push(CashFlow::payment(row.due_on, account.parts(row).0.total()?));
    }
    let upfront = terms.upfront_fee.map_or(Ok(account.money(0)), |fee| fee.in_currency(account.currency()))?;
    Ok(original_effective_rate(lent.sub(&upfront)?, on, &payments).ok())
}
