//! Delivery: instructions go out in order for each account, at least once, until the core system says that it has them.

use chrono::NaiveDateTime;

use super::confirm::InstructionRow;
use crate::core_system::webhook::Webhook;
use crate::service::audit::Actor;
use crate::service::outbox::{Outgoing, Post};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, Stored, id, instruction};

/// How many are taken at once.
const BATCH: i64 = 100;

impl Outgoing for InstructionRow {
    const NOUN: &'static str = "instruction";

    fn id(&self) -> i64 {
        self.id
    }

    fn post(&mut self) -> Post<'_> {
        Post {
            state: &mut self.state,
            attempts: &mut self.attempts,
            next_at: &mut self.next_at,
            failure: &mut self.failure,
            changed_at: &mut self.changed_at,
        }
    }

    fn advance(&self, conn: &mut Connection, from: (&str, NaiveDateTime)) -> Stored<bool> {
        instruction::advance_due(conn, self, from)
    }
}

impl Service {
    /// Sends what is due; says how many were delivered.
    ///
    /// # Errors
    /// The store fails.
    pub fn deliver(&self, to: &Webhook) -> Served<usize> {
        let due = self.store.read(|conn| instruction::due(conn, self.clock.now(), BATCH))?;
        self.hand_out(due, |row, at| to.send(&id::outside("instruction", row.id), &row.body, at.and_utc().timestamp()))
    }

    /// Sends an instruction again that could not be delivered.
    ///
    /// # Errors
    /// It is not dead.
    pub fn resend(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<InstructionRow> {
        let mut row = instruction::find(conn, id)?.ok_or(ServiceError::Missing("instruction"))?;
        self.send_again(conn, actor, &mut row)?;
        Ok(row)
    }
}
