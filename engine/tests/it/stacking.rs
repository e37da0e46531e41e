//! Several policies on one account.

use forbear_engine::decide::Outcome;
use serde_json::{Value, json};

use crate::scenario::{World, account, granted, policy, reasons, rows};

fn capped(slug: &str, charges: &[&str], cap: &str) -> forbear_engine::policy::Program {
    let waive = json!({"charges": charges, "cap": {"amount": cap, "currency": "CNY", "per": "account"}});
    policy(slug, &json!({"rules": [{"id": "r", "benefits": [{"id": "b", "waive": waive}]}]}))
}

fn two_charges() -> forbear_engine::account::Account {
    account(&json!({"charges": [
        {"id": "c1", "kind": "late_fee", "amount": "400.00", "paid": "0.00", "assessed_on": "2024-05-03"},
        {"id": "c2", "kind": "penalty_interest", "amount": "300.00", "paid": "0.00", "assessed_on": "2024-05-04"}
    ]}))
}

#[test]
fn the_order_of_policies_that_relieves_most_is_taken() {
    // A may take 400 of c1; B may take 400 of c1 and c2. A first leaves c2 to B: 400 + 300 = 700.
    let a = capped("a", &["late_fee"], "400.00");
    let b = capped("b", &["late_fee", "penalty_interest"], "400.00");
    for policies in [vec![a.clone(), b.clone()], vec![b, a]] {
        let decision = World::new(policies, two_charges()).decide();
        assert_eq!(decision.totals.amounts.waived.minor(), 70_000);
        let by: Vec<(&str, usize)> = decision
            .policies
            .iter()
            .map(|claim| (claim.policy.as_str(), claim.benefits.iter().map(|one| one.adjustments.len()).sum()))
            .collect();
        assert_eq!(by, [("a", 1), ("b", 1)]);
    }
}

#[test]
fn what_loses_says_to_whom() {
    let a = capped("a", &["late_fee", "penalty_interest"], "900.00");
    let b = capped("b", &["late_fee"], "900.00");
    let decision = World::new(vec![a, b], two_charges()).decide();
    let lost = decision.policies.iter().find(|claim| claim.policy == "b").unwrap();
    assert_eq!(lost.outcome, Outcome::Declined);
    assert_eq!(serde_json::to_value(&lost.reasons).unwrap(), json!([{"reason": "lost_to", "other": "a"}]));
}

#[test]
fn more_than_five_policies_are_for_a_person() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let many = |count: usize| names[..count].iter().map(|name| capped(name, &["late_fee"], "1.00")).collect();
    assert_eq!(World::new(many(5), two_charges()).decide().outcome, Outcome::Granted);
    let decision = World::new(many(6), two_charges()).decide();
    assert_eq!(decision.outcome, Outcome::Referred);
    assert!(reasons(&decision).contains(&"too_many_policies"));
}

fn deferring(slug: &str, count: u32, start: &[&str]) -> forbear_engine::policy::Program {
    let defer = json!({"which": "due_in", "due": {"from": "2024-06-01"}, "instalments": count, "to": "end_of_term",
                       "interest_on_top": "none", "arrears": "cure"});
    policy(
        slug,
        &json!({
            "start": {"by": start, "opt_out": {"days": 20}},
            "rules": [{"id": "r", "benefits": [{"id": "d", "defer": defer}]}]
        }),
    )
}

#[test]
fn only_one_deferral_is_given_at_a_time() {
    let plan: Value = rows(6, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    let both = ["proactive", "request"];
    let policies = vec![deferring("b", 2, &both), deferring("a", 1, &both)];
    let mut world = World::new(policies, account(&json!({ "rows": plan })));
    let asked = world.decide();
    let offers: Vec<&str> = asked.offers.iter().map(|offer| offer.offer.as_str()).collect();
    // Neither costs anything: the earlier first payment comes first.
    assert_eq!(offers, ["a/d", "b/d"]);
    assert!(granted(&asked).is_empty());
    world.request = None;
    let proactive = world.decide();
    assert!(proactive.offers.is_empty());
    assert_eq!(proactive.totals.amounts.deferred.minor(), 10_100);
    assert_eq!(proactive.policies[0].opt_out_by.unwrap().to_string(), "2024-06-09");
}

#[test]
fn of_two_declarations_of_an_event_the_first_by_name_counts() {
    let slug = |slug: &str| {
        let mut declaration = crate::scenario::flood();
        declaration.declaration = slug.to_owned();
        declaration
    };
    for order in [["flood-north", "flood-south"], ["flood-south", "flood-north"]] {
        let mut world = World::new(
            vec![deferring("a", 1, &["request"])],
            account(&json!({"rows": rows(6, &[("100.00", "1.00")])})),
        );
        world.declarations = order.map(slug).into();
        assert_eq!(world.decide().policies[0].declaration, "flood-north");
    }
}

/// A flood that is severe in the north, by name the first, and less so in the south, with the first rule for the north.
fn north_and_south(north: &Value) -> World {
    let waive = |id: &str, share: &str| json!({"id": id, "waive": {"charges": ["late_fee"], "share": share}});
    let mut first = north.clone();
    first["id"] = json!("north");
    first["benefits"] = json!([waive("all", "1")]);
    let south = json!({"id": "south", "when": {"fact": "declaration.severity", "is": "II"}, "benefits": [waive("half", "0.5")]});
    let fee = json!({"id": "c", "kind": "late_fee", "amount": "10.00", "paid": "0.00", "assessed_on": "2024-05-03"});
    let program = policy("p", &json!({"rules": [first, south]}));
    let mut world = World::new(vec![program], account(&json!({ "charges": [fee] })));
    let (mut north, mut south) = (crate::scenario::flood(), crate::scenario::flood());
    north.declaration = "flood-north".to_owned();
    north.severity = serde_json::from_value(json!("I")).unwrap();
    south.declaration = "flood-south".to_owned();
    world.declarations = vec![north, south];
    world
}

#[test]
fn of_two_declarations_of_an_event_one_that_refers_takes_nothing_from_one_that_gives() {
    let world =
        north_and_south(&json!({"when": {"fact": "declaration.severity", "is": "I"}, "refer": {"to": "reviewer"}}));
    let decision = world.decide();
    assert_eq!(decision.policies[0].declaration, "flood-south");
    // Half of 10.00.
    assert_eq!((decision.outcome, decision.totals.amounts.waived.minor()), (Outcome::Granted, 500));
}

#[test]
fn of_two_declarations_of_an_event_the_questions_of_the_first_are_asked_beside_what_the_second_gives() {
    let when = json!({"all": [{"fact": "declaration.severity", "is": "I"}, {"fact": "request.hardship", "is": true}]});
    let asked = north_and_south(&json!({ "when": when })).decide();
    assert_eq!(asked.totals.amounts.waived.minor(), 500);
    assert_eq!(asked.policies[0].questions, ["request.hardship"]);
    for (answer, declaration, waived) in [(true, "flood-north", 1_000), (false, "flood-south", 500)] {
        let world = north_and_south(&json!({ "when": when }));
        let decision = world.answer("request.hardship", json!(answer)).decide();
        assert_eq!(decision.policies[0].declaration, declaration);
        assert_eq!(decision.totals.amounts.waived.minor(), waived);
        assert!(decision.policies[0].questions.is_empty());
    }
}
