//! Previews: what was asked for, how far it is, what it came to.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::previews;
use super::{Connection, Stored};

/// A preview.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = previews, treat_none_as_default_value = false)]
pub struct PreviewRow {
    /// Its id.
    pub id: i64,
    /// Who asked, as the log knows them.
    pub caller: String,
    /// The person.
    pub made_by: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// What was asked: documents by digest, the rest in full.
    pub asked: String,
    /// waiting, running, done, failed or cancelled.
    pub state: String,
    /// How many accounts there were when it began.
    pub accounts: i64,
    /// How many are decided.
    pub decided: i64,
    /// Why it failed.
    pub failure: Option<String>,
    /// What it came to.
    pub result: Option<String>,
    /// Until when whoever runs it has to say that they still do.
    pub run_until: Option<NaiveDateTime>,
    /// When it was asked for.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a preview; a second one of a caller that is under way is a duplicate.
pub fn add(conn: &mut Connection, row: &PreviewRow) -> Stored<()> {
    add!(conn, diesel::insert_into(previews::table).values(row))?;
    Ok(())
}

/// A preview.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<PreviewRow>> {
    Ok(previews::table.find(id).select(PreviewRow::as_select()).first(conn).optional()?)
}

/// The preview of a caller that is under way.
pub fn under_way(conn: &mut Connection, caller: &str) -> Stored<Option<i64>> {
    let own =
        previews::table.filter(previews::caller.eq(caller)).filter(previews::state.eq_any(["waiting", "running"]));
    Ok(own.select(previews::id).first(conn).optional()?)
}

/// Previews without what they came to, in the order in which they were asked for, after one.
pub fn page(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<PreviewRow>> {
    let rows = previews::table.filter(previews::id.gt(after)).order(previews::id).limit(most);
    Ok(rows.select(PreviewRow::as_select()).load(conn)?)
}

/// The first that waits, or whose runner is gone.
pub fn next(conn: &mut Connection, now: NaiveDateTime) -> Stored<Option<PreviewRow>> {
    let waits = previews::state.eq("waiting");
    let left = previews::state.eq("running").and(previews::run_until.lt(now));
    let found = previews::table.filter(waits.or(left)).order(previews::id);
    Ok(found.select(PreviewRow::as_select()).first(conn).optional()?)
}

/// Changes a preview, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &PreviewRow) -> Stored<bool> {
    let own = previews::table.find(row.id).filter(previews::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            previews::state.eq(&row.state),
            previews::accounts.eq(row.accounts),
            previews::decided.eq(row.decided),
            previews::failure.eq(&row.failure),
            previews::result.eq(&row.result),
            previews::run_until.eq(row.run_until),
            previews::changed_at.eq(row.changed_at),
            previews::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}
