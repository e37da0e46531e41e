//! Values of facts and the ways in which one can be unknown.

use chrono::NaiveDate;
use forbear_engine::declaration::{Designation, Severity};
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::facts::FactType;
use forbear_engine::region::{RegionId, RegionTree};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// There is none.
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
    Day(NaiveDate),
    /// A day that has not come.
    NotYet,
    /// A name.
    Name(String),
    /// Names.
    Names(Vec<String>),
    /// How grave: IV is 1, I is 4.
    Gravity(u8),
    /// How an area is marked: none is 0, severe is 3.
    Mark(u8),
    /// A region.
    Region(RegionId),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// The borrower can say: the fact.
    Ask(String),
    /// The core system did not report it.
    Absent,
}

/// What is seen of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A value.
    Known(Value),
    /// Nothing.
    Unknown(Gap),
    /// The best, or all, of those addresses that are known.
    Partly(Value, Gap),
}

impl Seen {
    /// A value, or absent.
    pub fn reported(value: Option<Value>) -> Self {
        value.map_or(Self::Unknown(Gap::Absent), Self::Known)
    }

    /// Why it is not wholly known.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(gap) | Self::Partly(_, gap) => Some(gap),
        }
    }
}

/// IV is 1, I is 4.
#[must_use]
pub fn gravity(severity: Severity) -> u8 {
    match severity {
        Severity::I => 4,
        Severity::II => 3,
        Severity::III => 2,
        Severity::IV => 1,
    }
}

/// None is 0, severe is 3.
#[must_use]
pub fn mark(designation: Option<Designation>) -> u8 {
    match designation {
        None => 0,
        Some(Designation::Adjacent) => 1,
        Some(Designation::Affected) => 2,
        Some(Designation::Severe) => 3,
    }
}

/// Names of marks, by rank.
pub const MARKS: [&str; 4] = ["none", "adjacent", "affected", "severe"];
/// Names of severities, by gravity less one.
pub const SEVERITIES: [&str; 4] = ["IV", "III", "II", "I"];

/// The place of a name in a list.
#[must_use]
pub fn rank(names: &[&str], name: &str) -> Option<u8> {
    names.iter().position(|known| *known == name).map(|at| at as u8)
}

/// Reads an answer, an attribute or a fact set by hand; none when it is not of the type.
#[must_use]
pub fn read(json: &Json, of: FactType, currency: Currency) -> Option<Value> {
    let regions = RegionTree::builtin();
    match (of, json) {
        (_, Json::Null) => Some(Value::Nothing),
        (FactType::Bool, Json::Bool(yes)) => Some(Value::Bool(*yes)),
        (FactType::Count(_), Json::Number(number)) => number.as_i64().filter(|count| *count >= 0).map(Value::Count),
        (FactType::Amount, Json::Object(_)) => serde_json::from_value(json.clone()).ok().map(Value::Amount),
        (FactType::Amount, Json::String(text)) => Money::parse(text, currency).ok().map(Value::Amount),
        (FactType::Rate, Json::String(text)) => text.parse().ok().map(Value::Rate),
        (FactType::Date, Json::String(text)) if text == "not_yet" => Some(Value::NotYet),
        (FactType::Date, Json::String(text)) => text.parse().ok().map(Value::Day),
        (FactType::Name(names), Json::String(text)) => {
            (names.is_empty() || names.contains(&text.as_str())).then(|| Value::Name(text.clone()))
        }
        (FactType::Names(_), Json::Array(list)) => {
            list.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>().map(Value::Names)
        }
        (FactType::Severity, Json::String(text)) => rank(&SEVERITIES, text).map(|at| Value::Gravity(at + 1)),
        (FactType::Designation, Json::String(text)) => rank(&MARKS, text).map(Value::Mark),
        (FactType::Region, Json::String(code)) => regions.find(code).ok().map(Value::Region),
        _ => None,
    }
}
