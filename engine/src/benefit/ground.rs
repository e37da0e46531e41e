//! The ground that a benefit works on: one account in one decision, with what earlier relief for the event gave.

use std::fmt;

use chrono::NaiveDate;

use super::given::Given;
use crate::account::parts::Parts;
use crate::account::position::{Position, Row};
use crate::adjustment::{Adjustment, Cause, Target};
use crate::facts::Facts;
use crate::facts::value::{Gap, Seen, Value};
use crate::history::Grant;
use crate::money::{Currency, Money, MoneyError, Rounding};
use crate::policy::document::{Chooser, Part};
use crate::policy::facts::{FactRef, FactType};
use crate::policy::program::{BenefitProgram, QuantityExpr};
use crate::reason::Reason;
use crate::schedule::ScheduleError;

/// Arithmetic that left its range: an error of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineError {
    /// Of money.
    Money(MoneyError),
    /// Of a schedule.
    Schedule(ScheduleError),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(error) => error.fmt(f),
            Self::Schedule(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<MoneyError> for EngineError {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}

impl From<ScheduleError> for EngineError {
    fn from(error: ScheduleError) -> Self {
        Self::Schedule(error)
    }
}

/// One benefit of one policy for one event, and the account as it stands when the benefit's turn comes.
pub struct Ground<'a> {
    /// Facts of the account.
    pub facts: &'a Facts<'a>,
    /// Rows and charges after what came before in the order of effect.
    pub position: &'a Position,
    /// The policy.
    pub policy: &'a str,
    /// Its version.
    pub version: u32,
    /// The benefit.
    pub benefit: &'a BenefitProgram,
    /// Earlier relief for the event.
    pub given: &'a Given,
    /// The day since which the claim stands as it does: grants of that day and later were decided beside it.
    pub since: NaiveDate,
}

/// What a benefit comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effect {
    /// What it does; nothing when empty.
    pub adjustments: Vec<Adjustment>,
    /// What a person has to look at.
    pub reasons: Vec<Reason>,
}

impl Effect {
    /// It would change nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A person has to look.
    #[must_use]
    pub fn because(reason: Reason) -> Self {
        Self { adjustments: Vec::new(), reasons: vec![reason] }
    }
}

impl From<Gap> for Reason {
    fn from(gap: Gap) -> Self {
        match gap {
            Gap::Askable { fact } => Self::Absent { what: fact },
            Gap::Absent { what } => Self::Absent { what },
        }
    }
}

/// Why quantities cannot be compared.
const UNLIKE: &str = "amounts of one currency: the policy compares two, and they are never converted";

/// What a quantity comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A number.
    Count(i64),
    /// An amount.
    Amount(Money),
}

impl Measure {
    /// The number.
    #[must_use]
    pub const fn count(self) -> Option<i64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Amount(_) => None,
        }
    }

    /// The amount.
    #[must_use]
    pub const fn amount(self) -> Option<Money> {
        match self {
            Self::Amount(money) => Some(money),
            Self::Count(_) => None,
        }
    }

    /// The amount, if it is of this currency: others say nothing about the account.
    #[must_use]
    pub fn amount_in(self, currency: Currency) -> Option<Money> {
        self.amount().filter(|money| money.currency() == currency)
    }

    /// Whether both are numbers, or amounts of one currency: nothing else can be compared.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Count(_), Self::Count(_)) => true,
            (Self::Amount(a), Self::Amount(b)) => a.currency() == b.currency(),
            _ => false,
        }
    }

    const fn size(self) -> i64 {
        match self {
            Self::Count(count) => count,
            Self::Amount(money) => money.minor(),
        }
    }
}

impl Ground<'_> {
    /// The decision day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.facts.context.today
    }

    /// What this benefit took of a target before for the event.
    #[must_use]
    pub fn used_on(&self, target: &Target) -> Money {
        let used = self.given.by_on(self.policy, &self.benefit.id, target);
        used.unwrap_or(Money::zero(self.position.currency))
    }

    /// What of a row's unpaid parts was owed on its instalment before deferrals and suspensions. What they put on it
    /// is the price of relief, or was given already: no benefit gives it again. It lies on the rows that they put it on,
    /// and where these no longer owe so much, on the last.
    pub fn unpaid_before(&self, row: &Row) -> Result<Parts, MoneyError> {
        let unpaid = row.unpaid()?;
        let Some(moved) = self.given.moved(&row.state.origin) else { return Ok(unpaid) };
        let rows = self.position.rows.as_deref().unwrap_or_default();
        let own: Vec<&Row> = rows.iter().filter(|other| other.state.origin == row.state.origin).collect();
        let mut before = Parts::zero(unpaid.currency());
        for part in [Part::Principal, Part::Interest, Part::Fees] {
            let mut owed: Vec<(i64, i64)> = Vec::new();
            for other in &own {
                let put = self.given.put(&other.id).map_or(0, |put| put.get(part).minor());
                owed.push((other.unpaid()?.get(part).minor().max(0), put));
            }
            let whole =
                owed.iter().try_fold(0_i64, |sum, (owed, _)| sum.checked_add(*owed)).ok_or(MoneyError::Overflow)?;
            let mut left = whole.saturating_sub(moved.get(part).minor()).max(0);
            let mut kept: Vec<i64> = vec![0; owed.len()];
            for spared in [true, false] {
                for ((owed, put), kept) in owed.iter().zip(&mut kept) {
                    let room = if spared { owed.saturating_sub(*put) } else { owed.saturating_sub(*kept) };
                    let size = room.clamp(0, left);
                    *kept = kept.saturating_add(size);
                    left = left.saturating_sub(size);
                }
            }
            let size = own.iter().zip(kept).find(|(other, _)| other.id == row.id).map_or(0, |(_, kept)| kept);
            before = before.with(part, Money::new(size, unpaid.currency()));
        }
        Ok(before)
    }

    /// The grant of another policy or event that relieved one of some targets beside this claim, as people call it. A
    /// target is relieved by one policy; a request that comes later, or a policy or amendment, is decided anew.
    #[must_use]
    pub fn relieved_by_other(&self, targets: &[Target]) -> Option<String> {
        let relieves = |adjustment: &Adjustment| match adjustment {
            Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
                targets.contains(&relieved.target)
            }
            _ => false,
        };
        let event = &self.facts.declared.event;
        let mut others = self.beside().filter(|grant| grant.policy != self.policy || grant.event != *event);
        let other = others.find(|grant| grant.adjustments.iter().any(relieves))?;
        Some(if other.policy == self.policy {
            format!("{} ({})", other.policy, other.event)
        } else {
            other.policy.clone()
        })
    }

    /// The other benefit that changed the rate beside this one: there is one change of the rate.
    #[must_use]
    pub fn rate_by_other(&self) -> Option<String> {
        let event = &self.facts.declared.event;
        let changes = |one: &Adjustment| matches!(one, Adjustment::Schedule(change) if change.cause == Cause::Rate);
        let own =
            |grant: &&Grant| grant.policy == self.policy && grant.event == *event && grant.benefit == self.benefit.id;
        let mut others = self.beside().filter(|grant| !own(grant));
        let other = others.find(|grant| grant.adjustments.iter().any(changes))?;
        Some(format!("{}/{}", other.policy, other.benefit))
    }

    /// Live grants to the account that were decided while this claim stood as it does.
    fn beside(&self) -> impl Iterator<Item = &Grant> {
        let own = self.facts.history.own(self.facts.snapshot.number());
        own.filter(|grant| grant.decided_on >= self.since)
    }

    /// A quantity; an error is a gap in what is known.
    pub fn quantity(&self, expr: &QuantityExpr) -> Result<Result<Measure, Gap>, MoneyError> {
        match expr {
            QuantityExpr::Count(count) | QuantityExpr::UpTo(count) => Ok(Ok(Measure::Count(*count))),
            QuantityExpr::Amount(money) => Ok(Ok(Measure::Amount(*money))),
            QuantityExpr::Fact(fact) => self.fact(fact),
            QuantityExpr::Min(parts) => {
                let mut least: Option<Measure> = None;
                for part in parts {
                    match (self.quantity(part)?, least) {
                        (Err(gap), _) => return Ok(Err(gap)),
                        (Ok(found), Some(known)) if !found.is_like(known) => return Ok(Err(Gap::absent(UNLIKE))),
                        (Ok(found), Some(known)) if found.size() >= known.size() => {}
                        (Ok(found), _) => least = Some(found),
                    }
                }
                Ok(least.ok_or_else(|| Gap::absent("a quantity")))
            }
            QuantityExpr::Minus(first, second) => match (self.quantity(first)?, self.quantity(second)?) {
                (Err(gap), _) | (_, Err(gap)) => Ok(Err(gap)),
                (Ok(first), Ok(second)) if !first.is_like(second) => Ok(Err(Gap::absent(UNLIKE))),
                (Ok(Measure::Count(a)), Ok(second)) => Ok(Ok(Measure::Count(a.saturating_sub(second.size()).max(0)))),
                (Ok(Measure::Amount(a)), Ok(second)) => {
                    let left = a.minor().checked_sub(second.size()).ok_or(MoneyError::Overflow)?;
                    Ok(Ok(Measure::Amount(Money::new(left.max(0), a.currency()))))
                }
            },
            QuantityExpr::Share(share, fact) => match self.fact(fact)? {
                Ok(Measure::Amount(money)) => Ok(Ok(Measure::Amount(money.mul(share.0, Rounding::HalfUp)?))),
                other => Ok(other),
            },
            QuantityExpr::Choose { from, up_to, default, by } => {
                Ok(Ok(Measure::Count(self.chosen(*by).unwrap_or(*default).clamp(*from, *up_to))))
            }
            QuantityExpr::Interrupted(window) => {
                let found = match self.facts.window(window)? {
                    Ok(found) => found,
                    Err(gap) => return Ok(Err(gap)),
                };
                let mut incident = self.facts.declared.incident;
                // While the incident goes on, what it has interrupted so far counts.
                incident.until = incident.until.or(Some(self.today()));
                let overlap = if found.empty { None } else { found.window.overlap(&incident) };
                Ok(Ok(Measure::Count(overlap.and_then(|days| days.days()).unwrap_or(0))))
            }
        }
    }

    /// The number that the borrower or the reviewer chose for this benefit.
    fn chosen(&self, by: Chooser) -> Option<i64> {
        let choices = match by {
            Chooser::Borrower => self.facts.request.map(|request| &request.choices),
            Chooser::Reviewer => Some(&self.facts.context.reviewer_choices),
        };
        let full = format!("{}/{}", self.policy, self.benefit.id);
        choices.and_then(|all| all.get(&full).or_else(|| all.get(&self.benefit.id))).map(|count| i64::from(*count))
    }

    fn fact(&self, fact: &FactRef) -> Result<Result<Measure, Gap>, MoneyError> {
        let of = match fact.entry() {
            Some(entry) => entry.of,
            None => {
                let own = self.facts.context.attributes.get(fact.of.as_deref().unwrap_or_default());
                own.map_or(FactType::Amount, |own| own.of.fact_type())
            }
        };
        Ok(match self.facts.single(fact, of, self.today())? {
            Seen::Known(Value::Count(count)) => Ok(Measure::Count(count)),
            Seen::Known(Value::Amount(money)) => Ok(Measure::Amount(money)),
            Seen::Known(_) => Err(Gap::absent(format!("{} has no value", fact.name()))),
            Seen::Unknown(missing) | Seen::Partly(_, missing) => Err(missing.gap(self.facts.regions)),
        })
    }
}
