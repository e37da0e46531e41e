//! Histories: what the engine itself granted to the account on an earlier day or to another of the borrower's, in every
//! state, contained in the snapshot or not.

use chrono::NaiveDate;
use forbear_engine::account::snapshot::{Charge, Instalment, Paid};
use forbear_engine::account::{Account, OneSnapshot, Position};
use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::{Decision, Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::history::{Awaiting, Grant, GrantState, History};
use forbear_engine::money::Money;
use forbear_engine::region::RegionTree;

use super::request::{context, request};
use super::{World, account::amount};
use crate::dice::Dice;

/// Earlier relief; the account is changed where its snapshot contains some of it.
pub fn history(dice: &mut Dice, world: &World, account: &mut Account, today: NaiveDate) -> History {
    let mut history = History::default();
    let rounds = *dice.pick(&[0, 0, 0, 0, 1, 1, 1, 2]);
    let earlier: Vec<NaiveDate> = world.setting.days.iter().copied().filter(|day| *day <= today).collect();
    for _ in 0..rounds {
        let day = *dice.pick(&earlier);
        if history.grants.iter().any(|grant| grant.decided_on > day) {
            continue;
        }
        let before = account.clone();
        if let Some(decision) = earlier_decision(dice, world, &before, &history, day) {
            keep(dice, &mut history, &decision);
        }
    }
    if dice.chance(30) {
        contain(dice, account, &history, today);
    }
    if dice.chance(10) {
        elsewhere(dice, &mut history);
    }
    if dice.chance(2) {
        let policy = dice.pick(&world.policies);
        let rule = dice.pick(&policy.rules).id.clone();
        let (event, decided_on) = ("e-1".to_owned(), *dice.pick(&earlier));
        history.awaiting.push(Awaiting {
            policy: policy.policy.clone(),
            version: policy.version,
            event,
            rule,
            decided_on,
        });
    }
    history
}

fn earlier_decision(
    dice: &mut Dice,
    world: &World,
    account: &Account,
    history: &History,
    day: NaiveDate,
) -> Option<Decision> {
    let declared: Vec<Declared<'_>> = world.declared(day);
    let own = OneSnapshot::of(account).ok()?;
    let mut request = request(dice, world, day);
    let context = context(dice, world, day);
    for last in [false, true] {
        let inputs = Inputs {
            policies: &world.programs,
            declarations: &declared,
            account: own.snapshot(),
            request: request.as_ref(),
            history,
            context: &context,
            regions: RegionTree::builtin(),
            detail: Detail::Lean,
        };
        let decision = decide(&inputs).ok()?;
        if last || decision.offers.is_empty() {
            return Some(decision);
        }
        // Somebody who was shown offers took one.
        let offer = dice.pick(&decision.offers).offer.clone();
        request.as_mut()?.accepts = Some(offer);
    }
    None
}

/// Makes grants of what a decision granted, and keeps what waits.
fn keep(dice: &mut Dice, history: &mut History, decision: &Decision) {
    let states = [
        (40, GrantState::Confirmed),
        (15, GrantState::Posted),
        (6, GrantState::Proposed),
        (6, GrantState::PendingApproval),
        (6, GrantState::Approved),
        (5, GrantState::Offered),
        (5, GrantState::Accepted),
        (5, GrantState::Rejected),
        (12, GrantState::Reversed),
    ];
    let state = dice.weighted(&states);
    for claim in &decision.policies {
        if let Some(awaiting) = &claim.awaiting {
            let (policy, version, event) = (claim.policy.clone(), claim.version, claim.event.clone());
            let rule = awaiting.rule.clone();
            history.awaiting.push(Awaiting { policy, version, event, rule, decided_on: decision.decided_on });
        }
        let with_decision = dice.chance(80);
        for benefit in &claim.benefits {
            if benefit.outcome != Outcome::Granted || benefit.adjustments.is_empty() {
                continue;
            }
            let number = history.grants.len() + 1;
            history.grants.push(Grant {
                grant: format!("g{number}"),
                decision: with_decision.then(|| format!("{}-{}", claim.policy, decision.decided_on)),
                account: None,
                event: claim.event.clone(),
                declaration: claim.declaration.clone(),
                policy: claim.policy.clone(),
                version: claim.version,
                rule: benefit.rule.clone(),
                benefit: benefit.benefit.clone(),
                decided_on: decision.decided_on,
                state: if dice.chance(90) { state } else { GrantState::Reversed },
                instruction: dice.chance(85).then(|| format!("ins{number}")),
                adjustments: benefit.adjustments.clone(),
                present_value_loss: decision.totals.present_value_loss.filter(|_| dice.chance(50)),
            });
        }
    }
}

/// The snapshot already contains all open instructions.
fn contain(dice: &mut Dice, account: &mut Account, history: &History, today: NaiveDate) {
    let live = || history.grants.iter().filter(|grant| grant.state.is_live() && grant.instruction.is_some());
    let mut all: Vec<(&Grant, &Adjustment)> =
        live().flat_map(|grant| grant.adjustments.iter().map(move |one| (grant, one))).collect();
    all.sort_by_key(|(grant, adjustment)| (grant.decided_on, adjustment.turn()));
    let Ok(own) = OneSnapshot::of(account) else { return };
    let mut position = Position::of(own.snapshot(), today);
    for (_, adjustment) in &all {
        if position.apply(adjustment).is_err() {
            return;
        }
    }
    account.contains = live().filter_map(|grant| grant.instruction.clone()).collect();
    if let (Some(rows), Some(version)) = (&position.rows, account.schedules.as_mut().and_then(|list| list.last_mut())) {
        let paid = |of: Money| Some(amount(of.minor()));
        version.rows = rows
            .iter()
            .map(|row| Instalment {
                id: row.id.clone(),
                due_on: row.state.due_on,
                principal: amount(row.state.owed.principal.minor()),
                interest: amount(row.state.owed.interest.minor()),
                fees: paid(row.state.owed.fees),
                paid: row.paid_known.then(|| Paid {
                    principal: paid(row.state.paid.principal),
                    interest: paid(row.state.paid.interest),
                    fees: paid(row.state.paid.fees),
                }),
                paid_on: row.paid_on,
            })
            .collect();
    }
    let lines = position.charges.unwrap_or_default();
    for (charge, line) in account.charges.iter_mut().flatten().zip(lines) {
        let Charge { paid, waived, .. } = charge;
        *paid = paid.map(|_| amount(line.paid.minor()));
        *waived = Some(amount(line.waived.minor()));
        // A charge may have grown since.
        if dice.chance(25) {
            charge.amount = charge.amount.plus(amount(100)).unwrap();
            if let Some(accrual) = &mut charge.accrual {
                accrual.until = crate::dice::shifted(accrual.until, 2);
            }
        }
    }
}

/// Relief to another account of the borrower.
fn elsewhere(dice: &mut Dice, history: &mut History) {
    let Some(mut grant) = history.grants.first().cloned() else { return };
    grant.grant = "other".to_owned();
    grant.account = Some("b".to_owned());
    grant.instruction = None;
    if dice.chance(40) {
        grant.event = "e-0".to_owned();
    }
    history.grants.push(grant);
}
