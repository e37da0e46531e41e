//! Amounts and quantities as a policy writes them: every form, small enough to bind and one cent beside.

use serde_json::{Value, json};

use super::date::{Known, window};
use super::setting::Setting;
use crate::dice::Dice;

/// Sizes on which caps, limits and charges meet, in minor units; each may be one more or one less.
pub const SIZES: &[i64] = &[1, 50, 250, 500, 1_000, 1_500, 3_000, 10_000, 40_000];

/// A size from the list, or one unit beside it.
pub fn size(dice: &mut Dice) -> i64 {
    (*dice.pick(SIZES) + *dice.pick(&[0, 0, 0, -1, 1])).max(1)
}

/// Minor units as a document writes them.
#[must_use]
pub fn text(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// An amount with its currency: mostly that of the accounts.
pub fn money(dice: &mut Dice) -> Value {
    let currency = if dice.chance(86) { "CNY" } else { "USD" };
    json!({"amount": text(size(dice)), "currency": currency})
}

/// One amount, or one per currency.
pub fn money_list(dice: &mut Dice) -> Value {
    if dice.chance(80) {
        return money(dice);
    }
    json!([{"amount": text(size(dice)), "currency": "CNY"}, {"amount": text(size(dice)), "currency": "USD"}])
}

/// Facts that are amounts.
pub const AMOUNT_FACTS: &[&str] = &[
    "account.principal",
    "account.principal_outstanding",
    "account.arrears",
    "account.next_payment",
    "account.unpaid_charges",
    "attributes.extra",
];

/// An amount that may depend.
pub fn amount(dice: &mut Dice, depth: u32) -> Value {
    match dice.below(if depth == 0 { 7 } else { 10 }) {
        0..=3 => money(dice),
        4 => json!({"fact": dice.pick(AMOUNT_FACTS)}),
        5 | 6 => json!({"share": dice.pick(&["0.1", "0.5", "1", "0.333"]), "of": dice.pick(AMOUNT_FACTS)}),
        7 | 8 => json!({"min": [amount(dice, depth - 1), amount(dice, depth - 1)]}),
        _ => json!({"minus": [amount(dice, depth - 1), amount(dice, depth - 1)]}),
    }
}

/// A number of instalments that may depend.
pub fn instalments(dice: &mut Dice, depth: u32) -> Value {
    let facts = [
        "account.instalments_total",
        "account.instalments_left",
        "account.instalments_overdue",
        "account.months_past_due",
        "history.deferred_instalments",
        "attributes.visits",
    ];
    match dice.below(if depth == 0 { 8 } else { 11 }) {
        0 | 1 => json!(dice.range(1, 4)),
        2..=4 => json!({"up_to": dice.range(1, 4)}),
        5 => json!({"fact": dice.pick(&facts)}),
        6 | 7 => {
            let (from, up_to) = (dice.range(0, 2), dice.range(2, 5));
            let by = dice.pick(&["borrower", "borrower", "reviewer"]);
            json!({"choose": {"from": from, "up_to": up_to, "by": by, "default": dice.range(from, up_to)}})
        }
        8 | 9 => json!({"min": [instalments(dice, depth - 1), instalments(dice, depth - 1)]}),
        _ => json!({"minus": [instalments(dice, depth - 1), instalments(dice, depth - 1)]}),
    }
}

/// A stretch of time.
pub fn span(dice: &mut Dice, setting: &Setting, known: Known) -> Value {
    match dice.below(10) {
        0..=3 => json!({"days": *dice.pick(&[1, 7, 30, 60])}),
        4 | 5 => json!({"months": *dice.pick(&[1, 2, 3])}),
        6 => json!({"days": {"interrupted": window(dice, setting, known)}}),
        7 => json!({"days": {"fact": dice.pick(&["account.days_past_due", "attributes.visits"])}}),
        8 => json!({"months": {"choose": {"from": 1, "up_to": 3, "by": "borrower", "default": 2}}}),
        _ => json!({"days": {"min": [30, {"interrupted": window(dice, setting, known)}]}}),
    }
}
