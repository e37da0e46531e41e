//! Order: nothing that has no order of its own changes a decision.

use forbear_engine::account::Account;
use forbear_engine::policy::Policy;
use serde_json::{Map, Value};

use super::ground::{Ground, Verdict, same};

/// Policies, declarations, charges and evidence turned round.
pub fn of_inputs(ground: &Ground<'_>) -> Verdict {
    let mut changed = ground.changed();
    changed.programs.reverse();
    changed.declarations.reverse();
    if let Some(charges) = &mut changed.account.charges {
        charges.reverse();
    }
    if let Some(request) = &mut changed.request {
        request.evidence.reverse();
    }
    match changed.decide() {
        Ok(again) => same(&ground.decision, &again),
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// A document with the keys of every object turned round.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(keys) => {
            let all: Map<String, Value> = keys.iter().rev().map(|(key, value)| (key.clone(), turned(value))).collect();
            Value::Object(all)
        }
        Value::Array(values) => Value::Array(values.iter().map(turned).collect()),
        other => other.clone(),
    }
}

pub fn of_keys(ground: &Ground<'_>) -> Verdict {
    let account = turned(&serde_json::to_value(&ground.case.account).unwrap()).to_string();
    let read = match Account::from_json(&account) {
        Ok(read) => read,
        Err(error) => return Verdict::Broken(format!("the account: {error}")),
    };
    let policies = ground.world.policies.iter().all(|policy| {
        let text = turned(&serde_json::to_value(policy).unwrap()).to_string();
        serde_json::from_str::<Policy>(&text).is_ok_and(|read| read == *policy)
    });
    Verdict::of(read == ground.case.account && policies, || "a document reads differently".to_owned())
}
