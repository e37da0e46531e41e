//! Consent: the borrower agrees with what was shown, or does not want it.

use serde_json::json;

use super::approve::Agreed;
use super::ask::Asked;
use super::history::hold;
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, decision, id};

impl Service {
    /// Agrees with what a request was offered. It is bound to the digest of what was shown. Where the account was reported
    /// anew since, and the offer comes out otherwise, it is decided again instead.
    ///
    /// # Errors
    /// Nothing is offered, or something else was shown.
    pub fn accept_offers(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        request: i64,
        shown: &str,
    ) -> Served<Agreed<Asked>> {
        let (own, row) = self.taken(conn, request)?;
        let decision = row.decision_id.ok_or_else(nothing)?;
        match self.agree(conn, actor, decision, shown)? {
            Agreed::DecidedAgain(decision) => Ok(Agreed::DecidedAgain(decision)),
            Agreed::Done(()) => {
                self.step(conn, request, "accepted")?;
                self.release(conn, actor, &own, decision)?;
                Ok(Agreed::Done(self.asked(conn, request)?))
            }
        }
    }

    /// Agrees with what was offered without being asked for, together with what was offered beside it.
    ///
    /// # Errors
    /// There is no such grant for this caller, it was asked for, nothing is offered, or something else was shown.
    pub fn accept_grant(
        &self,
        conn: &mut Connection,
        caller: &Principal,
        id: i64,
        shown: &str,
    ) -> Served<Agreed<GrantRow>> {
        let missing = || ServiceError::Missing("grant");
        let account = grant::find(conn, id)?.ok_or_else(missing)?.account_id;
        caller.may_see(conn, account)?;
        let own = hold(conn, account)?;
        let row = grant::find(conn, id)?.ok_or_else(missing)?;
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        if let Some(request) = made.request_id {
            let message = format!("agree with the request: {}", id::outside("request", request));
            return Err(ServiceError::conflict("was_asked_for", message));
        }
        match self.agree(conn, &caller.actor, made.id, shown)? {
            Agreed::DecidedAgain(decision) => Ok(Agreed::DecidedAgain(decision)),
            Agreed::Done(()) => {
                self.release(conn, &caller.actor, &own, made.id)?;
                Ok(Agreed::Done(grant::find(conn, id)?.ok_or_else(missing)?))
            }
        }
    }

    /// Agrees with everything that a decision offers. Guards have to be taken.
    fn agree(&self, conn: &mut Connection, actor: &Actor, decision: i64, shown: &str) -> Served<Agreed<()>> {
        let offered: Vec<_> =
            grant::of_decision(conn, decision)?.into_iter().filter(|grant| grant.state == "offered").collect();
        let first = offered.first().ok_or_else(nothing)?;
        if first.shown_digest != shown {
            let message = format!("say what you agree with: what is offered now is {}", first.shown_digest);
            return Err(ServiceError::conflict("digest_differs", message));
        }
        if self.is_stale(conn, first)? && !self.comes_out_the_same(conn, &offered)? {
            return Ok(Agreed::DecidedAgain(self.decide_again(conn, actor, first)?));
        }
        let now = self.clock.now();
        for mut row in offered {
            row.state = "accepted".to_owned();
            row.changed_at = now;
            super::advanced(grant::advance(conn, &row, "offered")?)?;
            log(conn, now, actor, "grant.accept", &id::outside("grant", row.id), &json!({"shown": shown}))?;
        }
        Ok(Agreed::Done(()))
    }
}

fn nothing() -> ServiceError {
    ServiceError::conflict("nothing_offered", "nothing is offered that somebody could agree with")
}
