//! Delivery: instructions go out in order for each account, at least once, until the core system says that it has them.
//! What it does not take is tried again, later each time; in the end a person has to look.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::confirm::InstructionRow;
use crate::core_system::webhook::Webhook;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, id, instruction};

/// Attempts before a person has to look: with the waits below, about a day.
pub(in crate::service) const ATTEMPTS: i32 = 16;

/// The first wait, in seconds; each is twice as long as the one before, up to the longest.
const FIRST_WAIT: i64 = 2;
const LONGEST_WAIT: i64 = 3 * 3600;

/// How many are taken at once.
const BATCH: i64 = 100;

impl Service {
    /// Sends what is due; says how many were delivered.
    ///
    /// # Errors
    /// The store fails.
    pub fn deliver(&self, to: &Webhook) -> Served<usize> {
        let due = self.store.read(|conn| instruction::due(conn, self.clock.now(), BATCH))?;
        let mut delivered = 0;
        for row in due {
            let now = self.clock.now();
            let sent = to.send(&id::outside("instruction", row.id), &row.body, now.and_utc().timestamp());
            delivered += usize::from(sent.is_ok());
            self.store.write(|conn| self.sent(conn, row.clone(), sent.as_ref().err()))?;
        }
        Ok(delivered)
    }

    /// Keeps what became of an attempt. An answer that came meanwhile stands.
    fn sent(&self, conn: &mut Connection, mut row: InstructionRow, failure: Option<&String>) -> Served<()> {
        let now = self.clock.now();
        row.attempts = row.attempts.saturating_add(1);
        row.failure = failure.cloned();
        row.changed_at = now;
        row.state = match failure {
            None => "sent",
            Some(_) if row.attempts >= ATTEMPTS => "dead",
            Some(_) => "pending",
        }
        .to_owned();
        row.next_at = now.checked_add_signed(later(row.attempts)).unwrap_or(now);
        instruction::advance(conn, &row, "pending")?;
        if row.state == "dead" {
            let object = id::outside("instruction", row.id);
            tracing::error!(instruction = %object, failure = ?row.failure, "an instruction cannot be delivered");
            log(conn, now, &Actor::system(), "instruction.dead", &object, &json!({"failure": row.failure}))?;
        }
        Ok(())
    }

    /// Sends an instruction again that could not be delivered.
    ///
    /// # Errors
    /// It is not dead.
    pub fn resend(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<InstructionRow> {
        let mut row = instruction::find(conn, id)?.ok_or(ServiceError::Missing("instruction"))?;
        if row.state != "dead" {
            let message = format!("the instruction is {}: only what could not be delivered is sent again", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let now = self.clock.now();
        (row.state, row.attempts, row.next_at, row.changed_at) = ("pending".to_owned(), 0, now, now);
        super::advanced(instruction::advance(conn, &row, "dead")?)?;
        log(conn, now, actor, "instruction.resend", &id::outside("instruction", id), &json!({}))?;
        Ok(row)
    }
}

/// The wait after so many attempts.
pub(in crate::service) fn later(attempts: i32) -> TimeDelta {
    let doubled = u32::try_from(attempts.saturating_sub(1)).ok().and_then(|times| FIRST_WAIT.checked_shl(times));
    let seconds = doubled.filter(|seconds| *seconds > 0).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    TimeDelta::from_std(Duration::from_secs(u64::try_from(seconds).unwrap_or_default())).unwrap_or_default()
}
