//! A case is given to an agent, resolved, and opened again; what happens to its relief becomes a step.

use serde_json::json;

use super::{CaseRow, Of, found, named};
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::{Served, Service, ServiceError};
use crate::store::case::{self, CaseStepRow};
use crate::store::{Connection, complaint, contact, grant, id, request, review};

/// How a case may be resolved by an agent.
pub const OUTCOMES: [&str; 6] = ["relief_given", "nothing_given", "informed", "unreachable", "not_ours", "other"];

impl Service {
    /// Cases in the order in which they were opened, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn cases_of_care(&self, of: &Of, after: i64, most: i64) -> Served<Vec<CaseRow>> {
        Ok(self.store.read(|conn| case::page(conn, of, after, most))?)
    }

    /// Gives a case to somebody, or to nobody.
    ///
    /// # Errors
    /// There is no such case, or it is resolved.
    pub fn assign_case(&self, conn: &mut Connection, actor: &Actor, id: i64, to: Option<&str>) -> Served<CaseRow> {
        let mut row = open(conn, id)?;
        row.assigned_to = to.map(str::to_owned);
        self.keep_case(conn, actor, row, "case.assign", &json!({"to": to}))
    }

    /// Resolves a case.
    ///
    /// # Errors
    /// It is resolved, the outcome has another name, or a contact or complaint of it is still open.
    pub fn resolve_case(&self, conn: &mut Connection, actor: &Actor, id: i64, outcome: &str) -> Served<CaseRow> {
        let row = open(conn, id)?;
        if !OUTCOMES.contains(&outcome) {
            return Err(ServiceError::invalid("/outcome", format!("one of {}", OUTCOMES.join(", "))));
        }
        if let Some(left) = self.left_over(conn, id)? {
            let message = format!("{left} of it is not ended yet: end that first");
            return Err(ServiceError::conflict("not_ended", message));
        }
        self.close_case(conn, actor, row, outcome)
    }

    /// Opens a case again.
    ///
    /// # Errors
    /// It is open.
    pub fn reopen_case(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<CaseRow> {
        let row = found(conn, id)?;
        if row.state == "open" {
            return Err(ServiceError::conflict("wrong_state", "the case is open"));
        }
        self.open_again(conn, actor, row)
    }

    pub(super) fn open_again(&self, conn: &mut Connection, actor: &Actor, mut row: CaseRow) -> Served<CaseRow> {
        row.state = "open".to_owned();
        (row.resolved_at, row.resolved_by, row.outcome) = (None, None, None);
        row.reopened = row.reopened.saturating_add(1);
        self.case_step(conn, row.id, "reopened")?;
        self.keep_case(conn, actor, row, "case.reopen", &json!({}))
    }

    pub(in crate::service) fn close_case(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: CaseRow,
        outcome: &str,
    ) -> Served<CaseRow> {
        row.state = "resolved".to_owned();
        row.outcome = Some(outcome.to_owned());
        row.resolved_at = Some(self.clock.now());
        row.resolved_by = Some(actor.person.clone());
        self.case_step(conn, row.id, "resolved")?;
        self.keep_case(conn, actor, row, "case.resolve", &json!({"outcome": outcome}))
    }

    fn keep_case(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: CaseRow,
        verb: &str,
        detail: &serde_json::Value,
    ) -> Served<CaseRow> {
        row.changed_at = self.clock.now();
        changed(case::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, verb, &named(row.id), detail)?;
        found(conn, row.id)
    }

    /// Adds a step.
    pub(in crate::service) fn case_step(&self, conn: &mut Connection, case: i64, kind: &str) -> Served<()> {
        let row = CaseStepRow { id: id::new_id(), case_id: case, kind: kind.to_owned(), at: self.clock.now() };
        Ok(case::add_step(conn, &row)?)
    }

    /// Adds a step about relief, to the case of the request that it was decided on; relief that nobody asked for has none.
    pub(in crate::service) fn relief_step(
        &self,
        conn: &mut Connection,
        decision: i64,
        kind: &str,
    ) -> Served<Option<i64>> {
        let case = case::of_decision(conn, decision)?;
        if let Some(case) = case {
            self.case_step(conn, case, kind)?;
        }
        Ok(case)
    }

    /// Resolves the case of a request by itself, once nothing of it is left to do.
    pub(in crate::service) fn settle_request(&self, conn: &mut Connection, request: i64) -> Served<()> {
        match case::of_request(conn, request)? {
            Some(row) => self.settle_case(conn, row.id),
            None => Ok(()),
        }
    }

    /// Resolves a case by itself in which relief was asked for, or a complaint made, once nothing of it is left to do.
    pub(in crate::service) fn settle_case(&self, conn: &mut Connection, id: i64) -> Served<()> {
        let row = found(conn, id)?;
        let requests = case::requests_of(conn, id)?;
        if row.state != "open" || self.left_over(conn, id)?.is_some() {
            return Ok(());
        }
        if requests.is_empty() {
            if complaint::of_case(conn, id)?.is_empty() {
                return Ok(());
            }
            return self.close_case(conn, &Actor::system(), row, "complaint_answered").map(|_| ());
        }
        let mut given = false;
        for request in requests {
            let Some(asked) = request::find(conn, request)? else { continue };
            if matches!(asked.state.as_str(), "received" | "needs_information") {
                return Ok(());
            }
            let Some(decision) = asked.decision_id.filter(|_| asked.state != "closed") else { continue };
            let waits = |one: &review::ReviewRow| one.is_pending() && one.kind != "sample";
            if review::of_decision(conn, decision)?.iter().any(waits) {
                return Ok(());
            }
            for grant in grant::of_decision(conn, decision)? {
                match grant.state.as_str() {
                    "confirmed" => given = true,
                    "rejected" | "reversed" => {}
                    _ => return Ok(()),
                }
            }
        }
        let outcome = if given { "relief_given" } else { "nothing_given" };
        self.close_case(conn, &Actor::system(), row, outcome).map(|_| ())
    }

    /// What keeps a case from being resolved beside its relief.
    fn left_over(&self, conn: &mut Connection, id: i64) -> Served<Option<String>> {
        let contacts = contact::of_case(conn, id)?;
        if let Some(open) = contacts.into_iter().find(|contact| contact.state != "resolved") {
            return Ok(Some(id::outside("contact", open.id)));
        }
        let open = complaint::of_case(conn, id)?.into_iter().find(|one| one.state == "open");
        Ok(open.map(|one| id::outside("complaint", one.id)))
    }
}

fn open(conn: &mut Connection, id: i64) -> Served<CaseRow> {
    let row = found(conn, id)?;
    if row.state == "open" {
        return Ok(row);
    }
    Err(ServiceError::conflict("wrong_state", "the case is resolved: open it again first"))
}
