//! Facts of one account in one decision: where each value comes from.

mod account;
mod area;
mod arrears;
pub mod moment;
pub mod value;

use chrono::{Datelike, NaiveDate};

use self::value::{Gap, Seen, Value};
use crate::account::position::{Position, Row};
use crate::account::snapshot::{Account, Party, PartyRole};
use crate::context::Context;
use crate::dates::{Window, days_in_month};
use crate::declaration::Declared;
use crate::history::{Grant, History};
use crate::money::MoneyError;
use crate::policy::facts::{CATALOGUE, FactId, FactRef, FactType};
use crate::policy::program::{Program, Slot};
use crate::region::RegionTree;
use crate::request::Request;

/// Everything that facts are read from.
pub struct Facts<'a> {
    /// The account as reported.
    pub account: &'a Account,
    /// The account's position on the decision day, with relief that the core system has not confirmed.
    pub position: &'a Position,
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
    /// What is seen in a slot: one entry, or one for each borrower when the fact is about a person.
    pub fn see(&self, slot: &Slot) -> Result<Vec<Seen>, MoneyError> {
        let name = slot.fact.name();
        if let Some(json) = self.context.facts.get(&name) {
            let read = Value::from_json(json, slot.of, self.account.currency, self.regions);
            return Ok(vec![read.map_or_else(|error| Seen::Unknown(Gap::absent(error)), Seen::Known)]);
        }
        let on = match &slot.on {
            None => self.context.today,
            Some(expr) => match self.date(expr)? {
                Ok(moment::Moment::Day(day)) => day,
                // What holds on a day that has not come is taken today.
                Ok(moment::Moment::NotYet) => self.context.today,
                Ok(moment::Moment::Nothing) => return Ok(vec![Seen::Known(Value::Nothing)]),
                Err(gap) => return Ok(vec![Seen::Unknown(gap)]),
            },
        };
        match slot.fact.id {
            FactId::AreaRegion | FactId::AreaDesignation | FactId::AreaDesignations | FactId::AreaCountsFrom => {
                Ok(self.area(slot, on))
            }
            FactId::BorrowerWithoutIncome | FactId::BorrowerFlags => Ok(self.borrowers(&slot.fact)),
            _ => Ok(vec![self.single(&slot.fact, slot.of, on)?]),
        }
    }

    /// The value of a fact that is not about an area or a person, on a day.
    pub fn single(&self, fact: &FactRef, of: FactType, on: NaiveDate) -> Result<Seen, MoneyError> {
        let name = fact.name();
        if let Some(json) = self.context.facts.get(&name) {
            let read = Value::from_json(json, of, self.account.currency, self.regions);
            return Ok(read.map_or_else(|error| Seen::Unknown(Gap::absent(error)), Seen::Known));
        }
        let seen = match name.split('.').next() {
            Some("account") => self.of_account(fact.id, on)?,
            Some("declaration") => self.of_declaration(fact.id),
            Some("request") => self.of_request(fact.id),
            Some("history") => self.of_history(fact.id),
            Some("context") => self.of_context(fact.id),
            _ => self.of_attributes(fact, of),
        };
        Ok(self.answered(seen, &name, of))
    }

    /// An answer fills in what is unknown; it never overrides what the lender knows.
    fn answered(&self, seen: Seen, name: &str, of: FactType) -> Seen {
        let Seen::Unknown(gap) = seen else { return seen };
        let answer = self.request.and_then(|request| request.answers.get(name));
        match answer.map(|json| Value::from_json(json, of, self.account.currency, self.regions)) {
            Some(Ok(value)) => Seen::Known(value),
            _ => Seen::Unknown(gap),
        }
    }

    fn rows(&self) -> Option<&[Row]> {
        self.position.rows.as_deref()
    }

    fn of_declaration(&self, id: FactId) -> Seen {
        let declared = self.declared;
        Seen::Known(match id {
            FactId::DeclarationKind => Value::Name(declared.kind.name().to_owned()),
            FactId::DeclarationSeverity => match declared.severity {
                Some(severity) => Value::Severity(severity),
                None => return Seen::Unknown(Gap::absent("the declaration states no severity")),
            },
            FactId::DeclarationIncidentStart => declared.incident.from.map_or(Value::Nothing, Value::Date),
            FactId::DeclarationIncidentEnd => declared.incident.until.map_or(Value::NotYet, Value::Date),
            _ => Value::Date(declared.declared_on),
        })
    }

    fn of_request(&self, id: FactId) -> Seen {
        let request = self.request;
        match id {
            FactId::RequestMade => Seen::Known(Value::Bool(request.is_some())),
            FactId::RequestVia => {
                let via = request.and_then(|request| request.via.clone());
                Seen::Known(via.map_or(Value::Nothing, Value::Name))
            }
            FactId::RequestRequestedOn => {
                Seen::Known(Value::Date(request.map_or(self.context.today, |request| request.requested_on)))
            }
            FactId::RequestEvidence => {
                Seen::Known(Value::Names(request.map(|request| request.evidence.clone()).unwrap_or_default()))
            }
            _ => Seen::Unknown(Gap::Askable { fact: fact_name(id) }),
        }
    }

    fn of_history(&self, id: FactId) -> Seen {
        let own: Vec<&Grant> = self.history.own(&self.account.account).collect();
        let event = &self.declared.event;
        let decisions = |grants: &mut dyn Iterator<Item = &&Grant>| {
            let keys: std::collections::BTreeSet<_> = grants.map(|grant| grant.decision_key()).collect();
            Value::Count(i64::try_from(keys.len()).unwrap_or(i64::MAX))
        };
        Seen::Known(match id {
            FactId::HistoryGrants => decisions(&mut own.iter()),
            FactId::HistoryGrantsForEvent => decisions(&mut own.iter().filter(|grant| grant.event == *event)),
            FactId::HistoryDeferralsForEvent => {
                decisions(&mut own.iter().filter(|grant| grant.event == *event && grant.is_deferral()))
            }
            FactId::HistoryDeferredInstalments => {
                let chosen = own.iter().map(|grant| grant.deferred_instalments()).sum::<usize>();
                Value::Count(i64::try_from(chosen).unwrap_or(i64::MAX))
            }
            FactId::HistoryLastDeferralOn => {
                let last = own.iter().filter(|grant| grant.is_deferral()).map(|grant| grant.decided_on).max();
                last.map_or(Value::Nothing, Value::Date)
            }
            _ => own.iter().filter_map(|grant| grant.ends_on()).max().map_or(Value::Nothing, Value::Date),
        })
    }

    fn of_context(&self, id: FactId) -> Seen {
        let first = self.first_decided_on;
        let last = days_in_month(first.year(), first.month());
        match id {
            FactId::DecidedOn => Seen::Known(Value::Date(self.context.today)),
            FactId::ProcessingMonthStart => Seen::Known(first.with_day(1).map_or(Value::Nothing, Value::Date)),
            FactId::ProcessingMonthEnd => Seen::Known(first.with_day(last).map_or(Value::Nothing, Value::Date)),
            FactId::ReliefEnd => Seen::Known(self.relief_end.map_or(Value::Nothing, Value::Date)),
            _ => Seen::Known(Value::Nothing),
        }
    }

    fn of_attributes(&self, fact: &FactRef, of: FactType) -> Seen {
        let name = fact.of.as_deref().unwrap_or_default();
        let json = self.account.attributes.get(name);
        match json.map(|json| Value::from_json(json, of, self.account.currency, self.regions)) {
            Some(Ok(value)) => Seen::Known(value),
            Some(Err(error)) => Seen::Unknown(Gap::absent(error)),
            None if self.context.attributes.get(name).is_some_and(|own| own.ask.is_some()) => {
                Seen::Unknown(Gap::Askable { fact: fact.name() })
            }
            None => Seen::Unknown(Gap::absent(format!("{} is not reported", fact.name()))),
        }
    }

    fn borrowers(&self, fact: &FactRef) -> Vec<Seen> {
        let name = fact.name();
        let Some(parties) = &self.account.parties else {
            let unknown = match fact.id {
                FactId::BorrowerWithoutIncome => Seen::Unknown(Gap::Askable { fact: name.clone() }),
                _ => Seen::Unknown(Gap::absent("the parties are not reported")),
            };
            return vec![self.answered(unknown, &name, FactType::Bool)];
        };
        let one = |party: &Party| match fact.id {
            FactId::BorrowerWithoutIncome => match party.without_income {
                Some(yes) => Seen::Known(Value::Bool(yes)),
                None => {
                    let unknown = Seen::Unknown(Gap::Askable { fact: name.clone() });
                    self.answered(unknown, &name, FactType::Bool)
                }
            },
            _ => {
                let flags = party.flags.clone().map(Value::Names);
                Seen::or_absent(flags, "the care flags of a borrower are not reported")
            }
        };
        parties.iter().filter(|party| is_borrower(party)).map(one).collect()
    }
}

/// Whether somebody owes the loan, alone or with others.
pub(super) fn is_borrower(party: &Party) -> bool {
    matches!(party.role, PartyRole::Borrower | PartyRole::CoBorrower)
}

fn fact_name(id: FactId) -> String {
    CATALOGUE.iter().find(|fact| fact.id == id).map(|fact| fact.name.to_owned()).unwrap_or_default()
}

/// What each slot of a program shows for an account.
pub fn see_all(program: &Program, facts: &Facts<'_>) -> Result<Vec<Vec<Seen>>, MoneyError> {
    program.slots.iter().map(|slot| facts.see(slot)).collect()
}

/// The window of an address.
pub(super) fn address_window(address: &crate::account::snapshot::Address) -> Window {
    Window { from: address.valid_from, until: address.valid_until }
}
