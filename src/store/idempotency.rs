//! Answers that were given under an Idempotency-Key.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::idempotency;
use super::{Connection, Stored};

/// An answer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct AnswerRow {
    /// Caller and route.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// The digest of what was asked.
    pub request_digest: String,
    /// The status of the answer; 0 while the work goes on.
    pub status: i32,
    /// The answer.
    pub body: String,
    /// When.
    pub created_at: NaiveDateTime,
}

/// Claims a key for the work of this transaction; says whether it was free. Somebody who claims the same key at the same
/// time waits until this transaction ends.
pub fn claim(conn: &mut Connection, row: &AnswerRow) -> Stored<bool> {
    let made = add!(conn, diesel::insert_into(idempotency::table).values(row).on_conflict_do_nothing())?;
    Ok(made == 1)
}

/// The answer that was given.
pub fn find(conn: &mut Connection, scope: &str, key: &str) -> Stored<Option<AnswerRow>> {
    Ok(idempotency::table.find((scope, key)).select(AnswerRow::as_select()).first(conn).optional()?)
}

/// Keeps the answer of the work.
pub fn answer(conn: &mut Connection, row: &AnswerRow) -> Stored<()> {
    let own = idempotency::table.find((&row.scope, &row.key));
    run!(conn, diesel::update(own).set((idempotency::status.eq(row.status), idempotency::body.eq(&row.body))))?;
    Ok(())
}

/// Forgets answers that are older.
pub fn forget(conn: &mut Connection, before: NaiveDateTime) -> Stored<usize> {
    Ok(diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before))).execute(conn)?)
}
