//! Rules: when they hold, how relief starts, what has to come first.

use super::benefit::Benefit;
use super::condition::Condition;
use super::date::DateRule;
use super::date::DayCountRule;
use crate::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How relief starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// On request, proactively, or both.
    #[schemars(length(min = 1))]
    pub by: Vec<StartBy>,
    /// The last day on which a request counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_by: Option<DateRule>,
    /// How long a borrower may undo proactive relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<DayCountRule>,
    /// The lender's own clock for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within: Option<DayCountRule>,
}

/// Who moves first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartBy {
    /// The borrower asks.
    Request,
    /// The lender grants without being asked (免申即享).
    Proactive,
}

/// What happens when several rules hold (DMN's word).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HitPolicy {
    /// The first rule that holds.
    First,
    /// Every rule that holds.
    All,
    /// At most one can hold; two that could is an error of the policy.
    Unique,
}

/// One row of a policy: when it holds, and what it grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique in the policy.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// When it holds; left out, always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// How relief starts under this rule; what is left out is the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<RuleStart>,
    /// A person decides instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refer: Option<Refer>,
    /// What has to happen before anything is posted.
    #[serde(rename = "await", default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Await>,
    /// What it grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<Benefit>,
}

/// A rule's own start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleStart {
    /// On request, proactively, or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Vec<StartBy>>,
    /// The last day on which a request counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_by: Option<DateRule>,
    /// How long a borrower may undo proactive relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<DayCountRule>,
    /// The lender's own clock for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within: Option<DayCountRule>,
}

/// A person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refer {
    /// Who: `reviewer`, `funder`, `guarantor`, or the lender's own desk.
    pub to: String,
    /// Why, in the borrower's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// What has to come true, and by when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Await {
    /// What has to come true.
    pub tests: Condition,
    /// The last day.
    pub by: DateRule,
}
