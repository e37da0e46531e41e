//! Waivers, refunds and credits. Expected figures are worked out beside them.

use forbear_engine::account::snapshot::Bearer;
use forbear_engine::account::{OneSnapshot, Position};
use forbear_engine::adjustment::{Adjustment, StandingOrder};
use forbear_engine::benefit::draw::estimate;
use forbear_engine::decide::Outcome;
use serde_json::{Value, json};

use crate::scenario::{World, account, benefit, cents, granted, one_benefit, policy, reasons, rows};

fn waive(patch: Value) -> Value {
    let mut waive = json!({"charges": ["late_fee", "penalty_interest"]});
    for (key, value) in patch.as_object().unwrap() {
        waive[key] = value.clone();
    }
    json!({ "waive": waive })
}

fn late_fee(id: &str, amount: &str, paid: &str) -> Value {
    json!({"id": id, "kind": "late_fee", "amount": amount, "paid": paid, "assessed_on": "2024-05-10"})
}

fn with(charges: Value) -> forbear_engine::account::Account {
    account(&json!({"charges": charges, "rows": rows(6, &[("100.00", "8.00"), ("100.00", "8.00")])}))
}

#[test]
fn shares_caps_and_paid_parts() {
    // share, if_paid, charges (amount, paid), waived, refunded
    let cases: [(&str, &str, &[(&str, &str)], &str, &str); 8] = [
        // Half of 100 is 50; 60 are unpaid, so 50 are waived and 10 stay owed.
        ("0.5", "leave", &[("100.00", "40.00")], "50.00", "0.00"),
        ("1", "leave", &[("100.00", "5.00")], "95.00", "0.00"),
        ("1", "refund", &[("100.00", "40.00")], "60.00", "40.00"),
        // 70 of it: the 60 unpaid first, then 10 of the paid part.
        ("0.7", "refund", &[("100.00", "40.00")], "60.00", "10.00"),
        ("1", "credit_next", &[("100.00", "40.00")], "60.00", "40.00"),
        // 0.3 × 0.05 = 0.015, half-up 0.02 for each charge.
        ("0.3", "leave", &[("0.05", "0.00"), ("0.05", "0.00"), ("0.05", "0.00")], "0.06", "0.00"),
        ("1", "leave", &[("0.00", "0.00")], "0.00", "0.00"),
        ("1", "leave", &[("7.00", "7.00")], "0.00", "0.00"),
    ];
    for (share, if_paid, charges, waived, refunded) in cases {
        let lines = charges.iter().enumerate().map(|(at, (amount, paid))| late_fee(&format!("c{at}"), amount, paid));
        let program = one_benefit(&waive(json!({"share": share, "if_paid": if_paid})));
        let decision = World::new(vec![program], with(lines.collect())).decide();
        assert_eq!(decision.totals.amounts.waived.minor(), cents(waived), "{share} {if_paid} {charges:?}");
        assert_eq!(decision.totals.amounts.refunded.minor(), cents(refunded), "{share} {if_paid} {charges:?}");
        let owed_less = decision.before.charges.sub(&decision.after.charges).unwrap();
        assert_eq!(owed_less.minor(), cents(waived));
    }
}

#[test]
fn a_credit_pays_the_next_row_and_then_the_one_after() {
    // 120 were paid and come back: the row of 1 June takes 108, the one of 1 July the other 12 (8 interest first).
    let program = one_benefit(&waive(json!({"if_paid": "credit_next"})));
    let world = World::new(vec![program], with(json!([late_fee("c", "120.00", "120.00")])));
    let decision = world.decide();
    let rows = world.after(&decision).rows.unwrap();
    let unpaid: Vec<i64> = rows.iter().map(|row| row.unpaid().unwrap().total().unwrap().minor()).collect();
    assert_eq!(unpaid, [0, 9600]);
    assert_eq!(rows[1].state.paid.interest.minor(), 800);
    assert_eq!(decision.totals.amounts.refunded.minor(), 12_000);
    let [Adjustment::Credit { relieved, .. }] = granted(&decision)[..] else { panic!("{decision:?}") };
    assert_eq!(relieved.amount.minor(), 12_000);
    // Of 300 both rows take 108 each, and 84 have nowhere to go but back.
    let program = one_benefit(&waive(json!({"if_paid": "credit_next"})));
    let decision = World::new(vec![program], with(json!([late_fee("c", "300.00", "300.00")]))).decide();
    let [Adjustment::Credit { relieved, to }, Adjustment::Refund(rest)] = granted(&decision)[..] else {
        panic!("{decision:?}")
    };
    assert_eq!((relieved.amount.minor(), to.len(), rest.amount.minor()), (21_600, 2, 8_400));
}

#[test]
fn a_charge_that_accrues_daily_is_cut_at_the_window() {
    // 3,650 at 10 % over 365 days is 1.00 a day: through May 31.00, from the 16th 16 days.
    let penalty = |until: &str, amount: &str| {
        json!([{"id": "p", "kind": "penalty_interest", "amount": amount, "paid": "0.00",
                "accrual": {"from": "2024-05-01", "until": until, "basis": "3650.00", "rate": "0.10", "day_count": "ACT/365"}}])
    };
    let program = || one_benefit(&waive(json!({"accrued": {"from": "2024-05-16"}})));
    let mut world = World::new(vec![program()], with(penalty("2024-05-31", "31.00"))).on("2024-05-31");
    world.account.as_of = world.context.today;
    let decision = world.decide();
    assert_eq!(decision.totals.amounts.waived.minor(), 1_600);
    // Without a basis it cannot be cut, and a person looks.
    let mut blind = world.account.clone();
    blind.charges.as_mut().unwrap()[0].accrual.as_mut().unwrap().basis = None;
    let decision = World::new(vec![program()], blind).decide();
    assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["absent"]));
    // A window that holds all of it needs no cutting.
    let mut whole = world.account.clone();
    whole.charges.as_mut().unwrap()[0].accrual.as_mut().unwrap().basis = None;
    let program = one_benefit(&waive(json!({"accrued": {"from": "2024-04-16"}})));
    assert_eq!(World::new(vec![program], whole).decide().totals.amounts.waived.minor(), 3_100);
}

#[test]
fn a_window_holds_a_day_wholly_or_not_at_all() {
    for (from, until, waived) in [
        ("2024-05-10", "2024-05-10", 1_000),
        ("2024-05-11", "2024-05-31", 0),
        ("2024-05-01", "2024-05-09", 0),
        ("2024-05-01", "2024-05-31", 1_000),
    ] {
        let program = one_benefit(&waive(json!({"accrued": {"from": from, "until": until}})));
        let decision = World::new(vec![program], with(json!([late_fee("c", "10.00", "0.00")]))).decide();
        assert_eq!(decision.totals.amounts.waived.minor(), waived, "{from} {until}");
    }
    // A charge without any date is never guessed into a window.
    let undated = json!([{"id": "c", "kind": "late_fee", "amount": "10.00", "paid": "0.00"}]);
    let windowed = one_benefit(&waive(json!({"accrued": {"from": "2024-05-01"}})));
    assert_eq!(World::new(vec![windowed], with(undated.clone())).decide().outcome, Outcome::Referred);
    let open = one_benefit(&waive(json!({})));
    assert_eq!(World::new(vec![open], with(undated)).decide().totals.amounts.waived.minor(), 1_000);
}

#[test]
fn caps_hold_per_charge_and_per_account_and_in_their_currency() {
    let charges = json!([late_fee("a", "30.00", "0.00"), late_fee("b", "50.00", "0.00")]);
    let cny = |amount: &str, per: &str| json!({"amount": amount, "currency": "CNY", "per": per});
    let run = |cap: Value| World::new(vec![one_benefit(&waive(json!({ "cap": cap })))], with(charges.clone())).decide();
    assert_eq!(run(cny("40.00", "account")).totals.amounts.waived.minor(), 4_000);
    // 30 of the first, 40 of the second.
    assert_eq!(run(cny("40.00", "charge")).totals.amounts.waived.minor(), 7_000);
    let dollars = json!({"amount": "40.00", "currency": "USD", "per": "account"});
    let decision = run(dollars.clone());
    assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["no_cap_in_currency"]));
    assert_eq!(run(json!([dollars, cny("25.00", "account")])).totals.amounts.waived.minor(), 2_500);
}

#[test]
fn nobody_bears_a_waiver_without_an_agreement() {
    let charges = json!([{"id": "g", "kind": "guarantee_fee", "amount": "20.00", "paid": "0.00", "bearer": "guarantor",
                          "assessed_on": "2024-05-10"}]);
    let run = |borne_by: Option<Value>, agreements: Value| {
        let mut benefit = json!({"waive": {"charges": ["guarantee_fee"]}});
        if let Some(borne_by) = borne_by {
            benefit["waive"]["borne_by"] = borne_by;
        }
        let mut account = with(charges.clone());
        account.agreements = serde_json::from_value(agreements).unwrap();
        World::new(vec![one_benefit(&benefit)], account).decide()
    };
    let named = json!({"party": "guarantor", "agreement": "GA-1"});
    let decision = run(Some(named.clone()), json!(["GA-1"]));
    assert_eq!(decision.totals.by_bearer.get(&Bearer::Guarantor).map(forbear_engine::money::Money::minor), Some(2_000));
    for (borne_by, agreements) in
        [(Some(named.clone()), json!(["GA-2"])), (Some(named), json!(null)), (None, json!(["GA-1"]))]
    {
        let decision = run(borne_by, agreements);
        assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec!["no_agreement"]));
    }
    // The lender may bear what the guarantor earns.
    let decision = run(Some(json!({"party": "lender"})), json!(null));
    assert_eq!(decision.totals.by_bearer.get(&Bearer::Lender).map(forbear_engine::money::Money::minor), Some(2_000));
}

#[test]
fn a_standing_order_draws_on_a_growing_charge_by_the_difference() {
    // 10.00 on 20 May, 25.00 on 4 June: 25.00 in all, of a cap of 30.00; then 40.00: the cap leaves 5.00.
    let program = one_benefit(&waive(json!({
        "accrued": {"from": "incident_start", "until": {"after": "incident_end", "days": 60}},
        "cap": {"amount": "30.00", "currency": "CNY", "per": "account"}
    })));
    let penalty = |until: &str, amount: &str| {
        json!([{"id": "p", "kind": "penalty_interest", "amount": amount, "paid": "0.00",
                "accrual": {"from": "2024-05-11", "until": until, "basis": "3650.00", "rate": "0.10", "day_count": "ACT/365"}}])
    };
    let mut world = World::new(vec![program], with(penalty("2024-05-20", "10.00")));
    let mut waived = Vec::new();
    for (day, amount) in [("2024-05-20", "10.00"), ("2024-06-04", "25.00"), ("2024-06-19", "40.00")] {
        world.account = with(penalty(day, amount));
        world.account.as_of = day.parse().unwrap();
        world = world.on(day);
        let decision = world.decide();
        waived.push(decision.totals.amounts.waived.minor());
        world.grant(&decision);
    }
    assert_eq!(waived, [1_000, 1_500, 500]);
    let orders = world.history.grants.iter().flat_map(|grant| &grant.adjustments);
    let orders: Vec<i64> = orders
        .filter_map(|one| {
            if let Adjustment::StandingOrder(order) = one { order.cap_left.map(|left| left.minor()) } else { None }
        })
        .collect();
    assert_eq!(orders, [2_000]);
    // Decided again on the same day there is nothing more.
    let again = world.decide();
    assert_eq!((again.outcome, reasons(&again)), (Outcome::Declined, vec!["nothing_to_relieve"]));
}

#[test]
fn what_a_standing_order_will_take_is_foreseen_from_what_accrues_daily() {
    let program = one_benefit(&waive(json!({})));
    let accrual = |basis: Value| json!({"from": "2024-05-11", "until": "2024-05-20", "basis": basis, "rate": "0.10", "day_count": "ACT/365"});
    let penalty = |basis: Value| {
        json!([{"id": "p", "kind": "penalty_interest", "amount": "10.00", "paid": "0.00", "accrual": accrual(basis)},
            {"id": "late", "kind": "late_fee", "amount": "30.00", "paid": "0.00", "assessed_on": "2024-05-11"}])
    };
    // 3,650.00 at 10 % are 1.00 a day, half of which is waived.
    for (basis, until, cap, expected) in [
        // 21 May to 30 July are 71 days.
        (json!("3650.00"), json!("2024-07-30"), json!(null), 3_550),
        (json!("3650.00"), json!("2024-07-30"), json!("20.00"), 2_000),
        // Open: the 10 days to 30 May.
        (json!("3650.00"), json!(null), json!(null), 500),
        // It ended before.
        (json!("3650.00"), json!("2024-05-20"), json!(null), 0),
        (json!(null), json!("2024-07-30"), json!(null), 0),
    ] {
        let mut order = json!({"charges": ["penalty_interest", "late_fee"], "from": "2024-05-01", "share": "0.5", "if_paid": "refund"});
        if !until.is_null() {
            order["until"] = until.clone();
        }
        if !cap.is_null() {
            order["cap_left"] = json!({"amount": cap, "currency": "CNY"});
        }
        let order: StandingOrder = serde_json::from_value(order).unwrap();
        let account = OneSnapshot::of(&with(penalty(basis))).unwrap();
        let horizon = "2024-05-30".parse().unwrap();
        let position = Position::of(account.snapshot(), "2024-05-20".parse().unwrap());
        let found = estimate((&order, "b"), &program, &position, horizon).unwrap();
        let sum: i64 = found.iter().map(|(_, amount)| amount.minor()).sum();
        assert_eq!(sum, expected, "until {until}, cap {cap}");
    }
}

#[test]
fn a_limit_trims_and_a_used_up_one_declines() {
    let limits = json!([{"amount": "40.00", "currency": "CNY", "per": "borrower", "scope": "event"}]);
    let rule = json!([{"id": "r", "benefits": [
        {"id": "b", "waive": {"charges": ["late_fee"]}}, {"id": "g", "goodwill": {"amount": {"amount": "15.00", "currency": "CNY"}}}
    ]}]);
    let program = policy("p", &json!({"limits": limits, "rules": rule}));
    let mut world = World::new(vec![program], with(json!([late_fee("a", "30.00", "0.00")])));
    // 30 waived leave 10 of the 40 for goodwill.
    let decision = world.decide();
    assert_eq!(decision.totals.amounts.waived.minor(), 3_000);
    assert_eq!(decision.totals.amounts.goodwill.minor(), 1_000);
    world.grant(&decision);
    world.account = with(json!([late_fee("a", "30.00", "0.00"), late_fee("z", "9.00", "0.00")]));
    let again = world.decide();
    assert_eq!((again.outcome, reasons(&again)), (Outcome::Declined, vec!["limit"]));
    // A reversal gives the limit back.
    for grant in &mut world.history.grants {
        grant.state = forbear_engine::history::GrantState::Reversed;
    }
    assert_eq!(world.decide().totals.amounts.waived.minor(), 3_900);
}

#[test]
fn interest_of_chosen_rows_can_be_waived_and_the_rest_deferred() {
    // A row of 100 + 8 interest: the 8 are waived first, then 100 move.
    let rules = json!([{"id": "r", "benefits": [
        {"id": "w", "waive": {"interest": {"which": "due_in", "due": {"until": "2024-06-30"}}}},
        {"id": "d", "defer": {"which": "due_in", "due": {"until": "2024-06-30"}, "to": "end_of_term",
                              "interest_on_top": "none", "arrears": "cure"}}
    ]}]);
    let world = World::new(vec![policy("p", &json!({ "rules": rules }))], with(json!([])));
    let decision = world.decide();
    assert_eq!(decision.totals.amounts.waived.minor(), 800);
    assert_eq!(decision.totals.amounts.deferred.minor(), 10_000);
    assert_eq!(benefit(&decision, "d").outcome, Outcome::Granted);
    let after = world.rows_after(&decision);
    assert_eq!(after[0], ("2024-07-01".to_owned(), "100.00".to_owned(), "0.00".to_owned()));
    assert_eq!(after[1], ("2024-08-01".to_owned(), "100.00".to_owned(), "8.00".to_owned()));
}

#[test]
fn goodwill_is_given_in_the_currency_of_the_account_or_looked_at() {
    let amounts = |list: Value| vec![one_benefit(&json!({"goodwill": {"amount": list}}))];
    let (dollars, yuan) = (json!({"amount": "9.00", "currency": "USD"}), json!({"amount": "15.00", "currency": "CNY"}));
    let both = World::new(amounts(json!([dollars, yuan])), with(json!([]))).decide();
    assert_eq!(both.totals.amounts.goodwill.minor(), 1_500);
    let neither = World::new(amounts(json!([dollars])), with(json!([]))).decide();
    assert_eq!((neither.outcome, reasons(&neither)), (Outcome::Referred, vec!["no_cap_in_currency"]));
}

#[test]
fn amounts_of_two_currencies_are_never_compared() {
    let [yuan, dollars] = [json!({"amount": "9.00", "currency": "CNY"}), json!({"amount": "1.00", "currency": "USD"})];
    for (most, reason) in [
        (json!({"min": [yuan, dollars]}), "absent"),
        (json!({"minus": [yuan, dollars]}), "absent"),
        // A sound amount, but none for an account in yuan.
        (json!({"min": [dollars, dollars]}), "no_cap_in_currency"),
    ] {
        let program = one_benefit(&waive(json!({"cap": {"most": most, "per": "account"}})));
        let decision = World::new(vec![program], with(json!([late_fee("c", "20.00", "0.00")]))).decide();
        assert_eq!((decision.outcome, reasons(&decision)), (Outcome::Referred, vec![reason]), "{most}");
    }
}
