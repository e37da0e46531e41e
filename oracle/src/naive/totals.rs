//! What it comes to: owed before and after, sums by bearer and month, who approves.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::Bearer;
use forbear_engine::adjustment::{Adjustment, Amounts};
use forbear_engine::decide::decision::{ApprovalDecision, Owed, Totals};
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::document::{Arrears, OneOrMany};

use super::claim::Open;
use super::day;
use super::ground::{money_given, moved};
use super::is_live;
use super::ledger::{Ledger, sum};

/// The first day from a day on on which something has to be paid.
#[must_use]
pub fn next_due(ledger: &Ledger, today: NaiveDate) -> Option<NaiveDate> {
    let unpaid = ledger.all_rows().iter().filter(|row| !row.is_paid());
    unpaid.map(|row| ledger.payable(row.due)).filter(|day| *day >= today).min()
}

/// What is owed.
#[must_use]
pub fn owed(ledger: &Ledger, today: NaiveDate) -> Owed {
    let unpaid = ledger.all_rows().iter().map(super::ledger::Row::unpaid).fold([0; 3], sum);
    let payable: Vec<NaiveDate> =
        ledger.all_rows().iter().filter(|row| !row.is_paid()).map(|row| ledger.payable(row.due)).collect();
    let money = |minor: i64| Money::new(minor, ledger.currency);
    let late = payable.iter().min().map_or(0, |oldest| day::between(*oldest, today).max(0));
    Owed {
        principal: money(unpaid[0]),
        interest: money(unpaid[1]),
        fees: money(unpaid[2]),
        charges: money(ledger.unpaid_charges().values().sum()),
        days_past_due: ledger.rows.as_ref().map(|_| late),
        next_due_on: next_due(ledger, today),
        maturity_on: payable.into_iter().max(),
    }
}

/// Whether what is granted leaves days past due as the old schedule counts them.
#[must_use]
pub fn keeps_arrears(granted: &[Adjustment]) -> bool {
    granted.iter().any(|one| {
        matches!(one, Adjustment::Schedule(change) if matches!(change.arrears, Some(Arrears::Freeze | Arrears::Run)))
    })
}

/// Sums over what is granted; the loss is put in by who compares.
#[must_use]
pub fn totals(granted: &[Adjustment], relieved: &Ledger, after: &Ledger, loss: Option<Money>) -> Totals {
    let currency = relieved.currency;
    let mut sums = [0; 8];
    let mut by_bearer: BTreeMap<Bearer, Money> = BTreeMap::new();
    for one in granted {
        match one {
            Adjustment::Waiver(_) => {}
            Adjustment::Goodwill { amount } => sums[2] += amount.minor(),
            Adjustment::Schedule(change) => {
                sums[5] += change.added_interest.minor();
                sums[6] += change.forgone_interest.minor();
                sums[7] += change.capitalised.minor();
            }
            _ => {}
        }
        if let Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } = one {
            sums[usize::from(!matches!(one, Adjustment::Waiver(_)))] += relieved.amount.minor();
            let known = by_bearer.get(&relieved.bearer).map_or(0, Money::minor);
            by_bearer.insert(relieved.bearer, Money::new(known + relieved.amount.minor(), currency));
        }
    }
    let later = moved(granted, currency);
    (sums[3], sums[4]) = (later.iter().sum(), later[0]);
    let money = sums.map(|minor| Money::new(minor, currency));
    let [waived, refunded, goodwill, deferred, deferred_principal, added_interest, forgone_interest, capitalised] =
        money;
    let amounts = Amounts {
        waived,
        refunded,
        goodwill,
        deferred,
        deferred_principal,
        added_interest,
        forgone_interest,
        capitalised,
    };
    let deferred_by_month = if moves(granted) { by_month(relieved, after) } else { BTreeMap::new() };
    Totals { amounts, present_value_loss: loss, by_bearer, deferred_by_month }
}

/// Whether rows or their days change.
#[must_use]
pub fn moves(granted: &[Adjustment]) -> bool {
    granted.iter().any(|one| matches!(one, Adjustment::Schedule(_) | Adjustment::Suspension(_)))
}

fn by_month(before: &Ledger, after: &Ledger) -> BTreeMap<NaiveDate, Money> {
    let mut months: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for (ledger, sign) in [(before, 1), (after, -1)] {
        for row in ledger.all_rows() {
            let month = ledger.payable(row.due).with_day(1).unwrap();
            *months.entry(month).or_default() += sign * row.unpaid().iter().sum::<i64>();
        }
    }
    let money = |minor: i64| Money::new(minor, before.currency);
    months.into_iter().filter(|(_, minor)| *minor != 0).map(|(month, minor)| (month, money(minor))).collect()
}

fn bound(bounds: &OneOrMany<Money>, currency: Currency) -> Option<i64> {
    bounds.as_slice().iter().find(|money| money.currency() == currency).map(Money::minor)
}

/// Who approves: what is given for good, the loss, and what was given before for the event.
#[must_use]
pub fn approval(open: &Open<'_>, totals: &Totals) -> ApprovalDecision {
    let scene = &open.scene;
    let currency = scene.account.currency;
    let amounts = &totals.amounts;
    let mut measured = amounts.waived.minor() + amounts.refunded.minor() + amounts.goodwill.minor();
    measured += totals.present_value_loss.map_or(0, |loss| loss.minor().max(0));
    let mut deferred = amounts.deferred_principal.minor();
    let live = scene.history.grants.iter().filter(|grant| is_live(grant));
    for grant in live.filter(|grant| grant.event == scene.standing.document.event) {
        measured += money_given(grant, currency);
        let loss = grant.present_value_loss.filter(|loss| loss.currency() == currency);
        measured += loss.map_or(0, |loss| loss.minor().max(0));
        deferred += moved(&grant.adjustments, currency)[0];
    }
    let people = match &scene.policy.approval {
        None => 1,
        Some(approval) => {
            let above = approval.two_people_above.as_ref().and_then(|all| bound(all, currency));
            let alone = approval.automatic_up_to.as_ref().and_then(|all| bound(all, currency));
            let moved = approval.deferred_up_to.as_ref().map(|all| bound(all, currency));
            let small = alone.is_some_and(|most| measured <= most);
            let near = moved.is_none_or(|most| most.is_some_and(|most| deferred <= most));
            match (above.is_some_and(|most| measured > most), small && near) {
                (true, _) => 2,
                (_, true) => 0,
                _ => 1,
            }
        }
    };
    ApprovalDecision { people, measured: Money::new(measured, currency), deferred: Money::new(deferred, currency) }
}
