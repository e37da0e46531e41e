//! Case files: facts and the decision that they should lead to.
//!
//! `given` is a scenario; each case changes it by a JSON merge patch (RFC 7396) and says what is expected.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Amount;

/// The cases of one topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Forbear policy cases")]
pub struct CaseFile {
    /// Where the schema is, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What all cases share: `today`, `declaration` or `declarations`, `account`, and where needed `request`,
    /// `history`, `facts`, `calendar`, `attributes`, `reviewer_choices`.
    pub given: serde_json::Value,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// How the expected figures were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What differs from the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub but: Option<serde_json::Value>,
    /// What has to come out.
    pub expect: Expected,
}

/// What has to come out; what is left out may be anything.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `granted`, `declined`, `needs_information`, `referred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Codes of reasons, or names of tests that would have to change; each has to be among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// The rule that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// All rules that hold, under `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// The questions, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<String>>,
    /// The kinds of evidence asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<String>>,
    /// How many people have to approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<u8>,
    /// The offers, best first: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<String>>,
    /// The amendment that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<u32>,
    /// What it waits for: names of tests that do not hold yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<Vec<String>>,
    /// Benefits by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub benefits: BTreeMap<String, ExpectedBenefit>,
}

/// What has to come out of a benefit; amounts are in the account's currency.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBenefit {
    /// Its outcome; `absent` when no rule that holds has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Codes of reasons; each has to be among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// Waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Amount>,
    /// Refunded or credited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Amount>,
    /// Given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<Amount>,
    /// Moved to later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<Amount>,
    /// Added for additional time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_interest: Option<Amount>,
    /// Never charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgone_interest: Option<Amount>,
    /// Became principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capitalised: Option<Amount>,
    /// The first day of a hold or suspension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<chrono::NaiveDate>,
    /// The last day of a hold, suspension, window, standing order or deferral's relief; null: open.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    #[schemars(with = "Option<chrono::NaiveDate>")]
    pub until: Option<Option<chrono::NaiveDate>>,
    /// Whether charges still to accrue will be waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing_order: Option<bool>,
    /// Who bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<crate::account::snapshot::Bearer>,
}

/// Tells null from left out.
mod maybe {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option)]
    pub fn serialize<S: Serializer>(value: &Option<Option<NaiveDate>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<NaiveDate>>, D::Error> {
        Option::<NaiveDate>::deserialize(deserializer).map(Some)
    }
}
