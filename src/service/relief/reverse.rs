//! Reversal: what was posted is taken back by entries of its own, with its money and its place in the limits.

use forbear_engine::decide::decision::{BenefitDecision, Claim};
use serde::Serialize;
use serde_json::{Value, json};

use super::history::hold;
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, id, instruction};

/// A grant that the core system refused to take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// It.
    pub grant: String,
    /// Why, as the core system says.
    pub reason: String,
}

impl Service {
    /// The borrower does not want relief that came without being asked for.
    ///
    /// # Errors
    /// There is no such grant for this caller, it was not given so, or the last day to undo it is over.
    pub fn opt_out(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<GrantRow> {
        let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
        caller.may_see(conn, row.account_id)?;
        let by = row.opt_out_by.ok_or_else(|| {
            ServiceError::conflict("no_opt_out", "this relief was asked for: ask the lender to take it back")
        })?;
        if self.clock.today() > by {
            return Err(ServiceError::conflict("too_late", format!("it could be undone until {by}")));
        }
        self.reverse_grant(conn, &caller.actor, id, "the borrower opted out")
    }

    /// Takes a grant back. What stands on it has to be taken back first: grants to the same account that came later and
    /// move payments. Where the core system refused that, it is told once more; the books have it already.
    ///
    /// # Errors
    /// It is not posted or confirmed, or something stands on it.
    pub fn reverse_grant(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<GrantRow> {
        let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
        let own = hold(conn, row.account_id)?;
        let mut row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
        if still_held(conn, &row)?.is_some() {
            self.instruct(conn, (&own, row.decision_id), "reverse", std::slice::from_ref(&row))?;
            let detail = json!({"reason": reason});
            log(conn, self.clock.now(), actor, "grant.reverse_again", &id::outside("grant", id), &detail)?;
            return Ok(row);
        }
        if !matches!(row.state.as_str(), "posted" | "confirmed") {
            let message = format!("the grant is {}: only what is posted can be taken back", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        if let Some(later) = stands_on(conn, &row)? {
            let message = format!("{} stands on it: take that back first", id::outside("grant", later));
            return Err(ServiceError::conflict("stood_on", message));
        }
        self.instruct(conn, (&own, row.decision_id), "reverse", std::slice::from_ref(&row))?;
        let from = std::mem::replace(&mut row.state, "reversed".to_owned());
        row.changed_at = self.clock.now();
        super::advanced(grant::advance(conn, &row, &from)?)?;
        self.take_back(conn, &row)?;
        self.give_back(conn, actor, id)?;
        self.relief_step(conn, row.decision_id, "taken_back")?;
        let detail = json!({"reason": reason, "from": from});
        log(conn, row.changed_at, actor, "grant.reverse", &id::outside("grant", id), &detail)?;
        grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))
    }
}

impl Service {
    /// Whether the last that an account was granted of a benefit for an event was taken back.
    pub(super) fn was_taken_back(
        &self,
        conn: &mut Connection,
        own: &AccountRow,
        (claim, benefit): (&Claim, &BenefitDecision),
    ) -> Served<bool> {
        let same =
            |row: &GrantRow| (&row.event, &row.policy, &row.benefit) == (&claim.event, &claim.policy, &benefit.benefit);
        let mut all = grant::of_accounts(conn, &[own.id])?.into_iter().map(|(row, _)| row);
        Ok(all.rfind(same).is_some_and(|last| last.state == "reversed"))
    }
}

/// Why the core system did not take back a grant that it has, where the last word of it is that.
pub(super) fn still_held(conn: &mut Connection, row: &GrantRow) -> Served<Option<String>> {
    let Some(applied) = row.instruction_id.filter(|_| row.state == "reversed") else { return Ok(None) };
    if instruction::find(conn, applied)?.is_none_or(|applied| applied.state == "rejected") {
        return Ok(None);
    }
    let name = id::outside("grant", row.id);
    let mut last = None;
    for told in instruction::reversals(conn, row.decision_id)? {
        let body: Value = serde_json::from_str(&told.body).map_err(ServiceError::unknown)?;
        let grants = body.get("grants").and_then(Value::as_array);
        if grants.is_some_and(|grants| grants.iter().any(|one| one.get("grant").is_some_and(|of| *of == name))) {
            last = Some(told);
        }
    }
    let refused = last.filter(|told| told.state == "rejected");
    Ok(refused.map(|told| told.failure.unwrap_or_default()))
}

/// Grants that the books have as taken back and the core system does not.
pub(super) fn all_still_held(conn: &mut Connection) -> Served<Vec<Refused>> {
    let mut found = Vec::new();
    for decision in instruction::refused_reversals(conn)? {
        for row in grant::of_decision(conn, decision)? {
            if let Some(reason) = still_held(conn, &row)? {
                found.push(Refused { grant: id::outside("grant", row.id), reason });
            }
        }
    }
    Ok(found)
}

/// A later grant that moves payments, where this one moves some too.
fn stands_on(conn: &mut Connection, row: &GrantRow) -> Served<Option<i64>> {
    let moves = |grant: &GrantRow| grant.deferred != 0 || grant.added_interest != 0 || grant.forgone_interest != 0;
    if !moves(row) {
        return Ok(None);
    }
    let later = grant::of_accounts(conn, &[row.account_id])?.into_iter().map(|(grant, _)| grant);
    let live = |grant: &GrantRow| matches!(grant.state.as_str(), "posted" | "confirmed");
    Ok(later.filter(|grant| grant.id > row.id && live(grant) && moves(grant)).map(|grant| grant.id).max())
}
