//! The JSON form of a declaration.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Designation, Kind, Severity};
use crate::text::Text;

/// A declaration as it was first made, with its amendments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Where this form is described; for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its slug, unique: `dr-4332-tx`.
    pub declaration: String,
    /// The slug of the event; several declarations may share one.
    pub event: String,
    /// What happened.
    pub kind: Kind,
    /// How grave it is, where the authority says so; I is the gravest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What people call it.
    pub title: Text,
    /// Who declared it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// What this document was written from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// The day of the first declaration.
    pub declared_on: NaiveDate,
    /// The incident period.
    pub incident: Incident,
    /// The areas that were designated at first.
    pub areas: Vec<Area>,
    /// What was changed since, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
}

/// A public source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is called, with its number and date.
    pub cite: String,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The days of the disaster, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// The first day.
    pub start: NaiveDate,
    /// The last day; left out while the disaster goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<NaiveDate>,
}

/// A designated area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// A region's code, in force or abolished; an abolished one stands for all that succeeded it.
    pub region: String,
    /// How it is marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designation: Option<Designation>,
    /// The programmes it was designated for: `IA`, `PA` and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<String>,
    /// The day from which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_from: Option<NaiveDate>,
}

/// A change of a declaration. Removals come before additions, so that both together replace an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// 1 for the first, and so on.
    pub number: u32,
    /// The day from which it applies.
    pub on: NaiveDate,
    /// Areas that are designated from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Area>,
    /// The codes of areas that no longer are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// The new severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The new last day of the incident period, or `"open"` if it goes on after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_end: Option<IncidentEnd>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A new end of the incident period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum IncidentEnd {
    /// It ended, or ends, on this day.
    On(NaiveDate),
    /// It has no end yet.
    Open(Open),
}

/// The word `open`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// The only value.
    Open,
}

impl IncidentEnd {
    /// The day; `None` when the end is open.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::Open(_) => None,
        }
    }
}

// By hand, because the derived form would not say what is expected.
impl<'de> Deserialize<'de> for IncidentEnd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match (text.as_str(), text.parse()) {
            ("open", _) => Ok(Self::Open(Open::Open)),
            (_, Ok(day)) => Ok(Self::On(day)),
            _ => Err(D::Error::custom(format!("\"{text}\" is neither a day, as 2026-06-18, nor \"open\""))),
        }
    }
}
