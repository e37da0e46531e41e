//! Each payment before and after relief, with what the loan costs either way.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::account::OneSnapshot;
use crate::account::position::{ChargeLine, Position, Row};
use crate::account::snapshot::{Account, ChargeKind};
use crate::adjustment::{Adjustment, Cause, Relieved};
use crate::benefit::EngineError;
use crate::cost::{AnnualCost, CashFlow, actuarial_apr, all_in_annual_cost};
use crate::decide::totals::{keeps_arrears, owed};
use crate::decide::{Decision, Outcome};
use crate::history::History;
use crate::money::{Currency, Money, MoneyError};

/// What is to be paid on a day, or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Principal of rows.
    pub principal: Money,
    /// Interest of rows.
    pub interest: Money,
    /// Scheduled fees of rows.
    pub fees: Money,
    /// Charges but for guarantee fees.
    pub charges: Money,
    /// Guarantee fees.
    pub guarantee_fee: Money,
    /// All of it.
    pub total: Money,
}

/// A day on which something is to be paid before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PaymentDay {
    /// The day.
    pub on: NaiveDate,
    /// Whether it is past.
    pub overdue: bool,
    /// Without relief.
    pub before: Due,
    /// With it.
    pub after: Due,
}

/// What one side comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Everything that is still to be paid.
    pub to_pay: Due,
    /// What is paid back or given.
    pub paid_back: Money,
    /// Yearly cost of the whole loan with all interest, fees and charges, paid and to be paid; what is overdue is
    /// taken to be paid on the decision day. None when the terms or payments do not allow it to be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_cost: Option<AnnualCost>,
    /// For dollars: the annual percentage rate of Regulation Z. Charges for paying late are no finance charge
    /// (12 CFR 1026.4(c)(2)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apr: Option<Decimal>,
    /// Days past due on the decision day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_past_due: Option<i64>,
    /// The next day on which anything is to be paid, charges as well as instalments, from the decision day on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due_on: Option<NaiveDate>,
    /// The last payment's day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maturity_on: Option<NaiveDate>,
}

/// Before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Payments by day.
    pub days: Vec<PaymentDay>,
    /// Without relief.
    pub before: Side,
    /// With it.
    pub after: Side,
    /// Whether something that is paid is not reported, so that more may be shown than is owed.
    pub incomplete: bool,
}

/// A decision's comparison, and that of each offer: what is granted in any case together with the offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// With what is granted.
    pub granted: Comparison,
    /// With each offer, by its name (`policy/benefit`), in the decision's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferComparison>,
}

/// An offer's comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfferComparison {
    /// `policy/benefit`.
    pub offer: String,
    /// Before, and after with the offer.
    pub comparison: Comparison,
}

/// Charges for paying late: no finance charge under Regulation Z.
const FOR_PAYING_LATE: [ChargeKind; 5] = [
    ChargeKind::LateFee,
    ChargeKind::PenaltyInterest,
    ChargeKind::CompoundInterest,
    ChargeKind::ReturnedPaymentFee,
    ChargeKind::CollectionCost,
];

/// Compares what a decision grants, and each of its offers.
///
/// # Errors
/// Amounts or dates leave their range.
pub fn compared(account: &Account, history: &History, decision: &Decision) -> Result<Compared, EngineError> {
    let benefits = decision.policies.iter().flat_map(|claim| &claim.benefits);
    let granted: Vec<Adjustment> = benefits
        .filter(|benefit| benefit.outcome == Outcome::Granted)
        .flat_map(|benefit| benefit.adjustments.iter().cloned())
        .collect();
    let mut offers = Vec::new();
    for offer in &decision.offers {
        let all: Vec<Adjustment> = granted.iter().chain(&offer.adjustments).cloned().collect();
        let comparison = compare(account, history, &all, decision.decided_on)?;
        offers.push(OfferComparison { offer: offer.offer.clone(), comparison });
    }
    Ok(Compared { granted: compare(account, history, &granted, decision.decided_on)?, offers })
}

/// Compares an account as earlier relief left it with the same after adjustments, on a day.
///
/// # Errors
/// Amounts or dates leave their range.
pub fn compare(
    account: &Account,
    history: &History,
    adjustments: &[Adjustment],
    today: NaiveDate,
) -> Result<Comparison, EngineError> {
    let one = OneSnapshot::of(account)?;
    let reported = Position::of(one.snapshot(), today);
    let before = reported.clone().overlay(one.snapshot(), history.own(&account.account))?;
    let after = relieved(&before, adjustments)?;
    let paid = Paid::of(account, history, &reported)?;
    let dues = [dues(&before, &before, today)?, dues(&after, &before, today)?];
    let mut sides = Vec::new();
    for (position, given, dues) in [(&before, &[][..], &dues[0]), (&after, adjustments, &dues[1])] {
        sides.push(side(account, position, given, dues, &paid, today)?);
    }
    let zero = Due::zero(account.currency);
    let days: std::collections::BTreeSet<NaiveDate> = dues.iter().flat_map(BTreeMap::keys).copied().collect();
    let days = days.into_iter().map(|on| PaymentDay {
        on,
        overdue: on < today,
        before: dues[0].get(&on).map_or(zero, |due| due.due),
        after: dues[1].get(&on).map_or(zero, |due| due.due),
    });
    let incomplete = before.rows.iter().flatten().any(|row| !row.paid_known)
        || before.charges.iter().flatten().any(|charge| !charge.paid_known);
    let (Some(mut after_side), Some(before_side)) = (sides.pop(), sides.pop()) else {
        return Err(MoneyError::Overflow.into());
    };
    if keeps_arrears(adjustments) {
        after_side.days_past_due = before_side.days_past_due;
    }
    Ok(Comparison { days: days.collect(), before: before_side, after: after_side, incomplete })
}

/// The position after adjustments, in the order of effect: rows are replaced as they stood after waivers.
fn relieved(before: &Position, adjustments: &[Adjustment]) -> Result<Position, MoneyError> {
    let rank = |one: &&Adjustment| match one {
        Adjustment::Waiver(_) | Adjustment::Refund(_) | Adjustment::Credit { .. } => 0_u8,
        Adjustment::Schedule(change) if change.cause == Cause::Rate => 1,
        _ => 2,
    };
    let mut ordered: Vec<&Adjustment> = adjustments.iter().collect();
    ordered.sort_by_key(rank);
    let mut after = before.clone();
    for adjustment in ordered {
        after.apply(adjustment)?;
    }
    Ok(after)
}

/// What is due on a day, and the part of it that is a finance charge or principal.
#[derive(Clone, Copy)]
struct DueOn {
    due: Due,
    without_late: Money,
}

impl Due {
    fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { principal: zero, interest: zero, fees: zero, charges: zero, guarantee_fee: zero, total: zero }
    }

    fn add(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self {
            principal: self.principal.add(&other.principal)?,
            interest: self.interest.add(&other.interest)?,
            fees: self.fees.add(&other.fees)?,
            charges: self.charges.add(&other.charges)?,
            guarantee_fee: self.guarantee_fee.add(&other.guarantee_fee)?,
            total: self.total.add(&other.total)?,
        })
    }
}

/// Everything unpaid by the day on which it is to be paid.
fn dues(position: &Position, before: &Position, today: NaiveDate) -> Result<BTreeMap<NaiveDate, DueOn>, MoneyError> {
    let zero = Due::zero(position.currency);
    let mut days: BTreeMap<NaiveDate, DueOn> = BTreeMap::new();
    let mut put = |on: NaiveDate, due: Due, late: bool| -> Result<(), MoneyError> {
        if due.total.minor() != 0 {
            let day = days.entry(on).or_insert(DueOn { due: zero, without_late: zero.total });
            day.due = day.due.add(&due)?;
            if !late {
                day.without_late = day.without_late.add(&due.total)?;
            }
        }
        Ok(())
    };
    for row in position.rows.iter().flatten() {
        let unpaid = row.unpaid()?;
        let due = Due {
            principal: unpaid.principal,
            interest: unpaid.interest,
            fees: unpaid.fees,
            total: unpaid.total()?,
            ..zero
        };
        put(position.payable_on(row.state.due_on), due, false)?;
    }
    for charge in position.charges.iter().flatten() {
        let unpaid = charge.unpaid()?;
        let guarantee = charge.kind == ChargeKind::GuaranteeFee;
        let due = if guarantee {
            Due { guarantee_fee: unpaid, total: unpaid, ..zero }
        } else {
            Due { charges: unpaid, total: unpaid, ..zero }
        };
        put(charge_day(charge, position, before, today), due, FOR_PAYING_LATE.contains(&charge.kind))?;
    }
    Ok(days)
}

/// When a charge is to be paid: on its own day, else with what is unpaid of its instalment, wherever that was moved,
/// else when it arose.
fn charge_day(charge: &ChargeLine, position: &Position, before: &Position, today: NaiveDate) -> NaiveDate {
    let row_day = |position: &Position| {
        let id = charge.instalment.as_deref()?;
        let rows = || position.rows.iter().flatten();
        let is_open = |row: &&Row| row.state.origin == id && row.state.owed != row.state.paid;
        let row = rows().find(is_open).or_else(|| rows().find(|row| row.id == id))?;
        Some(position.payable_on(row.state.due_on))
    };
    let arose = charge.assessed_on.or(charge.accrual.as_ref().map(|accrual| accrual.until));
    charge.due_on.or_else(|| row_day(position)).or_else(|| row_day(before)).or(arose).unwrap_or(today)
}

/// What was paid, and paid back, so far.
struct Paid {
    /// With everything.
    all: Vec<CashFlow>,
    /// Without what was charged for paying late.
    without_late: Vec<CashFlow>,
}

impl Paid {
    fn of(account: &Account, history: &History, reported: &Position) -> Result<Self, MoneyError> {
        let (mut all, mut without_late) = (Vec::new(), Vec::new());
        let mut sum = Money::zero(account.currency);
        for row in reported.rows.iter().flatten() {
            let paid = row.state.paid.total()?;
            if paid.minor() > 0 {
                let on = row.paid_on.unwrap_or(row.state.due_on).min(account.as_of);
                sum = sum.add(&paid)?;
                all.push(CashFlow::payment(on, paid));
                without_late.push(CashFlow::payment(on, paid));
            }
        }
        for charge in reported.charges.iter().flatten().filter(|charge| charge.paid.minor() > 0) {
            let on = charge_day(charge, reported, reported, account.as_of).min(account.as_of);
            sum = sum.add(&charge.paid)?;
            all.push(CashFlow::payment(on, charge.paid));
            if !FOR_PAYING_LATE.contains(&charge.kind) {
                without_late.push(CashFlow::payment(on, charge.paid));
            }
        }
        // Payments say exactly when; they are used when none seems to be missing.
        let mut payments = Vec::new();
        let mut received = Money::zero(account.currency);
        for payment in account.payments.iter().flatten() {
            let amount = payment.amount.in_currency(account.currency)?;
            received = received.add(&amount)?;
            payments.push(CashFlow::payment(payment.on, amount));
        }
        let by_payments = received.minor() >= sum.minor() && !payments.is_empty();
        if by_payments {
            all = payments;
        }
        for grant in history.own(&account.account) {
            let contained = grant.instruction.as_ref().is_some_and(|id| account.contains.contains(id));
            let (mut back, mut back_without_late) = back(&grant.adjustments, account.currency)?;
            // What a snapshot already nets off its charges is not paid back twice.
            if contained {
                back_without_late = goodwill(&grant.adjustments, account.currency)?;
                if !by_payments {
                    back = back_without_late;
                }
            }
            all.push(CashFlow::advance(grant.decided_on, back));
            without_late.push(CashFlow::advance(grant.decided_on, back_without_late));
        }
        Ok(Self { all, without_late })
    }
}

/// Refunds and goodwill money: with everything, and without what was charged for paying late.
fn back(adjustments: &[Adjustment], currency: Currency) -> Result<(Money, Money), MoneyError> {
    let given = goodwill(adjustments, currency)?;
    let (mut all, mut without_late) = (given, given);
    for one in adjustments {
        if let Adjustment::Refund(Relieved { amount, charge, .. }) = one {
            all = all.add(amount)?;
            if !charge.is_some_and(|kind| FOR_PAYING_LATE.contains(&kind)) {
                without_late = without_late.add(amount)?;
            }
        }
    }
    Ok((all, without_late))
}

fn goodwill(adjustments: &[Adjustment], currency: Currency) -> Result<Money, MoneyError> {
    let mut sum = Money::zero(currency);
    for one in adjustments {
        if let Adjustment::Goodwill { amount } = one {
            sum = sum.add(amount)?;
        }
    }
    Ok(sum)
}

fn side(
    account: &Account,
    position: &Position,
    adjustments: &[Adjustment],
    dues: &BTreeMap<NaiveDate, DueOn>,
    paid: &Paid,
    today: NaiveDate,
) -> Result<Side, EngineError> {
    let mut to_pay = Due::zero(account.currency);
    let (mut flows, mut without_late) = (paid.all.clone(), paid.without_late.clone());
    for (on, due) in dues {
        to_pay = to_pay.add(&due.due)?;
        let on = (*on).max(today);
        flows.push(CashFlow::payment(on, due.due.total));
        without_late.push(CashFlow::payment(on, due.without_late));
    }
    let (paid_back, back_without_late) = back(adjustments, account.currency)?;
    flows.push(CashFlow::advance(today, paid_back));
    without_late.push(CashFlow::advance(today, back_without_late));
    let advance = advance(account)?;
    let with = |mut flows: Vec<CashFlow>| {
        advance.map(|advance| {
            flows.push(advance);
            flows
        })
    };
    let now = owed(position, today)?;
    let computable = position.rows.is_some();
    Ok(Side {
        to_pay,
        paid_back,
        annual_cost: with(flows).filter(|_| computable).and_then(|flows| all_in_annual_cost(&flows).ok()),
        apr: with(without_late)
            .filter(|_| computable && account.currency == Currency::USD)
            .and_then(|flows| actuarial_apr(&flows).ok())
            .map(|apr| apr.rate),
        days_past_due: now.days_past_due,
        next_due_on: dues.keys().find(|on| **on >= today).copied(),
        maturity_on: now.maturity_on,
    })
}

/// What was paid out, less the fee kept back.
fn advance(account: &Account) -> Result<Option<CashFlow>, MoneyError> {
    let (Some(on), Some(lent)) = (account.terms.disbursed_on, account.terms.principal) else { return Ok(None) };
    let fee =
        account.terms.upfront_fee.map_or(Ok(Money::zero(account.currency)), |fee| fee.in_currency(account.currency))?;
    Ok(Some(CashFlow::advance(on, lent.in_currency(account.currency)?.sub(&fee)?)))
}
