//! The parts of an instalment: principal, interest, fees, in one currency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Amount, Currency, Money, MoneyError};

/// Parts of an instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Principal.
    Principal,
    /// Interest.
    Interest,
    /// Scheduled fees.
    Fees,
}

/// Three amounts of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "PartsDocument", into = "PartsDocument")]
#[schemars(with = "PartsDocument")]
pub struct Parts {
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Scheduled fees.
    pub fees: Money,
}

/// Parts as documents write them: the currency once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PartsDocument {
    currency: Currency,
    principal: Amount,
    interest: Amount,
    fees: Amount,
}

impl TryFrom<PartsDocument> for Parts {
    type Error = MoneyError;
    fn try_from(document: PartsDocument) -> Result<Self, MoneyError> {
        let read = |amount: Amount| amount.in_currency(document.currency);
        Ok(Self {
            principal: read(document.principal)?,
            interest: read(document.interest)?,
            fees: read(document.fees)?,
        })
    }
}

impl From<Parts> for PartsDocument {
    fn from(parts: Parts) -> Self {
        Self {
            currency: parts.principal.currency(),
            principal: parts.principal.into(),
            interest: parts.interest.into(),
            fees: parts.fees.into(),
        }
    }
}

impl Parts {
    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { principal: zero, interest: zero, fees: zero }
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.principal.currency()
    }

    /// All three together.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.principal.add(&self.interest)?.add(&self.fees)
    }

    /// Part by part.
    pub fn add(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self {
            principal: self.principal.add(&other.principal)?,
            interest: self.interest.add(&other.interest)?,
            fees: self.fees.add(&other.fees)?,
        })
    }

    /// Part by part.
    pub fn sub(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self {
            principal: self.principal.sub(&other.principal)?,
            interest: self.interest.sub(&other.interest)?,
            fees: self.fees.sub(&other.fees)?,
        })
    }

    /// One part.
    #[must_use]
    pub const fn get(&self, part: Part) -> Money {
        match part {
            Part::Principal => self.principal,
            Part::Interest => self.interest,
            Part::Fees => self.fees,
        }
    }

    /// The same with one part replaced.
    #[must_use]
    pub const fn with(mut self, part: Part, money: Money) -> Self {
        match part {
            Part::Principal => self.principal = money,
            Part::Interest => self.interest = money,
            Part::Fees => self.fees = money,
        }
        self
    }

    /// The named parts; the others are zero.
    #[must_use]
    pub fn only(&self, parts: &[Part]) -> Self {
        parts.iter().fold(Self::zero(self.currency()), |kept, part| kept.with(*part, self.get(*part)))
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.principal.minor() == 0 && self.interest.minor() == 0 && self.fees.minor() == 0
    }
}
