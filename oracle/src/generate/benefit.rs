//! Benefits: every kind, every key, every value.

use serde_json::{Value, json};

use super::amount::{amount, instalments, money, size, span, text};
use super::date::{Known, date, window};
use super::setting::Setting;
use crate::dice::Dice;

/// A benefit without its id; a suspension that names what follows has `then` filled in by its rule.
pub fn benefit(dice: &mut Dice, setting: &Setting) -> Value {
    let kinds = [
        (26, "waive"),
        (9, "interest"),
        (26, "defer"),
        (9, "suspend"),
        (11, "pause"),
        (12, "reduce"),
        (8, "hold"),
        (6, "goodwill"),
        (9, "extend"),
    ];
    let mut made = match dice.weighted(&kinds) {
        "waive" => waive(dice, setting),
        "interest" => waive_interest(dice, setting),
        "defer" => json!({"defer": defer(dice, setting)}),
        "suspend" => suspend(dice, setting),
        "pause" => json!({"pause_interest": rate_window(dice, setting)}),
        "reduce" => {
            let mut reduce = rate_window(dice, setting);
            reduce["to"] = json!(dice.pick(&["0", "0.02", "0.02", "0.1", "0.12"]));
            json!({"reduce_rate": reduce})
        }
        "hold" => json!({"hold": hold(dice, setting)}),
        "goodwill" => goodwill(dice),
        _ => {
            let window = dice.pick(&["cooling_off", "grace"]);
            json!({"extend_window": {"window": window, "by": span(dice, setting, Known::ReliefEnd)}})
        }
    };
    if dice.chance(8) {
        made["consent"] = json!(dice.chance(80));
    }
    made
}

fn goodwill(dice: &mut Dice) -> Value {
    let amount = match dice.below(4) {
        0 => json!([{"amount": text(size(dice)), "currency": "USD"}, {"amount": text(size(dice)), "currency": "CNY"}]),
        1 | 2 => money(dice),
        _ => amount(dice, 1),
    };
    json!({"goodwill": {"amount": amount}})
}

fn rate_window(dice: &mut Dice, setting: &Setting) -> Value {
    let from = match dice.below(4) {
        0 => date(dice, setting, Known::ReliefEnd, 1),
        1 => json!(setting.near(dice).to_string()),
        _ => json!("incident_start"),
    };
    let until = match dice.below(8) {
        0 => date(dice, setting, Known::ReliefEnd, 1),
        1 => json!("incident_end"),
        2 => json!({"after": "incident_start", "months": 1, "days": -1}),
        _ => json!({"after": "decided_on", "months": *dice.pick(&[1, 2, 3])}),
    };
    json!({"from": from, "until": until})
}

/// A cap; a list has one entry per currency.
fn cap(dice: &mut Dice, per: &[&str]) -> Value {
    let per = *dice.pick(per);
    match dice.below(10) {
        0 | 1 => json!({"most": amount(dice, 1), "per": per}),
        2 => json!([{"amount": text(size(dice)), "currency": "CNY", "per": per},
                    {"amount": text(size(dice)), "currency": "USD", "per": per}]),
        3 => json!([{"amount": text(size(dice)), "currency": "CNY", "per": "charge"},
                    {"amount": text(size(dice)), "currency": "CNY", "per": "account"}]),
        _ => {
            let mut cap = money(dice);
            cap["per"] = json!(per);
            cap
        }
    }
}

fn share_and_paid(dice: &mut Dice, waive: &mut Value) {
    if dice.chance(70) {
        waive["share"] = json!(dice.pick(&["1", "1", "1", "0.5", "0.3", "0.8", "0.333"]));
    }
    if dice.chance(88) {
        waive["if_paid"] = json!(dice.pick(&[
            "leave",
            "refund",
            "refund",
            "credit_next",
            "credit_next",
            "credit_next",
            "credit_next"
        ]));
    }
    if dice.chance(40) {
        waive["cap"] = cap(dice, &["charge", "account", "account"]);
    }
    if dice.chance(18) {
        waive["borne_by"] = match dice.below(4) {
            0 => json!({"party": "lender"}),
            1 => json!({"party": "funder", "agreement": "f-1"}),
            _ => json!({"party": "guarantor", "agreement": dice.pick(&["g-1", "g-2"])}),
        };
    }
}

const KINDS: &[&str] = &[
    "late_fee",
    "penalty_interest",
    "guarantee_fee",
    "compound_interest",
    "service_fee",
    "returned_payment_fee",
    "early_repayment_fee",
    "collection_cost",
    "other_fee",
];

fn waive(dice: &mut Dice, setting: &Setting) -> Value {
    let mut kinds: Vec<&str> = dice.few(&KINDS[..3], 3);
    if dice.chance(20) {
        kinds.push(*dice.pick(&KINDS[3..]));
    }
    let mut waive = json!({"charges": kinds});
    if dice.chance(50) {
        waive["accrued"] = window(dice, setting, Known::ReliefEnd);
    }
    share_and_paid(dice, &mut waive);
    json!({"waive": waive})
}

fn waive_interest(dice: &mut Dice, setting: &Setting) -> Value {
    let mut waive = json!({"interest": rows(dice, setting)});
    if dice.chance(15) {
        waive["accrued"] = window(dice, setting, Known::ReliefEnd);
    }
    share_and_paid(dice, &mut waive);
    json!({"waive": waive})
}

/// Which instalments.
fn rows(dice: &mut Dice, setting: &Setting) -> Value {
    let which = match dice.below(6) {
        0 | 1 => json!("overdue"),
        2 | 3 => json!("due_in"),
        4 => json!(["due_in", "overdue"]),
        _ => json!(["overdue", "due_in"]),
    };
    let mut rows = json!({"which": which});
    if rows["which"] != "overdue" {
        rows["due"] = window(dice, setting, Known::Before);
    }
    if dice.chance(60) {
        rows["instalments"] = instalments(dice, 1);
    }
    rows
}

fn defer(dice: &mut Dice, setting: &Setting) -> Value {
    let mut defer = rows(dice, setting);
    let to = *dice.pick(&["end_of_term", "end_of_term", "maturity", "spread", "next_due", "later_date"]);
    defer["to"] = json!(to);
    if dice.chance(25) {
        defer["parts"] = json!(dice.few(&["principal", "interest", "fees"], 2));
    }
    if dice.chance(20) {
        defer["cap"] = cap(dice, &["account", "account", "charge"]);
    }
    if to == "later_date" {
        defer["date"] = date(dice, setting, Known::RowDue, 1);
    }
    if to == "spread" && dice.chance(60) {
        defer["extra_terms"] = instalments(dice, 0);
    }
    defer["interest_on_top"] = json!(dice.pick(&["none", "accrue", "capitalise"]));
    defer["arrears"] = json!(dice.pick(&["cure", "freeze", "run"]));
    defer
}

fn suspend(dice: &mut Dice, setting: &Setting) -> Value {
    let from = if dice.chance(75) {
        json!(dice.pick(&["incident_start", "decided_on"]))
    } else {
        date(dice, setting, Known::Before, 1)
    };
    let mut suspend = json!({
        "from": from, "for": span(dice, setting, Known::Before), "then": "due_at_end",
        "interest_on_top": dice.pick(&["none", "accrue", "capitalise"]), "arrears": dice.pick(&["cure", "freeze", "run"]),
    });
    if dice.chance(45) {
        suspend["renew"] = renew(dice);
    }
    json!({"suspend": suspend})
}

fn renew(dice: &mut Dice) -> Value {
    json!({"step": {"days": *dice.pick(&[10, 30])}, "total": {"months": *dice.pick(&[2, 3, 6])}})
}

fn hold(dice: &mut Dice, setting: &Setting) -> Value {
    let mut what = dice.few(&["collections", "enforcement", "auto_debit"], 2);
    let reporting = dice.chance(60);
    if reporting {
        what.push("credit_reporting");
    }
    let from = if dice.chance(70) { json!("incident_start") } else { date(dice, setting, Known::ReliefEnd, 1) };
    let mut hold = json!({"what": what, "from": from});
    if dice.chance(75) {
        hold["until"] = match dice.below(4) {
            0 => json!("incident_end"),
            1 => json!({"after": "decided_on", "days": *dice.pick(&[1, 30, 90])}),
            2 => json!({"after": "incident_end", "days": *dice.pick(&[1, 30, 90])}),
            _ => date(dice, setting, Known::ReliefEnd, 1),
        };
        if dice.chance(50) {
            hold["renew"] = renew(dice);
        }
    }
    if hold.get("until").is_none() || dice.chance(20) {
        hold["review_by"] = json!({"after": "decided_on", "months": 1});
    }
    if reporting && dice.chance(80) {
        hold["report_as"] = json!(dice.pick(&["not_reported", "not_overdue", "as_at_start", "by_schedule"]));
        hold["correct_past"] = json!(dice.chance(80));
    }
    hold
}
