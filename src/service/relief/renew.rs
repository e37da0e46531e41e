//! Renewals: the next step of a suspension or a hold, as its policy lets it be prolonged, without a new request.
//!
//! The policy in force decides, as if the borrower asked for this benefit again today, and for nothing else: whoever is no longer
//! eligible, or has had the total, gets no further step. The step is a grant of its own, approved as the policy asks.

use chrono::NaiveDate;
use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::Outcome;
use forbear_engine::policy::Program;
use forbear_engine::policy::document::StartBy;
use forbear_engine::request::Request;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::appeal::Hearing;
use super::decide::Made;
use super::found::kept_inputs;
use super::history::hold;
use super::propose::{Act, waits_for_borrower};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::release;
use crate::store::{Connection, decision, id};

/// What is renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The policy.
    pub policy: String,
    /// The benefit.
    pub benefit: String,
}

impl Renewal {
    /// The versions of the policy with nothing in them but this benefit. That somebody could ask until a day only, and what had to come
    /// first, was so for the first step.
    pub(super) fn of(&self, programs: &[Program]) -> Vec<Program> {
        let own = programs.iter().filter(|program| program.slug() == self.policy);
        own.cloned()
            .map(|mut program| {
                for rule in &mut program.rules {
                    rule.benefits.retain(|benefit| benefit.id == self.benefit);
                    rule.start.by = vec![StartBy::Request];
                    rule.start.apply_by = None;
                    rule.awaits = None;
                }
                program
            })
            .collect()
    }
}

impl Service {
    /// Grants the next step of a suspension or hold. Where the policy asks for nobody it is posted at once.
    ///
    /// # Errors
    /// There is nothing to prolong: it is not posted, has ended, was released or renewed before; or the policy gives no further step,
    /// and why.
    pub fn renew_grant(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<GrantRow> {
        if reason.trim().is_empty() {
            return Err(ServiceError::invalid("/reason", "say why it is prolonged"));
        }
        let missing = || ServiceError::Missing("grant");
        let account = grant::find(conn, id)?.ok_or_else(missing)?.account_id;
        let own = hold(conn, account)?;
        let row = grant::find(conn, id)?.ok_or_else(missing)?;
        self.renewable(conn, &row)?;
        let renewal = Renewal { policy: row.policy.clone(), benefit: row.benefit.clone() };
        let before = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        let kept = kept_inputs(&before)?;
        let request = self.as_if_asked(kept.request, &renewal);
        let made = self.decide_as(conn, &own, |inputs| {
            inputs.request = Some(request);
            inputs.declaration = Some(row.declaration.clone());
            inputs.renews = Some(renewal);
            inputs.found = kept.found;
        })?;
        given(&made)?;
        let act =
            Act { actor, now: self.clock.now(), account: &own, request: None, hearing: Hearing::None, unasked: false };
        let proposed = self.propose(conn, &act, &made)?;
        let step = proposed.grants.first().ok_or_else(nothing)?.id;
        let detail = json!({"renewal": id::outside("grant", step), "reason": reason.trim()});
        log(conn, act.now, actor, "grant.renew", &id::outside("grant", id), &detail)?;
        self.let_go(conn, actor, (&own, &made.terms), proposed.grants)?;
        grant::find(conn, step)?.ok_or_else(missing)
    }

    /// What the borrower said, as of today, with nothing else chosen.
    fn as_if_asked(&self, before: Option<Request>, renewal: &Renewal) -> Request {
        let today = self.clock.today();
        let accepts = Some(format!("{}/{}", renewal.policy, renewal.benefit));
        match before {
            Some(request) => Request { requested_on: today, accepts, ..request },
            None => Request {
                requested_on: today,
                via: None,
                answers: std::collections::BTreeMap::new(),
                choices: std::collections::BTreeMap::new(),
                evidence: Vec::new(),
                accepts,
            },
        }
    }

    fn renewable(&self, conn: &mut Connection, row: &GrantRow) -> Served<()> {
        let conflict = |code: &'static str, message: String| Err(ServiceError::conflict(code, message));
        if !matches!(row.state.as_str(), "posted" | "confirmed") {
            return conflict("wrong_state", format!("the grant is {}: only what is posted is prolonged", row.state));
        }
        let Some(last) = last_day(row)? else {
            return conflict("nothing_to_renew", "only a suspension or a hold with a last day is prolonged".to_owned());
        };
        let today = self.clock.today();
        if last < today {
            return conflict("ended", format!("it ended on {last}: the borrower has to ask anew"));
        }
        if row.decided_on >= today {
            return conflict("too_soon", "it was granted today: it can be prolonged from tomorrow on".to_owned());
        }
        if release::of_account(conn, row.account_id)?.iter().any(|released| released.grant_id == row.id) {
            return conflict("released_already", "the hold was released: the borrower has to ask anew".to_owned());
        }
        let same = |other: &GrantRow| {
            other.id > row.id
                && (&other.event, &other.policy, &other.benefit) == (&row.event, &row.policy, &row.benefit)
                && !matches!(other.state.as_str(), "rejected" | "reversed")
        };
        let later = grant::of_accounts(conn, &[row.account_id])?.into_iter().map(|(other, _)| other).find(same);
        match later {
            Some(later) => conflict("renewed_already", format!("{} prolongs it", id::outside("grant", later.id))),
            None => Ok(()),
        }
    }
}

/// The last day of a suspension or hold.
fn last_day(row: &GrantRow) -> Served<Option<NaiveDate>> {
    let adjustments: Vec<Adjustment> = serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?;
    let day = |one: &Adjustment| match one {
        Adjustment::Suspension(suspension) => Some(suspension.until),
        Adjustment::Hold(change) => change.until,
        _ => None,
    };
    Ok(adjustments.iter().filter_map(day).max())
}

/// Whether a decision gives a further step, or a person has to say.
fn given(made: &Made) -> Served<()> {
    let decision = &made.decision;
    if waits_for_borrower(decision) {
        let message = "something has to be asked or shown first: the borrower has to ask anew";
        return Err(ServiceError::conflict("needs_information", message));
    }
    if decision.outcome == Outcome::Granted {
        return Ok(());
    }
    let claims = decision.policies.iter();
    let reasons =
        claims.flat_map(|claim| claim.reasons.iter().chain(claim.benefits.iter().flat_map(|one| &one.reasons)));
    let mut codes: Vec<&str> = reasons.map(|reason| reason.code()).collect();
    codes.dedup();
    if codes.is_empty() {
        return Err(nothing());
    }
    Err(ServiceError::conflict("not_renewed", format!("the policy gives no further step: {}", codes.join(", "))))
}

fn nothing() -> ServiceError {
    ServiceError::conflict("not_renewed", "the policy in force gives no further step")
}
