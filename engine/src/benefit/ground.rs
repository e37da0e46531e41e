//! The ground that a benefit works on: one account in one decision, with what earlier relief for the event gave.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use crate::account::position::{Position, Row};
use crate::adjustment::{Adjustment, Cause, StandingOrder, Target};
use crate::facts::Facts;
use crate::facts::value::{Gap, Seen, Value};
use crate::history::Grant;
use crate::money::{Currency, Money, MoneyError, Rounding};
use crate::policy::document::Chooser;
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

/// Earlier relief for one event, by any policy.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Relieved on each target.
    relieved: BTreeMap<Target, Money>,
    /// Relieved by each benefit: policy, benefit.
    by_benefit: BTreeMap<(String, String), Money>,
    /// Relieved by each benefit on each target: policy, benefit, target.
    by_target: BTreeMap<(String, String, Target), Money>,
    /// The last day for which interest was paused or reduced.
    rate_until: Option<NaiveDate>,
    /// Instalments that were deferred, by origin.
    pub chosen: Vec<String>,
    /// Rows that relief made: they were not there before it.
    pub made: Vec<String>,
    /// Where they were due before, by origin.
    first_due: BTreeMap<String, NaiveDate>,
    /// Live grants.
    grants: Vec<Grant>,
}

impl Given {
    /// Collects the live grants of an event.
    pub fn of<'a>(grants: impl Iterator<Item = &'a Grant>) -> Result<Self, MoneyError> {
        let mut given = Self::default();
        for grant in grants {
            for adjustment in &grant.adjustments {
                given.count(grant, adjustment)?;
            }
            given.grants.push(grant.clone());
        }
        Ok(given)
    }

    fn count(&mut self, grant: &Grant, adjustment: &Adjustment) -> Result<(), MoneyError> {
        match adjustment {
            Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
                let zero = Money::zero(relieved.amount.currency());
                let sum = self.relieved.entry(relieved.target.clone()).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
                let key = (grant.policy.clone(), grant.benefit.clone());
                let sum = self.by_benefit.entry(key).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
                let key = (grant.policy.clone(), grant.benefit.clone(), relieved.target.clone());
                let sum = self.by_target.entry(key).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
            }
            Adjustment::Schedule(change) => {
                self.chosen.extend(change.chosen.iter().cloned());
                if change.cause == Cause::Rate {
                    self.rate_until = self.rate_until.max(change.relief_end);
                }
                let made = change.changes.iter().filter(|row| row.before.is_none());
                let made = made.filter(|row| row.after.as_ref().is_some_and(|after| after.origin == row.row));
                self.made.extend(made.map(|row| row.row.clone()));
                for before in change.changes.iter().filter_map(|row| row.before.as_ref()) {
                    self.first_due.entry(before.origin.clone()).or_insert(before.due_on);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Relieved on a target so far.
    #[must_use]
    pub fn on(&self, target: &Target) -> Option<Money> {
        self.relieved.get(target).copied()
    }

    /// Relieved by a benefit so far.
    #[must_use]
    pub fn by(&self, policy: &str, benefit: &str) -> Option<Money> {
        self.by_benefit.get(&(policy.to_owned(), benefit.to_owned())).copied()
    }

    /// The last day for which interest was paused or reduced.
    #[must_use]
    pub const fn rate_until(&self) -> Option<NaiveDate> {
        self.rate_until
    }

    /// A row's due date before this event's relief.
    #[must_use]
    pub fn due_before(&self, row: &Row) -> NaiveDate {
        self.first_due.get(&row.state.origin).copied().unwrap_or(row.state.due_on)
    }

    /// Deferred instalments that no row holds any more, because what was owed went into another row: each as the day
    /// on which it was due before. They were given and count.
    pub fn gone<'s>(&'s self, rows: &'s [Row]) -> impl Iterator<Item = NaiveDate> + 's {
        let held = |origin: &str| rows.iter().any(|row| row.state.origin == origin);
        let gone = self.chosen.iter().collect::<BTreeSet<_>>().into_iter().filter(move |origin| !held(origin));
        gone.filter_map(|origin| self.first_due.get(origin).copied())
    }

    /// Live grants of a benefit, oldest first.
    pub fn grants<'s>(&'s self, policy: &'s str, benefit: &'s str) -> impl Iterator<Item = &'s Grant> {
        self.grants.iter().filter(move |grant| grant.policy == policy && grant.benefit == benefit)
    }

    /// The benefit's latest live standing order.
    #[must_use]
    pub fn standing_order(&self, policy: &str, benefit: &str) -> Option<StandingOrder> {
        let adjustments = self.grants(policy, benefit).flat_map(|grant| &grant.adjustments);
        let orders =
            adjustments.filter_map(|one| if let Adjustment::StandingOrder(order) = one { Some(order) } else { None });
        orders.last().cloned()
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
        let key = (self.policy.to_owned(), self.benefit.id.clone(), target.clone());
        self.given.by_target.get(&key).copied().unwrap_or(Money::zero(self.position.currency))
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
