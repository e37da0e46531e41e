//! `waive`: what is no longer owed.

use super::condition::OneOrMany;
use super::date::WindowRule;
use super::quantity::Cap;
use super::quantity::Quantity;
use crate::account::snapshot::Bearer;
use crate::account::snapshot::ChargeKind;
use crate::rate::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Charges, or the interest of some instalments, that are no longer owed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// Kinds of charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<Vec<ChargeKind>>,
    /// Or: the interest of these instalments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<InterestOf>,
    /// The days on which a charge must have been assessed, or over which it accrued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrued: Option<WindowRule>,
    /// How much of each charge; the whole when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
    /// What happens to the part that is already paid; it is left when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_paid: Option<IfPaid>,
    /// At most so much; a list has one entry per currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<OneOrMany<Cap>>,
    /// Who bears it; left out, whoever earns the charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub borne_by: Option<BorneBy>,
}

/// Instalments whose interest is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestOf {
    /// Overdue ones, those due in a window, or both.
    pub which: OneOrMany<Which>,
    /// The window, for `due_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<WindowRule>,
    /// How many, oldest first; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalments: Option<Quantity>,
}

/// What happens to the paid part of what is waived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IfPaid {
    /// Nothing.
    Leave,
    /// It is paid back.
    Refund,
    /// It counts towards the next payment.
    CreditNext,
}

/// Who bears a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BorneBy {
    /// The lender, the guarantor or a funder.
    pub party: Bearer,
    /// The agreement that says so; needed for all but the lender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
}

/// Which instalments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Unpaid ones whose due date is past on the decision day.
    Overdue,
    /// Those due in the window `due`.
    DueIn,
}
