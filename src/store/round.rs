//! Rounds of relief: for which declaration, how far they are, what they came to.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::rounds;
use super::{Connection, Stored};

/// A round.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rounds, treat_none_as_default_value = false)]
pub struct RoundRow {
    /// Its id.
    pub id: i64,
    /// The declaration.
    pub declaration: String,
    /// proactive or amended.
    pub kind: String,
    /// Who began it, as the log knows them.
    pub caller: String,
    /// The person.
    pub made_by: String,
    /// waiting, running, done, failed or cancelled.
    pub state: String,
    /// The last account that was looked at, in the order of their ids.
    pub after_account: i64,
    /// How many accounts there were when it began.
    pub accounts: i64,
    /// How many were looked at.
    pub passed: i64,
    /// To how many something was given.
    pub given: i64,
    /// About how many a person would have to decide.
    pub referred: i64,
    /// How many could not be decided.
    pub failed: i64,
    /// Until when whoever runs it has to say that they still do.
    pub run_until: Option<NaiveDateTime>,
    /// When it was begun.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a round; a second one of a declaration and kind that is under way is a duplicate.
pub fn add(conn: &mut Connection, row: &RoundRow) -> Stored<()> {
    add!(conn, diesel::insert_into(rounds::table).values(row))?;
    Ok(())
}

/// A round.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<RoundRow>> {
    Ok(rounds::table.find(id).select(RoundRow::as_select()).first(conn).optional()?)
}

/// The round of a declaration and kind that is under way.
pub fn under_way(conn: &mut Connection, declaration: &str, kind: &str) -> Stored<Option<RoundRow>> {
    let own = rounds::table
        .filter(rounds::declaration.eq(declaration).and(rounds::kind.eq(kind)))
        .filter(rounds::state.eq_any(["waiting", "running"]));
    Ok(own.select(RoundRow::as_select()).first(conn).optional()?)
}

/// Rounds in the order in which they were begun, after one.
pub fn page(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<RoundRow>> {
    let rows = rounds::table.filter(rounds::id.gt(after)).order(rounds::id).limit(most);
    Ok(rows.select(RoundRow::as_select()).load(conn)?)
}

/// The first that waits, or whose runner is gone.
pub fn next(conn: &mut Connection, now: NaiveDateTime) -> Stored<Option<RoundRow>> {
    let waits = rounds::state.eq("waiting");
    let left = rounds::state.eq("running").and(rounds::run_until.lt(now));
    let found = rounds::table.filter(waits.or(left)).order(rounds::id);
    Ok(found.select(RoundRow::as_select()).first(conn).optional()?)
}

/// Changes a round, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &RoundRow) -> Stored<bool> {
    let own = rounds::table.find(row.id).filter(rounds::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            rounds::state.eq(&row.state),
            rounds::after_account.eq(row.after_account),
            rounds::accounts.eq(row.accounts),
            rounds::passed.eq(row.passed),
            rounds::given.eq(row.given),
            rounds::referred.eq(row.referred),
            rounds::failed.eq(row.failed),
            rounds::run_until.eq(row.run_until),
            rounds::changed_at.eq(row.changed_at),
            rounds::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}
