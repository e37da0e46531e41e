//! Places: a wider disaster area takes nothing away.

use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::declaration::Designation;
use forbear_engine::reason::Reason;
use forbear_engine::region::RegionTree;
use forbear_oracle::generate::setting::REGIONS;
use serde_json::Value;

use super::ground::{Ground, Verdict};

/// Whether a policy can only gain from an area: areas are tested by `at_least` and `has`, and never turned round.
fn only_gains(value: &Value) -> bool {
    match value {
        Value::Object(keys) => {
            let area = keys.get("fact").and_then(Value::as_str).is_some_and(|fact| fact.starts_with("area."));
            let gains = keys.contains_key("at_least") || keys.contains_key("has");
            !keys.contains_key("not") && (!area || gains) && keys.values().all(only_gains)
        }
        Value::Array(values) => values.iter().all(only_gains),
        _ => true,
    }
}

fn ineligible(decision: &Decision) -> Vec<(&str, &str)> {
    let claims = decision.policies.iter();
    let refused =
        claims.filter(|claim| claim.outcome == Outcome::Declined && claim.reasons.contains(&Reason::NotEligible));
    refused.map(|claim| (claim.event.as_str(), claim.policy.as_str())).collect()
}

/// One more severe area, none of whose ancestors is designated.
pub fn more_area(ground: &Ground<'_>) -> Verdict {
    if !ground.world.policies.iter().all(|policy| only_gains(&serde_json::to_value(policy).unwrap())) {
        return Verdict::NotConcerned;
    }
    let tree = RegionTree::builtin();
    let mut changed = ground.changed();
    let pick = usize::try_from(ground.case.seed).unwrap();
    let region = REGIONS[pick % REGIONS.len()];
    let at = pick / REGIONS.len() % changed.declarations.len().max(1);
    let Some(declaration) = changed.declarations.get_mut(at) else { return Verdict::NotConcerned };
    let own = tree.find(region).unwrap();
    let amended = declaration.amendments.iter().flat_map(|amendment| &amendment.add);
    let under = declaration.areas.iter().chain(amended).any(|area| {
        let area = tree.find(&area.region).unwrap();
        tree.is_within(own, area)
    });
    let Some(mut area) = declaration.areas.first().cloned().filter(|_| !under) else { return Verdict::NotConcerned };
    area.region = region.to_owned();
    area.designation = Some(Designation::Severe);
    area.counts_from = None;
    declaration.areas.push(area);
    if !declaration.validate(tree).is_empty() {
        return Verdict::NotConcerned;
    }
    match changed.decide() {
        Ok(again) => {
            let was = ineligible(&ground.decision);
            let lost: Vec<_> = ineligible(&again).into_iter().filter(|claim| !was.contains(claim)).collect();
            Verdict::of(lost.is_empty(), || format!("with {region} not eligible any longer: {lost:?}"))
        }
        Err(error) => Verdict::Broken(error.to_string()),
    }
}
