//! `defer` and `suspend`: payments moved to later, and times without any.

use super::condition::OneOrMany;
use super::date::DateRule;
use super::date::WindowRule;
use super::quantity::Cap;
use super::quantity::Quantity;
use super::quantity::Span;
use super::waive::Which;
pub use crate::account::parts::Part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Payments moved to later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defer {
    /// Overdue ones, those due in a window, or both.
    pub which: OneOrMany<Which>,
    /// The window, for `due_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<WindowRule>,
    /// How many, oldest first; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalments: Option<Quantity>,
    /// Which parts of them; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Part>>,
    /// At most so much money is moved; a list has one entry per currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<OneOrMany<Cap>>,
    /// Where they go.
    pub to: DeferTo,
    /// For `later_date`: the day; `due` is the row's own date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<DateRule>,
    /// For `spread`: additional instalments at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_terms: Option<Quantity>,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
}

/// Where deferred payments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeferTo {
    /// The chosen rows and all later ones move by the number of chosen rows.
    EndOfTerm,
    /// They become a balance due at the end.
    Maturity,
    /// They are spread over the rows to come, with `extra_terms` more.
    Spread,
    /// They are added to the next row.
    NextDue,
    /// They are due on `date`.
    LaterDate,
}

/// What additional time costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterestOnTop {
    /// Nothing.
    None,
    /// Simple interest on the unpaid principal of each moved row, over its old to its new due date.
    Accrue,
    /// The same sum added to principal, rows re-derived.
    Capitalise,
}

/// What happens to days past due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrears {
    /// Counted by the new schedule.
    Cure,
    /// They and the charges on overdue rows stand still until relief ends.
    Freeze,
    /// Both go on.
    Run,
}

/// A time without payments; the schedule stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// The first day.
    pub from: DateRule,
    /// How long.
    #[serde(rename = "for")]
    pub length: Span,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
    /// What becomes of the payments inside: `due_at_end`, or the id of a defer benefit.
    pub then: String,
    /// Whether it can be prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<Renew>,
}

/// How relief is prolonged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// By how much at a time.
    pub step: Span,
    /// At most this long in all, counted from the first day.
    pub total: Span,
}
