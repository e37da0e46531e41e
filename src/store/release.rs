//! Holds that were ended before their time.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::add;
use super::schema::hold_releases as releases;
use super::{Connection, Stored};

/// The end of a hold.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = releases, treat_none_as_default_value = false)]
pub struct ReleaseRow {
    /// The grant.
    pub grant_id: i64,
    /// The account.
    pub account_id: i64,
    /// The first day on which it no longer holds.
    pub released_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// By whom.
    pub released_by: String,
    /// What the core system is told.
    pub instruction_id: i64,
    /// When.
    pub at: NaiveDateTime,
}

/// Keeps that a hold was released; a second time it is a duplicate.
pub fn add(conn: &mut Connection, row: &ReleaseRow) -> Stored<()> {
    add!(conn, diesel::insert_into(releases::table).values(row))?;
    Ok(())
}

/// The releases of an account.
pub fn of_account(conn: &mut Connection, account: i64) -> Stored<Vec<ReleaseRow>> {
    let found = releases::table.filter(releases::account_id.eq(account)).order(releases::grant_id);
    Ok(found.select(ReleaseRow::as_select()).load(conn)?)
}

/// Takes back what an instruction told: the core system did not do it.
pub fn undo(conn: &mut Connection, instruction: i64) -> Stored<()> {
    diesel::delete(releases::table.filter(releases::instruction_id.eq(instruction))).execute(conn)?;
    Ok(())
}
