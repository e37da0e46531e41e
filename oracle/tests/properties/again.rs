//! Deciding again.

use forbear_engine::decide::{Claim, Decision, Outcome};
use forbear_engine::history::{Grant, GrantState};
use forbear_engine::policy::Policy;

use super::ground::{Changed, Ground, Verdict, bare, granted, same};

/// The bytes, receipt and all.
pub fn same_twice(ground: &Ground<'_>) -> Verdict {
    match ground.changed().decide() {
        Ok(again) if again == ground.decision => Verdict::Held,
        Ok(again) => Verdict::Broken(format!("{}\n{}", bare(&ground.decision), bare(&again))),
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// Facts that relief changes. A benefit whose dates or amounts are read from them is another one after relief.
const CHANGED: [&str; 15] = [
    "history.",
    "account.principal_outstanding",
    "account.arrears",
    "account.next_payment",
    "account.days_past_due",
    "account.first_due_on",
    "account.months_past_due",
    "account.oldest_unpaid_due_on",
    "account.last_full_payment_on",
    "account.next_due_on",
    "account.maturity_on",
    "account.instalments_total",
    "account.instalments_left",
    "account.instalments_overdue",
    "account.unpaid_charges",
];

fn reads_what_relief_changes(policy: &Policy) -> bool {
    let benefits = policy.rules.iter().map(|rule| serde_json::to_string(&rule.benefits).unwrap());
    benefits.into_iter().any(|text| CHANGED.iter().any(|fact| text.contains(fact)))
}

/// With all that was granted in history, the same day gives nothing more. Relief changes facts, and with them another
/// rule may come to hold, or what a rule waits for may come true: that is another decision.
pub fn gives_nothing_more(ground: &Ground<'_>) -> Verdict {
    if granted(&ground.decision).next().is_none() || ground.world.policies.iter().any(reads_what_relief_changes) {
        return Verdict::NotConcerned;
    }
    let rules = |decision: &Decision| {
        let named = |claim: &Claim| claim.benefits.iter().map(|one| one.benefit.clone()).collect::<Vec<_>>();
        decision.policies.iter().map(|claim| (claim.rules.clone(), named(claim))).collect::<Vec<_>>()
    };
    match with_grants(ground, GrantState::Posted).decide() {
        Ok(again) if rules(&again) != rules(&ground.decision) => Verdict::NotConcerned,
        Ok(again) => {
            let more: Vec<_> = granted(&again).collect();
            Verdict::of(more.is_empty(), || format!("{more:?}"))
        }
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// With all that was granted in history, taken back, it is decided as if it had never been.
pub fn reversal_is_identity(ground: &Ground<'_>) -> Verdict {
    if granted(&ground.decision).next().is_none() {
        return Verdict::NotConcerned;
    }
    match with_grants(ground, GrantState::Reversed).decide() {
        Ok(again) => same(&ground.decision, &again),
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// The inputs with what was granted in history.
fn with_grants(ground: &Ground<'_>, state: GrantState) -> Changed {
    let mut changed = ground.changed();
    for claim in &ground.decision.policies {
        for benefit in claim.benefits.iter().filter(|benefit| benefit.outcome == Outcome::Granted) {
            changed.history.grants.push(Grant {
                grant: format!("{}-{}", claim.policy, benefit.benefit),
                decision: Some(claim.policy.clone()),
                account: None,
                event: claim.event.clone(),
                declaration: claim.declaration.clone(),
                policy: claim.policy.clone(),
                version: claim.version,
                rule: benefit.rule.clone(),
                benefit: benefit.benefit.clone(),
                decided_on: ground.decision.decided_on,
                state,
                instruction: Some(format!("ins-{}-{}", claim.policy, benefit.benefit)),
                adjustments: benefit.adjustments.clone(),
                present_value_loss: ground.decision.totals.present_value_loss,
            });
        }
    }
    changed
}
