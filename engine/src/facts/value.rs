//! Values of facts, and the three ways in which one can be unknown.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use crate::declaration::{Designation, Severity};
use crate::money::{Currency, Money};
use crate::policy::facts::FactType;
use crate::region::{RegionId, RegionTree};

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// It is known that there is none: no address, no overdue row, no earlier deferral.
    Nothing,
    /// Yes or no.
    Bool(bool),
    /// A count.
    Count(i64),
    /// An amount.
    Amount(Money),
    /// A rate.
    Rate(Decimal),
    /// A day.
    Date(NaiveDate),
    /// A day that has not come: the end of an incident that goes on. Later than every day.
    NotYet,
    /// A name.
    Name(String),
    /// Names.
    Names(Vec<String>),
    /// A severity.
    Severity(Severity),
    /// A designation; `None` outside.
    Designation(Option<Designation>),
    /// A region.
    Region(RegionId),
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "unknown", rename_all = "snake_case")]
pub enum Gap {
    /// The borrower can say.
    Askable {
        /// The fact to ask for.
        fact: String,
    },
    /// The core system did not report it.
    Absent {
        /// What is missing.
        what: String,
    },
}

impl Gap {
    /// The core system did not report something.
    #[must_use]
    pub fn absent(what: impl Into<String>) -> Self {
        Self::Absent { what: what.into() }
    }
}

/// What is seen of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Its value.
    Known(Value),
    /// It is not known.
    Unknown(Gap),
    /// Part of it is known: the best designation, or the names, over those addresses that are known.
    Partly(Value, Gap),
}

impl Seen {
    /// The value, were what is missing this one.
    #[must_use]
    pub fn completed(&self, missing: &Value) -> Value {
        match (self, missing) {
            (Self::Known(known), _) => known.clone(),
            (Self::Partly(Value::Designation(known), _), Value::Designation(other)) => {
                Value::Designation((*known).max(*other))
            }
            (Self::Partly(Value::Names(known), _), Value::Names(others)) => {
                Value::Names([known.as_slice(), others.as_slice()].concat())
            }
            (Self::Unknown(_) | Self::Partly(..), _) => missing.clone(),
        }
    }

    /// Why it is not known, or not wholly.
    #[must_use]
    pub const fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(gap) | Self::Partly(_, gap) => Some(gap),
        }
    }

    /// A known value, or absent.
    pub(super) fn or_absent(value: Option<Value>, what: &str) -> Self {
        value.map_or_else(|| Self::Unknown(Gap::absent(what)), Self::Known)
    }
}

impl Value {
    /// As JSON, for traces.
    #[must_use]
    pub fn to_json(&self, regions: &RegionTree) -> serde_json::Value {
        match self {
            Self::Nothing => json!(null),
            Self::Bool(yes) => json!(yes),
            Self::Count(count) => json!(count),
            Self::Amount(money) => json!(money),
            Self::Rate(rate) => json!(rate.to_string()),
            Self::Date(day) => json!(day),
            Self::NotYet => json!("not_yet"),
            Self::Name(name) => json!(name),
            Self::Names(names) => json!(names),
            Self::Severity(severity) => json!(severity),
            Self::Designation(designation) => json!(designation.map_or("none", Designation::name)),
            Self::Region(region) => json!(regions.code(*region)),
        }
    }

    /// Reads an answer or an override of a fact's type.
    ///
    /// # Errors
    /// It is not of that type; the text says what would be right.
    pub fn from_json(
        json: &serde_json::Value,
        of: FactType,
        currency: Currency,
        regions: &RegionTree,
    ) -> Result<Self, String> {
        use serde_json::Value as J;
        let wrong = || format!("{json} is not {}", of.describe());
        if json.is_null() {
            return Ok(Self::Nothing);
        }
        match (of, json) {
            (FactType::Bool, J::Bool(yes)) => Ok(Self::Bool(*yes)),
            (FactType::Count(_), J::Number(number)) => {
                number.as_i64().filter(|n| *n >= 0).map(Self::Count).ok_or_else(wrong)
            }
            (FactType::Amount, J::Object(_)) => {
                serde_json::from_value(json.clone()).map(Self::Amount).map_err(|e| e.to_string())
            }
            (FactType::Amount, J::String(text)) => {
                Money::parse(text, currency).map(Self::Amount).map_err(|e| e.to_string())
            }
            (FactType::Rate, J::String(text)) => Decimal::from_str_exact(text).map(Self::Rate).map_err(|_| wrong()),
            (FactType::Date, J::String(text)) if text == "not_yet" => Ok(Self::NotYet),
            (FactType::Date, J::String(text)) => text.parse().map(Self::Date).map_err(|_| wrong()),
            (FactType::Name(names), J::String(text)) if names.is_empty() || names.contains(&text.as_str()) => {
                Ok(Self::Name(text.clone()))
            }
            (FactType::Names(_), J::Array(list)) => {
                let names: Option<Vec<String>> = list.iter().map(|name| name.as_str().map(str::to_owned)).collect();
                names.map(Self::Names).ok_or_else(wrong)
            }
            (FactType::Severity, J::String(_)) => {
                serde_json::from_value(json.clone()).map(Self::Severity).map_err(|_| wrong())
            }
            (FactType::Designation, J::String(text)) if text == "none" => Ok(Self::Designation(None)),
            (FactType::Designation, J::String(_)) => {
                serde_json::from_value(json.clone()).map(|found| Self::Designation(Some(found))).map_err(|_| wrong())
            }
            (FactType::Region, J::String(code)) => regions.find(code).map(Self::Region).map_err(|e| e.to_string()),
            _ => Err(wrong()),
        }
    }
}
