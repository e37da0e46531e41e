//! What nobody reads and what is not asked changes nothing.

use forbear_engine::decide::{Claim, Decision};
use forbear_engine::policy::facts::{CATALOGUE, FactType};
use forbear_engine::policy::program::Op;
use serde_json::{Value, json};

use super::ground::{Ground, Verdict, same};

/// Something of a type.
fn some(of: FactType) -> Value {
    match of {
        FactType::Bool => json!(true),
        FactType::Count(_) => json!(7),
        FactType::Amount => json!({"amount": "77.00", "currency": "CNY"}),
        FactType::Rate => json!("0.077"),
        FactType::Date => json!("2024-02-07"),
        FactType::Name(names) => json!(names.first().unwrap_or(&"other")),
        FactType::Names(names) => json!([names.first().unwrap_or(&"other")]),
        FactType::Severity => json!("I"),
        FactType::Designation => json!("severe"),
        FactType::Region => json!("US-48"),
    }
}

/// Facts whose name, and whose short name, stand in no policy are set by hand, and so are the fields behind some.
pub fn facts(ground: &Ground<'_>) -> Verdict {
    let text = ground.policy_text();
    let mut changed = ground.changed();
    for fact in CATALOGUE.iter().filter(|fact| !fact.name.contains('<') && !fact.name.starts_with("declaration.")) {
        let last = fact.name.rsplit('.').next().unwrap_or_default();
        let named = text.contains(last) || fact.short.is_some_and(|short| text.contains(short));
        if !named && !changed.context.facts.contains_key(fact.name) {
            changed.context.facts.insert(fact.name.to_owned(), some(fact.of));
        }
    }
    if !text.contains("product") {
        changed.account.product = Some("of_no_matter".to_owned());
    }
    if !text.contains("first_loan") {
        changed.account.first_loan = changed.account.first_loan.map(|first| !first);
    }
    changed.account.attributes.insert("unknown_to_all".to_owned(), json!(1));
    if let Some(request) = changed.request.as_mut().filter(|_| !text.contains("via")) {
        request.via = Some("branch".to_owned());
    }
    match changed.decide() {
        Ok(again) => same(&ground.decision, &again),
        Err(error) => Verdict::Broken(error.to_string()),
    }
}

/// Outcome and rules of every policy. Of rules that grant alike the first gives its name while it cannot be told which
/// holds, so that what they do stands for them.
fn essence(ground: &Ground<'_>, decision: &Decision) -> Vec<(String, String, Vec<Value>)> {
    let does = |claim: &Claim, name: &String| {
        let mut policies = ground.world.policies.iter();
        let policy = policies.find(|one| one.policy == claim.policy && one.version == claim.version).unwrap();
        let rule = policy.rules.iter().find(|rule| rule.id == *name).unwrap();
        let mut rule = serde_json::to_value(rule).unwrap();
        unnamed(&mut rule, &["id", "title", "when"]);
        let benefits = rule.get_mut("benefits").and_then(Value::as_array_mut);
        benefits.into_iter().flatten().for_each(|benefit| unnamed(benefit, &["id", "title"]));
        rule
    };
    let claims = decision.policies.iter();
    claims
        .map(|claim| {
            let rules = claim.rules.iter().map(|name| does(claim, name)).collect();
            (claim.policy.clone(), claim.outcome.name().to_owned(), rules)
        })
        .collect()
}

fn unnamed(value: &mut Value, keys: &[&str]) {
    let object = value.as_object_mut().unwrap();
    keys.iter().for_each(|key| drop(object.remove(*key)));
}

/// Whether a policy tests if a fact is known at all: every answer makes it known, whatever it says, so that the test
/// asks for nothing and yet an answer can turn it.
fn tested_for_being_known(ground: &Ground<'_>, fact: &str) -> bool {
    ground.world.programs.iter().any(|program| {
        let of = |test: &forbear_engine::policy::program::Test| {
            program.slots.get(test.slot).is_some_and(|slot| slot.fact.name() == fact)
        };
        program.tests.iter().any(|test| matches!(test.op, Op::Known(_)) && of(test))
    })
}

/// An answer to a question that was not asked. Where evidence, waiting or an amount reads the fact too, it may change
/// what is decided later, which is no part of the question.
pub fn questions(ground: &Ground<'_>) -> Verdict {
    let exact = ground.decision.policies.iter().all(|claim| claim.questions_exact != Some(false));
    let text = ground.policy_text();
    if ground.case.request.is_none() || !exact || ["\"evidence\"", "\"await\""].iter().any(|key| text.contains(key)) {
        return Verdict::NotConcerned;
    }
    let asked: Vec<&String> = ground.decision.policies.iter().flat_map(|claim| &claim.questions).collect();
    let mut verdict = Verdict::NotConcerned;
    for fact in CATALOGUE.iter().filter(|fact| fact.ask.is_some() && fact.of == FactType::Bool) {
        let answered = ground.case.request.as_ref().is_some_and(|request| request.answers.contains_key(fact.name));
        if answered || asked.iter().any(|asked| *asked == fact.name) || !text.contains(fact.name) {
            continue;
        }
        if tested_for_being_known(ground, fact.name) {
            continue;
        }
        for answer in [true, false] {
            let mut changed = ground.changed();
            let request = changed.request.as_mut().unwrap();
            request.answers.insert(fact.name.to_owned(), json!(answer));
            let again = match changed.decide() {
                Ok(again) => again,
                Err(error) => return Verdict::Broken(error.to_string()),
            };
            let (was, is) = (essence(ground, &ground.decision), essence(ground, &again));
            if was != is {
                return Verdict::Broken(format!("{} = {answer}: {was:?} becomes {is:?}", fact.name));
            }
        }
        verdict = Verdict::Held;
    }
    verdict
}
