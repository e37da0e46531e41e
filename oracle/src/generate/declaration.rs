//! Declarations: kinds, gravity, nested and later and removed areas, amendments, open ends.

use forbear_engine::declaration::Declaration;
use serde_json::{Value, json};

use super::setting::Setting;
use crate::dice::{Dice, shifted};

/// One or two declarations; two may be of one event.
pub fn declarations(dice: &mut Dice, setting: &Setting) -> Vec<Declaration> {
    let mut made = vec![declaration(dice, setting, "d-a", "e-1")];
    if dice.chance(18) {
        let event = *dice.pick(&["e-1", "e-2"]);
        made.push(declaration(dice, setting, "d-b", event));
    }
    made
}

fn area(dice: &mut Dice, setting: &Setting, region: &str) -> Value {
    let mut area = json!({"region": region});
    if dice.chance(88) {
        area["designation"] = json!(dice.pick(&["severe", "severe", "affected", "affected", "adjacent"]));
    }
    if dice.chance(35) {
        area["programmes"] = json!(dice.few(&["IA", "PA"], 2));
    }
    if dice.chance(35) {
        area["counts_from"] = json!(setting.near(dice));
    }
    area
}

fn declaration(dice: &mut Dice, setting: &Setting, slug: &str, event: &str) -> Declaration {
    let mut regions = vec![*dice.pick(&["CN-410100", "CN-410105", "CN-410000"])];
    for more in ["CN-410105", "CN-410000", "CN-410700", "CN-371200", "CN-130306", "US-48201", "US-09"] {
        if dice.chance(14) && !regions.contains(&more) {
            regions.push(more);
        }
    }
    let areas: Vec<Value> = regions.iter().map(|region| area(dice, setting, region)).collect();
    let mut incident = json!({"start": setting.start});
    if let Some(end) = setting.end {
        incident["end"] = json!(end);
    }
    let mut made = json!({
        "declaration": slug, "event": event, "kind": dice.pick(&["flood", "flood", "typhoon", "earthquake", "epidemic"]),
        "title": {"zh-CN": "洪水", "en": "Flood"}, "declared_on": setting.declared_on, "incident": incident, "areas": areas
    });
    if dice.chance(85) {
        made["severity"] = json!(dice.pick(&["I", "II", "III", "IV"]));
    }
    if dice.chance(40) {
        made["amendments"] = amendments(dice, setting, &regions);
    }
    serde_json::from_value(made).unwrap()
}

fn amendments(dice: &mut Dice, setting: &Setting, regions: &[&str]) -> Value {
    let count = dice.range(1, 2);
    let mut on = shifted(setting.declared_on, dice.range(0, 2));
    let mut made = Vec::new();
    let mut standing: Vec<&str> = regions.to_vec();
    for number in 1..=count {
        on = shifted(on, *dice.pick(&[0, 2, 10, 25]));
        let mut one = json!({"number": number, "on": on});
        if dice.chance(45) {
            let gone = standing.remove(dice.below(standing.len()));
            one["remove"] = json!([gone]);
            if dice.chance(40) {
                standing.push(gone);
                one["add"] = json!([area(dice, setting, gone)]);
            }
        } else if dice.chance(70) && !standing.contains(&"CN-410102") {
            standing.push("CN-410102");
            one["add"] = json!([area(dice, setting, "CN-410102")]);
        }
        if standing.is_empty() {
            standing.push("CN-410000");
            one["add"] = json!([area(dice, setting, "CN-410000")]);
        }
        if dice.chance(30) {
            one["severity"] = json!(dice.pick(&["I", "II", "III"]));
        }
        if dice.chance(40) {
            one["incident_end"] = if dice.chance(30) {
                json!("open")
            } else {
                json!(shifted(setting.start, *dice.pick(&[0, 2, 20, 60])))
            };
        }
        made.push(one);
    }
    Value::Array(made)
}
