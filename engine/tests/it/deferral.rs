//! Deferrals and suspensions. Expected figures are worked out beside them.

use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::Outcome;
use serde_json::{Value, json};

use crate::scenario::{World, account, benefit, granted, one_benefit, policy, reasons, rows, with_id};

fn defer(patch: Value) -> Value {
    let mut defer = json!({
        "which": "due_in", "due": {"from": "2024-06-01"}, "to": "end_of_term", "interest_on_top": "none", "arrears": "cure"
    });
    for (key, value) in patch.as_object().unwrap() {
        defer[key] = value.clone();
    }
    json!({ "defer": defer })
}

fn lines(after: &[(String, String, String)]) -> Vec<String> {
    after.iter().map(|(due, principal, interest)| format!("{due} {principal}+{interest}")).collect()
}

#[test]
fn end_of_term_moves_the_chosen_rows_and_all_later_ones() {
    // The next payment is 120, one period later; the last comes one period later.
    let plan = rows(6, &[("120.00", "0.00"), ("110.00", "0.00"), ("100.00", "0.00")]);
    let world = World::new(vec![one_benefit(&defer(json!({"instalments": 1})))], account(&json!({ "rows": plan })));
    let decision = world.decide();
    let after = lines(&world.rows_after(&decision));
    assert_eq!(after, ["2024-07-01 120.00+0.00", "2024-08-01 110.00+0.00", "2024-09-01 100.00+0.00"]);
    assert_eq!(decision.totals.amounts.deferred.minor(), 12_000);
    assert_eq!(decision.after.next_due_on.unwrap().to_string(), "2024-07-01");
}

#[test]
fn interest_on_top_runs_on_every_row_that_moves() {
    // 12 rows of 100 at 1 % a month, 3 deferred: each moves 3 months, 100 × 3 × 1 % = 3.00, 12 × 3.00 = 36.00.
    let plan = rows(6, &[("100.00", "0.00"); 12]);
    let program = one_benefit(&defer(json!({"instalments": {"up_to": 3}, "interest_on_top": "accrue"})));
    let world = World::new(vec![program], account(&json!({ "rows": plan })));
    let decision = world.decide();
    assert_eq!(decision.totals.amounts.added_interest.minor(), 3_600);
    let after = world.rows_after(&decision);
    assert_eq!(after.first().unwrap().0, "2024-09-01");
    assert!(after.iter().all(|row| row.1 == "100.00" && row.2 == "3.00"));
    assert_eq!(decision.before.principal, decision.after.principal);
}

#[test]
fn capitalised_interest_joins_the_principal_and_nothing_else_changes_it() {
    let plan = rows(6, &[("100.00", "0.00"); 12]);
    let program = one_benefit(&defer(json!({"instalments": {"up_to": 3}, "interest_on_top": "capitalise"})));
    let world = World::new(vec![program], account(&json!({ "rows": plan })));
    let decision = world.decide();
    assert_eq!(decision.totals.amounts.capitalised.minor(), 3_600);
    assert_eq!(decision.after.principal.minor(), 120_000 + 3_600);
    // 1,236 over 12 months at 1 % is 109.82 a month: 1236 × 0.01 / (1 − 1.01⁻¹²) = 109.8168…
    let (_, principal, interest) = world.rows_after(&decision).first().cloned().unwrap();
    let first =
        principal.parse::<rust_decimal::Decimal>().unwrap() + interest.parse::<rust_decimal::Decimal>().unwrap();
    assert_eq!(first.to_string(), "109.82");
    assert_eq!(interest, "12.36");
}

#[test]
fn only_what_is_unpaid_moves() {
    // 40 of the first row are paid; 68 of 108 move, the 40 stay where they were.
    let mut plan = rows(6, &[("100.00", "8.00"), ("100.00", "7.00")]);
    plan[0]["paid"] = json!({"principal": "32.00", "interest": "8.00"});
    let world = World::new(vec![one_benefit(&defer(json!({"instalments": 1})))], account(&json!({ "rows": plan })));
    let decision = world.decide();
    let after = lines(&world.rows_after(&decision));
    assert_eq!(after, ["2024-06-01 32.00+8.00", "2024-07-01 68.00+0.00", "2024-08-01 100.00+7.00"]);
    assert_eq!(decision.totals.amounts.deferred.minor(), 6_800);
}

#[test]
fn parts_and_destinations() {
    let plan = || rows(6, &[("100.00", "3.00"), ("100.00", "2.00"), ("100.00", "1.00")]);
    let cases: [(Value, &[&str]); 6] = [
        // The principal of the first row waits for the end; its interest is paid as before.
        (
            json!({"instalments": 1, "parts": ["principal"], "to": "maturity"}),
            &["2024-06-01 0.00+3.00", "2024-07-01 100.00+2.00", "2024-08-01 100.00+0.00", "2024-08-01 100.00+1.00"],
        ),
        (json!({"instalments": 1, "to": "next_due"}), &["2024-07-01 200.00+5.00", "2024-08-01 100.00+1.00"]),
        (
            json!({"instalments": 1, "to": "later_date", "date": {"after": "due", "days": 14}}),
            &["2024-06-15 100.00+3.00", "2024-07-01 100.00+2.00", "2024-08-01 100.00+1.00"],
        ),
        // 1 % a month on 100 for two months is 2.00.
        (
            json!({"instalments": 1, "to": "maturity", "interest_on_top": "accrue"}),
            &["2024-07-01 100.00+2.00", "2024-08-01 100.00+5.00", "2024-08-01 100.00+1.00"],
        ),
        // 300 and 6 over five rows: 60 and 1.20 each.
        (
            json!({"to": "spread", "extra_terms": 2}),
            &[
                "2024-06-01 60.00+1.20",
                "2024-07-01 60.00+1.20",
                "2024-08-01 60.00+1.20",
                "2024-09-01 60.00+1.20",
                "2024-10-01 60.00+1.20",
            ],
        ),
        // At most 150: all of the first row (103), then 47 of the second row's principal.
        (
            json!({"to": "maturity", "cap": {"amount": "150.00", "currency": "CNY", "per": "account"}}),
            &["2024-07-01 53.00+2.00", "2024-08-01 147.00+3.00", "2024-08-01 100.00+1.00"],
        ),
    ];
    for (patch, expected) in cases {
        let world = World::new(vec![one_benefit(&defer(patch.clone()))], account(&json!({ "rows": plan() })));
        let decision = world.decide();
        let mut after = lines(&world.rows_after(&decision));
        after.sort();
        let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        expected.sort();
        assert_eq!(after, expected, "{patch}");
    }
}

#[test]
fn a_flat_loan_at_zero_rate_is_spread_over_two_more_terms() {
    // 3,000 over 3 months at 0 %, rescheduled from the second instalment with two more: 1000, 500, 500, 500, 500.
    let mut plan = rows(5, &[("1000.00", "0.00"), ("1000.00", "0.00"), ("1000.00", "0.00")]);
    plan[0]["paid"] = json!({"principal": "1000.00"});
    for on_top in ["none", "accrue", "capitalise"] {
        let program = one_benefit(&defer(json!({"to": "spread", "extra_terms": 2, "interest_on_top": on_top})));
        let terms = json!({"rate": "0", "method": "flat"});
        let world = World::new(vec![program], account(&json!({ "rows": plan.clone(), "terms": terms })));
        let decision = world.decide();
        let after: Vec<String> = world.rows_after(&decision).into_iter().map(|row| row.1).collect();
        assert_eq!(after, ["1000.00", "500.00", "500.00", "500.00", "500.00"], "{on_top}");
    }
}

#[test]
fn overdue_rows_move_and_arrears_are_cured_or_kept() {
    // Due 1 April and 1 May, decided 20 May: 49 days past due. Two rows on: 1 June and 1 July.
    let plan = || rows(4, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    for (arrears, after_days) in [("cure", 0), ("freeze", 49), ("run", 49)] {
        let program = one_benefit(&defer(json!({"which": "overdue", "arrears": arrears, "due": null})));
        let world = World::new(vec![program], account(&json!({ "rows": plan() })));
        let decision = world.decide();
        assert_eq!(decision.before.days_past_due, Some(49));
        assert_eq!(decision.after.days_past_due, Some(after_days), "{arrears}");
        let due: Vec<String> = world.rows_after(&decision).into_iter().map(|row| row.0).collect();
        assert_eq!(due, ["2024-06-01", "2024-07-01", "2024-08-01"]);
    }
}

#[test]
fn month_ends_find_back_to_the_loans_own_day() {
    let row =
        |id: &str, due: &str| json!({"id": id, "due_on": due, "principal": "10.00", "interest": "0.00", "paid": {}});
    let plan = json!([row("a", "2024-11-30"), row("b", "2024-12-31"), row("c", "2025-01-31"), row("d", "2025-02-28")]);
    let world = World::new(vec![one_benefit(&defer(json!({"instalments": 1})))], account(&json!({ "rows": plan })));
    let due: Vec<String> = world.rows_after(&world.decide()).into_iter().map(|row| row.0).collect();
    assert_eq!(due, ["2024-12-31", "2025-01-31", "2025-02-28", "2025-03-31"]);
}

#[test]
fn no_date_comes_before_the_incident_because_of_relief() {
    let mut plan = rows(1, &[("100.00", "1.00"), ("100.00", "1.00")]);
    plan[0]["due_on"] = json!("2023-01-01");
    plan[1]["due_on"] = json!("2024-06-01");
    let program = one_benefit(&defer(json!({"which": "overdue", "due": null})));
    let world = World::new(vec![program], account(&json!({ "rows": plan })));
    let due: Vec<String> = world.rows_after(&world.decide()).into_iter().map(|row| row.0).collect();
    assert_eq!(due, ["2024-05-01", "2024-07-01"]);
}

#[test]
fn a_second_decision_adds_only_what_the_first_did_not_give() {
    let plan = rows(6, &[("100.00", "0.00"); 6]);
    let two = one_benefit(&defer(json!({"instalments": {"up_to": 2}})));
    let four = one_benefit(&defer(json!({"instalments": {"up_to": 4}})));
    let mut world = World::new(vec![two], account(&json!({ "rows": plan.clone() })));
    let first = world.decide();
    world.grant(&first);
    let again = world.decide();
    assert_eq!((again.outcome, reasons(&again)), (Outcome::Declined, vec!["nothing_to_relieve"]));
    // Four instead of two: two more, and the plan is the one that four at once would have given.
    world.policies = vec![four.clone()];
    let more = world.decide();
    assert_eq!(more.totals.amounts.deferred.minor(), 20_000);
    let after = world.rows_after(&more);
    let at_once = World::new(vec![four], account(&json!({ "rows": plan })));
    assert_eq!(after, at_once.rows_after(&at_once.decide()));
}

#[test]
fn limits_on_instalments_cut_and_then_decline() {
    let limits =
        json!([{"deferred_instalments": {"at_most": 3}, "per": "account", "scope": "any", "window": {"months": 12}}]);
    let rules = json!([{"id": "r", "benefits": [with_id("b", &defer(json!({"instalments": {"up_to": 5}})))]}]);
    let program = policy("p", &json!({"limits": limits, "rules": rules}));
    let mut world = World::new(vec![program], account(&json!({"rows": rows(6, &[("100.00", "0.00"); 8])})));
    let first = world.decide();
    assert_eq!(first.totals.amounts.deferred.minor(), 30_000);
    world.grant(&first);
    let again = world.decide();
    assert_eq!((again.outcome, reasons(&again)), (Outcome::Declined, vec!["limit"]));
    // Twelve months later the window has moved on.
    let later = world.on("2025-05-20");
    assert_eq!(later.decide().outcome, Outcome::Granted);
}

#[test]
fn a_choice_is_bounded_and_defaults() {
    let choose = json!({"instalments": {"choose": {"from": 1, "up_to": 3, "by": "borrower", "default": 2}}});
    for (choice, deferred) in [(None, 20_000), (Some(1), 10_000), (Some(3), 30_000), (Some(9), 30_000)] {
        let program = one_benefit(&defer(choose.clone()));
        let mut world = World::new(vec![program], account(&json!({"rows": rows(6, &[("100.00", "0.00"); 8])})));
        world.request.as_mut().unwrap().choices.extend(choice.map(|count| ("b".to_owned(), count)));
        assert_eq!(world.decide().totals.amounts.deferred.minor(), deferred, "{choice:?}");
    }
}

fn suspend(patch: Value) -> Value {
    let mut suspend = json!({
        "from": "decided_on", "for": {"days": 30}, "interest_on_top": "none", "arrears": "freeze", "then": "due_at_end",
        "renew": {"step": {"days": 30}, "total": {"days": 75}}
    });
    for (key, value) in patch.as_object().unwrap() {
        suspend[key] = value.clone();
    }
    json!({ "suspend": suspend })
}

#[test]
fn a_suspension_is_renewed_on_request_up_to_its_total() {
    // 30 days from 20 May end on 18 June; the next 30 on 18 July; then 15 are left of 75, to 2 August.
    let plan = rows(6, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    let mut world = World::new(vec![one_benefit(&suspend(json!({})))], account(&json!({ "rows": plan })));
    let mut ends = Vec::new();
    for day in ["2024-05-20", "2024-06-10", "2024-07-10", "2024-08-01"] {
        world = world.on(day);
        let decision = world.decide();
        ends.push(granted(&decision).iter().find_map(|one| match one {
            Adjustment::Suspension(suspension) => Some(suspension.until.to_string()),
            _ => None,
        }));
        world.grant(&decision);
        let again = world.decide();
        assert_eq!(again.outcome, Outcome::Declined, "{day}");
    }
    let expected = ["2024-06-18", "2024-07-18", "2024-08-02"];
    assert_eq!(ends.iter().flatten().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert_eq!(ends.len(), 4);
}

#[test]
fn what_falls_due_in_a_suspension_is_due_the_day_after() {
    // The row of 1 June is paid on 19 June; 100 at 1 % a month for 18 of June's 30 days is 0.60.
    let plan = rows(6, &[("100.00", "1.00"), ("100.00", "1.00")]);
    let program = one_benefit(&suspend(json!({"interest_on_top": "accrue"})));
    let world = World::new(vec![program], account(&json!({ "rows": plan })));
    let decision = world.decide();
    assert_eq!(decision.after.next_due_on.unwrap().to_string(), "2024-06-19");
    assert_eq!(decision.totals.amounts.added_interest.minor(), 60);
    assert_eq!(world.rows_after(&decision)[0].0, "2024-06-01");
}

#[test]
fn alternatives_become_offers_and_the_cheapest_comes_first() {
    let dear = with_id("dear", &defer(json!({"instalments": 1, "interest_on_top": "accrue"})));
    let free = with_id("free", &defer(json!({"instalments": 1})));
    let rest = with_id("rest", &suspend(json!({})));
    let program = policy("p", &json!({"rules": [{"id": "r", "benefits": [dear, free, rest]}]}));
    let plan = rows(6, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    let mut world = World::new(vec![program], account(&json!({ "rows": plan })));
    let decision = world.decide();
    let offers: Vec<&str> = decision.offers.iter().map(|offer| offer.offer.as_str()).collect();
    // Both cost nothing: the suspension's first payment is on 19 June, the deferral's on 1 July.
    assert_eq!(offers, ["p/rest", "p/free", "p/dear"]);
    assert!(granted(&decision).is_empty());
    world.request.as_mut().unwrap().accepts = Some("p/free".to_owned());
    let taken = world.decide();
    assert!(taken.offers.is_empty());
    assert_eq!(benefit(&taken, "free").outcome, Outcome::Granted);
    assert_eq!(benefit(&taken, "rest").outcome, Outcome::Declined);
}

#[test]
fn a_suspension_keeps_the_deferral_that_it_promised() {
    // 30 days from 20 May; the row of 1 June falls inside. Afterwards it moves to the end, though the rule asks for a
    // day in May and the policy has expired.
    let then = with_id(
        "then",
        &defer(json!({"due": {"from": "2024-05-20", "until": "2024-06-18"}, "which": ["due_in", "overdue"]})),
    );
    let rest = with_id("rest", &suspend(json!({"then": "then", "renew": null})));
    let when = json!({"fact": "decided_on", "below": "2024-06-01"});
    let program = policy(
        "p",
        &json!({
            "effective": {"from": "2024-01-01", "until": "2024-06-10"},
            "rules": [{"id": "r", "when": when, "benefits": [rest, then]}]
        }),
    );
    let plan = rows(6, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    let mut world = World::new(vec![program], account(&json!({ "rows": plan })));
    let first = world.decide();
    assert_eq!(benefit(&first, "rest").outcome, Outcome::Granted);
    assert_eq!(reasons_of(&first, "then"), ["after_suspension"]);
    world.grant(&first);
    world = world.on("2024-06-19");
    world.account.as_of = world.context.today;
    let after = world.decide();
    assert_eq!(benefit(&after, "then").outcome, Outcome::Granted);
    assert!(after.policies[0].benefits.iter().all(|one| one.benefit == "then"));
    assert_eq!(
        lines(&world.rows_after(&after)),
        ["2024-07-01 100.00+1.00", "2024-08-01 100.00+1.00", "2024-09-01 100.00+1.00"]
    );
    world.grant(&after);
    assert!(world.decide().policies.iter().all(|claim| claim.outcome == Outcome::Declined));
}

fn reasons_of(decision: &forbear_engine::decide::Decision, id: &str) -> Vec<&'static str> {
    benefit(decision, id).reasons.iter().map(forbear_engine::reason::Reason::code).collect()
}

#[test]
fn a_row_derived_anew_does_not_charge_waived_or_paid_interest_again() {
    // Three rows of 100 at 1 % a month, the first deferred by one month and capitalised: 3.00 join the principal. 303
    // over three months is 103.02 (303 × 0.01 / (1 − 1.01⁻³) = 103.0267…→ 103.03), first interest 3.03; what was
    // waived (3.00) or paid (2.00) of the first row's interest comes off it.
    let capitalise = with_id("d", &defer(json!({"instalments": 1, "interest_on_top": "capitalise"})));
    let waive = json!({"id": "w", "waive": {"interest": {"which": "due_in", "due": {"until": "2024-06-30"}}}});
    let mut part_paid = rows(6, &[("100.00", "3.00"), ("100.00", "2.00"), ("100.00", "1.00")]);
    part_paid[0]["paid"] = json!({"interest": "2.00"});
    let plain = rows(6, &[("100.00", "3.00"), ("100.00", "2.00"), ("100.00", "1.00")]);
    for (benefits, plan, interest) in [
        (json!([capitalise.clone()]), plain.clone(), "3.03"),
        (json!([waive, capitalise.clone()]), plain, "0.03"),
        (json!([capitalise]), part_paid, "1.03"),
    ] {
        let program = policy("p", &json!({"rules": [{"id": "r", "benefits": benefits}]}));
        let world = World::new(vec![program], account(&json!({ "rows": plan })));
        let after = world.rows_after(&world.decide());
        let first = after.iter().find(|row| row.0 == "2024-07-01").unwrap();
        assert_eq!(first.2, interest);
    }
}

#[test]
fn frozen_and_running_arrears_keep_their_count_in_later_decisions() {
    // Due 1 April, decided 20 May: 49 days. Moved two rows on to 1 June, so relief ends on 31 May; frozen it stays 49
    // until then and is 0 afterwards on 1 June; running it is 60 on 31 May.
    let plan = || rows(4, &[("100.00", "1.00"), ("100.00", "1.00"), ("100.00", "1.00")]);
    for (arrears, day, days) in [
        ("cure", "2024-05-31", 0),
        ("freeze", "2024-05-31", 49),
        ("freeze", "2024-06-01", 0),
        ("run", "2024-05-31", 60),
    ] {
        let program = one_benefit(&defer(json!({"which": "overdue", "arrears": arrears, "due": null})));
        let test = json!({"eligible": {"fact": "account.days_past_due", "is": days},
                          "rules": [{"id": "r", "benefits": [{"id": "g", "goodwill": {"amount": {"amount": "1.00", "currency": "CNY"}}}]}]});
        let mut world = World::new(vec![program], account(&json!({ "rows": plan() })));
        let first = world.decide();
        world.grant(&first);
        world.policies = vec![policy("q", &test)];
        world = world.on(day);
        assert_eq!(world.decide().outcome, Outcome::Granted, "{arrears} {day}");
    }
}
