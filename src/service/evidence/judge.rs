//! Whether a file proves what it is to prove: somebody else than its sender says so.

use serde_json::{Value, json};

use super::EvidenceRow;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::request::{self, StepRow};
use crate::store::{Connection, decision, evidence, id};

impl Service {
    /// Accepts a file, or refuses it with a reason that the borrower sees. A request that waited for such evidence is decided
    /// again.
    ///
    /// # Errors
    /// There is no such file, it was judged before, or the caller sent it.
    pub fn judge_evidence(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        refused: Option<&str>,
    ) -> Served<EvidenceRow> {
        let missing = || ServiceError::Missing("evidence");
        let row = evidence::find(conn, id)?.ok_or_else(missing)?;
        let (own, asked) = self.taken(conn, row.request_id)?;
        let mut row = evidence::find(conn, id)?.filter(|row| row.erased_at.is_none()).ok_or_else(missing)?;
        if row.state != "received" {
            let message = format!("the file was {} before: a better one can be sent", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        if row.made_by == actor.person {
            return Err(ServiceError::Forbidden("who sent a file does not judge it".to_owned()));
        }
        if refused.is_some_and(|reason| reason.trim().is_empty()) {
            return Err(ServiceError::invalid("/reason", "say why, so that the borrower can send a better one"));
        }
        row.state = if refused.is_some() { "refused" } else { "accepted" }.to_owned();
        row.judged_by = Some(actor.person.clone());
        row.reason = refused.map(|reason| reason.trim().to_owned());
        row.changed_at = self.clock.now();
        crate::service::policy::changed(evidence::update(conn, &row)?)?;
        let (at, kind) = (row.changed_at, format!("evidence_{}", row.state));
        let note = row.reason.clone().or_else(|| Some(row.kind.clone()));
        request::add_step(conn, &StepRow { id: id::new_id(), request_id: asked.id, kind, at, note })?;
        let detail = json!({"kind": row.kind, "hash": row.hash});
        log(conn, at, actor, &format!("evidence.{}", row.state), &id::outside("evidence", id), &detail)?;
        let waits = asked.state == "needs_information" && waits_for(conn, asked.decision_id, &row.kind)?;
        if refused.is_none() && waits {
            self.decide_request(conn, actor, &own, asked)?;
        }
        evidence::find(conn, id)?.ok_or_else(missing)
    }
}

/// Whether a decision asks for evidence of a kind that was not there.
fn waits_for(conn: &mut Connection, made: Option<i64>, kind: &str) -> Served<bool> {
    let Some(made) = made else { return Ok(false) };
    let made = decision::find(conn, made)?.ok_or(ServiceError::Missing("decision"))?;
    let body: Value = serde_json::from_str(&made.body).map_err(ServiceError::unknown)?;
    let claims = body.get("policies").and_then(Value::as_array).into_iter().flatten();
    let mut asked = claims.filter_map(|claim| claim.get("evidence")?.as_array()).flatten();
    Ok(asked.any(|one| {
        one.get("kind").and_then(Value::as_str) == Some(kind) && one.get("supplied") == Some(&Value::Bool(false))
    }))
}
