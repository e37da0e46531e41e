//! Appeals: what was declined is decided once more, on everything that was said before and is said now, and somebody looks at it
//! who had no part in the first decision.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use forbear_engine::request::Request;
use serde_json::json;

use super::ask::{Asked, Said, add};
use super::found::found_for;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::decision::DecisionRow;
use crate::store::request::{self, RequestRow, StepRow};
use crate::store::{Connection, decision, grant, id, review};

/// What a decision has to do with an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    /// Nothing.
    None,
    /// A person has to look at it, whatever it comes to.
    Due,
    /// A person has looked, and had it decided again with what they found.
    Held,
}

/// Steps that say how a request stands.
const STANDS: [&str; 7] =
    ["received", "information_needed", "under_review", "granted", "declined", "partly_declined", "withdrawn"];

impl Service {
    /// Appeals against a request that was declined, wholly or in part: a new request in the same case, decided on
    /// what was said before and what is said now. A person who did not decide the first looks at it in any case.
    ///
    /// # Errors
    /// Nothing of it was declined, it was appealed against before or is an appeal itself, the time is over, or no reason is given.
    pub fn appeal(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (reason, said): (&str, &Said),
    ) -> Served<Asked> {
        if reason.trim().is_empty() {
            return Err(ServiceError::invalid("/reason", "say why it should be decided otherwise"));
        }
        let (own, first) = self.taken(conn, id)?;
        self.appealable(conn, &first)?;
        let mut body: Request = serde_json::from_str(&first.body).map_err(ServiceError::unknown)?;
        add(&mut body, said);
        let row =
            RequestRow { appeal_of: Some(id), ..self.new_request(actor, own.id, first.declaration.clone(), &body)? };
        request::add(conn, &row)?;
        self.join_request(conn, actor, &row)?;
        self.step(conn, row.id, "received")?;
        let note = Some(reason.trim().to_owned());
        let now = row.created_at;
        request::add_step(
            conn,
            &StepRow { id: id::new_id(), request_id: row.id, kind: APPEAL.to_owned(), at: now, note },
        )?;
        self.step(conn, id, "appealed")?;
        let detail = json!({"appeal": id::outside("request", row.id)});
        log(conn, now, actor, "request.appeal", &id::outside("request", id), &detail)?;
        // What reviewers found before goes along.
        let found = found_for(conn, first.decision_id)?;
        self.decide_request_with(conn, actor, &own, row, &found)
    }

    fn appealable(&self, conn: &mut Connection, first: &RequestRow) -> Served<()> {
        if first.appeal_of.is_some() {
            return Err(ServiceError::conflict(
                "appeal_of_appeal",
                "this request is an appeal: it is decided for good",
            ));
        }
        if let Some(known) = request::appeal_against(conn, first.id)? {
            let message = format!("an appeal was made before: {}", id::outside("request", known.id));
            return Err(ServiceError::conflict("appealed_already", message));
        }
        let by = self.declined_until(&request::steps(conn, first.id)?).ok_or_else(|| {
            ServiceError::conflict(
                "nothing_declined",
                "nothing of this request was declined: there is nothing to appeal against",
            )
        })?;
        if self.clock.today() > by {
            return Err(ServiceError::conflict("too_late", format!("an appeal could be made until {by}")));
        }
        Ok(())
    }

    /// The last day to appeal against what was declined, by the steps of a request; none where nothing was.
    pub(super) fn declined_until(&self, steps: &[StepRow]) -> Option<NaiveDate> {
        let declined = stands(steps).filter(|step| matches!(step.kind.as_str(), "declined" | "partly_declined"));
        self.clock.day(declined?.at).checked_add_days(Days::new(u64::from(self.relief.appeal_days)))
    }

    /// What a decision on a request has to do with an appeal.
    pub(super) fn hearing(&self, conn: &mut Connection, row: &RequestRow) -> Served<Hearing> {
        if row.appeal_of.is_none() {
            return Ok(Hearing::None);
        }
        let held = |one: &review::ReviewRow| one.kind == APPEAL && one.state == "approved";
        Ok(if review::of_request(conn, row.id)?.iter().any(held) { Hearing::Held } else { Hearing::Due })
    }

    /// Whether somebody had a part in what a decision is the appeal against.
    ///
    /// # Errors
    /// They had: then they do not decide the appeal.
    pub(in crate::service) fn impartial(&self, conn: &mut Connection, actor: &Actor, made: &DecisionRow) -> Served<()> {
        let Some(asked) = made.request_id else { return Ok(()) };
        let Some(first) = request::find(conn, asked)?.and_then(|row| row.appeal_of) else { return Ok(()) };
        if deciders(conn, first)?.contains(&actor.person) {
            return Err(ServiceError::Forbidden("who decided the first request does not decide its appeal".to_owned()));
        }
        Ok(())
    }
}

/// The kind of a review of an appeal, and of the step with its reason.
pub(super) const APPEAL: &str = "appeal";

/// The last step that says how a request stands.
pub(super) fn stands(steps: &[StepRow]) -> Option<&StepRow> {
    steps.iter().rfind(|step| STANDS.contains(&step.kind.as_str()))
}

/// Whether a person still has to look at the appeal that a decision was made on.
pub(super) fn is_open(conn: &mut Connection, decision: i64) -> Served<bool> {
    Ok(review::of_decision(conn, decision)?.iter().any(|one| one.kind == APPEAL && one.is_pending()))
}

/// Everybody who judged a request: ended or returned a review of it, found what it was decided on, or approved something of it.
fn deciders(conn: &mut Connection, request: i64) -> Served<BTreeSet<String>> {
    let mut people: BTreeSet<String> = grant::approvers(conn, request)?.into_iter().collect();
    let judged = review::of_request(conn, request)?.into_iter().filter(|one| !one.is_outdated());
    people.extend(judged.filter_map(|one| one.closed_by));
    for id in decision::of_request(conn, request)? {
        people.extend(found_for(conn, Some(id))?.into_iter().map(|finding| finding.by));
    }
    Ok(people)
}
