//! Posting: journal and instruction in one transaction, once for each grant.

use forbear_engine::adjustment::Adjustment;
use serde_json::{Value, json};

use super::{cash, ledger};
use crate::service::audit::{Actor, log};
use crate::service::policy::shelf::Terms;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::grant::{self, GrantRow};
use crate::store::instruction::{self, InstructionRow};
use crate::store::journal::{self, EntryRow};
use crate::store::{Connection, id};

impl Service {
    /// Lets go on what a decision granted to an account that is taken.
    pub(super) fn release(&self, conn: &mut Connection, actor: &Actor, own: &AccountRow, decision: i64) -> Served<()> {
        let grants = grant::of_decision(conn, decision)?;
        let terms = self.shelf.terms(conn)?;
        self.let_go(conn, actor, (own, &terms), grants).map(|_| ())
    }

    /// Lets go on all that a decision granted: once nothing of it waits for people or money, what needs no consent is posted,
    /// together, and the rest is offered to the borrower. The account has to be taken. Says how its grants stand then.
    pub(super) fn let_go(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (own, terms): (&AccountRow, &Terms),
        mut grants: Vec<GrantRow>,
    ) -> Served<Vec<GrantRow>> {
        if grants.iter().any(|grant| matches!(grant.state.as_str(), "proposed" | "pending_approval")) {
            return Ok(grants);
        }
        let is_ready =
            |row: &GrantRow| matches!((row.state.as_str(), row.consent), ("approved", false) | ("accepted", _));
        for row in grants.iter_mut().filter(|row| row.state == "approved" && row.consent) {
            let from = std::mem::replace(&mut row.state, "offered".to_owned());
            row.changed_at = self.clock.now();
            advance(conn, row, &from)?;
            log(conn, row.changed_at, actor, "grant.offer", &id::outside("grant", row.id), &json!({}))?;
        }
        let (ready, mut rest): (Vec<_>, Vec<_>) = grants.into_iter().partition(is_ready);
        rest.extend(self.post(conn, actor, (own, terms), ready)?);
        rest.sort_unstable_by_key(|row| row.id);
        Ok(rest)
    }

    /// Posts grants of one decision to an account that is taken, together; says how they stand then.
    pub(super) fn post(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (own, terms): (&AccountRow, &Terms),
        mut grants: Vec<GrantRow>,
    ) -> Served<Vec<GrantRow>> {
        let Some(first) = grants.first() else { return Ok(grants) };
        let decision = first.decision_id;
        let instruction = self.instruct(conn, (own, decision), "apply", &grants)?;
        let (now, day) = (self.clock.now(), self.entry_day(conn)?);
        for row in &mut grants {
            let from = std::mem::replace(&mut row.state, "posted".to_owned());
            row.instruction_id = Some(instruction);
            row.changed_at = now;
            advance(conn, row, &from)?;
            let entry =
                EntryRow { id: id::new_id(), grant_id: row.id, kind: "posting".to_owned(), posted_on: day, at: now };
            let lines = ledger::posting(row, entry.id)?;
            journal::add(conn, row, &entry, &lines)?;
            cash::keep(conn, &entry, row)?;
            // Where there is no budget, nothing was set aside.
            if !terms.budgets.is_empty() {
                self.spend(conn, row.id)?;
            }
            let detail = json!({"instruction": id::outside("instruction", instruction)});
            log(conn, now, actor, "grant.post", &id::outside("grant", row.id), &detail)?;
            if row.people == 0 {
                self.draw_lot(conn, terms.lottery.as_ref(), row)?;
            }
        }
        self.relief_step(conn, decision, "posted")?;
        Ok(grants)
    }

    /// Writes an instruction for an account, after all of its earlier ones.
    pub(super) fn instruct(
        &self,
        conn: &mut Connection,
        (own, decision): (&AccountRow, i64),
        kind: &str,
        grants: &[GrantRow],
    ) -> Served<i64> {
        self.instruct_with(conn, (own, decision), (kind, json!({})), grants)
    }

    /// The same, with something further to say.
    pub(super) fn instruct_with(
        &self,
        conn: &mut Connection,
        (own, decision): (&AccountRow, i64),
        (kind, further): (&str, Value),
        grants: &[GrantRow],
    ) -> Served<i64> {
        let now = self.clock.now();
        let (id, sequence) = (id::new_id(), instruction::next_sequence(conn, own.id)?);
        let carried = grants.iter().map(|grant| {
            let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
            Ok(json!({
                "grant": id::outside("grant", grant.id), "policy": grant.policy, "version": grant.version,
                "benefit": grant.benefit, "adjustments": adjustments,
                "reverses": (kind == "reverse").then(|| grant.instruction_id.map(|id| id::outside("instruction", id))).flatten(),
            }))
        });
        let mut body = json!({
            "instruction": id::outside("instruction", id), "kind": kind, "account": own.number, "sequence": sequence,
            "decision": id::outside("decision", decision), "grants": carried.collect::<Served<Vec<_>>>()?,
            "made_at": now.and_utc().to_rfc3339(),
        });
        if let (Some(body), Value::Object(further)) = (body.as_object_mut(), further) {
            body.extend(further);
        }
        let made = InstructionRow {
            id,
            account_id: own.id,
            sequence,
            decision_id: decision,
            kind: kind.to_owned(),
            body: body.to_string(),
            state: "pending".to_owned(),
            attempts: 0,
            next_at: now,
            failure: None,
            created_at: now,
            changed_at: now,
        };
        instruction::add(conn, &made)?;
        Ok(id)
    }
}

/// Moves a grant on from where it stood, in the store and as it is known here.
fn advance(conn: &mut Connection, row: &mut GrantRow, from: &str) -> Served<()> {
    super::advanced(grant::advance(conn, row, from)?)?;
    row.revision = row.revision.saturating_add(1);
    Ok(())
}
