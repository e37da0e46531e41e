//! Draws on standing orders: what a charge has grown by since, in its window, once. Expected figures are worked out beside them.

use forbear_engine::account::Position;
use forbear_engine::adjustment::Adjustment;
use forbear_engine::benefit::draw::{Draw, draw, orders};
use forbear_engine::history::Grant;
use serde_json::{Value, json};

use crate::scenario::{World, account, one_benefit, rows};

/// Late fees and penalty interest that accrue from 1 May on, whole or in part.
fn order(patch: Value) -> Value {
    let mut waive =
        json!({"charges": ["late_fee", "penalty_interest"], "accrued": {"from": "2024-05-01", "until": "2024-08-31"}});
    for (key, value) in patch.as_object().unwrap() {
        waive[key] = value.clone();
    }
    json!({ "waive": waive })
}

fn fee(id: &str, amount: &str, paid: &str, on: &str) -> Value {
    json!({"id": id, "kind": "late_fee", "amount": amount, "paid": paid, "assessed_on": on})
}

/// 3,650 at 10 % over 365 days: 1.00 a day from 11 May on.
fn penalty(until: &str, amount: &str) -> Value {
    json!({"id": "p", "kind": "penalty_interest", "amount": amount, "paid": "0.00",
           "accrual": {"from": "2024-05-11", "until": until, "basis": "3650.00", "rate": "0.10", "day_count": "ACT/365"}})
}

fn with(as_of: &str, charges: Value) -> forbear_engine::account::Account {
    account(&json!({"as_of": as_of, "charges": charges, "rows": rows(8, &[("100.00", "8.00"), ("100.00", "8.00")])}))
}

/// A grant of 20 May on 10.00 of penalty interest that accrued until then, with its order.
fn granted(patch: Value) -> World {
    let mut world =
        World::new(vec![one_benefit(&order(patch))], with("2024-05-20", json!([penalty("2024-05-20", "10.00")])));
    let decision = world.decide();
    world.grant(&decision);
    world
}

/// Draws on the latest order of a world whose charges have become these.
fn drawn(world: &World, today: &str, charges: Value) -> Draw {
    let (world_account, today) = (with(today, charges), today.parse().unwrap());
    let own = forbear_engine::account::OneSnapshot::of(&world_account).unwrap();
    let position = Position::of(own.snapshot(), today);
    let mut position = position.overlay(own.snapshot(), world.history.own("a")).unwrap();
    let grants: Vec<&Grant> = world.history.grants.iter().collect();
    let found = orders(&grants);
    let [order] = found.as_slice() else { panic!("one order: {found:?}") };
    draw(order, &world.policies[0], &mut position, &grants, today).unwrap()
}

/// Kinds with amounts.
fn amounts(draw: &Draw) -> Vec<(&'static str, i64)> {
    let one = |adjustment: &Adjustment| match adjustment {
        Adjustment::Waiver(relieved) => ("waived", relieved.amount.minor()),
        Adjustment::Refund(relieved) => ("refunded", relieved.amount.minor()),
        Adjustment::Credit { relieved, .. } => ("credited", relieved.amount.minor()),
        other => panic!("{other:?}"),
    };
    draw.adjustments.iter().map(one).collect()
}

#[test]
fn what_has_grown_since_is_drawn_once() {
    let mut world = granted(json!({}));
    // Of 21.00 until 31 May 10.00 were waived: 11.00 more.
    let first = drawn(&world, "2024-05-31", json!([penalty("2024-05-31", "21.00")]));
    assert_eq!(amounts(&first), [("waived", 1_100)]);
    let mut grant = world.history.grants[0].clone();
    grant.grant = "g-drawn".to_owned();
    grant.adjustments = first.adjustments;
    grant.adjustments.push(
        world.history.grants[0]
            .adjustments
            .iter()
            .find(|one| matches!(one, Adjustment::StandingOrder(_)))
            .unwrap()
            .clone(),
    );
    world.history.grants.push(grant);
    // The same charge gives nothing more; what it grew by in June does.
    assert_eq!(drawn(&world, "2024-05-31", json!([penalty("2024-05-31", "21.00")])), Draw::default());
    assert_eq!(amounts(&drawn(&world, "2024-06-02", json!([penalty("2024-06-02", "23.00")]))), [("waived", 200)]);
    // Two fees of June, the earlier first.
    let fees = json!([
        fee("z", "5.00", "0.00", "2024-06-01"),
        penalty("2024-06-02", "23.00"),
        fee("a", "7.00", "0.00", "2024-06-10")
    ]);
    let later = drawn(&world, "2024-06-12", fees);
    let targets: Vec<String> =
        later.adjustments.iter().map(|one| serde_json::to_value(one).unwrap()["target"].to_string()).collect();
    assert_eq!(amounts(&later).iter().map(|(_, amount)| amount).sum::<i64>(), 500 + 200 + 700);
    assert_eq!(targets.len(), 3, "{targets:?}");
}

#[test]
fn shares_windows_and_kinds_bound_what_is_drawn() {
    // What is drawn of charges that came after the grant.
    let cases: [(Value, Value, &[(&str, i64)]); 6] = [
        // Half of 9.01 is 4.505, half-up 4.51.
        (json!({"share": "0.5"}), fee("f", "9.01", "0.00", "2024-06-01"), &[("waived", 451)]),
        (json!({}), fee("f", "9.00", "0.00", "2024-08-31"), &[("waived", 900)]),
        // A day after the window's end, and a kind that the order does not name.
        (json!({}), fee("f", "9.00", "0.00", "2024-09-01"), &[]),
        (json!({"charges": ["penalty_interest"]}), fee("f", "9.00", "0.00", "2024-06-01"), &[]),
        // 4.00 of 9.00 are paid: 5.00 are waived, and 4.00 go back, or stay.
        (json!({"if_paid": "refund"}), fee("f", "9.00", "4.00", "2024-06-01"), &[("waived", 500), ("refunded", 400)]),
        (json!({"if_paid": "leave"}), fee("f", "9.00", "4.00", "2024-06-01"), &[("waived", 500)]),
    ];
    for (patch, charge, expected) in cases {
        let world = granted(patch.clone());
        let draw = drawn(&world, "2024-09-10", json!([penalty("2024-05-20", "10.00"), charge]));
        assert_eq!(amounts(&draw), expected, "{patch} {charge}");
        assert_eq!(draw.reasons, Vec::new());
    }
}

#[test]
fn what_was_paid_comes_back_as_payments_to_come_and_the_rest_in_money() {
    // Rows of 108 and 108 to come; 300 were paid of a fee of 320: 20 waived, 216 credited, 84 refunded.
    let world = granted(json!({"if_paid": "credit_next"}));
    let draw = drawn(
        &world,
        "2024-06-12",
        json!([penalty("2024-05-20", "10.00"), fee("f", "320.00", "300.00", "2024-06-01")]),
    );
    assert_eq!(amounts(&draw), [("waived", 2_000), ("credited", 21_600), ("refunded", 8_400)]);
    // 40 fit into the first row.
    let draw =
        drawn(&world, "2024-06-12", json!([penalty("2024-05-20", "10.00"), fee("f", "40.00", "40.00", "2024-06-01")]));
    assert_eq!(amounts(&draw), [("credited", 4_000)]);
}

#[test]
fn a_cap_is_used_up_by_what_was_given_and_drawn() {
    // Of 25.00 for the account 10.00 are given: 15.00 are left for 12.00 and then 3.00 of 9.00.
    let cap = json!({"cap": {"amount": "25.00", "currency": "CNY", "per": "account"}});
    let mut world = granted(cap);
    let charges = || {
        json!([
            penalty("2024-05-20", "10.00"),
            fee("f", "12.00", "0.00", "2024-06-01"),
            fee("g", "9.00", "0.00", "2024-06-05")
        ])
    };
    let draw = drawn(&world, "2024-06-12", charges());
    assert_eq!(amounts(&draw).iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), [1_200, 300]);
    let mut grant = world.history.grants[0].clone();
    grant.grant = "g-drawn".to_owned();
    grant.adjustments = draw.adjustments;
    world.history.grants.push(grant);
    assert_eq!(drawn(&world, "2024-06-12", charges()).adjustments, Vec::new(), "nothing is left of it");
}

#[test]
fn what_is_not_reported_is_left_to_a_person() {
    let world = granted(json!({}));
    let unknown = json!([penalty("2024-05-20", "10.00"), {"id": "f", "kind": "late_fee", "amount": "9.00", "assessed_on": "2024-06-01"}]);
    let draw = drawn(&world, "2024-06-12", unknown);
    assert_eq!((draw.adjustments.len(), draw.reasons.len()), (0, 1), "what is paid of it");
}
