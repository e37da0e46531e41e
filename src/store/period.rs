//! Closed months. Who writes an entry holds the door open until the transaction ends; who closes a month waits for all of
//! them, so that no entry slips in behind.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::prepared::{Prepared, add, first};
use super::schema::{journal_entries, periods};
use super::{Connection, Stored};

/// A closed month.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = periods, treat_none_as_default_value = false)]
pub struct PeriodRow {
    /// Such as 2021-07.
    pub month: String,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last.
    pub last_day: NaiveDate,
    /// Entries of its days.
    pub entries: i64,
    /// Of its totals.
    pub digest: String,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: NaiveDateTime,
}

/// The number of the lock that stands for the door to the journal.
const DOOR: i64 = 0x0F0B_EA13;

/// Keeps months from being closed until the transaction ends. On SQLite there is one writer at a time anyway.
pub fn hold_open(conn: &mut Connection) -> Stored<()> {
    lock(conn, "pg_advisory_xact_lock_shared")
}

/// Waits until nobody writes entries any more, and keeps them out until the transaction ends.
pub fn hold_shut(conn: &mut Connection) -> Stored<()> {
    lock(conn, "pg_advisory_xact_lock")
}

fn lock(conn: &mut Connection, kind: &str) -> Stored<()> {
    if let Connection::Postgres(own) = conn {
        let lock = diesel::select(sql::<Text>(&format!("CAST({kind}({DOOR}) AS TEXT)")));
        Prepared(lock).load::<String>(own)?;
    }
    Ok(())
}

/// The last day of the last closed month.
pub fn closed_through(conn: &mut Connection) -> Stored<Option<NaiveDate>> {
    Ok(first!(conn, periods::table.select(diesel::dsl::max(periods::last_day)))?.flatten())
}

/// Closes a month; it is a duplicate when it is closed.
pub fn add(conn: &mut Connection, row: &PeriodRow) -> Stored<()> {
    add!(conn, diesel::insert_into(periods::table).values(row))?;
    Ok(())
}

/// A closed month.
pub fn find(conn: &mut Connection, month: &str) -> Stored<Option<PeriodRow>> {
    Ok(periods::table.find(month).select(PeriodRow::as_select()).first(conn).optional()?)
}

/// Closed months, in order.
pub fn list(conn: &mut Connection) -> Stored<Vec<PeriodRow>> {
    Ok(periods::table.order(periods::first_day).select(PeriodRow::as_select()).load(conn)?)
}

/// The first day that has an entry.
pub fn first_entry(conn: &mut Connection) -> Stored<Option<NaiveDate>> {
    Ok(journal_entries::table.select(diesel::dsl::min(journal_entries::posted_on)).first(conn)?)
}

/// How many entries days have.
pub fn entries(conn: &mut Connection, from: NaiveDate, until: NaiveDate) -> Stored<i64> {
    let own = journal_entries::table.filter(journal_entries::posted_on.between(from, until));
    Ok(own.count().get_result(conn)?)
}
