//! Approval: bound to what was shown, by somebody else than who proposed, and by as many people as the policies ask.

use serde_json::json;

use super::found::{found_by, kept_inputs};
use super::history::hold;
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::decision::DecisionRow;
use crate::store::grant::{self, ApprovalRow, GrantRow};
use crate::store::{Connection, account, decision, declaration, id, policy};

/// What became of an agreement that was bound to what was shown.
pub enum Agreed<T> {
    /// It is done.
    Done(T),
    /// What was shown no longer holds, because the account was reported anew: this is the new decision.
    DecidedAgain(i64),
}

impl Service {
    /// Approves a grant. With the last approval it goes on; the answer is the grant as it stands then. Where the account
    /// was reported anew since, it is decided again instead.
    ///
    /// # Errors
    /// It does not wait for approval, what was shown is not what it is, or the caller proposed or approved it already.
    pub fn approve_grant(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        shown: &str,
    ) -> Served<Agreed<GrantRow>> {
        let row = waiting(conn, id)?;
        let own = hold(conn, row.account_id)?;
        // Again, now that nobody else can move it.
        let mut row = waiting(conn, id)?;
        if row.shown_digest != shown {
            let message = format!("say what you approve: what is shown of this grant is {}", row.shown_digest);
            return Err(ServiceError::conflict("digest_differs", message));
        }
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        if made.made_by == actor.person {
            return Err(ServiceError::Forbidden("who proposed a grant does not approve it".to_owned()));
        }
        if found_by(&made, &actor.person)? {
            return Err(ServiceError::Forbidden("who found what a grant rests on does not approve it".to_owned()));
        }
        self.impartial(conn, actor, &made)?;
        if self.is_stale(conn, &row)? {
            return Ok(Agreed::DecidedAgain(self.decide_again(conn, actor, &row)?));
        }
        let now = self.clock.now();
        let approval =
            ApprovalRow { grant_id: id, person: actor.person.clone(), shown_digest: shown.to_owned(), at: now };
        if grant::approvals(conn, id)?.iter().any(|known| known.person == actor.person) {
            return Err(ServiceError::conflict("approved_already", "you approved this grant already"));
        }
        grant::approve(conn, &approval)?;
        row.approvals = row.approvals.saturating_add(1);
        row.changed_at = now;
        if row.approvals >= row.people {
            row.state = "approved".to_owned();
        }
        super::advanced(grant::advance(conn, &row, "pending_approval")?)?;
        let detail = json!({"approvals": row.approvals, "people": row.people, "shown": shown});
        log(conn, now, actor, "grant.approve", &id::outside("grant", id), &detail)?;
        if row.state == "approved" {
            let waits = |one: &GrantRow| one.state == "pending_approval";
            if !grant::of_decision(conn, row.decision_id)?.iter().any(waits) {
                self.relief_step(conn, row.decision_id, "approved")?;
            }
            self.release(conn, actor, &own, row.decision_id)?;
        }
        Ok(Agreed::Done(grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?))
    }

    /// Turns a grant down that waits for approval, money or the borrower.
    ///
    /// # Errors
    /// It is posted, or has ended.
    pub fn refuse_grant(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<GrantRow> {
        let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
        let own = hold(conn, row.account_id)?;
        let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
        let decision = row.decision_id;
        self.end(conn, actor, row, "grant.refuse", reason)?;
        // The others no longer wait for it.
        self.release(conn, actor, &own, decision)?;
        grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))
    }

    /// Ends a grant that was never posted.
    pub(super) fn end(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: GrantRow,
        verb: &str,
        reason: &str,
    ) -> Served<()> {
        let not_posted = ["proposed", "pending_approval", "approved", "offered", "accepted"];
        if !not_posted.contains(&row.state.as_str()) {
            let message = format!("the grant is {}: only what is not posted yet can be turned down", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let from = std::mem::replace(&mut row.state, "rejected".to_owned());
        row.waits_for = None;
        row.changed_at = self.clock.now();
        super::advanced(grant::advance(conn, &row, &from)?)?;
        log(conn, row.changed_at, actor, verb, &id::outside("grant", row.id), &json!({"reason": reason}))?;
        self.give_back(conn, actor, row.id)
    }

    /// Whether what a grant was decided on is no longer so: the account was reported anew, its declaration was amended or
    /// closed, or its policy was withdrawn.
    pub(super) fn is_stale(&self, conn: &mut Connection, row: &GrantRow) -> Served<bool> {
        let own = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        Ok(kept_inputs(&made)?.snapshot != own.snapshot || is_out_of_force(conn, row, &made)?)
    }

    /// A grant.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn grant(&self, caller: &Principal, id: i64) -> Served<GrantRow> {
        self.store.read(|conn| {
            let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
            caller.may_see(conn, row.account_id)?;
            Ok(row)
        })
    }

    /// Grants in the order in which they were made, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn grants(&self, state: Option<&str>, after: i64, most: i64) -> Served<Vec<GrantRow>> {
        self.store.read(|conn| Ok(grant::page(conn, state, after, most)?))
    }
}

/// Whether a grant's declaration was amended or closed, or its policy was withdrawn.
pub(super) fn is_out_of_force(conn: &mut Connection, row: &GrantRow, made: &DecisionRow) -> Served<bool> {
    let declared = declaration::find(conn, &row.declaration)?;
    let known = kept_inputs(made)?.declarations;
    let declared = declared.is_some_and(|now| now.state == "open" && known.contains(&now.digest));
    let policy = policy::find(conn, &row.policy, row.version)?;
    Ok(!declared || policy.is_none_or(|now| now.state == "withdrawn"))
}

fn waiting(conn: &mut Connection, id: i64) -> Served<GrantRow> {
    let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
    if row.state == "pending_approval" {
        return Ok(row);
    }
    let message = format!("the grant is {}: it does not wait for approval", row.state);
    Err(ServiceError::conflict("wrong_state", message))
}
