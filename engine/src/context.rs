//! The circumstances of a decision: the day, the calendar, the lender's own facts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::dates::Calendar;
use crate::policy::facts::Attributes;

/// What a decision is made in. Days are civil days in the lender's zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The decision day.
    pub today: NaiveDate,
    /// The lender's zone, as an IANA name; for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Working days.
    #[serde(default)]
    pub calendar: Calendar,
    /// The types of the lender's own facts.
    #[serde(default)]
    pub attributes: Attributes,
    /// Facts set by hand, by name, on whatever day: for cases and for "what if". They go before everything else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, serde_json::Value>,
    /// Numbers left to the reviewer, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviewer_choices: BTreeMap<String, u32>,
}

impl Context {
    /// A plain decision day, weekends off, no facts of the lender's own.
    #[must_use]
    pub fn on(today: NaiveDate) -> Self {
        Self {
            today,
            zone: None,
            calendar: Calendar::default(),
            attributes: Attributes::new(),
            facts: BTreeMap::new(),
            reviewer_choices: BTreeMap::new(),
        }
    }
}
