//! Facts of one account in one decision: where each value comes from. Reading them allocates nothing.
//!
//! ```text
//! value    values and what is missing, borrowed from the inputs
//! scene    what is the same for every account: declaration, request, circumstances
//! account  the account itself      arrears  what was overdue on a day
//! ledger   its rows and charges    area     addresses and what is declared of them
//! moment   dates and windows of a policy
//! ```

mod account;
mod area;
mod arrears;
mod ledger;
pub mod moment;
mod scene;
pub mod value;

use chrono::NaiveDate;

use self::moment::Moment;
use self::value::{Asked, Missing, Names, ReportedNames, Seen, Value};
use crate::account::position::Position;
use crate::account::snapshots::Snapshot;
use crate::account::snapshots::records::Place;
use crate::context::Context;
use crate::declaration::Declared;
use crate::history::{Grant, History};
use crate::money::MoneyError;
use crate::policy::facts::{FactGroup, FactId, FactRef, FactType};
use crate::policy::program::Slot;
use crate::region::RegionTree;
use crate::request::Request;

pub(crate) use self::area::holding_address;
pub(crate) use self::arrears::{days_past_due, oldest_unpaid};
pub(crate) use self::ledger::principal_outstanding;
pub use self::scene::Scene;

/// Everything that facts are read from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The account as reported.
    pub snapshot: Snapshot<'a>,
    /// The account's position on the decision day, with relief that the core system has not confirmed; without one,
    /// the account stands as reported.
    pub position: Option<&'a Position>,
    /// The declaration as it stands.
    pub declared: &'a Declared<'a>,
    /// The request; none for proactive relief.
    pub request: Option<&'a Request>,
    /// Earlier relief.
    pub history: &'a History,
    /// The circumstances.
    pub context: &'a Context,
    /// Regions.
    pub regions: &'a RegionTree,
    /// The day on which eligibility was first decided: earlier than today for a decision that waited.
    pub first_decided_on: NaiveDate,
    /// The last day of this decision's relief, once it is known.
    pub relief_end: Option<NaiveDate>,
}

impl<'a> Facts<'a> {
    /// What does not depend on the account.
    #[must_use]
    pub const fn scene(&self) -> Scene<'a> {
        Scene {
            declared: self.declared,
            request: self.request,
            context: self.context,
            first_decided_on: self.first_decided_on,
            relief_end: self.relief_end,
        }
    }

    /// What is seen in a slot: one entry, or one for each borrower when the fact is about a person.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn see(&self, slot: &'a Slot) -> Result<Vec<Seen<'a>>, MoneyError> {
        let mut seen = Vec::new();
        self.each(slot, |entry| seen.push(entry))?;
        Ok(seen)
    }

    /// Shows what is seen in a slot, entry by entry.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn each(&self, slot: &'a Slot, show: impl FnMut(Seen<'a>)) -> Result<(), MoneyError> {
        let on = match &slot.on {
            None => Ok(Moment::Day(self.context.today)),
            Some(_) if self.is_overridden(&slot.fact) => Ok(Moment::Nothing),
            Some(expr) => self.moment(expr, None)?,
        };
        self.each_on(slot, on, show)
    }

    /// The same for a day that is known already.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn each_on(
        &self,
        slot: &'a Slot,
        on: Result<Moment, Missing<'a>>,
        mut show: impl FnMut(Seen<'a>),
    ) -> Result<(), MoneyError> {
        if let Some(seen) = self.overridden(&slot.fact, slot.of) {
            show(seen);
            return Ok(());
        }
        let on = match on {
            Ok(Moment::Day(day)) => day,
            // What holds on a day that has not come is taken today.
            Ok(Moment::NotYet) => self.context.today,
            Ok(Moment::Nothing) => {
                show(Seen::Known(Value::Nothing));
                return Ok(());
            }
            Err(missing) => {
                show(Seen::Unknown(missing));
                return Ok(());
            }
        };
        match slot.fact.id.group() {
            FactGroup::Area => self.area(slot, on, show),
            FactGroup::Borrower => self.borrowers(slot.fact.id, show),
            _ => show(self.single(&slot.fact, slot.of, on)?),
        }
        Ok(())
    }

    /// The value of a fact that is not about an area or a person, on a day.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn single(&self, fact: &'a FactRef, of: FactType, on: NaiveDate) -> Result<Seen<'a>, MoneyError> {
        if let Some(seen) = self.overridden(fact, of) {
            return Ok(seen);
        }
        let seen = match fact.id.group() {
            FactGroup::Account => self.of_account(fact.id, on)?,
            FactGroup::History => self.of_history(fact.id),
            FactGroup::Attribute => self.of_attributes(fact, of),
            FactGroup::Area | FactGroup::Borrower => Seen::Known(Value::Nothing),
            FactGroup::Declaration | FactGroup::Request | FactGroup::Context => self.scene().of(fact.id),
        };
        Ok(self.answered(seen, fact, of))
    }

    /// A fact set by hand goes before everything else.
    fn overridden(&self, fact: &FactRef, of: FactType) -> Option<Seen<'a>> {
        if self.context.facts.is_empty() {
            return None;
        }
        let json = self.context.facts.get(&fact.name())?;
        Some(Value::from_json(json, of, self.snapshot.currency(), self.regions).map_or_else(Seen::Unknown, Seen::Known))
    }

    fn is_overridden(&self, fact: &FactRef) -> bool {
        !self.context.facts.is_empty() && self.context.facts.contains_key(&fact.name())
    }

    fn answered(&self, seen: Seen<'a>, fact: &FactRef, of: FactType) -> Seen<'a> {
        self.scene().answered(seen, fact, of, self.snapshot.currency(), self.regions)
    }

    /// Names of which the account has several; none where they are not reported.
    fn listed(&self, place: Place) -> Option<Value<'a>> {
        let snapshot = self.snapshot;
        snapshot.names(place).map(|list| Value::Names(Names::Reported(ReportedNames { snapshot, list })))
    }

    fn of_history(&self, id: FactId) -> Seen<'a> {
        let own = || self.history.own(self.snapshot.number());
        let event = &self.declared.event;
        Seen::Known(match id {
            FactId::HistoryGrants => decisions(own()),
            FactId::HistoryGrantsForEvent => decisions(own().filter(|grant| grant.event == *event)),
            FactId::HistoryDeferralsForEvent => {
                decisions(own().filter(|grant| grant.event == *event && grant.is_deferral()))
            }
            FactId::HistoryDeferredInstalments => {
                let chosen = own().map(Grant::deferred_instalments).sum::<usize>();
                Value::Count(i64::try_from(chosen).unwrap_or(i64::MAX))
            }
            FactId::HistoryLastDeferralOn => {
                let last = own().filter(|grant| grant.is_deferral()).map(|grant| grant.decided_on).max();
                last.map_or(Value::Nothing, Value::Date)
            }
            _ => own().filter_map(Grant::ends_on).max().map_or(Value::Nothing, Value::Date),
        })
    }

    fn of_attributes(&self, fact: &'a FactRef, of: FactType) -> Seen<'a> {
        let name = fact.of.as_deref().unwrap_or_default();
        let json = self.snapshot.attributes().and_then(|own| own.get(name));
        match json.map(|json| Value::from_json(json, of, self.snapshot.currency(), self.regions)) {
            Some(read) => read.map_or_else(Seen::Unknown, Seen::Known),
            None if self.context.attributes.get(name).is_some_and(|own| own.ask.is_some()) => {
                Seen::Unknown(Missing::Askable(Asked::Attribute(name)))
            }
            None => Seen::Unknown(Missing::Attribute(name)),
        }
    }

    fn borrowers(&self, id: FactId, mut show: impl FnMut(Seen<'a>)) {
        const INCOME: FactRef = FactRef { id: FactId::BorrowerWithoutIncome, of: None };
        const FLAGS: FactRef = FactRef { id: FactId::BorrowerFlags, of: None };
        let without_income = || self.answered(Seen::Unknown(asked(id)), &INCOME, FactType::Bool);
        let Some(parties) = self.snapshot.parties() else {
            show(match id {
                FactId::BorrowerWithoutIncome => without_income(),
                _ => {
                    let unknown = Seen::Unknown(Missing::Unreported("the parties are not reported"));
                    self.answered(unknown, &FLAGS, FactType::Names(&[]))
                }
            });
            return;
        };
        for party in parties.iter().filter(|party| party.is_borrower()) {
            show(match (id, party.without_income) {
                (FactId::BorrowerWithoutIncome, Some(yes)) => Seen::Known(Value::Bool(yes)),
                (FactId::BorrowerWithoutIncome, None) => without_income(),
                _ => Seen::or_unreported(self.listed(party.flags), "the care flags of a borrower are not reported"),
            });
        }
    }
}

/// How many decisions some grants came from.
fn decisions<'g>(grants: impl Iterator<Item = &'g Grant>) -> Value<'static> {
    let keys: std::collections::BTreeSet<_> = grants.map(Grant::decision_key).collect();
    Value::Count(i64::try_from(keys.len()).unwrap_or(i64::MAX))
}

/// A fact of the catalogue that a borrower can be asked for.
fn asked(id: FactId) -> Missing<'static> {
    let name = FactRef { id, of: None }.entry().map(|fact| fact.name);
    Missing::Askable(Asked::Fact(name.unwrap_or_default()))
}
