//! What is not known: questions, referrals, and decisions in spite of it.

use forbear_engine::decide::Outcome;
use serde_json::{Value, json};

use crate::scenario::{World, account, policy, reasons, rows, with_id};

fn fees() -> Value {
    json!([{"id": "b", "goodwill": {"amount": {"amount": "1.00", "currency": "CNY"}}}])
}

fn when(condition: Value) -> forbear_engine::policy::Program {
    policy("p", &json!({"eligible": condition, "rules": [{"id": "r", "benefits": fees()}]}))
}

fn ask(program: forbear_engine::policy::Program, answers: &[(&str, Value)]) -> (Outcome, Vec<String>) {
    let mut world = World::new(vec![program], account(&json!({})));
    for (fact, answer) in answers {
        world = world.answer(fact, answer.clone());
    }
    let decision = world.decide();
    (decision.outcome, decision.policies[0].questions.clone())
}

#[test]
fn only_questions_that_can_change_the_outcome_are_asked() {
    let hardship = json!({"fact": "request.hardship", "is": true});
    let damaged = json!({"fact": "request.property_damaged", "is": true});
    let cases: [(Value, &[&str]); 6] = [
        (hardship.clone(), &["request.hardship"]),
        // Either it is so or it is not.
        (json!({"any": [hardship, {"fact": "request.hardship", "is": false}]}), &[]),
        (json!({"any": [hardship, {"fact": "account.status", "is": "active"}]}), &[]),
        (json!({"all": [hardship, {"fact": "account.status", "is": "defaulted"}]}), &[]),
        (json!({"any": [hardship, damaged]}), &["request.hardship", "request.property_damaged"]),
        // x or (not x and y): both matter; x and y or x and not y: y does not.
        (json!({"any": [{"all": [hardship, damaged]}, {"all": [hardship, {"not": damaged}]}]}), &["request.hardship"]),
    ];
    for (condition, questions) in cases {
        let (outcome, asked) = ask(when(condition.clone()), &[]);
        assert_eq!(asked, questions, "{condition}");
        assert_eq!(outcome == Outcome::NeedsInformation, !questions.is_empty(), "{condition}");
    }
}

/// Without an answer the second condition holds, because nobody knows of hardship; with one it is open. Damage then matters,
/// though nothing that is unknown now depends on it.
#[test]
fn an_answer_that_opens_another_condition_is_seen_beforehand() {
    let condition = json!({"all": [
        {"fact": "request.hardship", "is": true},
        {"any": [{"fact": "request.hardship", "known": false}, {"fact": "request.property_damaged", "is": true}]},
    ]});
    let both: Vec<String> = vec!["request.hardship".to_owned(), "request.property_damaged".to_owned()];
    assert_eq!(ask(when(condition.clone()), &[]), (Outcome::NeedsInformation, both));
    let yes = ("request.hardship", json!(true));
    let damage = vec!["request.property_damaged".to_owned()];
    assert_eq!(ask(when(condition.clone()), std::slice::from_ref(&yes)), (Outcome::NeedsInformation, damage));
    assert_eq!(ask(when(condition), &[yes, ("request.property_damaged", json!(true))]).0, Outcome::Granted);
}

/// Under `all`, beside a rule that holds: one that needs an answer, and one that nobody can be asked about.
fn three_rules(second: &Value) -> forbear_engine::policy::Program {
    let rule = |at: usize, when: &Value| {
        let goodwill = json!({"goodwill": {"amount": {"amount": format!("{at}.00"), "currency": "CNY"}}});
        json!({"id": format!("r{at}"), "when": when, "benefits": [with_id(&format!("b{at}"), &goodwill)]})
    };
    let active = json!({"fact": "account.status", "is": "active"});
    let product = json!({"fact": "account.product", "is": "car"});
    policy("p", &json!({"hit_policy": "all", "rules": [rule(1, &active), rule(2, second), rule(3, &product)]}))
}

#[test]
fn under_all_each_rule_is_asked_for_beside_one_that_cannot_be_told() {
    let hardship = json!({"fact": "request.hardship", "is": true});
    // The product is not reported, so r3 is for a person in any case. An answer still decides about r2.
    for (answer, rules, questions) in [
        (None, vec!["r1"], vec!["request.hardship"]),
        (Some(true), vec!["r1", "r2"], vec![]),
        (Some(false), vec!["r1"], vec![]),
    ] {
        let mut world = World::new(vec![three_rules(&hardship)], account(&json!({})));
        if let Some(answer) = answer {
            world = world.answer("request.hardship", json!(answer));
        }
        let decision = world.decide();
        let claim = &decision.policies[0];
        assert_eq!((&claim.rules, &claim.questions), (&names(&rules), &names(&questions)), "{answer:?}");
        assert_eq!(claim.outcome, Outcome::Granted);
        assert_eq!(reasons(&decision).contains(&"absent"), answer.is_some(), "r3 is reported once nothing is asked");
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn under_all_a_rule_that_holds_whatever_is_answered_is_granted_at_once() {
    let either = json!({"any": [{"fact": "request.hardship", "is": true}, {"fact": "request.hardship", "is": false}]});
    let decision = World::new(vec![three_rules(&either)], account(&json!({}))).decide();
    assert_eq!((&decision.policies[0].rules, &decision.policies[0].questions), (&names(&["r1", "r2"]), &vec![]));
    assert_eq!(reasons(&decision), ["absent"]);
}

#[test]
fn answers_are_taken_up_one_by_one() {
    let any =
        json!({"any": [{"fact": "request.hardship", "is": true}, {"fact": "request.property_damaged", "is": true}]});
    let yes = ask(when(any.clone()), &[("request.hardship", json!(true))]);
    assert_eq!(yes, (Outcome::Granted, vec![]));
    let no = ask(when(any.clone()), &[("request.hardship", json!(false))]);
    assert_eq!(no, (Outcome::NeedsInformation, vec!["request.property_damaged".to_owned()]));
    let both = ask(when(any), &[("request.hardship", json!(false)), ("request.property_damaged", json!(false))]);
    assert_eq!(both, (Outcome::Declined, vec![]));
}

#[test]
fn a_workplace_is_asked_for_and_an_answer_may_be_none() {
    let area = json!({"fact": "area.work.designation", "on": "incident_start", "in": ["severe", "affected"]});
    let asked = ask(when(area.clone()), &[]);
    assert_eq!(asked, (Outcome::NeedsInformation, vec!["area.work.region".to_owned()]));
    for (answer, outcome) in [
        (json!("CN-410702"), Outcome::Granted),
        (json!("CN-110101"), Outcome::Declined),
        (json!(null), Outcome::Declined),
    ] {
        assert_eq!(ask(when(area.clone()), &[("area.work.region", answer.clone())]).0, outcome, "{answer}");
    }
}

#[test]
fn what_the_core_system_did_not_report_is_for_a_person_unless_it_does_not_matter() {
    let product = json!({"fact": "account.product", "is": "car"});
    let decision = World::new(vec![when(product.clone())], account(&json!({}))).decide();
    assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["absent"]));
    let all = json!({"any": [product, {"fact": "account.product", "is_not": "car"}]});
    assert_eq!(ask(when(all), &[]).0, Outcome::Granted);
    let moot = json!({"all": [product, {"fact": "account.status", "is": "settled"}]});
    assert_eq!(ask(when(moot), &[]).0, Outcome::Declined);
    // The question would not settle it either: nobody is asked in vain.
    let both = json!({"all": [product, {"fact": "request.hardship", "is": true}]});
    let (outcome, questions) = ask(when(both), &[]);
    assert_eq!(
        (outcome, questions.as_slice()),
        (Outcome::NeedsInformation, ["request.hardship".to_owned()].as_slice())
    );
}

#[test]
fn under_first_an_unknown_rule_stops_the_search_unless_all_that_follows_is_equal() {
    let rule = |id: &str, when: Value, amount: &str| {
        let goodwill = json!({"amount": {"amount": amount, "currency": "CNY"}});
        json!({"id": id, "when": when, "benefits": [{"id": format!("b-{id}"), "goodwill": goodwill}]})
    };
    let hardship = json!({"fact": "request.hardship", "is": true});
    let active = json!({"fact": "account.status", "is": "active"});
    let differ =
        policy("p", &json!({"rules": [rule("x", hardship.clone(), "2.00"), rule("y", active.clone(), "1.00")]}));
    assert_eq!(ask(differ, &[]), (Outcome::NeedsInformation, vec!["request.hardship".to_owned()]));
    let equal =
        policy("p", &json!({"rules": [rule("x", hardship.clone(), "1.00"), rule("y", active.clone(), "1.00")]}));
    assert_eq!(ask(equal, &[]).0, Outcome::Granted);
    // Under `all` the known rule is granted and the unknown one asked for.
    let all =
        policy("p", &json!({"hit_policy": "all", "rules": [rule("x", hardship, "2.00"), rule("y", active, "1.00")]}));
    assert_eq!(ask(all, &[]), (Outcome::Granted, vec!["request.hardship".to_owned()]));
}

#[test]
fn a_decline_says_what_would_have_to_change() {
    let condition = json!({"all": [
        {"id": "status", "fact": "account.status", "is": "active"},
        {"any": [{"id": "old", "fact": "account.days_past_due", "at_least": 10}, {"id": "hard", "fact": "request.hardship", "is": true}]},
        {"not": {"id": "made", "fact": "request.income_lost", "is": true}}
    ]});
    let mut world = World::new(vec![when(condition)], account(&json!({"rows": []})));
    world = world.answer("request.hardship", json!(false)).answer("request.income_lost", json!(true));
    let decision = world.decide();
    let sets = &decision.policies[0].would_have_to_change;
    assert_eq!(sets, &[vec!["old".to_owned(), "made".to_owned()], vec!["hard".to_owned(), "made".to_owned()]]);
    // And it does change it.
    let changed = world.answer("request.hardship", json!(true)).answer("request.income_lost", json!(false));
    assert_eq!(changed.decide().outcome, Outcome::Granted);
}

#[test]
fn one_borrower_is_enough_or_all_must_match() {
    let people = |second: Value| {
        let mut account = account(&json!({}));
        let party = json!({"party": "q", "role": "co_borrower", "without_income": second, "addresses": []});
        account.parties.as_mut().unwrap()[0].without_income = Some(true);
        account.parties.as_mut().unwrap().push(serde_json::from_value(party).unwrap());
        account
    };
    let test = |who: &str| when(json!({"fact": "borrower.without_income", "who": who, "is": true}));
    for (who, second, outcome) in [
        ("any_party", json!(false), Outcome::Granted),
        ("any_party", json!(null), Outcome::Granted),
        ("every_party", json!(false), Outcome::Declined),
        ("every_party", json!(true), Outcome::Granted),
        ("every_party", json!(null), Outcome::NeedsInformation),
    ] {
        assert_eq!(World::new(vec![test(who)], people(second.clone())).decide().outcome, outcome, "{who} {second}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let program = when(json!({"fact": "request.hardship", "is": true}));
    let world = World::new(vec![program], account(&json!({})));
    let bytes = || serde_json::to_string(&world.decide()).unwrap();
    assert_eq!(bytes(), bytes());
    assert!(bytes().contains("\"inputs\""));
}

#[test]
fn a_referral_names_what_is_missing_also_where_it_is_what_a_fact_is_compared_with() {
    for condition in [
        json!({"fact": "account.unpaid_charges", "at_most": {"amount": "9.00", "currency": "USD"}}),
        json!({"fact": "account.first_due_on", "at_most": "account.cooling_off_ends_on"}),
    ] {
        let world =
            World::new(vec![when(condition.clone())], account(&json!({"rows": rows(6, &[("100.00", "8.00")])})));
        let decision = world.decide();
        assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["absent"]), "{condition}");
    }
}

/// Where somebody works can be asked. No answer settles it, since neither the day that it is compared with nor the product
/// is reported: both are named.
#[test]
fn a_referral_names_a_missing_date_that_an_answer_would_be_compared_with() {
    let since = json!({"fact": "area.work.counts_from", "within": {"until": "account.cooling_off_ends_on"}});
    let car = json!({"fact": "account.product", "is": "car"});
    let decision = World::new(vec![when(json!({"any": [since, car]}))], account(&json!({}))).decide();
    assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["absent", "absent"]));
}

#[test]
fn of_rules_that_grant_alike_the_first_is_named_when_an_answer_would_only_choose_between_them() {
    let alike = |id: &str| json!({"id": id, "refer": {"to": "reviewer"}});
    let mut first = alike("first");
    first["when"] = json!({"fact": "request.hardship", "is": false});
    let program = policy("p", &json!({"rules": [first, alike("second")]}));
    let claim = World::new(vec![program], account(&json!({}))).decide().policies.remove(0);
    assert_eq!((claim.rules.as_slice(), claim.questions.as_slice()), (["first".to_owned()].as_slice(), [].as_slice()));
}

/// The product is not reported and nobody can be asked for it, so that it never becomes known: whoever is not evacuated is
/// declined, whatever the product, and so that answer is asked for.
#[test]
fn what_nobody_can_be_asked_for_does_not_become_known() {
    let eligible = json!({"any": [
        {"fact": "request.evacuated", "is": true},
        {"fact": "account.product", "known": true},
    ]});
    let refer = json!({"to": "reviewer"});
    let car = json!({"id": "car", "when": {"fact": "account.product", "is": "car"}, "refer": refer});
    let rules = json!([car, {"id": "else", "refer": refer}]);
    let program = || policy("p", &json!({"eligible": eligible, "rules": rules}));
    let asked = vec!["request.evacuated".to_owned()];
    assert_eq!(ask(program(), &[]), (Outcome::NeedsInformation, asked));
    assert_eq!(ask(program(), &[("request.evacuated", json!(false))]).0, Outcome::Declined);
}
