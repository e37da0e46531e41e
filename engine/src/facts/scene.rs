//! Facts that do not depend on the account: of the declaration, the request and the circumstances.

use chrono::{Datelike, NaiveDate};

use super::asked;
use super::value::{Missing, Names, Seen, Value};
use crate::context::Context;
use crate::dates::days_in_month;
use crate::declaration::Declared;
use crate::money::Currency;
use crate::policy::facts::{FactId, FactRef, FactType};
use crate::region::RegionTree;
use crate::request::Request;

/// What is the same for every account of a run.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The declaration as it stands.
    pub declared: &'a Declared<'a>,
    /// The request; none for proactive relief.
    pub request: Option<&'a Request>,
    /// The circumstances.
    pub context: &'a Context,
    /// The day on which eligibility was first decided.
    pub first_decided_on: NaiveDate,
    /// The last day of this decision's relief, once it is known.
    pub relief_end: Option<NaiveDate>,
}

impl<'a> Scene<'a> {
    /// The value of a fact; of one that is not the scene's, that there is none.
    #[must_use]
    pub fn of(&self, id: FactId) -> Seen<'a> {
        let declared = self.declared;
        let request = self.request;
        let first = self.first_decided_on;
        Seen::Known(match id {
            FactId::DeclarationKind => Value::Name(declared.kind.name()),
            FactId::DeclarationSeverity => match declared.severity {
                Some(severity) => Value::Severity(severity),
                None => return Seen::Unknown(Missing::Unreported("the declaration states no severity")),
            },
            FactId::DeclarationIncidentStart => declared.incident.from.map_or(Value::Nothing, Value::Date),
            FactId::DeclarationIncidentEnd => declared.incident.until.map_or(Value::NotYet, Value::Date),
            FactId::DeclarationDeclaredOn => Value::Date(declared.declared_on),
            FactId::RequestMade => Value::Bool(request.is_some()),
            FactId::RequestVia => {
                request.and_then(|request| request.via.as_deref()).map_or(Value::Nothing, Value::Name)
            }
            FactId::RequestRequestedOn => {
                Value::Date(request.map_or(self.context.today, |request| request.requested_on))
            }
            FactId::RequestEvidence => {
                Value::Names(Names::Listed(request.map(|request| request.evidence.as_slice()).unwrap_or_default()))
            }
            FactId::RequestHardship
            | FactId::RequestIncomeLost
            | FactId::RequestInsuredLoss
            | FactId::RequestPropertyDamaged
            | FactId::RequestAdverseImpact
            | FactId::RequestEvacuated
            | FactId::RequestHardshipResolved
            | FactId::RequestCanResume
            | FactId::RequestCanCatchUp => return Seen::Unknown(asked(id)),
            FactId::DecidedOn => Value::Date(self.context.today),
            FactId::ProcessingMonthStart => first.with_day(1).map_or(Value::Nothing, Value::Date),
            FactId::ProcessingMonthEnd => {
                let last = days_in_month(first.year(), first.month());
                first.with_day(last).map_or(Value::Nothing, Value::Date)
            }
            FactId::ReliefEnd => self.relief_end.map_or(Value::Nothing, Value::Date),
            _ => Value::Nothing,
        })
    }

    /// An answer fills in what is unknown; it never overrides what the lender knows.
    #[must_use]
    pub fn answered(
        &self,
        seen: Seen<'a>,
        fact: &FactRef,
        of: FactType,
        currency: Currency,
        regions: &RegionTree,
    ) -> Seen<'a> {
        if !matches!(seen, Seen::Unknown(_)) {
            return seen;
        }
        let answers = self.request.map(|request| &request.answers).filter(|answers| !answers.is_empty());
        let answer = answers.and_then(|answers| answers.get(&fact.name()));
        match answer.map(|json| Value::from_json(json, of, currency, regions)) {
            Some(Ok(value)) => Seen::Known(value),
            _ => seen,
        }
    }
}
