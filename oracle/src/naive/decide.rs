//! Everything put together: the claims of all policies and declarations, and what they come to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::Policy;

use super::area::Standing;
use super::claim::{Open, open};
use super::ledger::Ledger;
use super::value::gravity;
use super::{Scene, own_grants};
use crate::generate::Case;

/// The declarations of a world as they stand on the day of a case.
#[must_use]
pub fn standings(declarations: &[Declaration], day: NaiveDate) -> Vec<Standing> {
    declarations.iter().map(|one| Standing::on(one, day)).collect()
}

/// One claim for each policy and event: of several declarations of an event, the first with the best outcome.
#[must_use]
pub fn claims<'a>(
    policies: &'a [Policy],
    standings: &'a [Standing],
    case: &'a Case,
    ledger: &'a Ledger,
) -> Vec<Open<'a>> {
    let mut best: BTreeMap<(String, String), Open<'a>> = BTreeMap::new();
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
            if best.get(&key).is_none_or(|known| known.claim.outcome < claim.claim.outcome) {
                best.insert(key, claim);
            }
        }
    }
    best.into_values().collect()
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
