//! Numbers and amounts that depend: caps, counts, spans.

use super::date::WindowRule;
use crate::money::Amount;
use crate::money::Currency;
use crate::rate::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A count or an amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Quantity {
    /// Exactly this many.
    Count(u32),
    /// Something that depends.
    Object(Box<QuantityObject>),
}

/// A quantity that depends: exactly one of its forms.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantityObject {
    /// As many as there are, but at most this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u32>,
    /// A constant amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The amount's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The value of a fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// The smallest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Vec<Quantity>>,
    /// The first less the second, never below zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minus: Option<Vec<Quantity>>,
    /// A share `of` an amount fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
    /// The amount fact that the share is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Left to somebody, within bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
    /// The days of this window that fell into the incident period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<WindowRule>,
}

/// A number left to the borrower or the reviewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    /// At least.
    pub from: u32,
    /// At most.
    pub up_to: u32,
    /// Who chooses.
    pub by: Chooser,
    /// What holds when nothing is chosen.
    pub default: u32,
}

/// Who chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Chooser {
    /// The borrower, in the request.
    Borrower,
    /// The person who reviews it.
    Reviewer,
}

/// A stretch of time: days or calendar months.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Quantity>,
    /// Calendar months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<Quantity>,
}

/// At most so much: an amount in a currency, or `most`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// A constant amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Or a quantity that depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Quantity>,
    /// For each charge, or for the account in this event.
    pub per: CapPer,
}

/// What a cap is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapPer {
    /// Each charge.
    Charge,
    /// The account: this benefit and event, refunds included, oldest charge first.
    Account,
}
