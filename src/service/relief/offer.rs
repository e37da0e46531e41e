//! Consent: the borrower agrees with what was shown, or does not want it.

use serde_json::json;

use super::approve::Agreed;
use super::ask::Asked;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, grant, id};

impl Service {
    /// Agrees with what a request was offered. It is bound to the digest of what was shown. Where the account was reported
    /// anew since, it is decided again instead.
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
        let (_, row) = self.taken(conn, request)?;
        let decision = row.decision_id.ok_or_else(|| nothing(&row.state))?;
        let offered: Vec<_> =
            grant::of_decision(conn, decision)?.into_iter().filter(|grant| grant.state == "offered").collect();
        let first = offered.first().ok_or_else(|| nothing(&row.state))?;
        if first.shown_digest != shown {
            let message = format!("say what you agree with: what is offered now is {}", first.shown_digest);
            return Err(ServiceError::conflict("digest_differs", message));
        }
        if self.is_stale(conn, first)? {
            return Ok(Agreed::DecidedAgain(self.decide_again(conn, actor, first)?));
        }
        let now = self.clock.now();
        for mut row in offered {
            row.state = "accepted".to_owned();
            row.changed_at = now;
            super::advanced(grant::advance(conn, &row, "offered")?)?;
            log(conn, now, actor, "grant.accept", &id::outside("grant", row.id), &json!({"shown": shown}))?;
        }
        self.step(conn, request, "accepted")?;
        self.release(conn, actor, decision)?;
        Ok(Agreed::Done(self.asked(conn, request)?))
    }
}

fn nothing(state: &str) -> ServiceError {
    ServiceError::conflict("nothing_offered", format!("nothing is offered: the request is {state}"))
}
