//! Shapes that many resources share.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use forbear_engine::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::service::{Served, ServiceError, reference};

/// Money: a decimal amount with as many places as its currency has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyBody {
    /// The amount.
    #[schema(pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$", example = "123.45")]
    pub amount: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "CNY")]
    pub currency: String,
}

impl MoneyBody {
    /// From minor units.
    #[must_use]
    pub fn of(minor: i64, currency: &str) -> Self {
        let amount = Currency::new(currency).map(|known| Money::new(minor, known).to_decimal().to_string());
        Self { amount: amount.unwrap_or_default(), currency: currency.to_owned() }
    }

    /// In minor units.
    ///
    /// # Errors
    /// It is no amount of that currency.
    pub fn read(&self, pointer: &str) -> Result<Money, Problem> {
        let currency = Currency::new(&self.currency)
            .map_err(|error| Problem::unreadable(&format!("{pointer}/currency"), error.to_string()))?;
        Money::parse(&self.amount, currency)
            .map_err(|error| Problem::unreadable(&format!("{pointer}/amount"), error.to_string()))
    }
}

/// A moment, RFC 3339 in UTC.
#[must_use]
pub fn moment(at: NaiveDateTime) -> String {
    DateTime::<Utc>::from_naive_utc_and_offset(at, Utc).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// JSON as it was kept.
///
/// # Errors
/// It is none: what is kept was damaged.
pub fn kept(text: &str) -> Served<Value> {
    serde_json::from_str(text).map_err(|error| ServiceError::unknown(format!("what was kept is no JSON: {error}")))
}

/// An id of a noun, from a path.
///
/// # Errors
/// It is none: that looks like a missing one.
pub fn id(noun: &str, text: &str) -> Result<i64, Problem> {
    reference::inside(noun, text).ok_or_else(Problem::missing)
}

/// A page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
    /// Only what stands so.
    #[serde(default)]
    pub state: Option<String>,
}

impl PageQuery {
    /// Where the page begins, and how many it holds.
    ///
    /// # Errors
    /// The cursor is none of this list, or the number is out of bounds.
    pub fn read(&self, noun: &str) -> Result<(i64, i64), Problem> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=500).contains(&limit) {
            return Err(Problem::unreadable("", "limit is from 1 to 500"));
        }
        let after = match &self.after {
            None => 0,
            Some(text) => reference::inside(noun, text)
                .ok_or_else(|| Problem::unreadable("", format!("{text} is no `next` of this list")))?,
        };
        Ok((after, limit))
    }
}

/// The cursor of the next page; none after the last.
#[must_use]
pub fn next(noun: &str, found: usize, limit: i64, last: Option<i64>) -> Option<String> {
    let full = i64::try_from(found).is_ok_and(|found| found >= limit);
    last.filter(|_| full).map(|id| reference::outside(noun, id))
}
