//! What comes back from the core system: done, or refused.

use serde_json::json;

use super::history::hold;
use super::{cash, ledger};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::instruction;
use crate::store::journal::{self, EntryRow};
use crate::store::{Connection, id};

pub use crate::store::instruction::InstructionRow;

impl Service {
    /// Keeps what the core system says of an instruction. The same said twice changes nothing.
    ///
    /// # Errors
    /// There is no such instruction, or the other was said before.
    pub fn answer_instruction(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        refused: Option<&str>,
    ) -> Served<InstructionRow> {
        let row = instruction::find(conn, id)?.ok_or(ServiceError::Missing("instruction"))?;
        hold(conn, row.account_id)?;
        let mut row = instruction::find(conn, id)?.ok_or(ServiceError::Missing("instruction"))?;
        let to = if refused.is_some() { "rejected" } else { "confirmed" };
        if row.state == to {
            return Ok(row);
        }
        if matches!(row.state.as_str(), "confirmed" | "rejected") {
            let message = format!("the instruction was {} before", row.state);
            return Err(ServiceError::conflict("answered_differently", message));
        }
        let from = std::mem::replace(&mut row.state, to.to_owned());
        row.failure = refused.map(str::to_owned);
        row.changed_at = self.clock.now();
        super::advanced(instruction::advance(conn, &row, &from)?)?;
        let object = id::outside("instruction", id);
        log(conn, row.changed_at, actor, &format!("instruction.{to}"), &object, &json!({"reason": refused}))?;
        if row.kind == "release" && refused.is_some() {
            self.still_held(conn, actor, &row, refused)?;
        }
        if row.kind == "apply" {
            for grant in grant::of_instruction(conn, id)? {
                self.answered(conn, actor, grant, refused)?;
            }
            let step = if refused.is_some() { "refused_by_core" } else { "confirmed" };
            if let Some(case) = self.relief_step(conn, row.decision_id, step)?
                && refused.is_none()
            {
                self.settle_case(conn, case)?;
            }
        }
        Ok(row)
    }

    /// Instructions in the order in which they were made, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn instructions(&self, state: Option<&str>, after: i64, most: i64) -> Served<Vec<InstructionRow>> {
        let rows = self.store.read(|conn| instruction::page(conn, state, after, most))?;
        Ok(rows.into_iter().map(|(row, _)| row).collect())
    }

    fn answered(&self, conn: &mut Connection, actor: &Actor, mut row: GrantRow, refused: Option<&str>) -> Served<()> {
        // What was reversed meanwhile stays reversed.
        if row.state != "posted" {
            return Ok(());
        }
        row.state = if refused.is_some() { "rejected" } else { "confirmed" }.to_owned();
        row.changed_at = self.clock.now();
        super::advanced(grant::advance(conn, &row, "posted")?)?;
        let verb = format!("grant.{}", row.state);
        log(conn, row.changed_at, actor, &verb, &id::outside("grant", row.id), &json!({"reason": refused}))?;
        if refused.is_some() {
            self.take_back(conn, &row)?;
            self.give_back(conn, actor, row.id)?;
        }
        Ok(())
    }

    /// Writes the entry that takes a posting back.
    pub(super) fn take_back(&self, conn: &mut Connection, grant: &GrantRow) -> Served<()> {
        let posted = journal::lines(conn, grant.id, "posting")?;
        let entry = EntryRow {
            id: id::new_id(),
            grant_id: grant.id,
            kind: "reversal".to_owned(),
            posted_on: self.entry_day(conn)?,
            at: self.clock.now(),
        };
        let lines = ledger::reversal(&posted, entry.id);
        journal::add(conn, grant, &entry, &lines)?;
        cash::keep(conn, &entry, grant)
    }
}
