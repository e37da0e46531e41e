//! Values of facts as they are read, borrowed from the inputs, and the ways in which one can be missing.
//!
//! Nothing here owns memory: reading every fact of an account allocates nothing. [`Gap`] is what is kept of a missing
//! value when somebody will read it.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::snapshot::FunderShare;
use crate::account::snapshots::Snapshot;
use crate::account::snapshots::records::Name;
use crate::declaration::{Designation, Marks, Severity};
use crate::money::{Currency, Money};
use crate::policy::facts::FactType;
use crate::region::{RegionId, RegionTree};

/// A known value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// It is known that there is none: no address, no overdue row, no earlier deferral.
    Nothing,
    /// Yes or no.
    Bool(bool),
    /// A count.
    Count(i64),
    /// An amount.
    Amount(Money),
    /// A rate.
    Rate(Decimal),
    /// A day.
    Date(NaiveDate),
    /// A day that has not come: the end of an incident that goes on. Later than every day.
    NotYet,
    /// A name.
    Name(&'a str),
    /// Names.
    Names(Names<'a>),
    /// A severity.
    Severity(Severity),
    /// A designation; `None` outside.
    Designation(Option<Designation>),
    /// A region.
    Region(RegionId),
}

/// Several names, wherever they stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Names<'a> {
    /// In the request.
    Listed(&'a [String]),
    /// In the account.
    Reported(ReportedNames<'a>),
    /// In a policy.
    Of(&'a [&'a str]),
    /// Who funds a loan.
    Funders(&'a [FunderShare]),
    /// In an answer or an attribute.
    Json(&'a [serde_json::Value]),
    /// How areas are designated.
    Marks(Marks<'a>),
}

/// Names in a snapshot.
#[derive(Clone, Copy)]
pub struct ReportedNames<'a> {
    pub(super) snapshot: Snapshot<'a>,
    pub(super) list: &'a [Name],
}

impl<'a> ReportedNames<'a> {
    fn each(self) -> impl Iterator<Item = &'a str> {
        self.list.iter().filter_map(move |name| self.snapshot.text(name.text))
    }
}

impl fmt::Debug for ReportedNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.each()).finish()
    }
}

impl PartialEq for ReportedNames<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.each().eq(other.each())
    }
}

impl<'a> Names<'a> {
    /// Whether a name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::Listed(names) => names.iter().any(|own| own == name),
            Self::Reported(names) => names.each().any(|own| own == name),
            Self::Of(names) => names.contains(&name),
            Self::Funders(shares) => shares.iter().any(|own| own.party == name),
            Self::Json(names) => names.iter().any(|own| own.as_str() == Some(name)),
            Self::Marks(marks) => marks.contains(name),
        }
    }

    /// The names, where they stand.
    pub fn for_each(&self, mut show: impl FnMut(&'a str)) {
        match self {
            Self::Listed(names) => names.iter().for_each(|name| show(name)),
            Self::Reported(names) => names.each().for_each(show),
            Self::Of(names) => names.iter().for_each(|name| show(name)),
            Self::Funders(shares) => shares.iter().for_each(|own| show(&own.party)),
            Self::Json(names) => names.iter().filter_map(serde_json::Value::as_str).for_each(show),
            Self::Marks(marks) => marks.names().for_each(show),
        }
    }

    /// In alphabetical order: the one in which they were sent says nothing.
    fn to_json(self) -> serde_json::Value {
        let mut names = Vec::new();
        self.for_each(|name| names.push(name));
        names.sort_unstable();
        names.dedup();
        names.into()
    }
}

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing<'a> {
    /// The borrower can say.
    Askable(Asked<'a>),
    /// The core system did not report it; the words say what.
    Unreported(&'static str),
    /// A lender's own fact is not reported.
    Attribute(&'a str),
    /// No region has the code.
    Code(&'a str),
    /// The code of an address has several successors, and they are not designated alike.
    Successors(RegionId),
    /// No address of a role is reported for a day.
    Address(&'a str, NaiveDate),
    /// Several addresses of a role cannot be put in order.
    Undated(&'a str, NaiveDate),
    /// The policy compares with an amount in another currency than the account's.
    Currencies {
        /// The policy's.
        policy: Currency,
        /// The account's.
        account: Currency,
    },
    /// An answer or an attribute is not of the fact's type.
    Wrong(&'a serde_json::Value, FactType),
}

/// A fact that a borrower can be asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked<'a> {
    /// By its name.
    Fact(&'static str),
    /// Where the address of a role lies.
    Address(&'a str),
    /// A lender's own fact.
    Attribute(&'a str),
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(name) => f.write_str(name),
            Self::Address(role) => write!(f, "area.{role}.region"),
            Self::Attribute(name) => write!(f, "attributes.{name}"),
        }
    }
}

impl Missing<'_> {
    /// Whether the borrower can say.
    #[must_use]
    pub const fn is_askable(&self) -> bool {
        matches!(self, Self::Askable(_))
    }

    /// What is kept of it.
    #[must_use]
    pub fn gap(&self, regions: &RegionTree) -> Gap {
        match self {
            Self::Askable(asked) => Gap::Askable { fact: asked.to_string() },
            _ => Gap::Absent { what: self.words(regions) },
        }
    }

    /// What is missing, in words.
    #[must_use]
    pub fn words(&self, regions: &RegionTree) -> String {
        match self {
            Self::Askable(asked) => asked.to_string(),
            Self::Unreported(what) => (*what).to_owned(),
            Self::Attribute(name) => format!("attributes.{name} is not reported"),
            Self::Code(code) => regions.find(code).err().map(|error| error.to_string()).unwrap_or_default(),
            Self::Successors(region) => {
                let code = regions.code(*region);
                format!("the code {code} has more than one successor, and they are not designated alike")
            }
            Self::Address(role, on) => format!("no {role} address is reported for {on}"),
            Self::Undated(role, on) => format!("which {role} address held on {on} is not reported"),
            Self::Currencies { policy, account } => {
                format!("the policy compares with {policy}, the account is in {account}")
            }
            Self::Wrong(json, of) => format!("{json} is not {}", of.describe()),
        }
    }
}

/// Why a value is not known, as a decision keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "unknown", rename_all = "snake_case")]
pub enum Gap {
    /// The borrower can say.
    Askable {
        /// The fact to ask for.
        fact: String,
    },
    /// The core system did not report it.
    Absent {
        /// What is missing.
        what: String,
    },
}

impl Gap {
    /// The core system did not report something.
    #[must_use]
    pub fn absent(what: impl Into<String>) -> Self {
        Self::Absent { what: what.into() }
    }
}

/// What is seen of a fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'a> {
    /// Its value.
    Known(Value<'a>),
    /// It is not known.
    Unknown(Missing<'a>),
    /// Part of it is known: the best designation, or the names, over those addresses that are known.
    Partly(Value<'a>, Missing<'a>),
}

impl<'a> Seen<'a> {
    /// Why it is not known, or not wholly.
    #[must_use]
    pub const fn missing(&self) -> Option<&Missing<'a>> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(missing) | Self::Partly(_, missing) => Some(missing),
        }
    }

    /// A known value, or one that the core system did not report.
    pub(super) fn or_unreported(value: Option<Value<'a>>, what: &'static str) -> Self {
        value.map_or(Self::Unknown(Missing::Unreported(what)), Self::Known)
    }
}

/// An amount with its currency, read without keeping anything of the text.
fn amount(parts: &serde_json::Map<String, serde_json::Value>) -> Option<Money> {
    let part = |key: &str| parts.get(key).and_then(serde_json::Value::as_str);
    let (amount, currency) = (part("amount")?, part("currency")?);
    (parts.len() == 2).then(|| Money::parse(amount, Currency::new(currency).ok()?).ok()).flatten()
}

impl<'a> Value<'a> {
    /// As JSON, for traces.
    #[must_use]
    pub fn to_json(&self, regions: &RegionTree) -> serde_json::Value {
        match self {
            Self::Nothing => json!(null),
            Self::Bool(yes) => json!(yes),
            Self::Count(count) => json!(count),
            Self::Amount(money) => json!(money),
            Self::Rate(rate) => json!(rate.to_string()),
            Self::Date(day) => json!(day),
            Self::NotYet => json!("not_yet"),
            Self::Name(name) => json!(name),
            Self::Names(names) => names.to_json(),
            Self::Severity(severity) => json!(severity),
            Self::Designation(designation) => json!(designation.map_or("none", Designation::name)),
            Self::Region(region) => json!(regions.code(*region)),
        }
    }

    /// Reads an answer, an attribute or an override of a fact's type.
    ///
    /// # Errors
    /// It is not of that type.
    pub fn from_json(
        json: &'a serde_json::Value,
        of: FactType,
        currency: Currency,
        regions: &RegionTree,
    ) -> Result<Self, Missing<'a>> {
        use serde_json::Value as J;
        if json.is_null() {
            return Ok(Self::Nothing);
        }
        let read = match (of, json) {
            (FactType::Bool, J::Bool(yes)) => Some(Self::Bool(*yes)),
            (FactType::Count(_), J::Number(number)) => number.as_i64().filter(|n| *n >= 0).map(Self::Count),
            (FactType::Amount, J::Object(parts)) => amount(parts).map(Self::Amount),
            (FactType::Amount, J::String(text)) => Money::parse(text, currency).ok().map(Self::Amount),
            (FactType::Rate, J::String(text)) => Decimal::from_str_exact(text).ok().map(Self::Rate),
            (FactType::Date, J::String(text)) if text == "not_yet" => Some(Self::NotYet),
            (FactType::Date, J::String(text)) => text.parse().ok().map(Self::Date),
            (FactType::Name(names), J::String(text)) if names.is_empty() || names.contains(&text.as_str()) => {
                Some(Self::Name(text))
            }
            (FactType::Names(_), J::Array(list)) if list.iter().all(J::is_string) => {
                Some(Self::Names(Names::Json(list)))
            }
            (FactType::Severity, J::String(_)) => Severity::deserialize(json).ok().map(Self::Severity),
            (FactType::Designation, J::String(text)) if text == "none" => Some(Self::Designation(None)),
            (FactType::Designation, J::String(_)) => {
                Designation::deserialize(json).ok().map(|found| Self::Designation(Some(found)))
            }
            (FactType::Region, J::String(code)) => {
                return regions.known(code).map(Self::Region).ok_or(Missing::Code(code));
            }
            _ => None,
        };
        read.ok_or(Missing::Wrong(json, of))
    }
}
