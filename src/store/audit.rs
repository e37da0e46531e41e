//! The log of what happened, and its seals.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::add;
use super::schema::{audit_entries, audit_seals};
use super::{Connection, Stored};

/// An entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Its id.
    pub id: i64,
    /// When.
    pub at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What they did.
    pub verb: String,
    /// To what.
    pub object: String,
    /// More about it, as JSON; never personal data.
    pub detail: String,
    /// The seal that covers it.
    pub seal: Option<i64>,
}

/// A seal over a batch of entries.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seals, treat_none_as_default_value = false)]
pub struct SealRow {
    /// From 1.
    pub number: i64,
    /// How many entries it covers.
    pub entries: i64,
    /// The root of the Merkle tree over them.
    pub root: String,
    /// The hash of the seal before.
    pub previous: String,
    /// Its own hash.
    pub hash: String,
    /// When.
    pub at: NaiveDateTime,
}

/// Adds an entry.
pub fn add(conn: &mut Connection, row: &EntryRow) -> Stored<()> {
    add!(conn, diesel::insert_into(audit_entries::table).values(row))?;
    Ok(())
}

/// Which entries are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// To what.
    pub object: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// What they did.
    pub verb: Option<String>,
}

/// Entries in the order of their ids, after one.
pub fn page(conn: &mut Connection, filter: &Filter, after: i64, most: i64) -> Stored<Vec<EntryRow>> {
    let mut query = audit_entries::table.filter(audit_entries::id.gt(after)).into_boxed();
    if let Some(object) = &filter.object {
        query = query.filter(audit_entries::object.eq(object.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_entries::actor.eq(actor.clone()));
    }
    if let Some(verb) = &filter.verb {
        query = query.filter(audit_entries::verb.eq(verb.clone()));
    }
    Ok(query.order(audit_entries::id).limit(most).select(EntryRow::as_select()).load(conn)?)
}

/// Entries that no seal covers yet.
pub fn unsealed(conn: &mut Connection, most: i64) -> Stored<Vec<EntryRow>> {
    let found = audit_entries::table.filter(audit_entries::seal.is_null()).order(audit_entries::id).limit(most);
    Ok(found.select(EntryRow::as_select()).load(conn)?)
}

/// The entries that a seal covers.
pub fn sealed(conn: &mut Connection, number: i64) -> Stored<Vec<EntryRow>> {
    let found = audit_entries::table.filter(audit_entries::seal.eq(number)).order(audit_entries::id);
    Ok(found.select(EntryRow::as_select()).load(conn)?)
}

/// The last seal.
pub fn head(conn: &mut Connection) -> Stored<Option<SealRow>> {
    let found = audit_seals::table.order(audit_seals::number.desc());
    Ok(found.select(SealRow::as_select()).first(conn).optional()?)
}

/// Seals in order, after one.
pub fn seals(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<SealRow>> {
    let found = audit_seals::table.filter(audit_seals::number.gt(after)).order(audit_seals::number).limit(most);
    Ok(found.select(SealRow::as_select()).load(conn)?)
}

/// Adds a seal over entries. A second seal of the same number is a duplicate.
pub fn seal(conn: &mut Connection, row: &SealRow, entries: &[i64]) -> Stored<()> {
    add!(conn, diesel::insert_into(audit_seals::table).values(row))?;
    for ids in entries.chunks(500) {
        let own = audit_entries::table.filter(audit_entries::id.eq_any(ids)).filter(audit_entries::seal.is_null());
        diesel::update(own).set(audit_entries::seal.eq(row.number)).execute(conn)?;
    }
    Ok(())
}
