//! Whole policies, as the checker accepts them.

use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::{Policy, Program};
use serde_json::{Value, json};

use super::amount::{money_list, size, text};
use super::benefit::benefit;
use super::condition::Conditions;
use super::date::{Known, date};
use super::setting::Setting;
use crate::dice::{Dice, shifted};

/// How often a policy is rolled again before a plain one is taken.
const MOST_ATTEMPTS: u32 = 30;

/// A policy that the checker accepts, and how many it refused before.
pub struct Accepted {
    /// The document.
    pub policy: Policy,
    /// The same, compiled by the engine.
    pub program: Program,
    /// How many were refused.
    pub refused: u32,
}

/// Rolls until the checker accepts.
pub fn accepted(dice: &mut Dice, setting: &Setting, checks: &CheckSettings, slug: &str, version: u32) -> Accepted {
    for refused in 0..=MOST_ATTEMPTS {
        let document = if refused < MOST_ATTEMPTS {
            document(dice, setting, checks, slug, version)
        } else {
            head(setting, slug, version)
        };
        let checked = check(&document.to_string(), checks);
        if let Some(program) = checked.program {
            return Accepted { policy: program.document.clone(), program, refused };
        }
    }
    panic!("even a plain policy is refused");
}

fn head(setting: &Setting, slug: &str, version: u32) -> Value {
    json!({
        "policy": slug, "version": version, "title": {"zh-CN": "测试", "en": "Test"}, "owner": "tests",
        "review_by": "2030-01-01", "effective": {"from": shifted(setting.start, -400)},
        "start": {"by": ["request"]}, "hit_policy": "first",
        "rules": [{"id": "r0", "benefits": [{"id": "plain", "waive": {"charges": ["late_fee"]}}]}]
    })
}

fn document(dice: &mut Dice, setting: &Setting, checks: &CheckSettings, slug: &str, version: u32) -> Value {
    let mut made = head(setting, slug, version);
    effective(dice, setting, &mut made, version);
    if dice.chance(20) {
        made["disaster"] = disaster(dice);
    }
    made["start"] = start(dice, setting);
    made["hit_policy"] = json!(dice.pick(&["first", "first", "all", "all", "unique"]));
    let mut conditions = Conditions { dice, setting, attributes: &checks.attributes, next: 0 };
    if conditions.dice.chance(45) {
        made["eligible"] = conditions.condition(2);
    }
    made["rules"] = rules(&mut conditions, made["hit_policy"] == "unique");
    if conditions.dice.chance(30) {
        made["evidence"] = evidence(&mut conditions);
    }
    if dice.chance(45) {
        let count = dice.range(1, 2);
        made["limits"] = (0..count).map(|_| limit(dice)).collect();
    }
    if dice.chance(55) {
        made["approval"] = approval(dice);
    }
    made
}

fn effective(dice: &mut Dice, setting: &Setting, made: &mut Value, version: u32) {
    if version > 1 || dice.chance(10) {
        made["effective"]["from"] = json!(setting.near(dice));
    }
    if dice.chance(12) {
        made["effective"]["until"] = json!(shifted(*dice.pick(&setting.days), *dice.pick(&[-1, 0, 1])));
    }
}

fn disaster(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({"kinds": dice.few(&["flood", "flood", "typhoon", "earthquake"], 3)}),
        1 => json!({"severity": {"at_least": dice.pick(&["II", "III", "IV"])}}),
        2 => json!({"declarations": [dice.pick(&["d-a", "d-a", "d-b"])]}),
        _ => json!({"events": [dice.pick(&["e-1", "e-1", "e-2"])]}),
    }
}

fn days(dice: &mut Dice) -> Value {
    if dice.chance(60) {
        json!({"days": *dice.pick(&[1, 10, 20])})
    } else {
        json!({"business_days": *dice.pick(&[1, 3, 10])})
    }
}

fn start(dice: &mut Dice, setting: &Setting) -> Value {
    let by = match dice.below(10) {
        0..=4 => json!(["proactive", "request"]),
        5..=7 => json!(["request"]),
        8 => json!(["proactive"]),
        _ => json!(["request", "proactive"]),
    };
    let mut made = json!({"by": by});
    if dice.chance(20) {
        made["apply_by"] = apply_by(dice, setting);
    }
    if made["by"] != json!(["request"]) {
        made["opt_out"] = days(dice);
    }
    if dice.chance(25) {
        made["answer_within"] = days(dice);
    }
    made
}

fn apply_by(dice: &mut Dice, setting: &Setting) -> Value {
    match dice.below(3) {
        0 => date(dice, setting, Known::Before, 1),
        1 => json!({"after": "incident_end", "days": *dice.pick(&[30, 60, 90])}),
        _ => json!(shifted(*dice.pick(&setting.days), *dice.pick(&[-1, 0, 1])).to_string()),
    }
}

fn rules(conditions: &mut Conditions<'_>, unique: bool) -> Value {
    let count = *conditions.dice.pick(&[1, 2, 2, 3]);
    // Under `unique` each rule excludes the one before it.
    let apart = unique.then(|| conditions.test());
    let mut made = Vec::new();
    for at in 0..count {
        let mut rule = json!({"id": format!("r{at}")});
        let last = at + 1 == count;
        match &apart {
            Some(test) if count > 1 => {
                let mut own = test.clone();
                own.as_object_mut().unwrap().remove("id");
                rule["when"] = match at {
                    0 => own,
                    1 => json!({"not": own}),
                    _ => json!({"all": [own.clone(), {"not": own}]}),
                };
            }
            _ if !last || conditions.dice.chance(25) => rule["when"] = conditions.condition(2),
            _ => {}
        }
        own_start(conditions, &mut rule);
        first_things(conditions, &mut rule);
        if rule.get("refer").is_none() || conditions.dice.chance(40) {
            rule["benefits"] = benefits(conditions, at);
        }
        made.push(rule);
    }
    Value::Array(made)
}

fn own_start(conditions: &mut Conditions<'_>, rule: &mut Value) {
    let (dice, setting) = (&mut *conditions.dice, conditions.setting);
    if !dice.chance(15) {
        return;
    }
    let mut own = json!({});
    if dice.chance(60) {
        own["by"] = json!(dice.few(&["request", "proactive"], 2));
        own["opt_out"] = days(dice);
    }
    if dice.chance(40) {
        own["apply_by"] = apply_by(dice, setting);
    }
    if dice.chance(30) {
        own["answer_within"] = days(dice);
    }
    rule["start"] = own;
}

/// `refer` and `await`.
fn first_things(conditions: &mut Conditions<'_>, rule: &mut Value) {
    if conditions.dice.chance(11) {
        rule["refer"] = json!({"to": conditions.dice.pick(&["reviewer", "funder"])});
    } else if conditions.dice.chance(14) {
        let by = match conditions.dice.below(3) {
            0 => json!("month_end"),
            1 => json!({"after": "declared_on", "days": *conditions.dice.pick(&[5, 20, 40])}),
            _ => date(conditions.dice, conditions.setting, Known::Before, 1),
        };
        rule["await"] = json!({"tests": conditions.condition(1), "by": by});
    }
}

fn benefits(conditions: &mut Conditions<'_>, rule: usize) -> Value {
    let (dice, setting) = (&mut *conditions.dice, conditions.setting);
    let count = *dice.pick(&[2, 2, 3, 3]);
    let mut made: Vec<Value> = (0..count).map(|_| benefit(dice, setting)).collect();
    for (at, one) in made.iter_mut().enumerate() {
        one["id"] = json!(format!("b{rule}-{at}"));
    }
    // A suspension may be followed by a deferral of its rule.
    let follows = made.iter().find(|one| one.get("defer").is_some()).map(|one| one["id"].clone());
    if let Some(follows) = follows {
        for one in made.iter_mut().filter(|one| one.get("suspend").is_some()) {
            if dice.chance(70) {
                one["suspend"]["then"] = follows.clone();
            }
        }
    }
    Value::Array(made)
}

fn limit(dice: &mut Dice) -> Value {
    let mut made = match dice.below(4) {
        0 => json!({"count": dice.range(1, 2)}),
        1 => json!({"deferred_instalments": {"at_most": dice.range(1, 4)}}),
        _ => {
            let currency = if dice.chance(90) { "CNY" } else { "USD" };
            json!({"amount": text(size(dice)), "currency": currency})
        }
    };
    made["per"] = json!(dice.pick(&["account", "borrower"]));
    if dice.chance(70) {
        made["scope"] = json!(dice.pick(&["event", "declaration", "any"]));
    }
    if dice.chance(35) {
        made["window"] = match dice.below(3) {
            0 => json!({"months": 12}),
            1 => json!({"days": *dice.pick(&[10, 30])}),
            _ => json!({"months": 1, "days": *dice.pick(&[1, 10])}),
        };
    }
    made
}

fn approval(dice: &mut Dice) -> Value {
    let mut made = json!({});
    if dice.chance(80) {
        made["automatic_up_to"] = money_list(dice);
    }
    if dice.chance(40) {
        made["deferred_up_to"] = money_list(dice);
    }
    if dice.chance(60) {
        made["two_people_above"] = money_list(dice);
    }
    made
}

fn evidence(conditions: &mut Conditions<'_>) -> Value {
    let count = conditions.dice.range(1, 2);
    let mut made = Vec::new();
    for _ in 0..count {
        let kind = *conditions.dice.pick(&["photo", "self_statement", "income_proof"]);
        let due = *conditions.dice.pick(&["before_decision", "before_posting", "before_posting", "on_demand"]);
        let mut one = json!({"kind": kind, "due": due});
        if conditions.dice.chance(60) {
            one["when"] = conditions.condition(1);
        }
        made.push(one);
    }
    Value::Array(made)
}
