//! Instructions by file, for a core system that neither asks nor is asked: what waits goes out in the order of each account and
//! is marked as handed over; what is said of it comes back line by line.

use std::io::BufRead;

use serde::Serialize;
use serde_json::{Value, json};

use super::confirm::InstructionRow;
use crate::core_system::answers::{Answer, read};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, id, instruction};

pub use crate::core_system::answers::AnswerFormat;

/// Where an export stands: an account, and the place among its instructions.
pub type Place = (i64, i64);

/// Columns of a table of instructions; a row for each adjustment.
pub const COLUMNS: [&str; 12] = [
    "instruction",
    "kind",
    "account",
    "sequence",
    "decision",
    "grant",
    "policy",
    "version",
    "benefit",
    "reverses",
    "adjustment",
    "document",
];

/// What became of a line of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnsweredLine {
    /// Its number, from 1.
    pub line: u64,
    /// The instruction, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// What became of it.
    pub result: Answered,
    /// What is wrong, and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// The instruction was done.
    Confirmed,
    /// It was not, and its grants ended.
    Rejected,
    /// It was said before.
    Known,
    /// It cannot be used.
    Bad,
}

/// How many answers came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AnswerCounts {
    /// Done.
    pub confirmed: u64,
    /// Not done.
    pub rejected: u64,
    /// Said before.
    pub known: u64,
    /// Not to be used.
    pub bad: u64,
}

impl Service {
    /// Instructions that wait, account by account and there in order, after a place. What stands behind one that could not be
    /// delivered waits for a person, and is left out.
    ///
    /// # Errors
    /// The store fails.
    pub fn waiting_instructions(&self, after: Place, most: i64) -> Served<Vec<(InstructionRow, String)>> {
        Ok(self.store.read(|conn| instruction::waiting(conn, after, most))?)
    }

    /// Some instructions.
    ///
    /// # Errors
    /// One is missing.
    pub fn named_instructions(&self, conn: &mut Connection, ids: &[i64]) -> Served<Vec<InstructionRow>> {
        let missing = || ServiceError::Missing("instruction");
        ids.iter().map(|id| instruction::find(conn, *id)?.ok_or_else(missing)).collect()
    }

    /// Marks instructions as handed over, once whoever takes them has them; says how many. Those that went on meanwhile stay
    /// as they are.
    ///
    /// # Errors
    /// The store fails.
    pub fn hand_over(&self, conn: &mut Connection, actor: &Actor, rows: &[InstructionRow]) -> Served<usize> {
        let now = self.clock.now();
        let mut handed = Vec::new();
        for row in rows {
            let sent = InstructionRow {
                state: "sent".to_owned(),
                attempts: row.attempts.saturating_add(1),
                changed_at: now,
                failure: None,
                ..row.clone()
            };
            if instruction::advance(conn, &sent, "pending")? {
                handed.push(id::outside("instruction", row.id));
            }
        }
        if !handed.is_empty() {
            log(conn, now, actor, "instruction.hand_over", "instructions", &json!({"instructions": handed}))?;
        }
        Ok(handed.len())
    }

    /// Takes answers line by line, each in a transaction of its own; `report` is told of each line. A file that was broken off
    /// is taken again from its beginning: what was said before is known.
    ///
    /// # Errors
    /// The store or the report fails; what came before is kept.
    pub fn take_answers<E: From<ServiceError>>(
        &self,
        actor: &Actor,
        format: AnswerFormat,
        source: impl BufRead,
        mut report: impl FnMut(AnsweredLine) -> Result<(), E>,
    ) -> Result<AnswerCounts, E> {
        let mut counts = AnswerCounts::default();
        for read in read(format, source) {
            let line = match read {
                Err(bad) => {
                    AnsweredLine { line: bad.line, instruction: None, result: Answered::Bad, reason: Some(bad.reason) }
                }
                Ok(answer) => self.take_answer(actor, answer)?,
            };
            let count = match line.result {
                Answered::Confirmed => &mut counts.confirmed,
                Answered::Rejected => &mut counts.rejected,
                Answered::Known => &mut counts.known,
                Answered::Bad => &mut counts.bad,
            };
            *count = count.saturating_add(1);
            report(line)?;
        }
        Ok(counts)
    }

    fn take_answer(&self, actor: &Actor, answer: Answer) -> Served<AnsweredLine> {
        let Answer { line, instruction, rejected } = answer;
        let told = |result, reason| AnsweredLine { line, instruction: Some(instruction.clone()), result, reason };
        let missing = || told(Answered::Bad, Some("there is no such instruction".to_owned()));
        let Some(own) = id::inside("instruction", &instruction) else { return Ok(missing()) };
        let before = self.store.read(|conn| instruction::find(conn, own))?;
        let to = if rejected.is_some() { "rejected" } else { "confirmed" };
        if before.is_some_and(|row| row.state == to) {
            return Ok(told(Answered::Known, None));
        }
        let done = self.store.write(|conn| self.answer_instruction(conn, actor, own, rejected.as_deref()));
        match done {
            Ok(_) if rejected.is_some() => Ok(told(Answered::Rejected, None)),
            Ok(_) => Ok(told(Answered::Confirmed, None)),
            Err(ServiceError::Missing(_)) => Ok(missing()),
            Err(ServiceError::Conflict { message, .. }) => Ok(told(Answered::Bad, Some(message))),
            Err(other) => Err(other),
        }
    }
}

/// The rows of an instruction in a table: one for each adjustment, which stands whole in the last column.
///
/// # Errors
/// What was kept is none.
pub fn table_rows(row: &InstructionRow) -> Served<Vec<[String; 12]>> {
    let body: Value = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
    let text = |value: &Value, key: &str| match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for grant in list(&body, "grants") {
        for adjustment in list(&grant, "adjustments") {
            rows.push([
                text(&body, "instruction"),
                text(&body, "kind"),
                text(&body, "account"),
                text(&body, "sequence"),
                text(&body, "decision"),
                text(&grant, "grant"),
                text(&grant, "policy"),
                text(&grant, "version"),
                text(&grant, "benefit"),
                text(&grant, "reverses"),
                text(&adjustment, "kind"),
                adjustment.to_string(),
            ]);
        }
    }
    Ok(rows)
}
