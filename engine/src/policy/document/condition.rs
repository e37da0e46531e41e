//! Conditions: tests of facts, and how they are put together.

use super::date::DateObject;
use super::date::DateRule;
use super::date::WindowRule;
use crate::money::Money;
use crate::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A condition: `all`, `any` or `not` over others, or a test of one fact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A name for reasons and coverage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it demands, in the borrower's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// Every one holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Condition>>,
    /// At least one holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Condition>>,
    /// It does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Condition>>,
    /// The fact that is tested; `forbear facts` lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// For `area.designation` and `area.designations`: the addresses that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The day on which the fact is taken; the decision day when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<DateRule>,
    /// For a fact about a person: whether one borrower is enough or all must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Operand>,
    /// Different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_not: Option<Operand>,
    /// One of these.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub is_in: Option<Vec<Operand>>,
    /// None of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in: Option<Vec<Operand>>,
    /// This much or more (以上); for dates, this day or later; for severity, this grave or graver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Operand>,
    /// This much or less; for dates, this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Operand>,
    /// More than this; for dates, after this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Operand>,
    /// Less than this (以下); for dates, before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Operand>,
    /// A region inside one of these regions, or a date inside a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// A set that contains one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has: Option<OneOrMany<String>>,
    /// Whether the fact is known at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
}

/// Whether one borrower is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// One of the borrowers is enough.
    AnyParty,
    /// It must hold for each of them.
    EveryParty,
}

/// What a fact is compared with; which form fits depends on the fact's type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Operand {
    /// For yes-or-no facts.
    Bool(bool),
    /// For counts and days.
    Int(i64),
    /// A name, a region code, a rate such as `"0.24"`, a date such as `"2026-06-01"`, or a date's name.
    Text(String),
    /// An amount.
    Money(Money),
    /// A computed date.
    Date(DateObject),
}

/// One value, or a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// Both forms as a slice.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What `within` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Within {
    /// One region code.
    Region(String),
    /// Several region codes.
    Regions(Vec<String>),
    /// A window of days.
    Window(WindowRule),
}
