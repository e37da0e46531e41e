//! Posting: journal and instruction in one transaction, once for each grant.

use forbear_engine::adjustment::Adjustment;
use serde_json::{Value, json};

use super::{cash, ledger};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::instruction::{self, InstructionRow};
use crate::store::journal::{self, EntryRow};
use crate::store::{Connection, account, id};

impl Service {
    /// Lets go on what a decision granted: once nothing of it waits for people or money, what needs no consent is posted,
    /// together, and the rest is offered to the borrower. Guards have to be taken.
    pub(super) fn release(&self, conn: &mut Connection, actor: &Actor, decision: i64) -> Served<()> {
        let grants = grant::of_decision(conn, decision)?;
        if grants.iter().any(|grant| matches!(grant.state.as_str(), "proposed" | "pending_approval")) {
            return Ok(());
        }
        let mut ready = Vec::new();
        for mut row in grants {
            match (row.state.as_str(), row.consent) {
                ("approved", false) | ("accepted", _) => ready.push(row),
                ("approved", true) => {
                    row.state = "offered".to_owned();
                    row.changed_at = self.clock.now();
                    super::advanced(grant::advance(conn, &row, "approved")?)?;
                    log(conn, row.changed_at, actor, "grant.offer", &id::outside("grant", row.id), &json!({}))?;
                }
                _ => {}
            }
        }
        self.post(conn, actor, ready)
    }

    pub(super) fn post(&self, conn: &mut Connection, actor: &Actor, grants: Vec<GrantRow>) -> Served<()> {
        let Some(first) = grants.first() else { return Ok(()) };
        let (account, decision) = (first.account_id, first.decision_id);
        let instruction = self.instruct(conn, (account, decision), "apply", &grants)?;
        let (now, day) = (self.clock.now(), self.entry_day(conn)?);
        for mut row in grants {
            let from = std::mem::replace(&mut row.state, "posted".to_owned());
            row.instruction_id = Some(instruction);
            row.changed_at = now;
            super::advanced(grant::advance(conn, &row, &from)?)?;
            let entry =
                EntryRow { id: id::new_id(), grant_id: row.id, kind: "posting".to_owned(), posted_on: day, at: now };
            let lines = ledger::posting(&row, entry.id)?;
            journal::add(conn, &row, &entry, &lines)?;
            cash::keep(conn, &entry, &row)?;
            self.spend(conn, row.id)?;
            let detail = json!({"instruction": id::outside("instruction", instruction)});
            log(conn, now, actor, "grant.post", &id::outside("grant", row.id), &detail)?;
            if row.people == 0 {
                self.draw_lot(conn, &row)?;
            }
        }
        self.relief_step(conn, decision, "posted")?;
        Ok(())
    }

    /// Writes an instruction for an account, after all of its earlier ones.
    pub(super) fn instruct(
        &self,
        conn: &mut Connection,
        (account, decision): (i64, i64),
        kind: &str,
        grants: &[GrantRow],
    ) -> Served<i64> {
        self.instruct_with(conn, (account, decision), (kind, json!({})), grants)
    }

    /// The same, with something further to say.
    pub(super) fn instruct_with(
        &self,
        conn: &mut Connection,
        (account, decision): (i64, i64),
        (kind, further): (&str, Value),
        grants: &[GrantRow],
    ) -> Served<i64> {
        let now = self.clock.now();
        let row = account::get(conn, account)?.ok_or(ServiceError::Missing("account"))?;
        let (id, sequence) = (id::new_id(), instruction::next_sequence(conn, account)?);
        let carried = grants.iter().map(|grant| {
            let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
            Ok(json!({
                "grant": id::outside("grant", grant.id), "policy": grant.policy, "version": grant.version,
                "benefit": grant.benefit, "adjustments": adjustments,
                "reverses": (kind == "reverse").then(|| grant.instruction_id.map(|id| id::outside("instruction", id))).flatten(),
            }))
        });
        let mut body = json!({
            "instruction": id::outside("instruction", id), "kind": kind, "account": row.number, "sequence": sequence,
            "decision": id::outside("decision", decision), "grants": carried.collect::<Served<Vec<_>>>()?,
            "made_at": now.and_utc().to_rfc3339(),
        });
        if let (Some(body), Value::Object(further)) = (body.as_object_mut(), further) {
            body.extend(further);
        }
        let made = InstructionRow {
            id,
            account_id: account,
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
