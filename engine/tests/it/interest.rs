//! Interest paused or reduced.

use serde_json::{Value, json};

use crate::scenario::{World, account, one_benefit};

/// 100 at 7 % over six months from 1 January 2024, the first instalment paid: Apache Fineract's progressive loan.
fn progressive() -> Value {
    let amounts = [
        ("16.43", "0.58"),
        ("16.52", "0.49"),
        ("16.62", "0.39"),
        ("16.72", "0.29"),
        ("16.81", "0.20"),
        ("16.90", "0.10"),
    ];
    let mut plan = crate::scenario::rows(2, &amounts);
    plan[0]["paid"] = json!({"principal": "16.43", "interest": "0.58"});
    plan
}

fn world(benefit: &Value, rate: &str) -> World {
    let terms = json!({"rate": rate, "disbursed_on": "2024-01-01", "principal": "100.00"});
    let account = account(&json!({"rows": progressive(), "terms": terms, "as_of": "2024-02-05"}));
    let mut world = World::new(vec![one_benefit(benefit)], account).on("2024-02-05");
    world.declarations[0] = serde_json::from_value(json!({
        "declaration": "flood", "event": "flood", "kind": "flood", "title": {"zh-CN": "洪水", "en": "Flood"},
        "declared_on": "2024-02-01", "incident": {"start": "2024-02-01"}, "areas": [{"region": "CN-410100"}]
    }))
    .unwrap();
    world
}

#[test]
fn a_pause_keeps_the_instalment_and_the_last_one_absorbs_it() {
    let pause = json!({"pause_interest": {"from": "2024-02-10", "until": "2024-03-10"}});
    let world = world(&pause, "0.07");
    let decision = world.decide();
    let after = world.rows_after(&decision);
    let principal: Vec<&str> = after.iter().map(|row| row.1.as_str()).collect();
    let interest: Vec<&str> = after.iter().map(|row| row.2.as_str()).collect();
    assert_eq!(principal, ["16.43", "16.88", "16.73", "16.72", "16.82", "16.42"]);
    assert_eq!(interest, ["0.58", "0.13", "0.28", "0.29", "0.19", "0.10"]);
    // 2.05 − 1.57.
    assert_eq!(decision.totals.amounts.forgone_interest.minor(), 48);
    assert_eq!(decision.before.principal, decision.after.principal);
    assert!(decision.totals.present_value_loss.unwrap().minor() > 0);
}

#[test]
fn a_reduction_to_the_contract_rate_or_a_zero_rate_changes_nothing() {
    let to = |rate: &str| json!({"reduce_rate": {"from": "2024-02-01", "until": "2024-12-31", "to": rate}});
    assert!(world(&to("0.07"), "0.07").decide().totals.amounts.forgone_interest.minor() == 0);
    assert!(world(&to("0"), "0").decide().totals.amounts.forgone_interest.minor() == 0);
    // At half the rate from the second period on, about half of 1.47 is saved.
    let saved = world(&to("0.035"), "0.07").decide().totals.amounts.forgone_interest.minor();
    assert!((73..=75).contains(&saved), "{saved}");
}

#[test]
fn a_schedule_that_the_terms_do_not_make_is_reduced_by_days() {
    // The rate is said to be 8 %, the rows were made at 7 %: the period to 1 March has 29 days, 21 of them paused,
    // 0.49 × 21/29 = 0.3548 → 0.35; the next 31 days, 10 paused (to the 11th): 0.39 × 10/31 = 0.1258 → 0.13.
    let pause = json!({"pause_interest": {"from": "2024-02-10", "until": "2024-03-11"}});
    let world = world(&pause, "0.08");
    let decision = world.decide();
    let after = world.rows_after(&decision);
    let interest: Vec<&str> = after.iter().map(|row| row.2.as_str()).collect();
    assert_eq!(interest, ["0.58", "0.14", "0.26", "0.29", "0.20", "0.10"]);
    assert!(after.iter().zip(["16.43", "16.52", "16.62", "16.72", "16.81", "16.90"]).all(|(row, own)| row.1 == own));
}

#[test]
fn principal_that_was_paid_ahead_stays_where_it_was_paid() {
    // The last row's principal is paid; derived anew it would be 16.42. So each period's interest is cut by its days
    // inside: 21 of the 29 to 1 March, 0.49 − 0.35; 9 of the 31 to 1 April, 0.39 − 0.11.
    let mut world = world(&json!({"pause_interest": {"from": "2024-02-10", "until": "2024-03-10"}}), "0.07");
    let mut rows = progressive();
    rows[5]["paid"] = json!({"principal": "16.90"});
    world.account = account(&json!({
        "rows": rows, "as_of": "2024-02-05",
        "terms": {"rate": "0.07", "disbursed_on": "2024-01-01", "principal": "100.00"}
    }));
    let after = world.rows_after(&world.decide());
    let principal: Vec<&str> = after.iter().map(|row| row.1.as_str()).collect();
    let interest: Vec<&str> = after.iter().map(|row| row.2.as_str()).collect();
    assert_eq!(principal, ["16.43", "16.52", "16.62", "16.72", "16.81", "16.90"]);
    assert_eq!(interest, ["0.58", "0.14", "0.28", "0.29", "0.20", "0.10"]);
}
