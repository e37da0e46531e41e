//! Conditions: every fact, every operator, every way to put them together.

use forbear_engine::policy::facts::{Attributes, CATALOGUE, FactId, FactType};
use serde_json::{Value, json};

use super::amount::{money, size, text};
use super::date::{Known, date, on, window};
use super::setting::{REGIONS, ROLES, Setting};
use crate::dice::Dice;

/// What conditions of one policy are made from.
pub struct Conditions<'a> {
    /// Choices.
    pub dice: &'a mut Dice,
    /// The disaster.
    pub setting: &'a Setting,
    /// The lender's own facts.
    pub attributes: &'a Attributes,
    /// Ids given so far.
    pub next: usize,
}

/// A fact as it is to be tested.
struct Tested {
    name: String,
    of: FactType,
    dated: bool,
    person: bool,
    over_roles: bool,
}

impl Conditions<'_> {
    /// A condition; `depth` bounds nesting.
    pub fn condition(&mut self, depth: u32) -> Value {
        let mut made = match self.dice.below(if depth == 0 { 4 } else { 10 }) {
            0..=3 => return self.test(),
            4 | 5 => json!({"all": self.parts(depth, 2)}),
            6..=8 => json!({"any": self.parts(depth, 3)}),
            _ => json!({"not": self.condition(depth - 1)}),
        };
        if self.dice.chance(15) {
            made["id"] = json!(self.id());
        }
        made
    }

    fn parts(&mut self, depth: u32, most: i64) -> Vec<Value> {
        let count = if self.dice.chance(5) { 1 } else { self.dice.range(2, most) };
        (0..count).map(|_| self.condition(depth - 1)).collect()
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("t{}", self.next)
    }

    fn fact(&mut self) -> Tested {
        if self.dice.chance(12) {
            let own: Vec<&String> = self.attributes.keys().collect();
            let name = *self.dice.pick(&own);
            let of = self.attributes[name].of.fact_type();
            let name = format!("attributes.{name}");
            return Tested { name, of, dated: false, person: false, over_roles: false };
        }
        loop {
            // Areas are what most policies are about.
            let fact = match self.dice.chance(18) {
                true => CATALOGUE.iter().find(|fact| fact.id == FactId::AreaDesignation).unwrap(),
                false => self.dice.pick(CATALOGUE),
            };
            if matches!(fact.id, FactId::ReliefEnd | FactId::RowDue) {
                continue;
            }
            let over_roles =
                matches!(fact.id, FactId::AreaDesignation | FactId::AreaDesignations) && self.dice.chance(45);
            let name = match (over_roles, fact.short) {
                (true, _) => fact.name.replace("<role>.", ""),
                (false, Some(short)) if self.dice.chance(50) => short.to_owned(),
                _ => fact.name.replace("<role>", *self.dice.pick(ROLES)),
            };
            return Tested { name, of: fact.of, dated: fact.dated, person: fact.person, over_roles };
        }
    }

    /// A test of one fact.
    pub fn test(&mut self) -> Value {
        let tested = self.fact();
        let mut made = json!({"fact": tested.name});
        if self.dice.chance(70) {
            made["id"] = json!(self.id());
        }
        if tested.over_roles {
            let mut roles = self.dice.few(&["home", "work", "business", "property", "farm"], 3);
            if self.dice.chance(40) {
                roles.reverse();
            }
            made["roles"] = json!(roles);
        }
        if tested.dated && self.dice.chance(65) {
            made["on"] = on(self.dice, self.setting);
        }
        if tested.person && self.dice.chance(50) {
            made["who"] = json!(self.dice.pick(&["any_party", "every_party"]));
        }
        let operator = self.operator(tested.of);
        made[operator] = self.operand(operator, &tested);
        made
    }

    fn operator(&mut self, of: FactType) -> &'static str {
        if self.dice.chance(10) {
            return "known";
        }
        let ordered = ["is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below"];
        match of {
            FactType::Bool => *self.dice.pick(&["is", "is", "is_not"]),
            FactType::Names(_) => "has",
            FactType::Name(_) => *self.dice.pick(&["is", "is_not", "in", "not_in"]),
            FactType::Region => *self.dice.pick(&["within", "within", "within", "is", "is_not", "in", "not_in"]),
            FactType::Date if self.dice.chance(30) => "within",
            _ => *self.dice.pick(&ordered),
        }
    }

    fn operand(&mut self, operator: &str, tested: &Tested) -> Value {
        match operator {
            "known" => json!(self.dice.chance(60)),
            "in" | "not_in" => {
                let count = self.dice.range(1, 3);
                Value::Array((0..count).map(|_| self.literal(tested)).collect())
            }
            "within" if tested.of == FactType::Date => window(self.dice, self.setting, Known::Before),
            "within" if self.dice.chance(50) => json!([self.dice.pick(REGIONS), self.dice.pick(REGIONS)]),
            "has" if self.dice.chance(50) => json!([self.literal(tested), self.literal(tested)]),
            _ => self.literal(tested),
        }
    }

    fn literal(&mut self, tested: &Tested) -> Value {
        let dice = &mut *self.dice;
        match tested.of {
            FactType::Bool => json!(dice.chance(75)),
            FactType::Count("days") => json!(*dice.pick(&[0, 1, 14, 29, 30, 31, 60, 90])),
            FactType::Count(_) => json!(*dice.pick(&[0, 0, 1, 1, 2, 3, 4, 6])),
            FactType::Amount if dice.chance(85) => json!({"amount": text(size(dice) * 10), "currency": "CNY"}),
            FactType::Amount => money(dice),
            FactType::Rate => json!(dice.pick(&["0", "0.0435", "0.12", "0.120", "0.18", "0.2399"])),
            FactType::Date => date(dice, self.setting, Known::Before, 1),
            FactType::Name([]) => json!(dice.pick(&names(&tested.name))),
            FactType::Name(names) => {
                // What accounts and disasters mostly are.
                let usual = ["active", "active", "flood", "app", "equal_instalment", "defaulted", "typhoon"];
                let fits: Vec<&str> = usual.into_iter().filter(|name| names.contains(name)).collect();
                if !fits.is_empty() && dice.chance(60) { json!(dice.pick(&fits)) } else { json!(dice.pick(names)) }
            }
            FactType::Names(_) => json!(dice.pick(&names(&tested.name))),
            FactType::Severity => json!(dice.pick(&["I", "II", "III", "IV"])),
            FactType::Designation => json!(dice.pick(&["severe", "affected", "affected", "adjacent", "none"])),
            FactType::Region => json!(dice.pick(REGIONS)),
        }
    }
}

/// Names that an open fact may have.
fn names(fact: &str) -> [&'static str; 3] {
    match fact {
        "account.product" => ["p1", "p2", "p3"],
        "account.currency" => ["CNY", "CNY", "USD"],
        "account.funders" => ["bank-a", "bank-b", "bank-c"],
        "account.agreements" => ["g-1", "g-2", "f-1"],
        "account.arrangements" => ["repayment_plan", "trial_plan", "recourse"],
        "borrower.flags" => ["injured", "bereaved", "vulnerable"],
        "request.evidence" => ["photo", "self_statement", "income_proof"],
        fact if fact.starts_with("area.") => ["IA", "severe", "designated"],
        _ => ["a", "b", "c"],
    }
}
