//! Dates and windows: an anchor, moved by months and days.

use crate::dates::BusinessDay;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// So many days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayCountRule {
    /// Calendar days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Working days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_days: Option<u32>,
}

/// A window; both ends included, an end left out is unbounded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowRule {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateRule>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateRule>,
}

/// A date: `"2026-06-01"`, a date's name such as `"incident_start"`, or one computed from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DateRule {
    /// A day or a name.
    Text(String),
    /// A computation.
    Object(DateObject),
}

/// A date computed from others: one of `after`, `later_of`, `earlier_of`, then moved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateObject {
    /// The date to count from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<DateRule>>,
    /// The latest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later_of: Option<Vec<DateRule>>,
    /// The earliest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_of: Option<Vec<DateRule>>,
    /// Calendar months on (negative: back), month ends clamped; added before days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<i32>,
    /// Days on (negative: back).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
    /// Where a day that is not a working day goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_day: Option<BusinessDay>,
}
