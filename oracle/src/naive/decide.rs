//! Everything put together: the claims of all policies and declarations, and what they come to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::declaration::Declaration;
use forbear_engine::money::Money;
use forbear_engine::policy::Policy;
use forbear_engine::reason::Reason;

use super::area::Standing;
use super::claim::{Open, open};
use super::ledger::Ledger;
use super::loss::Loss;
use super::value::gravity;
use super::work::work;
use super::{Scene, own_grants, totals};
use crate::generate::Case;

/// The declarations of a world as they stand on the day of a case.
#[must_use]
pub fn standings(declarations: &[Declaration], day: NaiveDate) -> Vec<Standing> {
    declarations.iter().map(|one| Standing::on(one, day)).collect()
}

/// One claim for each policy and event.
#[must_use]
pub fn claims<'a>(
    policies: &'a [Policy],
    standings: &'a [Standing],
    case: &'a Case,
    ledger: &'a Ledger,
) -> Vec<Open<'a>> {
    let mut all: BTreeMap<(String, String), Vec<Open<'a>>> = BTreeMap::new();
    let mut names: Vec<&str> = policies.iter().map(|policy| policy.policy.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for standing in standings.iter().filter(|one| one.document.declared_on <= case.context.today) {
        for name in &names {
            let event = &standing.document.event;
            let Some((policy, first_decided_on)) = version(policies, name, event, case) else { continue };
            if !is_for(policy, standing) {
                continue;
            }
            let scene = Scene {
                policy,
                standing,
                account: &case.account,
                ledger,
                request: case.request.as_ref(),
                history: &case.history,
                context: &case.context,
                first_decided_on,
                relief_end: None,
            };
            let claim = open(scene);
            let key = (event.clone(), policy.policy.clone());
            all.entry(key).or_default().push(claim);
        }
    }
    all.into_values().map(stands).collect()
}

/// Of the declarations of an event, the one that stands: which gives, or asks, or is looked at, or declines, in this order, and
/// of equal ones the first by name. With it, what is asked for those that an answer could put before it.
fn stands(mut claims: Vec<Open<'_>>) -> Open<'_> {
    claims.sort_by(|a, b| a.claim.declaration.cmp(&b.claim.declaration));
    let rank = |open: &Open<'_>| {
        let refers = open.rules.iter().filter(|at| open.scene.policy.rules[**at].refer.is_some()).count();
        match open.claim.outcome {
            Outcome::Granted if refers == 0 || refers < open.rules.len() => 3,
            Outcome::NeedsInformation => 2,
            Outcome::Granted | Outcome::Referred => 1,
            Outcome::Declined => 0,
        }
    };
    let ranks: Vec<i32> = claims.iter().map(rank).collect();
    let best = (0..claims.len()).rev().max_by_key(|at| ranks[*at]).unwrap();
    let ahead = (0..claims.len()).filter(|at| *at < best || (*at > best && ranks[best] < 3));
    let mut questions = claims[best].claim.questions.clone();
    let mut exact = claims[best].claim.questions_exact;
    for at in ahead {
        let other = &claims[at].claim;
        for fact in &other.questions {
            if !questions.contains(fact) {
                questions.push(fact.clone());
            }
        }
        if !other.questions.is_empty() {
            exact = Some(exact != Some(false) && other.questions_exact != Some(false));
        }
    }
    let mut elected = claims.swap_remove(best);
    elected.claim.questions = questions;
    elected.claim.questions_exact = exact;
    elected
}

/// The version of a policy: that of a decision which waits; else by the day of the request, else by today; else the one
/// that promised a deferral.
fn version<'a>(policies: &'a [Policy], name: &str, event: &str, case: &Case) -> Option<(&'a Policy, NaiveDate)> {
    let today = case.context.today;
    let own = || policies.iter().filter(|policy| policy.policy == name);
    let numbered = |version: u32| own().find(|policy| policy.version == version);
    if let Some(waits) = case.history.awaiting.iter().find(|one| one.policy == name && one.event == event)
        && let Some(policy) = numbered(waits.version)
    {
        return Some((policy, waits.decided_on));
    }
    let on = |day: NaiveDate| {
        let in_force = own()
            .filter(|policy| policy.effective.from <= day && policy.effective.until.is_none_or(|until| day <= until));
        in_force.max_by_key(|policy| (policy.effective.from, policy.version))
    };
    let suspended = own_grants(&case.history, &case.account.account)
        .filter(|grant| grant.policy == name && grant.event == event && super::claim::then(grant).is_some())
        .last();
    let requested = case.request.as_ref().and_then(|request| on(request.requested_on));
    let found = requested.or_else(|| on(today)).or_else(|| numbered(suspended?.version));
    found.map(|policy| (policy, today))
}

fn is_for(policy: &Policy, standing: &Standing) -> bool {
    let Some(disaster) = &policy.disaster else { return true };
    let document = &standing.document;
    disaster.kinds.as_ref().is_none_or(|kinds| kinds.contains(&document.kind))
        && disaster
            .severity
            .as_ref()
            .is_none_or(|bound| standing.severity.is_some_and(|severity| gravity(severity) >= gravity(bound.at_least)))
        && disaster.declarations.as_ref().is_none_or(|names| names.contains(&document.declaration))
        && disaster.events.as_ref().is_none_or(|names| names.contains(&document.event))
}

/// What the naive evaluator comes to.
pub struct Verdict {
    /// In the engine's words; digests, receipt and what only a reader needs are left out.
    pub decision: Decision,
    /// What the loss in present value should be.
    pub loss: Loss,
}

/// Decides. The loss in present value is the one thing that is taken from elsewhere, because it is compared within a
/// minor unit, and approval depends on it.
#[must_use]
pub fn decide(policies: &[Policy], standings: &[Standing], case: &Case, loss: Option<Money>) -> Verdict {
    let (account, today) = (&case.account, case.context.today);
    let ledger = Ledger::of(account, today).overlaid(account, own_grants(&case.history, &account.account));
    let mut claims = claims(policies, standings, case, &ledger);
    let stacked = claims.iter().filter(|claim| !claim.rules.is_empty()).count();
    for claim in claims.iter_mut().filter(|claim| stacked > 5 && !claim.rules.is_empty()) {
        claim.rules.clear();
        claim.claim.outcome = Outcome::Referred;
        claim.claim.reasons.push(Reason::TooManyPolicies { policies: stacked });
    }
    let worked = work(&claims, &ledger);
    for (claim, benefits) in claims.iter_mut().zip(worked.benefits) {
        claim.claim.benefits = benefits;
        conclude(claim);
    }
    let benefits = claims.iter().flat_map(|claim| &claim.claim.benefits);
    let granted = benefits.filter(|benefit| benefit.outcome == Outcome::Granted);
    let granted: Vec<Adjustment> = granted.flat_map(|benefit| benefit.adjustments.clone()).collect();
    let moves = totals::moves(&granted);
    let expected =
        if moves { super::loss::loss(account, &worked.relieved, &worked.after, today) } else { Loss::About(0.0) };
    let totals = totals::totals(&granted, &worked.relieved, &worked.after, loss);
    for claim in claims.iter_mut().filter(|claim| claim.claim.outcome == Outcome::Granted) {
        claim.claim.approval = Some(totals::approval(claim, &totals));
    }
    let before = totals::owed(&ledger, today);
    let mut after = totals::owed(&worked.after, today);
    if totals::keeps_arrears(&granted) {
        after.days_past_due = before.days_past_due;
    }
    let decision = Decision {
        account: account.account.clone(),
        decided_on: today,
        outcome: claims.iter().map(|claim| claim.claim.outcome).max().unwrap_or(Outcome::Declined),
        policies: claims.into_iter().map(|claim| claim.claim).collect(),
        offers: worked.offers,
        totals,
        before,
        after,
        receipt: None,
    };
    Verdict { decision, loss: expected }
}

/// A claim ends as the best of its benefits does.
fn conclude(open: &mut Open<'_>) {
    let claim = &mut open.claim;
    let Some(best) = claim.benefits.iter().map(|benefit| benefit.outcome).max() else { return };
    if claim.outcome != Outcome::Granted || best == Outcome::Granted || claim.awaiting.is_some() {
        return;
    }
    claim.outcome = if claim.questions.is_empty() { best } else { Outcome::NeedsInformation };
    let all =
        claim.benefits.iter().filter(|benefit| benefit.outcome == best).flat_map(|benefit| benefit.reasons.clone());
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in all {
        if !reasons.contains(&reason) && !claim.reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    // That a limit is reached says more than that nothing is left.
    if reasons.iter().any(|reason| matches!(reason, Reason::Limit { .. })) {
        reasons.retain(|reason| *reason != Reason::NothingToRelieve);
    }
    claim.reasons.extend(reasons);
}
