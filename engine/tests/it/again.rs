//! Deciding again with earlier relief in history: what lost stays lost, and what relief put on a row is not relieved.

use forbear_engine::decide::Outcome;
use serde_json::json;

use crate::scenario::{World, account, benefit, granted, one_benefit, policy, rows};

fn capped(slug: &str) -> forbear_engine::policy::Program {
    let waive = json!({"charges": ["late_fee"], "cap": {"amount": "100.00", "currency": "CNY", "per": "account"}});
    policy(slug, &json!({"rules": [{"id": "r", "benefits": [{"id": slug, "waive": waive}]}]}))
}

#[test]
fn a_charge_stays_with_the_policy_that_relieved_it_until_something_new_is_asked() {
    // 400 of a late fee; each policy may take 100 of it, and the first by name does.
    let fee = json!({"id": "c", "kind": "late_fee", "amount": "400.00", "paid": "0.00", "assessed_on": "2024-05-03"});
    let mut world = World::new(vec![capped("a"), capped("b")], account(&json!({ "charges": [fee] })));
    let first = world.decide();
    assert_eq!(first.totals.amounts.waived.minor(), 10_000);
    world.grant(&first);
    for today in ["2024-05-20", "2024-05-27"] {
        world.context.today = today.parse().unwrap();
        let again = world.decide();
        assert!(granted(&again).is_empty(), "{today}");
        let lost = serde_json::to_value(&benefit(&again, "b").reasons).unwrap();
        assert_eq!(lost, json!([{"reason": "lost_to", "other": "a"}]));
    }
    // A new request is decided anew: the other policy's 100.
    assert_eq!(world.on("2024-05-28").decide().totals.amounts.waived.minor(), 10_000);
}

#[test]
fn an_amendment_since_lets_another_policy_add_to_a_charge() {
    let fee = json!({"id": "c", "kind": "late_fee", "amount": "400.00", "paid": "0.00", "assessed_on": "2024-05-03"});
    let mut world = World::new(vec![capped("a"), capped("b")], account(&json!({ "charges": [fee] })));
    let first = world.decide();
    world.grant(&first);
    world.context.today = "2024-05-27".parse().unwrap();
    world.declarations[0].amendments = serde_json::from_value(json!([{"number": 1, "on": "2024-05-25"}])).unwrap();
    assert_eq!(world.decide().totals.amounts.waived.minor(), 10_000);
}

#[test]
fn interest_on_top_is_not_waived() {
    // 8.00 of interest, half of it waived; the rest moves by a month with 1 % of 100 on top: 4.00 + 1.00.
    let waive = json!({"interest": {"which": "due_in", "due": {"from": "2024-06-01"}}, "share": "0.5"});
    let defer = json!({"which": "due_in", "due": {"from": "2024-06-01"}, "to": "later_date",
                       "date": {"after": "due", "months": 1}, "interest_on_top": "accrue", "arrears": "cure"});
    let rule = json!({"id": "r", "benefits": [{"id": "half", "waive": waive}, {"id": "later", "defer": defer}]});
    let plan = json!({"rows": rows(6, &[("100.00", "8.00")])});
    let mut world = World::new(vec![policy("p", &json!({ "rules": [rule] }))], account(&plan));
    let first = world.decide();
    assert_eq!(world.rows_after(&first), [("2024-07-01".to_owned(), "100.00".to_owned(), "5.00".to_owned())]);
    world.grant(&first);
    assert!(granted(&world.decide()).is_empty());
    // Nor on another day: half of the 8.00 was given, and the 1.00 is the price of the month.
    assert!(granted(&world.on("2024-05-28").decide()).is_empty());
}

#[test]
fn offers_stay_open_though_a_waiver_of_the_same_decision_counts() {
    let defer = |to: &str| {
        json!({"which": "due_in", "due": {"from": "2024-06-01"}, "instalments": 1, "to": to,
               "interest_on_top": "none", "arrears": "cure"})
    };
    let once = json!([{"count": 1, "per": "account", "scope": "event"}]);
    let waive = json!({"id": "fees", "waive": {"charges": ["late_fee"]}});
    let rule = json!({"id": "r", "benefits": [waive, {"id": "later", "defer": defer("maturity")}]});
    let a = policy("a", &json!({"limits": once, "rules": [rule]}));
    let b = policy("b", &json!({"rules": [{"id": "r", "benefits": [{"id": "move", "defer": defer("end_of_term")}]}]}));
    let fee = json!({"id": "c", "kind": "late_fee", "amount": "10.00", "paid": "0.00", "assessed_on": "2024-05-03"});
    let plan = json!({"rows": rows(6, &[("100.00", "1.00"), ("100.00", "1.00")]), "charges": [fee]});
    let mut world = World::new(vec![a, b], account(&plan));
    let offers = |world: &World| world.decide().offers.iter().map(|one| one.offer.clone()).collect::<Vec<_>>();
    let first = world.decide();
    assert_eq!((first.totals.amounts.waived.minor(), offers(&world).len()), (1_000, 2));
    world.grant(&first);
    // The waiver is the one decision that the limit allows; its offer belongs to it.
    assert!(granted(&world.decide()).is_empty());
    assert_eq!(offers(&world).len(), 2);
    world.request.as_mut().unwrap().accepts = Some("a/later".to_owned());
    assert_eq!(benefit(&world.decide(), "later").outcome, Outcome::Granted);
    // Another request would be another decision.
    let other = world.on("2024-05-28").decide();
    assert_eq!(serde_json::to_value(&benefit(&other, "later").reasons).unwrap()[0]["reason"], "limit");
}

#[test]
fn a_hold_that_goes_on_opens_no_deferral_that_the_limit_refused() {
    // One decision is allowed. On 20 May, 40 days reach i1 of 1 June; on 28 May they reach i2 of 1 July too.
    let soon = json!({"after": "decided_on", "days": 40});
    let hold = json!({"id": "calm", "hold": {"what": ["collections"], "from": "incident_start", "until": soon}});
    let defer = json!({"id": "later", "defer": {"which": "due_in", "due": {"from": "2024-06-01", "until": soon},
                       "to": "maturity", "interest_on_top": "none", "arrears": "cure"}});
    let once = json!([{"count": 1, "per": "account", "scope": "event"}]);
    let program = policy("p", &json!({"limits": once, "rules": [{"id": "r", "benefits": [hold, defer]}]}));
    let three = [("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")];
    let mut world = World::new(vec![program], account(&json!({"rows": rows(6, &three)})));
    let first = world.decide();
    assert_eq!(first.totals.amounts.deferred.minor(), 10_100);
    world.grant(&first);
    let mut world = world.on("2024-05-28");
    let second = world.decide();
    // The hold of the first decision goes on; a deferral would be another decision.
    assert_eq!(benefit(&second, "calm").outcome, Outcome::Granted);
    assert_eq!(serde_json::to_value(&benefit(&second, "later").reasons).unwrap()[0]["reason"], "limit");
    world.grant(&second);
    assert!(granted(&world.decide()).is_empty());
}

#[test]
fn a_pause_counts_the_days_of_the_periods_as_they_were_agreed() {
    // i1 moves to maturity. i2 accrues from 1 June, whatever became of i1: a pause in May gives nothing of it.
    let defer = json!({"defer": {"which": "due_in", "due": {"from": "2024-06-01", "until": "2024-06-01"}, "to": "maturity",
                                 "interest_on_top": "none", "arrears": "cure"}});
    let plan = json!({"rows": rows(6, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]),
                      "terms": {"disbursed_on": "2024-05-01"}});
    let mut world = World::new(vec![one_benefit(&defer)], account(&plan));
    let first = world.decide();
    world.grant(&first);
    let pause = |from: &str, until: &str| json!({"pause_interest": {"from": from, "until": until}});
    world.policies = vec![one_benefit(&pause("2024-05-21", "2024-05-31"))];
    assert!(granted(&world.decide()).is_empty());
    // 15 of the 30 days to 1 July: half of the 1.00.
    world.policies = vec![one_benefit(&pause("2024-06-02", "2024-06-16"))];
    assert_eq!(world.decide().totals.amounts.forgone_interest.minor(), 50);
}

#[test]
fn an_open_hold_ends_once() {
    let hold = json!({"hold": {"what": ["collections"], "from": "incident_start", "until": "incident_end",
                               "review_by": "2024-07-01"}});
    let mut world = World::new(vec![one_benefit(&hold)], account(&json!({})));
    world.declarations[0].incident.end = None;
    for (end, given) in [(None, 1), (None, 0), (Some("2024-06-30"), 1), (Some("2024-06-30"), 0)] {
        world.declarations[0].incident.end = end.map(|end| end.parse().unwrap());
        let decision = world.decide();
        assert_eq!(granted(&decision).len(), given, "{end:?}");
        world.grant(&decision);
    }
}

#[test]
fn a_hold_until_the_end_of_relief_keeps_the_end_that_it_was_given() {
    // i1 moves from 1 June to 1 July: relief ends on 30 June.
    let defer = json!({"which": "due_in", "due": {"from": "2024-06-01"}, "to": "later_date",
                       "date": {"after": "due", "months": 1}, "interest_on_top": "none", "arrears": "cure"});
    let hold = json!({"what": ["collections"], "from": "incident_start",
                      "until": {"earlier_of": ["relief_end", "2024-12-31"]}});
    let rule = json!({"id": "r", "benefits": [{"id": "later", "defer": defer}, {"id": "calm", "hold": hold}]});
    let plan = json!({"rows": rows(6, &[("100.00", "1.00")])});
    let mut world = World::new(vec![policy("p", &json!({ "rules": [rule] }))], account(&plan));
    let first = world.decide();
    let held = serde_json::to_value(&benefit(&first, "calm").adjustments).unwrap();
    assert_eq!(held[0]["until"], "2024-06-30");
    world.grant(&first);
    assert!(granted(&world.decide()).is_empty());
}

#[test]
fn interest_on_top_that_a_credit_paid_is_not_relieved() {
    // 8.00 of interest is paid; a month's deferral puts 1 % of 100 on top.
    let defer = json!({"which": "due_in", "due": {"from": "2024-06-01"}, "to": "later_date",
                       "date": {"after": "due", "months": 1}, "interest_on_top": "accrue", "arrears": "cure"});
    let defer = policy("a", &json!({"rules": [{"id": "r", "benefits": [{"id": "later", "defer": defer}]}]}));
    let mut plan = json!({"rows": rows(6, &[("100.00", "8.00")])});
    plan["rows"][0]["paid"] = json!({"interest": "8.00"});
    let mut world = World::new(vec![defer], account(&plan));
    let first = world.decide();
    assert_eq!(first.totals.amounts.added_interest.minor(), 100);
    world.grant(&first);
    // Half of the 8.00 comes back as payments to come: the 1.00 on top, and 3.00 of principal.
    let waive = json!({"interest": {"which": "due_in", "due": {"from": "2024-06-01"}}, "share": "0.5",
                       "if_paid": "credit_next"});
    world.policies.push(policy("b", &json!({"rules": [{"id": "r", "benefits": [{"id": "half", "waive": waive}]}]})));
    let mut world = world.on("2024-05-28");
    let second = world.decide();
    let credited = serde_json::to_value(&benefit(&second, "half").adjustments).unwrap();
    assert_eq!(credited[0]["relieved"]["amount"]["amount"], "4.00");
    assert_eq!(credited[0]["to"][0]["paid"]["interest"], "1.00");
    assert_eq!(credited[0]["to"][0]["paid"]["principal"], "3.00");
    world.grant(&second);
    assert!(granted(&world.decide()).is_empty());
}

#[test]
fn interest_that_moved_away_makes_no_room_for_interest_on_top() {
    // 8.00 of interest moves from i1 to a balance at the end; later a month's deferral puts 1 % of 100 on i1.
    let june = json!({"from": "2024-06-01", "until": "2024-06-01"});
    let away = json!({"which": "due_in", "due": june, "parts": ["interest"], "to": "maturity",
                      "interest_on_top": "none", "arrears": "cure"});
    let on_top = json!({"which": "due_in", "due": june, "to": "later_date", "date": {"after": "due", "months": 1},
                        "interest_on_top": "accrue", "arrears": "cure"});
    let waive = json!({"interest": {"which": "due_in", "due": june}, "share": "1"});
    let one = |slug: &str, event: &str, benefit: serde_json::Value| {
        let rule = json!({"id": "r", "benefits": [crate::scenario::with_id(slug, &benefit)]});
        policy(slug, &json!({"disaster": {"events": [event]}, "rules": [rule]}))
    };
    let plan = json!({"rows": rows(6, &[("100.00", "8.00"), ("100.00", "1.00")])});
    let mut world = World::new(vec![one("a", "flood", json!({ "defer": away }))], account(&plan));
    let mut quake = crate::scenario::flood();
    quake.declaration = "quake".to_owned();
    quake.event = "quake".to_owned();
    world.declarations.push(quake);
    let first = world.decide();
    assert_eq!(first.totals.amounts.deferred.minor(), 800);
    world.grant(&first);
    world.policies = vec![one("b", "quake", json!({ "defer": on_top }))];
    let mut world = world.on("2024-05-24");
    let second = world.decide();
    assert_eq!(second.totals.amounts.added_interest.minor(), 100);
    world.grant(&second);
    // All that i1 owes of interest is the price of the month.
    world.policies = vec![one("c", "flood", json!({ "waive": waive }))];
    assert!(granted(&world.decide()).is_empty());
}

#[test]
fn an_instalment_that_relief_left_with_nothing_keeps_its_place() {
    // The first two are chosen: i1, of which interest moves, and i2, of which a cent of principal is left: its
    // interest is paid, and is more than a month of the schedule derived anew comes to.
    let defer = json!({"which": "due_in", "due": {"from": "2024-06-01"}, "instalments": 2,
                       "parts": ["interest", "fees"], "to": "end_of_term", "interest_on_top": "capitalise", "arrears": "run"});
    let mut plan = json!({"rows": rows(6, &[("100.00", "1.00"), ("0.01", "3.00"), ("100.00", "1.00"), ("100.00", "1.00")]),
                          "terms": {"method": "interest_only", "principal": "300.01", "disbursed_on": "2024-05-01"}});
    plan["rows"][1]["paid"] = json!({"interest": "3.00"});
    plan["rows"][2]["fees"] = json!("3.00");
    let mut world = World::new(vec![one_benefit(&json!({ "defer": defer }))], account(&plan));
    let first = world.decide();
    let change = serde_json::to_value(&benefit(&first, "b").adjustments).unwrap();
    assert_eq!(change[0]["chosen"], json!(["i1"]));
    world.grant(&first);
    // i2 owes nothing now, and i3 does not move up into its place.
    assert!(granted(&world.decide()).is_empty());
}
