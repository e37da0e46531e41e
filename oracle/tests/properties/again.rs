//! Deciding again.

use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::history::{Grant, GrantState};

use super::ground::{Changed, Ground, Verdict, bare, granted, same};

/// The bytes, receipt and all.
pub fn same_twice(ground: &Ground<'_>) -> Verdict {
    match ground.changed().decide() {
        Ok(again) if again == ground.decision => Verdict::Held,
        Ok(again) => Verdict::Broken(format!("{}\n{}", bare(&ground.decision), bare(&again))),
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// What one benefit may leave another, or itself, to take next time: see `Case::leaves_more` of the engine's laws; and
/// what is meant to go on.
const LEAVES_MORE: [&str; 6] =
    ["\"spread\"", "\"parts\"", "\"pause_interest\"", "\"reduce_rate\"", "\"renew\"", "\"interest\":{"];

/// With all that was granted in history, the same day gives nothing more. Relief changes facts, and with them another
/// rule may come to hold: that is another decision.
pub fn gives_nothing_more(ground: &Ground<'_>) -> Verdict {
    let text = ground.policy_text();
    let excluded = ground.world.policies.len() > 1 || LEAVES_MORE.iter().any(|key| text.contains(key));
    if excluded || granted(&ground.decision).next().is_none() {
        return Verdict::NotConcerned;
    }
    let rules =
        |decision: &Decision| decision.policies.iter().map(|claim| claim.rules.clone()).collect::<Vec<Vec<String>>>();
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
