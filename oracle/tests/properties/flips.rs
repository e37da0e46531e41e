//! What a decline says would have to change, does change it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use forbear_engine::decide::Outcome;
use forbear_engine::decide::decision::Claim;
use forbear_engine::policy::Policy;
use forbear_engine::reason::Reason;
use serde_json::{Value, json};

use super::ground::{Ground, Verdict};

/// More combinations of values than this are not tried.
const MOST: usize = 400;

/// Every value near the literals to which a policy compares a fact; none when one of its tests cannot be met by
/// setting a value: `known`, a region, a date counted from another.
fn near(policy: &Value, fact: &str) -> Option<Vec<Value>> {
    let mut tests = Vec::new();
    collect(policy, fact, &mut tests);
    let mut values = Vec::new();
    for test in tests {
        for (key, literal) in test {
            match key.as_str() {
                "is" | "is_not" | "in" | "not_in" | "at_least" | "at_most" | "above" | "below" | "has" => {
                    let list = literal.as_array().cloned().unwrap_or_else(|| vec![literal.clone()]);
                    for one in list {
                        values.extend(beside(&one, key == "has")?);
                    }
                }
                "known" | "within" => return None,
                _ => {}
            }
        }
    }
    (!values.is_empty()).then_some(values)
}

fn collect<'v>(value: &'v Value, fact: &str, found: &mut Vec<&'v serde_json::Map<String, Value>>) {
    match value {
        Value::Object(keys) => {
            if keys.get("fact").and_then(Value::as_str) == Some(fact) {
                found.push(keys);
            }
            keys.values().for_each(|value| collect(value, fact, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, fact, found)),
        _ => {}
    }
}

fn beside(literal: &Value, set: bool) -> Option<Vec<Value>> {
    if set {
        return Some(vec![json!([literal]), json!([])]);
    }
    if let Some(number) = literal.as_i64() {
        return Some([number - 1, number, number + 1].into_iter().filter(|n| *n >= 0).map(|n| json!(n)).collect());
    }
    if literal.is_boolean() {
        return Some(vec![json!(true), json!(false)]);
    }
    if let Some(text) = literal.as_str() {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some([day - Days::new(1), day, day + Days::new(1)].iter().map(|day| json!(day)).collect());
        }
        let scales: &[&[&str]] = &[&["none", "adjacent", "affected", "severe"], &["I", "II", "III", "IV"]];
        return Some(match scales.iter().find(|scale| scale.contains(&text)) {
            Some(scale) => scale.iter().map(|one| json!(one)).collect(),
            None if text.contains(|c: char| c.is_ascii_digit()) => return None,
            None => vec![json!(text), json!("something_else")],
        });
    }
    let amount: i64 = literal.get("amount")?.as_str()?.replace('.', "").parse().ok()?;
    let cents = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let near = [amount - 1, amount, amount + 1].into_iter().filter(|cents| *cents >= 0);
    Some(near.map(|amount| json!({"amount": cents(amount), "currency": literal["currency"]})).collect())
}

/// The facts of a set of tests by name; none when another test of the policy reads one of them on another day or from
/// other addresses, which setting it by hand would change too.
fn facts(ground: &Ground<'_>, claim: &Claim, tests: &[String]) -> Option<Vec<String>> {
    let own = |program: &&forbear_engine::policy::Program| {
        program.slug() == claim.policy && program.document.version == claim.version
    };
    let program = ground.world.programs.iter().find(own)?;
    let mut names = Vec::new();
    for id in tests {
        let mut named = program.tests.iter().filter(|test| test.id == *id);
        let (test, None) = (named.next()?, named.next()) else { return None };
        let name = program.slots.get(test.slot)?.fact.name();
        let alike = program.slots.iter().filter(|slot| slot.fact.name() == name).count();
        if alike > 1 || ground.case.context.facts.contains_key(&name) {
            return None;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}

/// One set of a declined claim after another: some values of its facts make it anything but ineligible and ruled out.
pub fn would_change(ground: &Ground<'_>) -> Verdict {
    let mut verdict = Verdict::NotConcerned;
    // With one policy and one declaration, what is set by hand changes this claim and no other.
    let [claim] = ground.decision.policies.as_slice() else { return verdict };
    let refused = |claim: &Claim| {
        let reason = |reason: &Reason| matches!(reason, Reason::NotEligible | Reason::NoRule);
        claim.outcome == Outcome::Declined && claim.reasons.iter().any(reason)
    };
    if !refused(claim) || ground.world.declarations.len() > 1 {
        return verdict;
    }
    let mut policies = ground.world.policies.iter();
    let own = |policy: &&Policy| policy.policy == claim.policy && policy.version == claim.version;
    let Some(policy) = policies.find(own) else { return verdict };
    let policy = serde_json::to_value(policy).unwrap();
    for tests in claim.would_have_to_change.iter().take(2) {
        let Some(facts) = facts(ground, claim, tests) else { continue };
        let choices: Option<Vec<(String, Vec<Value>)>> =
            facts.into_iter().map(|fact| near(&policy, &fact).map(|values| (fact, values))).collect();
        let Some(choices) = choices.filter(|choices| choices.iter().map(|one| one.1.len()).product::<usize>() <= MOST)
        else {
            continue;
        };
        let changes = combinations(&choices).into_iter().any(|values| {
            let mut changed = ground.changed();
            changed.context.facts.extend(values);
            changed.decide().is_ok_and(|again| again.policies.iter().all(|claim| !refused(claim)))
        });
        if !changes {
            return Verdict::Broken(format!("no values turn {tests:?} of {}: {choices:?}", claim.policy));
        }
        verdict = Verdict::Held;
    }
    verdict
}

fn combinations(choices: &[(String, Vec<Value>)]) -> Vec<BTreeMap<String, Value>> {
    let mut all = vec![BTreeMap::new()];
    for (fact, values) in choices {
        all = all
            .iter()
            .flat_map(|known| {
                values.iter().map(move |value| {
                    let mut known: BTreeMap<String, Value> = known.clone();
                    known.insert(fact.clone(), value.clone());
                    known
                })
            })
            .collect();
    }
    all
}
