//! The journal: balanced entries that stay. Ids are made before a transaction ends, so that an entry with a smaller id may
//! be seen later than one with a larger; places are given to what is committed, one after the other, and readers go by them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::connection::on_backend;
use super::grant::GrantRow;
use super::prepared::{add, add_all, run};
use super::schema::{grants, journal_arrivals, journal_entries, journal_head, journal_lines, journal_places};
use super::{Connection, Stored, total};

/// An entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_entries, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Its id.
    pub id: i64,
    /// The grant it is of.
    pub grant_id: i64,
    /// posting or reversal.
    pub kind: String,
    /// The day it counts.
    pub posted_on: NaiveDate,
    /// When it was written.
    pub at: NaiveDateTime,
}

/// A line of an entry: above zero a debit, below zero a credit, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_lines, treat_none_as_default_value = false)]
pub struct LineRow {
    /// The entry.
    pub entry_id: i64,
    /// Its number, from 1.
    pub line: i32,
    /// The ledger account.
    pub ledger: String,
    /// The currency.
    pub currency: String,
    /// How much.
    pub amount: i64,
    /// Who bears it.
    pub bearer: Option<String>,
    /// The kind of the charge.
    pub charge: Option<String>,
}

/// Adds an entry of a grant with its lines, and what they add to the kept totals. A second entry of the same kind for a
/// grant is a duplicate.
pub fn add(conn: &mut Connection, grant: &GrantRow, entry: &EntryRow, lines: &[LineRow]) -> Stored<()> {
    add!(conn, diesel::insert_into(journal_entries::table).values(entry))?;
    add_all!(conn, journal_lines::table, lines);
    add!(conn, diesel::insert_into(journal_arrivals::table).values(journal_arrivals::entry_id.eq(entry.id)))?;
    total::add(conn, grant, entry, lines)
}

/// The lines of a grant's entry.
pub fn lines(conn: &mut Connection, grant: i64, kind: &str) -> Stored<Vec<LineRow>> {
    let found = journal_lines::table
        .inner_join(journal_entries::table)
        .filter(journal_entries::grant_id.eq(grant))
        .filter(journal_entries::kind.eq(kind))
        .order(journal_lines::line);
    Ok(found.select(LineRow::as_select()).load(conn)?)
}

/// The entries of a grant with their lines, the first written first.
pub fn of_grant(conn: &mut Connection, grant: i64) -> Stored<Vec<(EntryRow, Vec<LineRow>)>> {
    let found = journal_entries::table.filter(journal_entries::grant_id.eq(grant)).order(journal_entries::id);
    let entries: Vec<EntryRow> = found.select(EntryRow::as_select()).load(conn)?;
    let with_lines = entries.into_iter().map(|entry| {
        let own = lines(conn, grant, &entry.kind)?;
        Ok((entry, own))
    });
    with_lines.collect()
}

/// A part of the journal in the order of its places.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last.
    pub until: Option<NaiveDate>,
    /// After this place.
    pub after: i64,
    /// Up to this place; none: as far as there are some.
    pub to: Option<i64>,
}

/// Entries with their places and lines, in order.
pub fn page(conn: &mut Connection, part: &Part, most: i64) -> Stored<Vec<(i64, EntryRow, Vec<LineRow>)>> {
    let mut query = journal_places::table
        .inner_join(journal_entries::table)
        .filter(journal_places::place.gt(part.after))
        .into_boxed();
    if let Some(to) = part.to {
        query = query.filter(journal_places::place.le(to));
    }
    if let Some(from) = part.from {
        query = query.filter(journal_entries::posted_on.ge(from));
    }
    if let Some(until) = part.until {
        query = query.filter(journal_entries::posted_on.le(until));
    }
    let entries: Vec<(i64, EntryRow)> = query
        .order(journal_places::place)
        .limit(most)
        .select((journal_places::place, EntryRow::as_select()))
        .load(conn)?;
    let ids: Vec<i64> = entries.iter().map(|(_, entry)| entry.id).collect();
    let found = journal_lines::table
        .filter(journal_lines::entry_id.eq_any(&ids))
        .order((journal_lines::entry_id, journal_lines::line));
    let mut lines: HashMap<i64, Vec<LineRow>> = HashMap::new();
    for line in found.select(LineRow::as_select()).load::<LineRow>(conn)? {
        lines.entry(line.entry_id).or_default().push(line);
    }
    let with_lines = entries.into_iter().map(|(place, entry)| {
        let own = lines.remove(&entry.id).unwrap_or_default();
        (place, entry, own)
    });
    Ok(with_lines.collect())
}

/// The place of an entry; none while it has none.
pub fn place_of(conn: &mut Connection, entry: i64) -> Stored<Option<i64>> {
    let own = journal_places::table.filter(journal_places::entry_id.eq(entry));
    Ok(own.select(journal_places::place).first(conn).optional()?)
}

/// The last place that was given.
pub fn last_place(conn: &mut Connection) -> Stored<i64> {
    Ok(journal_head::table.find(1).select(journal_head::last_place).first(conn)?)
}

/// Whether some entries have no place yet.
pub fn has_arrivals(conn: &mut Connection) -> Stored<bool> {
    let first = journal_arrivals::table.select(journal_arrivals::entry_id).first::<i64>(conn).optional()?;
    Ok(first.is_some())
}

/// Gives places to entries that have none, and puts what they add to the kept totals together; says to how many. Nobody
/// else gives places until the transaction ends, so that places become visible in their order.
pub fn settle(conn: &mut Connection, most: i64) -> Stored<usize> {
    let head = journal_head::table.find(1);
    run!(conn, diesel::update(head).set(journal_head::last_place.eq(journal_head::last_place)))?;
    let last = last_place(conn)?;
    let arrived: Vec<i64> = journal_arrivals::table
        .order(journal_arrivals::entry_id)
        .limit(most)
        .select(journal_arrivals::entry_id)
        .load(conn)?;
    if arrived.is_empty() {
        return Ok(0);
    }
    let places: Vec<_> = (last.saturating_add(1)..)
        .zip(&arrived)
        .map(|(place, entry)| (journal_places::place.eq(place), journal_places::entry_id.eq(*entry)))
        .collect();
    on_backend!(conn, own => diesel::insert_into(journal_places::table).values(&places).execute(own))?;
    total::fold(conn, &arrived)?;
    diesel::delete(journal_arrivals::table.filter(journal_arrivals::entry_id.eq_any(&arrived))).execute(conn)?;
    let settled = i64::try_from(arrived.len()).unwrap_or(i64::MAX);
    run!(conn, diesel::update(head).set(journal_head::last_place.eq(last.saturating_add(settled))))?;
    Ok(arrived.len())
}

/// Sums by ledger account and currency, in minor units.
pub fn balances(conn: &mut Connection) -> Stored<Vec<(String, String, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let sums = journal_lines::table
        .group_by((journal_lines::ledger, journal_lines::currency))
        .order((journal_lines::ledger, journal_lines::currency))
        .select((journal_lines::ledger, journal_lines::currency, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")));
    Ok(sums.load(conn)?)
}

/// Entries whose lines do not sum to zero in each currency: there must be none.
pub fn unbalanced(conn: &mut Connection) -> Stored<Vec<i64>> {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;
    let found = journal_lines::table
        .group_by((journal_lines::entry_id, journal_lines::currency))
        .having(sql::<Bool>("SUM(amount) <> 0"))
        .select(journal_lines::entry_id);
    Ok(found.load(conn)?)
}

/// Grants whose state and entries do not belong together: posted without an entry, or with one and never posted.
pub fn astray(conn: &mut Connection) -> Stored<Vec<i64>> {
    use diesel::dsl::{exists, not};
    let entry = |kind: &'static str| {
        journal_entries::table.filter(journal_entries::grant_id.eq(grants::id)).filter(journal_entries::kind.eq(kind))
    };
    let without = grants::table
        .filter(grants::state.eq_any(["posted", "confirmed"]))
        .filter(not(exists(entry("posting"))))
        .select(grants::id)
        .load::<i64>(conn)?;
    let not_posted = ["proposed", "pending_approval", "approved", "offered", "accepted"];
    let with = grants::table
        .filter(grants::state.eq_any(not_posted))
        .filter(exists(entry("posting")))
        .select(grants::id)
        .load::<i64>(conn)?;
    let half = grants::table
        .filter(grants::state.eq_any(["rejected", "reversed"]))
        .filter(exists(entry("posting")))
        .filter(not(exists(entry("reversal"))))
        .select(grants::id)
        .load::<i64>(conn)?;
    Ok([without, with, half].concat())
}
