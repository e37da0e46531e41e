//! Earlier relief: grants, and decisions that wait for something.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::adjustment::{Adjustment, Amounts};
use crate::money::{Money, MoneyError};

/// What was granted before, to this account and to the borrower's others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Grants, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// Decisions that wait for a test to come true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaiting: Vec<Awaiting>,
}

/// A benefit made real.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Its id.
    pub grant: String,
    /// The decision that it belongs to; grants of one decision count once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The account, when it is another one of the borrower's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The event it was for.
    pub event: String,
    /// The declaration.
    pub declaration: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: u32,
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// The day it was decided.
    pub decided_on: NaiveDate,
    /// Where it stands.
    pub state: GrantState,
    /// The instruction to the core system that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// What it did.
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    /// The loss in present value that it caused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present_value_loss: Option<Money>,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Made by a decision.
    Proposed,
    /// Waits for a person.
    PendingApproval,
    /// Approved.
    Approved,
    /// Shown to the borrower.
    Offered,
    /// Agreed by the borrower.
    Accepted,
    /// In the journal, instruction sent.
    Posted,
    /// Done by the core system.
    Confirmed,
    /// Refused by the core system.
    Rejected,
    /// Taken back.
    Reversed,
}

impl GrantState {
    /// Whether the relief holds: anything but rejected and reversed.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Reversed)
    }
}

/// A decision that waits for something to come true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awaiting {
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: u32,
    /// The event.
    pub event: String,
    /// The rule whose tests it waits for.
    pub rule: String,
    /// When it was first decided; eligibility keeps the values of that day.
    pub decided_on: NaiveDate,
}

impl History {
    /// Live grants to the account itself.
    pub fn own<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Grant> {
        self.grants
            .iter()
            .filter(move |grant| grant.state.is_live() && grant.account.as_deref().is_none_or(|other| other == account))
    }

    /// Live grants to any account of the borrower.
    pub fn live(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| grant.state.is_live())
    }
}

impl Grant {
    /// What it comes to, in a currency; other currencies are left out, never converted.
    pub fn amounts(&self, currency: crate::money::Currency) -> Result<Amounts, MoneyError> {
        Amounts::of(&self.adjustments, currency)
    }

    /// What makes two grants part of one decision.
    #[must_use]
    pub fn decision_key(&self) -> (String, String) {
        let own = format!("{}:{}:{}", self.policy, self.event, self.decided_on);
        (self.account.clone().unwrap_or_default(), self.decision.clone().unwrap_or(own))
    }

    /// Whether it moves or suspends payments.
    #[must_use]
    pub fn is_deferral(&self) -> bool {
        self.adjustments.iter().any(|adjustment| match adjustment {
            Adjustment::Schedule(change) => !change.chosen.is_empty(),
            Adjustment::Suspension(_) => true,
            _ => false,
        })
    }

    /// The defer benefit that follows its suspension.
    #[must_use]
    pub fn then(&self) -> Option<&str> {
        self.adjustments.iter().find_map(|adjustment| match adjustment {
            Adjustment::Suspension(suspension) => suspension.then.as_deref(),
            _ => None,
        })
    }

    /// How many instalments it deferred.
    #[must_use]
    pub fn deferred_instalments(&self) -> usize {
        let chosen = |adjustment: &Adjustment| match adjustment {
            Adjustment::Schedule(change) => change.chosen.len(),
            _ => 0,
        };
        self.adjustments.iter().map(chosen).sum()
    }

    /// The last day of its deferral, suspension or hold.
    #[must_use]
    pub fn ends_on(&self) -> Option<NaiveDate> {
        let end = |adjustment: &Adjustment| match adjustment {
            Adjustment::Schedule(change) => change.relief_end,
            Adjustment::Suspension(suspension) => Some(suspension.until),
            Adjustment::Hold(hold) => hold.until,
            _ => None,
        };
        self.adjustments.iter().filter_map(end).max()
    }
}
