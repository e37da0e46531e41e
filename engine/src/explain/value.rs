//! What a test saw, in words.

use serde_json::Value as Json;

use super::Voice;
use crate::decide::decision::TraceEntry;
use crate::facts::Facts;
use crate::facts::value::{Gap, Seen};
use crate::money::Money;
use crate::policy::facts::FactType;
use crate::policy::program::Slot;

impl Voice<'_> {
    /// What a test saw, each borrower's value once, and why it is unknown.
    #[must_use]
    pub fn saw(&self, entry: &TraceEntry, of: FactType) -> String {
        let mut values: Vec<String> = Vec::new();
        for json in &entry.saw {
            let value = self.seen(json, of);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let values = values.join(self.language.of(["；", "; "]));
        let gap = match &entry.unknown {
            None => return values,
            Some(Gap::Askable { .. }) => self.say("须由借款人说明", "the borrower can say"),
            Some(Gap::Absent { what }) => self.missing(what),
        };
        self.say(format!("{values}（{gap}）"), format!("{values} ({gap})"))
    }

    /// What a slot shows now, where a trace left it out because the decision did not depend on it.
    #[must_use]
    pub fn shows(&self, slot: &Slot, facts: &Facts<'_>) -> String {
        let mut values: Vec<String> = Vec::new();
        for one in facts.see(slot).unwrap_or_default() {
            let value = match one {
                Seen::Known(value) => self.seen(&value.to_json(self.regions), slot.of),
                Seen::Unknown(_) | Seen::Partly(..) => self.say("未知", "not known"),
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(self.language.of(["；", "; "]))
    }

    /// A value from a trace.
    #[must_use]
    pub fn seen(&self, json: &Json, of: FactType) -> String {
        match (of, json) {
            (_, Json::Null) => self.say("无", "none"),
            (_, Json::String(text)) if text == "unknown" => self.say("未知", "not known"),
            (FactType::Date, Json::String(text)) if text == "not_yet" => self.say("尚未结束", "not over yet"),
            (_, Json::Bool(yes)) => self.yes(*yes),
            (FactType::Count(unit), Json::Number(number)) => self.count(number.as_i64().unwrap_or_default(), unit),
            (FactType::Amount, Json::Object(_)) => serde_json::from_value::<Money>(json.clone())
                .map_or_else(|_| json.to_string(), |money| self.money(&money)),
            (FactType::Rate, Json::String(text)) => {
                text.parse().map_or_else(|_| text.clone(), |rate| super::amount::percent(rate, 4))
            }
            (FactType::Severity, Json::String(text)) => self.severity(text),
            (FactType::Designation, Json::String(text)) => {
                self.designation(serde_json::from_value(Json::String(text.clone())).ok())
            }
            (FactType::Region, Json::String(code)) => self.region(code),
            (FactType::Names(_), Json::Array(names)) if names.is_empty() => self.say("无", "none"),
            (_, Json::Array(names)) => {
                let names: Vec<String> = names.iter().map(|name| self.seen(name, FactType::Name(&[]))).collect();
                self.and(&names)
            }
            (FactType::Date, Json::String(text)) => text.clone(),
            (_, Json::String(text)) => self.name(text),
            (_, other) => other.to_string(),
        }
    }
}
