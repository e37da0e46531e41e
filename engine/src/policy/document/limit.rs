//! Limits, approval and evidence.

use super::condition::Condition;
use super::condition::OneOrMany;
use crate::money::Amount;
use crate::money::Currency;
use crate::money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much and how often at most: exactly one of `count`, `deferred_instalments`, `amount`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Granted decisions under this policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Instalments deferred, by any policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_instalments: Option<AtMost>,
    /// Waived, refunded and goodwill money under this policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The amount's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// For each account, or for the borrower with all of theirs.
    pub per: LimitPer,
    /// What else it counts; when left out, the same event, or with `window` any event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<LimitScope>,
    /// Only what was granted in the time before the decision day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<LimitWindow>,
}

/// A bound on a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtMost {
    /// This many or fewer.
    pub at_most: u32,
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitPer {
    /// The account's.
    Account,
    /// The borrower's, over all accounts.
    Borrower,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// What was granted for the same event.
    Event,
    /// What was granted for the same declaration.
    Declaration,
    /// What was granted for any event.
    Any,
}

/// A rolling time before the decision day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitWindow {
    /// Calendar months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// When a person has to approve. It measures waived, refunded and goodwill money and the loss in present value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Nobody, up to this; left out, a person always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_up_to: Option<OneOrMany<Money>>,
    /// Deferred principal has its own bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_up_to: Option<OneOrMany<Money>>,
    /// Two people, above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people_above: Option<OneOrMany<Money>>,
}

/// What the borrower has to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What: `self_statement`, `photo`, `insurance_claim`, `income_proof`, or the lender's own.
    pub kind: String,
    /// By when.
    pub due: EvidenceDue,
    /// Only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

/// When evidence is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceDue {
    /// Before anything is decided.
    BeforeDecision,
    /// Before anything is posted.
    BeforePosting,
    /// Afterwards, when asked.
    OnDemand,
}
