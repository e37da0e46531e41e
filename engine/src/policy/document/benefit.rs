//! Benefits: one of the kinds each; the smaller kinds stand here.

use super::condition::OneOrMany;
use super::date::DateRule;
use super::defer::Defer;
use super::defer::Renew;
use super::defer::Suspend;
use super::quantity::Quantity;
use super::quantity::Span;
use super::waive::Waive;
use crate::rate::Rate;
use crate::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rule grants: exactly one of its kinds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// Unique in the policy.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Whether the borrower has to agree before it is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// Charges or interest no longer owed, or paid back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waive: Option<Waive>,
    /// Payments moved to later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defer: Option<Defer>,
    /// A time without payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Suspend>,
    /// A time without interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_interest: Option<PauseInterest>,
    /// A time at a lower rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_rate: Option<ReduceRate>,
    /// Something the lender stops doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Money given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<Goodwill>,
    /// A longer time to withdraw or to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_window: Option<ExtendWindow>,
}

/// A time without interest; both days included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseInterest {
    /// The first day.
    pub from: DateRule,
    /// The last day.
    pub until: DateRule,
}

/// A time at a lower rate; both days included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReduceRate {
    /// The first day.
    pub from: DateRule,
    /// The last day.
    pub until: DateRule,
    /// The annual rate inside; it never raises the contract's.
    pub to: Rate,
}

/// Something the lender stops doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// What.
    #[schemars(length(min = 1))]
    pub what: Vec<HoldKind>,
    /// The first day.
    pub from: DateRule,
    /// The last day; left out, until it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateRule>,
    /// For an open hold: the day on which a person looks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<DateRule>,
    /// How the account is reported meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_as: Option<ReportAs>,
    /// Whether reports already sent for the time inside are corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_past: Option<bool>,
    /// Whether it can be prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<Renew>,
}

/// What a hold stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldKind {
    /// 停催: collections.
    Collections,
    /// 征信保护: adverse credit reporting.
    CreditReporting,
    /// Lawsuits and repossession.
    Enforcement,
    /// Automatic debits.
    AutoDebit,
}

/// How an account is reported during a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportAs {
    /// Not at all.
    NotReported,
    /// As not overdue.
    NotOverdue,
    /// As it stood when the disaster began.
    AsAtStart,
    /// By the adjusted schedule.
    BySchedule,
}

/// Money given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goodwill {
    /// How much; a list has one entry per currency.
    pub amount: OneOrMany<Quantity>,
}

/// A longer time to withdraw or to pay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendWindow {
    /// Which window.
    pub window: WindowKind,
    /// By how much.
    pub by: Span,
}

/// Windows that can be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// 犹豫期: the time in which the borrower may withdraw.
    CoolingOff,
    /// The days after a due date in which payment is still in time.
    Grace,
}
