//! The policy document as its author writes it. Flat on purpose: an editor completes every key, and the
//! checker can say precisely what is wrong. [`super::compile`] turns it into something that cannot be wrong.

pub mod benefit;
pub mod condition;
pub mod date;
pub mod defer;
pub mod limit;
pub mod quantity;
pub mod rule;
pub mod waive;

pub use self::benefit::*;
pub use self::condition::*;
pub use self::date::*;
pub use self::defer::*;
pub use self::limit::*;
pub use self::quantity::*;
pub use self::rule::*;
pub use self::waive::*;

use crate::declaration::Kind;
use crate::declaration::Severity;
pub use crate::declaration::Source;
use crate::text::Text;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A relief policy: one version, immutable once effective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Forbear relief policy")]
pub struct Policy {
    /// Where the schema is, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The policy's name: lower-case words joined by hyphens.
    #[schemars(extend("pattern" = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub policy: String,
    /// Its version, from 1.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// What people call it.
    pub title: Text,
    /// What it is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The law, notice or guide that it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// The team that answers for it.
    pub owner: String,
    /// The day by which the owner looks at it again.
    pub review_by: NaiveDate,
    /// The days on which it may be chosen.
    pub effective: Effective,
    /// The disasters it is for; left out, every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disaster: Option<Disaster>,
    /// How relief starts.
    pub start: Start,
    /// Who may have it; left out, every account that a rule fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<Condition>,
    /// What happens when several rules hold.
    pub hit_policy: HitPolicy,
    /// What is granted to whom.
    #[schemars(length(min = 1))]
    pub rules: Vec<Rule>,
    /// How much and how often at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// When a person has to approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What the borrower has to show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// The days on which a version is in force; both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effective {
    /// The first day.
    pub from: NaiveDate,
    /// The last day; null or left out, until a newer version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// The disasters that a policy is for. What is left out does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disaster {
    /// Kinds of disaster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// How grave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeverityBound>,
    /// Declarations by name, for a policy that was made for one disaster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declarations: Option<Vec<String>>,
    /// Events by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
}

/// A bound on severity; I is the gravest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityBound {
    /// This severity or a graver one: `III` means I to III.
    pub at_least: Severity,
}
