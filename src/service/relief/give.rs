//! Proactive relief, and deciding again.

use forbear_engine::request::Request;

use super::appeal::Hearing;
use super::approve::is_out_of_force;
use super::decide::Made;
use super::found::{Finding, found_for, kept_inputs};
use super::history::hold;
use super::propose::{Act, Proposed, granted, people, waits_for_borrower};
use crate::service::audit::Actor;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::decision::DecisionRow;
use crate::store::grant::{self, GrantRow};
use crate::store::id::outside;
use crate::store::{Connection, account, request, review};

impl Service {
    /// Gives an account what the policies give without being asked.
    ///
    /// # Errors
    /// There is no such account, or it cannot be decided.
    pub fn give_relief(&self, conn: &mut Connection, actor: &Actor, number: &str) -> Served<Proposed> {
        let own = account::find(conn, number)?.ok_or(ServiceError::Missing("account"))?;
        let own = hold(conn, own.id)?;
        let made = self.decide_account(conn, &own, None, None, &[])?;
        let act =
            Act { actor, now: self.clock.now(), account: &own, request: None, hearing: Hearing::None, unasked: false };
        let mut proposed = self.propose(conn, &act, &made)?;
        proposed.grants = self.let_go(conn, actor, (&own, &made.terms), proposed.grants)?;
        Ok(proposed)
    }

    /// Ends what a decision granted and did not post, and decides again on what is known now.
    pub(super) fn decide_again(&self, conn: &mut Connection, actor: &Actor, stale: &GrantRow) -> Served<i64> {
        self.outdate(conn, actor, stale.decision_id)?;
        let made = crate::store::decision::find(conn, stale.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        let own = account::get(conn, stale.account_id)?.ok_or(ServiceError::Missing("account"))?;
        match made.request_id {
            Some(id) => {
                let asked = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
                let asked = self.decide_request(conn, actor, &own, asked)?;
                Ok(asked.request.decision_id.unwrap_or(stale.decision_id))
            }
            None => {
                let found = found_for(conn, Some(made.id))?;
                let again = self.decide_unasked(conn, &own, &made, &found)?;
                let act = Act {
                    actor,
                    now: self.clock.now(),
                    account: &own,
                    request: None,
                    hearing: Hearing::None,
                    unasked: false,
                };
                let proposed = self.propose(conn, &act, &again)?;
                self.let_go(conn, actor, (&own, &again.terms), proposed.grants)?;
                Ok(proposed.decision.id)
            }
        }
    }

    /// Whether what was offered comes out the same on what is known now. The core system reports an account anew when it has done what
    /// was given at once beside an offer; nobody has to look at the offer again for that.
    pub(super) fn comes_out_the_same(&self, conn: &mut Connection, offered: &[GrantRow]) -> Served<bool> {
        let Some(first) = offered.first() else { return Ok(false) };
        let made = crate::store::decision::find(conn, first.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        if is_out_of_force(conn, first, &made)? {
            return Ok(false);
        }
        let own = account::get(conn, first.account_id)?.ok_or(ServiceError::Missing("account"))?;
        if kept_inputs(&made)?.renews.is_some() {
            return Ok(false);
        }
        let (mut said, mut about) = (None, None);
        if let Some(id) = made.request_id {
            let asked = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
            said = Some(self.said_and_shown(conn, &asked)?);
            about = asked.declaration;
        }
        let found = found_for(conn, Some(made.id))?;
        let names: Vec<String> = offered.iter().map(|row| outside("grant", row.id)).collect();
        let again = self.decide_as(conn, &own, |inputs| {
            inputs.request = said;
            inputs.declaration = about;
            inputs.found = found;
            // It is asked what would come in their place.
            inputs.history.grants.retain(|grant| !names.contains(&grant.grant));
        })?;
        if waits_for_borrower(&again.decision) || people(&again.decision)? > first.people {
            return Ok(false);
        }
        for row in offered {
            let mut same = false;
            for (claim, benefit) in granted(&again.decision) {
                let own = claim.event == row.event
                    && claim.declaration == row.declaration
                    && claim.policy == row.policy
                    && i32::try_from(claim.version) == Ok(row.version)
                    && benefit.rule == row.rule
                    && benefit.benefit == row.benefit;
                same |= own && serde_json::to_string(&benefit.adjustments).is_ok_and(|now| now == row.adjustments);
            }
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decides again what nobody asked for: proactive relief, or a renewal.
    pub(super) fn decide_unasked(
        &self,
        conn: &mut Connection,
        own: &AccountRow,
        before: &DecisionRow,
        found: &[Finding],
    ) -> Served<Made> {
        let kept = kept_inputs(before)?;
        if kept.renews.is_none() {
            return self.decide_account(conn, own, None, None, found);
        }
        let today = self.clock.today();
        self.decide_as(conn, own, |inputs| {
            inputs.request = kept.request.map(|request| Request { requested_on: today, ..request });
            inputs.declaration = kept.declaration;
            inputs.renews = kept.renews;
            inputs.found = found.to_vec();
        })
    }

    /// Ends what a decision granted and did not post, and what waits for a person because of it.
    pub(super) fn outdate(&self, conn: &mut Connection, actor: &Actor, decision: i64) -> Served<()> {
        for row in grant::of_decision(conn, decision)? {
            if matches!(row.state.as_str(), "proposed" | "pending_approval" | "approved" | "offered" | "accepted") {
                self.end(conn, actor, row, "grant.outdated", review::OUTDATED)?;
            }
        }
        self.close_reviews(conn, actor, decision)
    }

    pub(super) fn close_reviews(&self, conn: &mut Connection, actor: &Actor, decision: i64) -> Served<()> {
        for mut row in review::of_decision(conn, decision)? {
            // A sample is of what was posted: that stays.
            if row.is_pending() && row.kind != "sample" {
                row.state = "rejected".to_owned();
                row.closed_by = Some(actor.person.clone());
                row.reason = Some(review::OUTDATED.to_owned());
                row.changed_at = self.clock.now();
                review::update(conn, &row)?;
            }
        }
        Ok(())
    }
}
