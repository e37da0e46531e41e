//! Deciding: policies, declarations, account, request, history and context in; one explained decision out.
//!
//! ```text
//! see (facts) ─► truth ─► settle ─► questions      one claim per policy and event
//!                                      │
//!     limits ─► combine ─► effect ◄────┘           benefits of all claims, in the order of effect
//!                            │
//!                 totals ─► approval ─► decision
//! ```

mod approval;
pub mod change;
mod claim;
pub mod combine;
pub mod decision;
mod effect;
mod elect;
pub mod eligibility;
mod limits;
pub mod panel;
pub mod partition;
pub mod questions;
mod receipt;
pub mod settle;
pub(crate) mod totals;
mod trace;
pub mod truth;

use std::collections::BTreeSet;

use chrono::NaiveDate;

pub use self::decision::{Claim, Decision, Outcome};

use self::claim::{OpenClaim, open};
use self::combine::MOST_POLICIES;
use self::elect::elect;
use crate::account::{Position, Snapshot};
use crate::adjustment::Adjustment;
use crate::benefit::EngineError;
use crate::context::Context;
use crate::declaration::Declared;
use crate::facts::Facts;
use crate::history::{Grant, History};
use crate::policy::Program;
use crate::reason::Reason;
use crate::region::RegionTree;
use crate::request::Request;

/// Everything that a decision depends on.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Policies, any number of versions of each.
    pub policies: &'a [Program],
    /// Declarations as they stand on the decision day.
    pub declarations: &'a [Declared<'a>],
    /// The account.
    pub account: Snapshot<'a>,
    /// The request; none for proactive relief.
    pub request: Option<&'a Request>,
    /// Earlier relief.
    pub history: &'a History,
    /// The circumstances.
    pub context: &'a Context,
    /// Regions.
    pub regions: &'a RegionTree,
    /// How much is explained; it never changes what is decided.
    pub detail: Detail,
}

/// How much of a decision is written down at once. The rest can be made from the same inputs when somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Outcome, reasons, benefits and money.
    Lean,
    /// With what would have to change for a decline: what a list of reasons needs.
    Reasons,
    /// With the trace and what would have to change.
    Full,
}

/// Decides.
///
/// # Errors
/// Amounts or dates of the inputs leave their range.
pub fn decide(inputs: &Inputs<'_>) -> Result<Decision, EngineError> {
    let today = inputs.context.today;
    let reported = Position::of(inputs.account, today);
    let position = reported.overlay(inputs.account, inputs.history.own(inputs.account.number()))?;
    let mut claims = claims(inputs, &position)?;
    refuse_too_many(&mut claims);
    let worked = effect::work(&claims, &position)?;
    for (claim, benefits) in claims.iter_mut().zip(worked.benefits) {
        claim.claim.benefits = benefits;
        conclude(claim);
    }
    let granted: Vec<&Adjustment> = claims
        .iter()
        .flat_map(|claim| &claim.claim.benefits)
        .filter(|benefit| benefit.outcome == Outcome::Granted)
        .flat_map(|benefit| &benefit.adjustments)
        .collect();
    let keeps_arrears = totals::keeps_arrears(granted.iter().copied());
    let relieved = worked.relieved.as_ref().unwrap_or(&worked.after);
    let totals = totals::totals(inputs.account, &granted, relieved, &worked.after, today)?;
    for claim in claims.iter_mut().filter(|claim| claim.claim.outcome == Outcome::Granted) {
        claim.claim.approval = Some(approval::approval(claim, &totals)?);
    }
    let before = totals::owed(&position, today)?;
    let mut after = totals::owed(&worked.after, today)?;
    if keeps_arrears {
        after.days_past_due = before.days_past_due;
    }
    let outcome = claims.iter().map(|claim| claim.claim.outcome).max().unwrap_or(Outcome::Declined);
    Ok(Decision {
        account: inputs.account.number().to_owned(),
        decided_on: today,
        outcome,
        policies: claims.into_iter().map(|claim| claim.claim).collect(),
        offers: worked.offers,
        totals,
        before,
        after,
        receipt: (inputs.detail == Detail::Full).then(|| receipt::receipt(inputs)),
    })
}

/// One claim per policy and event, whatever order the declarations come in.
fn claims<'a>(inputs: &Inputs<'a>, position: &'a Position) -> Result<Vec<OpenClaim<'a>>, EngineError> {
    let mut claims: Vec<OpenClaim<'a>> = Vec::new();
    let made = inputs.declarations.iter().filter(|declared| declared.declared_on <= inputs.context.today);
    let mut made: Vec<&Declared<'_>> = made.collect();
    made.sort_by_key(|declared| declared.declaration.as_str());
    let names = names(inputs.policies);
    for declared in made {
        for (program, first_decided_on) in chosen_versions(inputs, &names, &declared.event) {
            if !is_for(program, declared) {
                continue;
            }
            let facts = Facts {
                snapshot: inputs.account,
                position: Some(position),
                declared,
                request: inputs.request,
                history: inputs.history,
                context: inputs.context,
                regions: inputs.regions,
                first_decided_on,
                relief_end: None,
            };
            claims.push(open(inputs, program, facts)?);
        }
    }
    Ok(elected(claims))
}

/// Of each policy and event the claim that stands, by event and name.
fn elected(mut claims: Vec<OpenClaim<'_>>) -> Vec<OpenClaim<'_>> {
    let of = |one: &OpenClaim<'_>, other: &OpenClaim<'_>| {
        (&one.claim.event, &one.claim.policy).cmp(&(&other.claim.event, &other.claim.policy))
    };
    // Those of one event stay in the order of their declarations.
    claims.sort_by(of);
    let (mut elected, mut rivals) = (Vec::new(), Vec::new());
    for claim in claims {
        if rivals.last().is_some_and(|rival| of(rival, &claim).is_ne()) {
            elected.extend(elect(std::mem::take(&mut rivals)));
        }
        rivals.push(claim);
    }
    elected.extend(elect(rivals));
    elected
}

/// The version of each policy. A decision that waits keeps its version and its day.
fn chosen_versions<'a>(inputs: &Inputs<'a>, names: &BTreeSet<&str>, event: &str) -> Vec<(&'a Program, NaiveDate)> {
    let today = inputs.context.today;
    let mut chosen = Vec::new();
    for name in names.iter().copied() {
        let versions = || inputs.policies.iter().filter(move |program| program.slug() == name);
        let waiting = inputs.history.awaiting.iter().find(|one| one.policy == name && one.event == event);
        let kept = waiting.and_then(|one| {
            let program = versions().find(|program| program.document.version == one.version)?;
            Some((program, one.decided_on))
        });
        // Nor does a suspension lose the deferral that it promised when its policy is no longer in force.
        let own = |grant: &&Grant| grant.policy == name && grant.event == event && grant.then().is_some();
        let suspended = inputs.history.own(inputs.account.number()).filter(own).last();
        let promised = || versions().find(|program| Some(program.document.version) == suspended.map(|one| one.version));
        let in_force = version_in_force(inputs.policies, name, today, inputs.request).or_else(promised);
        chosen.extend(kept.or(in_force.map(|program| (program, today))));
    }
    chosen
}

fn names(policies: &[Program]) -> BTreeSet<&str> {
    policies.iter().map(Program::slug).collect()
}

/// The version of each policy that is in force, by name.
fn in_force<'a>(
    policies: &'a [Program],
    today: NaiveDate,
    request: Option<&'a Request>,
) -> impl Iterator<Item = &'a Program> {
    names(policies).into_iter().filter_map(move |name| version_in_force(policies, name, today, request))
}

/// The version of a policy by the day of the request, else (and for proactive relief) by the decision day.
fn version_in_force<'a>(
    policies: &'a [Program],
    name: &str,
    today: NaiveDate,
    request: Option<&Request>,
) -> Option<&'a Program> {
    let on = |day: NaiveDate| {
        let in_force = policies.iter().filter(|program| {
            let effective = program.effective();
            program.slug() == name && effective.from <= day && effective.until.is_none_or(|until| day <= until)
        });
        in_force.max_by_key(|program| (program.effective().from, program.document.version))
    };
    request.and_then(|request| on(request.requested_on)).or_else(|| on(today))
}

/// Whether a policy is for a disaster.
fn is_for(program: &Program, declared: &Declared<'_>) -> bool {
    let filter = &program.disaster;
    let severe = |bound| declared.severity.is_some_and(|severity| severity.at_least(bound));
    filter.kinds.as_ref().is_none_or(|kinds| kinds.contains(&declared.kind))
        && filter.severity.is_none_or(severe)
        && filter.declarations.as_ref().is_none_or(|names| names.contains(&declared.declaration))
        && filter.events.as_ref().is_none_or(|names| names.contains(&declared.event))
}

/// More policies than can be put in every order are an error of the policies: a person looks.
fn refuse_too_many(claims: &mut [OpenClaim<'_>]) {
    let stacked = claims.iter().filter(|claim| !claim.rules.is_empty()).count();
    if stacked > MOST_POLICIES {
        for claim in claims.iter_mut().filter(|claim| !claim.rules.is_empty()) {
            claim.rules.clear();
            claim.claim.outcome = Outcome::Referred;
            claim.claim.reasons.push(Reason::TooManyPolicies { policies: stacked });
        }
    }
}

/// A claim ends as its best benefit does.
fn conclude(claim: &mut OpenClaim<'_>) {
    let own = &mut claim.claim;
    if own.outcome != Outcome::Granted || own.benefits.is_empty() {
        return;
    }
    let best = own.benefits.iter().map(|benefit| benefit.outcome).max().unwrap_or(Outcome::Declined);
    if best == Outcome::Granted || own.awaiting.is_some() {
        return;
    }
    own.outcome = match (best, own.questions.is_empty()) {
        (_, false) => Outcome::NeedsInformation,
        (best, true) => best,
    };
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in own.benefits.iter().filter(|benefit| benefit.outcome == best).flat_map(|benefit| &benefit.reasons) {
        if !reasons.contains(reason) && !own.reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    // A limit says more than that nothing is left.
    if reasons.iter().any(|reason| matches!(reason, Reason::Limit { .. })) {
        reasons.retain(|reason| *reason != Reason::NothingToRelieve);
    }
    own.reasons.extend(reasons);
}
