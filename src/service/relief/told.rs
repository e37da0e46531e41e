//! A request in words and figures, as its borrower reads it: what was decided and why, what every payment is before and
//! after, and what is still asked.

use forbear_engine::decide::{Decision, Inputs, Outcome};
use forbear_engine::explain::compare::{Compared, compared};
use forbear_engine::explain::spoken::{Spoken, SpokenQuestion, speak};
use forbear_engine::explain::{Voice, program_of};
use forbear_engine::policy::document::{Choose, Chooser};
use forbear_engine::policy::facts::{FactRef, FactType};
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;
use serde_json::Value;

use super::ask::Asked;
use super::decide::Kept;
use crate::service::access::Principal;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::{Connection, account, request};

/// A request in words and figures.
pub struct Told {
    /// The request.
    pub asked: Asked,
    /// Its decision in words.
    pub spoken: Option<Spoken>,
    /// Every payment before and after, with what is granted and with each offer.
    pub compared: Option<Compared>,
    /// What is asked, in order, each with what kind of answer fits.
    pub questions: Vec<(SpokenQuestion, Option<FactType>)>,
    /// Kinds of evidence that are asked for.
    pub evidence: Vec<String>,
    /// Numbers that are left to the borrower.
    pub choices: Vec<Choice>,
}

/// A number that a policy leaves to somebody.
pub struct Choice {
    /// The benefit.
    pub benefit: String,
    /// What people call it.
    pub title: String,
    /// The least.
    pub from: u32,
    /// The most.
    pub up_to: u32,
    /// The one that stands.
    pub chosen: u32,
}

/// What the policies leave to the borrower of what is granted or offered, or to the reviewer of anything, with the numbers
/// that stand.
pub(super) fn choices(inputs: &Inputs<'_>, decision: &Decision, voice: &Voice<'_>, by: Chooser) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for claim in &decision.policies {
        let Some(program) = program_of(inputs, claim) else { continue };
        let Ok(document) = serde_json::to_value(&program.document) else { continue };
        let rules = document.get("rules").and_then(Value::as_array).into_iter().flatten();
        let benefits = rules.filter_map(|rule| rule.get("benefits")?.as_array()).flatten();
        for benefit in benefits {
            let Some(id) = benefit.get("id").and_then(Value::as_str) else { continue };
            let granted = claim.benefits.iter().any(|one| one.benefit == id && one.outcome == Outcome::Granted);
            let offered = decision.offers.iter().any(|offer| offer.policy == claim.policy && offer.benefit == id);
            let reviewer = by == Chooser::Reviewer;
            let Some(choose) = left_to(by, benefit).filter(|_| granted || offered || reviewer) else { continue };
            let said = if reviewer {
                inputs.context.reviewer_choices.get(id).copied()
            } else {
                inputs.request.and_then(|request| request.choices.get(id).copied())
            };
            let title = voice.benefit_title(program, id);
            let Choose { from, up_to, default, .. } = choose;
            found.push(Choice { benefit: id.to_owned(), title, from, up_to, chosen: said.unwrap_or(default) });
        }
    }
    found
}

/// The first number in a benefit that is left to somebody.
fn left_to(by: Chooser, value: &Value) -> Option<Choose> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("choose").and_then(|choose| serde_json::from_value::<Choose>(choose.clone()).ok());
            own.filter(|choose| choose.by == by).or_else(|| fields.values().find_map(|field| left_to(by, field)))
        }
        Value::Array(items) => items.iter().find_map(|item| left_to(by, item)),
        _ => None,
    }
}

impl Choice {
    /// Every number that can be chosen.
    pub fn range(&self) -> impl Iterator<Item = u32> {
        self.from..=self.up_to
    }
}

/// A loan of somebody who looks at their own.
pub struct OwnLoan {
    /// The account.
    pub row: AccountRow,
    /// Its requests, the first first.
    pub requests: Vec<request::RequestRow>,
}

impl Service {
    /// A request in words and figures.
    ///
    /// # Errors
    /// There is none for this caller, or amounts leave their range.
    pub fn tell_request(&self, caller: &Principal, id: i64, language: Language) -> Served<Told> {
        let voice = Voice { language, regions: RegionTree::builtin(), attributes: &self.lender.attributes };
        self.store.read(|conn| {
            self.may_see_request(conn, caller, id)?;
            let asked = self.asked(conn, id)?;
            let mut told = Told {
                asked,
                spoken: None,
                compared: None,
                questions: Vec::new(),
                evidence: Vec::new(),
                choices: Vec::new(),
            };
            let Some(row) = &told.asked.decision else { return Ok(told) };
            let kept = Kept::load(conn, row)?;
            kept.tell(|inputs, decision| {
                for claim in &decision.policies {
                    for fact in &claim.questions {
                        if told.questions.iter().all(|(known, _)| known.fact != *fact) {
                            let of = FactRef::find(fact, &self.lender.attributes).map(|(_, of)| of);
                            told.questions.push((voice.question(fact), of));
                        }
                    }
                    let wanted = claim.evidence.iter().filter(|wanted| !wanted.supplied);
                    told.evidence.extend(wanted.map(|wanted| wanted.kind.clone()));
                }
                told.evidence.sort_unstable();
                told.evidence.dedup();
                told.choices = choices(inputs, decision, &voice, Chooser::Borrower);
                told.spoken = Some(speak(inputs, decision, &voice).map_err(ServiceError::unknown)?);
                let history = inputs.history.clone();
                told.compared = Some(compared(&kept.report, &history, decision).map_err(ServiceError::unknown)?);
                Ok(())
            })?;
            Ok(told)
        })
    }

    /// The currency of a request's account.
    ///
    /// # Errors
    /// There is no such request.
    pub fn request_currency(&self, conn: &mut Connection, id: i64) -> Served<String> {
        let row = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        Ok(account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?.currency)
    }

    /// The loans that a borrower owes, with what was asked for them.
    ///
    /// # Errors
    /// The store fails.
    pub fn own_loans(&self, caller: &Principal) -> Served<Vec<OwnLoan>> {
        let Some(party) = caller.borrower() else { return Ok(Vec::new()) };
        self.store.read(|conn| {
            let mut loans = Vec::new();
            for (id, _) in account::owed_by(conn, &[party.to_owned()])? {
                let Some(row) = account::get(conn, id)? else { continue };
                loans.push(OwnLoan { requests: request::of_account(conn, id)?, row });
            }
            Ok(loans)
        })
    }
}
