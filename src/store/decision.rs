//! Decisions with what they were made from.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::connection::on_backend;
use super::schema::{awaitings, decisions};
use super::{Connection, Stored};

/// A decision.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions)]
pub struct DecisionRow {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The request that asked for it; none for proactive relief.
    pub request_id: Option<i64>,
    /// The day.
    pub decided_on: NaiveDate,
    /// The moment.
    pub decided_at: NaiveDateTime,
    /// How it ends.
    pub outcome: String,
    /// What it was made from: documents by digest, the rest in full.
    pub inputs: String,
    /// The engine's digest of them.
    pub inputs_digest: String,
    /// The decision as the engine wrote it.
    pub body: String,
    /// SHA-256 of that.
    pub body_digest: String,
    /// Who let it be made.
    pub made_by: String,
}

/// Adds a decision.
pub fn add(conn: &mut Connection, row: &DecisionRow) -> Stored<()> {
    diesel::insert_into(decisions::table).values(row).execute(conn)?;
    Ok(())
}

/// A decision.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<DecisionRow>> {
    Ok(decisions::table.find(id).select(DecisionRow::as_select()).first(conn).optional()?)
}

/// A rule that waits for something to come true.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = awaitings)]
pub struct AwaitingRow {
    /// The account.
    pub account_id: i64,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// The event.
    pub event: String,
    /// The rule.
    pub rule: String,
    /// The day whose values eligibility keeps.
    pub decided_on: NaiveDate,
}

/// Keeps that a rule waits, unless it does already.
pub fn await_rule(conn: &mut Connection, row: &AwaitingRow) -> Stored<()> {
    on_backend!(conn, own => diesel::insert_into(awaitings::table).values(row).on_conflict_do_nothing().execute(own))?;
    Ok(())
}

/// The rules of an account that wait.
pub fn awaitings(conn: &mut Connection, account: i64) -> Stored<Vec<AwaitingRow>> {
    let found = awaitings::table.filter(awaitings::account_id.eq(account)).order((awaitings::policy, awaitings::rule));
    Ok(found.select(AwaitingRow::as_select()).load(conn)?)
}
