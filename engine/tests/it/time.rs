//! Days: versions, deadlines, amendments, open ends, awaited events.

use forbear_engine::decide::Outcome;
use forbear_engine::history::Awaiting;
use serde_json::{Value, json};

use crate::scenario::{World, account, benefit, policy, reasons, rows};

fn fee_policy(patch: Value) -> forbear_engine::policy::Program {
    let mut base = json!({"rules": [{"id": "r", "benefits": [{"id": "b", "waive": {"charges": ["late_fee"]}}]}]});
    for (key, value) in patch.as_object().unwrap() {
        base[key] = value.clone();
    }
    policy("p", &base)
}

fn with_fee() -> forbear_engine::account::Account {
    account(
        &json!({"charges": [{"id": "c", "kind": "late_fee", "amount": "10.00", "paid": "0.00", "assessed_on": "2024-05-03"}]}),
    )
}

#[test]
fn a_request_chooses_the_version_of_its_day() {
    let old = fee_policy(json!({"effective": {"from": "2024-01-01", "until": "2024-05-15"}}));
    let new = fee_policy(json!({"version": 2, "effective": {"from": "2024-05-16"}}));
    for (requested, version) in [(Some("2024-05-15"), 1), (Some("2024-05-16"), 2), (Some("2023-12-31"), 2)] {
        let mut world = World::new(vec![new.clone(), old.clone()], with_fee());
        world.request.as_mut().unwrap().requested_on = requested.unwrap().parse().unwrap();
        assert_eq!(world.decide().policies[0].version, version, "{requested:?}");
    }
    let none = World::new(vec![fee_policy(json!({"effective": {"from": "2024-06-01"}}))], with_fee());
    assert!(none.decide().policies.is_empty());
}

#[test]
fn the_last_day_for_requests_counts() {
    // The incident ended on 31 May; 10 days later is 10 June.
    let program = fee_policy(json!({"start": {"by": ["request"], "apply_by": {"after": "incident_end", "days": 10}}}));
    for (day, outcome) in [("2024-06-10", Outcome::Granted), ("2024-06-11", Outcome::Declined)] {
        let decision = World::new(vec![program.clone()], with_fee()).on(day).decide();
        assert_eq!(decision.outcome, outcome, "{day}");
    }
    // While the incident goes on nobody is too late.
    let mut open = World::new(vec![program], with_fee()).on("2025-05-20");
    open.declarations[0].incident.end = None;
    assert_eq!(open.decide().outcome, Outcome::Granted);
}

#[test]
fn a_rule_takes_part_only_in_the_start_it_allows() {
    let asked = fee_policy(json!({}));
    let mut world = World::new(vec![asked], with_fee());
    assert_eq!(world.decide().outcome, Outcome::Granted);
    world.request = None;
    let decision = world.decide();
    assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Declined, vec!["on_request_only"]));
    let proactive = fee_policy(json!({"start": {"by": ["proactive"]}}));
    let mut world = World::new(vec![proactive], with_fee());
    assert_eq!(reasons(&world.decide()), ["proactive_only"]);
    world.request = None;
    assert_eq!(world.decide().outcome, Outcome::Granted);
}

#[test]
fn an_area_counts_from_the_amendment_that_adds_it_and_no_longer_when_removed() {
    let program = fee_policy(
        json!({"eligible": {"id": "area", "fact": "area.home.designation", "on": "incident_start", "in": ["severe", "affected"]}}),
    );
    let mut world = World::new(vec![program], with_fee());
    world.declarations[0] = serde_json::from_value(json!({
        "declaration": "flood", "event": "flood", "kind": "flood", "title": {"zh-CN": "洪水", "en": "Flood"},
        "declared_on": "2024-05-02", "incident": {"start": "2024-05-01"}, "areas": [{"region": "CN-410700", "designation": "severe"}],
        "amendments": [
            {"number": 1, "on": "2024-05-10", "add": [{"region": "CN-410105", "designation": "affected"}]},
            {"number": 2, "on": "2024-05-15", "remove": ["CN-410105"]}
        ]
    }))
    .unwrap();
    for (day, amendment, outcome) in [
        ("2024-05-09", 0, Outcome::Declined),
        ("2024-05-10", 1, Outcome::Granted),
        ("2024-05-14", 1, Outcome::Granted),
        ("2024-05-15", 2, Outcome::Declined),
    ] {
        world = world.on(day);
        let decision = world.decide();
        assert_eq!((decision.policies[0].amendment, decision.outcome), (amendment, outcome), "{day}");
    }
}

#[test]
fn an_address_is_taken_on_the_day_that_is_asked_for() {
    let program = fee_policy(
        json!({"eligible": {"id": "area", "fact": "area.home.designation", "on": "incident_start", "is": "severe"}}),
    );
    let home = |region: &str, from: &str| json!({"role": "home", "region": region, "valid_from": from});
    let away = home("CN-110101", "2020-01-01");
    for (addresses, outcome) in [
        // Moved in the day the flood began, moved in the day after, moved away meanwhile.
        (json!([away, home("CN-410105", "2024-05-01")]), Outcome::Granted),
        (json!([away, home("CN-410105", "2024-05-02")]), Outcome::Declined),
        (json!([home("CN-410105", "2020-01-01"), home("CN-110101", "2024-05-10")]), Outcome::Granted),
        // One address without a day holds; two cannot be put in order.
        (json!([{"role": "home", "region": "CN-410105"}]), Outcome::Granted),
        (json!([{"role": "home", "region": "CN-410105"}, away]), Outcome::Referred),
        (json!([{"role": "home", "region": "CN-999999"}]), Outcome::Referred),
        (json!([]), Outcome::Referred),
    ] {
        let mut account = with_fee();
        account.parties.as_mut().unwrap()[0].addresses = serde_json::from_value(addresses.clone()).unwrap();
        assert_eq!(World::new(vec![program.clone()], account).decide().outcome, outcome, "{addresses}");
    }
}

#[test]
fn an_open_incident_end_never_blocks() {
    let hold = json!({"hold": {"what": ["collections"], "from": "incident_start", "until": {"after": "incident_end", "days": 90}}, "id": "h"});
    let program = policy(
        "p",
        &json!({"rules": [{"id": "r", "when": {"fact": "incident_end", "at_least": "2024-05-01"}, "benefits": [hold]}]}),
    );
    let mut world = World::new(vec![program], with_fee());
    world.declarations[0].incident.end = None;
    let decision = world.decide();
    assert_eq!(serde_json::to_value(&benefit(&decision, "h").adjustments).unwrap()[0]["until"], Value::Null);
    world.grant(&decision);
    assert_eq!(world.decide().outcome, Outcome::Declined);
    // Once the end is known the hold gets its last day: 31 May and 90 days is 29 August.
    world.declarations[0].incident.end = Some("2024-05-31".parse().unwrap());
    let known = world.decide();
    assert_eq!(serde_json::to_value(&benefit(&known, "h").adjustments).unwrap()[0]["until"], json!("2024-08-29"));
}

#[test]
fn an_awaited_payment_is_waited_for_and_eligibility_keeps_its_day() {
    let rule = json!([{"id": "r",
        "when": {"fact": "account.days_past_due", "at_least": 40},
        "await": {"tests": {"id": "paid", "fact": "account.last_full_payment_on", "within": {"from": "month_start", "until": "month_end"}}, "by": "month_end"},
        "benefits": [{"id": "b", "waive": {"charges": ["late_fee"]}}]}]);
    let mut with_rows = with_fee();
    let plan = rows(4, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    with_rows.schedules.as_mut().unwrap()[0].rows = serde_json::from_value(plan).unwrap();
    let mut world = World::new(vec![policy("p", &json!({ "rules": rule }))], with_rows);
    let first = world.decide();
    let waiting = first.policies[0].awaiting.as_ref().unwrap();
    assert_eq!(
        (waiting.tests.as_slice(), waiting.by.to_string().as_str()),
        (["paid".to_owned()].as_slice(), "2024-05-31")
    );
    assert_eq!(first.totals.amounts.waived.minor(), 0);
    world.history.awaiting.push(Awaiting {
        policy: "p".to_owned(),
        version: 1,
        event: "flood".to_owned(),
        rule: "r".to_owned(),
        decided_on: world.context.today,
    });
    // The payment comes; the rule's own condition would no longer hold, but it keeps its first values.
    let mut paid = world.account.clone();
    paid.as_of = "2024-05-25".parse().unwrap();
    paid.payments = serde_json::from_value(json!([{"id": "p1", "on": "2024-05-24", "amount": "101.00"}])).unwrap();
    let row = &mut paid.schedules.as_mut().unwrap()[0].rows[0];
    row.paid = serde_json::from_value(json!({"principal": "100.00", "interest": "1.00"})).unwrap();
    row.paid_on = Some("2024-05-24".parse().unwrap());
    let unpaid = std::mem::replace(&mut world.account, paid);
    world = world.on("2024-05-25");
    assert_eq!(world.decide().totals.amounts.waived.minor(), 1_000);
    world.account = unpaid;
    world = world.on("2024-06-01");
    let late = world.decide();
    assert_eq!((late.outcome, reasons(&late)), (Outcome::Declined, vec!["await_expired"]));
}
