//! Holds: what the lender has stopped doing for an account, and the end of one before its time: a dated act with a reason. A
//! standing order is ended alike: nothing is drawn on it any more.
//!
//! What several grants hold stays held until the last of them ends.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use forbear_engine::adjustment::{Adjustment, HoldChange};
use forbear_engine::decide::decision::{BenefitDecision, Claim};
use serde_json::json;

use super::decide::Made;
use super::expected::give_back_expected;
use super::history::hold;
use super::propose::Act;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::instruction::InstructionRow;
use crate::store::release::{self, ReleaseRow};
use crate::store::{Connection, decision, id};

/// A hold of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The grant.
    pub grant: i64,
    /// What is held, from when to when.
    pub change: HoldChange,
    /// The first day on which it no longer holds, where it was released.
    pub released_on: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
}

impl Held {
    /// Whether it holds on a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> bool {
        self.change.from <= day
            && self.change.until.is_none_or(|until| day <= until)
            && self.released_on.is_none_or(|released| day < released)
    }
}

/// A hold that was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The first day on which it no longer holds.
    pub released_on: NaiveDate,
    /// What other grants still hold.
    pub still_held: Vec<String>,
    /// What the core system is told.
    pub instruction: i64,
}

impl Service {
    /// Ends a hold or a standing order before its time, from today on. What it gave until then stays.
    ///
    /// # Errors
    /// The grant holds and orders nothing, is not posted, has ended or was released, or no reason is given.
    pub fn release_hold(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<Released> {
        if reason.trim().is_empty() {
            return Err(ServiceError::invalid("/reason", "say why the hold ends before its time"));
        }
        let missing = || ServiceError::Missing("grant");
        let account = grant::find(conn, id)?.ok_or_else(missing)?.account_id;
        let own_account = hold(conn, account)?;
        let row = grant::find(conn, id)?.ok_or_else(missing)?;
        if !matches!(row.state.as_str(), "posted" | "confirmed") {
            let message = format!("the grant is {}: only what is posted can be released", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let today = self.clock.today();
        let all = holds(conn, account)?;
        let own: Vec<&Held> = all.iter().filter(|held| held.grant == id).collect();
        let orders = standing_orders(&row)?;
        if let Some(known) = release::of_account(conn, account)?.iter().find(|known| known.grant_id == id) {
            let message = format!("it was released before: since {} it no longer holds", known.released_on);
            return Err(ServiceError::conflict("released_already", message));
        }
        if orders.is_empty() {
            releasable(&own, today)?;
        }
        let others = all.iter().filter(|held| held.grant != id && held.on(today));
        let still: BTreeSet<String> = others.flat_map(|held| names(&held.change)).collect();
        let still_held: Vec<String> =
            own.iter().flat_map(|held| names(&held.change)).filter(|name| still.contains(name)).collect();

        // The core system is told of the hold alone, not of what else the grant did.
        let ended = own.iter().map(|held| Adjustment::Hold(held.change.clone()));
        let changes: Vec<Adjustment> = ended.chain(orders).collect();
        let adjustments = serde_json::to_string(&changes).map_err(ServiceError::unknown)?;
        let told = GrantRow { adjustments, ..row.clone() };
        let further = json!({"released_on": today, "still_held": still_held});
        let ids = (&own_account, row.decision_id);
        let instruction = self.instruct_with(conn, ids, ("release", further), std::slice::from_ref(&told))?;
        let now = self.clock.now();
        let released = ReleaseRow {
            grant_id: id,
            account_id: account,
            released_on: today,
            reason: reason.trim().to_owned(),
            released_by: actor.person.clone(),
            instruction_id: instruction,
            at: now,
        };
        release::add(conn, &released)?;
        let freed = give_back_expected(conn, id)?;
        self.go_on_with(conn, actor, freed)?;
        let detail = json!({"released_on": today, "reason": released.reason, "still_held": still_held});
        log(conn, now, actor, "grant.release", &id::outside("grant", id), &detail)?;
        if let Some(request) = decision::find(conn, row.decision_id)?.and_then(|made| made.request_id) {
            self.step(conn, request, "hold_released")?;
        }
        Ok(Released { released_on: today, still_held, instruction })
    }

    /// The core system did not end a hold: it holds on.
    pub(super) fn still_held(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        told: &InstructionRow,
        refused: Option<&str>,
    ) -> Served<()> {
        release::undo(conn, told.id)?;
        let detail = json!({"reason": refused});
        Ok(log(conn, self.clock.now(), actor, "grant.hold_on", &id::outside("instruction", told.id), &detail)?)
    }

    /// Whether a decision would hold again what was released: not before the borrower asks anew.
    pub(super) fn stays_released(
        &self,
        conn: &mut Connection,
        act: &Act<'_>,
        made: &Made,
        (claim, benefit): (&Claim, &BenefitDecision),
    ) -> Served<bool> {
        if !benefit.adjustments.iter().all(|one| matches!(one, Adjustment::Hold(_))) {
            return Ok(false);
        }
        let asked = made.inputs.request.as_ref().map(|request| request.requested_on);
        for released in release::of_account(conn, act.account.id)? {
            let Some(row) = grant::find(conn, released.grant_id)? else { continue };
            let same = (&row.event, &row.policy, &row.benefit) == (&claim.event, &claim.policy, &benefit.benefit);
            if same && asked.is_none_or(|asked| asked <= released.released_on) {
                let detail = json!({"policy": claim.policy, "benefit": benefit.benefit});
                let released = id::outside("grant", row.id);
                log(conn, act.now, act.actor, "grant.stay_released", &released, &detail)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn releasable(own: &[&Held], today: NaiveDate) -> Served<()> {
    if own.is_empty() {
        return Err(ServiceError::conflict("no_hold", "this grant holds nothing and has no standing order"));
    }
    let last = own.iter().map(|held| held.change.until).max_by_key(|until| until.unwrap_or(NaiveDate::MAX)).flatten();
    match last {
        Some(last) if last < today => Err(ServiceError::conflict("ended", format!("it held until {last}"))),
        _ => Ok(()),
    }
}

fn standing_orders(row: &GrantRow) -> Served<Vec<Adjustment>> {
    let adjustments: Vec<Adjustment> = serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?;
    Ok(adjustments.into_iter().filter(|one| matches!(one, Adjustment::StandingOrder(_))).collect())
}

/// The holds of an account that were posted, the first granted first.
pub(in crate::service) fn holds(conn: &mut Connection, account: i64) -> Served<Vec<Held>> {
    let releases = release::of_account(conn, account)?;
    let mut found = Vec::new();
    for (row, _) in grant::of_accounts(conn, &[account])? {
        if !matches!(row.state.as_str(), "posted" | "confirmed") {
            continue;
        }
        let adjustments: Vec<Adjustment> = serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?;
        let released = releases.iter().find(|one| one.grant_id == row.id);
        found.extend(adjustments.into_iter().filter_map(|one| match one {
            Adjustment::Hold(change) => Some(Held {
                grant: row.id,
                change,
                released_on: released.map(|one| one.released_on),
                reason: released.map(|one| one.reason.clone()),
            }),
            _ => None,
        }));
    }
    Ok(found)
}

/// What a hold is of, by name.
#[must_use]
pub fn names(change: &HoldChange) -> Vec<String> {
    let name = |kind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned);
    change.what.iter().filter_map(name).collect()
}
