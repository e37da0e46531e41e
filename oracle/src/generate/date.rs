//! Dates and windows as a policy writes them: every form.

use serde_json::{Value, json};

use super::setting::Setting;
use crate::dice::Dice;

/// Which dates are known where one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Those that are known before benefits are worked out.
    Before,
    /// Also the end of this decision's relief.
    ReliefEnd,
    /// Also the row's own due date.
    RowDue,
}

/// Dates that are facts, beside the five that matter most.
const FACTS: &[&str] = &[
    "account.disbursed_on",
    "account.first_due_on",
    "account.next_due_on",
    "account.maturity_on",
    "account.cooling_off_ends_on",
    "account.last_paid_on",
    "account.last_full_payment_on",
    "account.oldest_unpaid_due_on",
    "account.address_changed_on",
    "history.last_deferral_on",
    "history.last_relief_ends_on",
    "attributes.since",
];

/// A date; `depth` bounds nesting.
pub fn date(dice: &mut Dice, setting: &Setting, known: Known, depth: u32) -> Value {
    if known == Known::RowDue && dice.chance(70) {
        return json!({"after": "due", "days": *dice.pick(&[1, 15, 31, 60])});
    }
    if known == Known::ReliefEnd && dice.chance(12) {
        return json!("relief_end");
    }
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        0 => json!(setting.near(dice).to_string()),
        1 => json!(dice.pick(FACTS)),
        2 => json!(dice.pick(&["month_start", "month_end", "declared_on"])),
        3..=5 => json!(dice.pick(&["incident_start", "incident_end", "declared_on", "requested_on", "decided_on"])),
        6 | 7 => {
            let mut moved = json!({"after": date(dice, setting, known, depth - 1)});
            if dice.chance(45) {
                moved["months"] = json!(*dice.pick(&[1, -1, 3, 12]));
            }
            if moved.get("months").is_none() || dice.chance(40) {
                moved["days"] = json!(*dice.pick(&[1, -1, 5, 20, 30, 90, -30]));
            }
            if dice.chance(45) {
                moved["business_day"] = json!(dice.pick(&["following", "preceding"]));
            }
            moved
        }
        more => {
            let key = if more == 8 { "later_of" } else { "earlier_of" };
            let mut found =
                json!({key: [date(dice, setting, known, depth - 1), date(dice, setting, known, depth - 1)]});
            if dice.chance(25) {
                found["days"] = json!(*dice.pick(&[1, -3, 10]));
            }
            found
        }
    }
}

/// A day on which a fact is taken.
pub fn on(dice: &mut Dice, setting: &Setting) -> Value {
    match dice.below(10) {
        0..=4 => json!("incident_start"),
        5 => json!("incident_end"),
        6 => json!("requested_on"),
        _ => date(dice, setting, Known::Before, 1),
    }
}

/// A window, mostly one that begins with the incident; an end may be left out.
pub fn window(dice: &mut Dice, setting: &Setting, known: Known) -> Value {
    match dice.below(12) {
        0..=3 => json!({"from": "incident_start"}),
        4 | 5 => {
            json!({"from": "incident_start", "until": {"after": "incident_end", "days": *dice.pick(&[1, 30, 60])}})
        }
        6 => json!({"from": "incident_start", "until": "incident_end"}),
        7 => json!({"until": date(dice, setting, known, 1)}),
        8 => json!({"from": date(dice, setting, known, 1)}),
        9 => json!({"from": setting.near(dice).to_string()}),
        10 => json!({"from": "incident_start", "until": date(dice, setting, known, 1)}),
        _ => json!({"from": date(dice, setting, known, 1), "until": date(dice, setting, known, 1)}),
    }
}
