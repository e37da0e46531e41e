//! A borrower asking for relief.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request, with what the borrower has answered and chosen so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// When it was received.
    pub requested_on: NaiveDate,
    /// How: app, page, hotline, sms, branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Answers to questions, by fact. For an address, a region code, or null when there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, serde_json::Value>,
    /// Numbers left to the borrower, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence supplied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Of several offers, the one taken: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
}
