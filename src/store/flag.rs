//! Flags: what one has to mind of people; in force until they are lifted or their last day has passed, and kept.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::flags;
use super::{Connection, Stored};

/// A flag of somebody.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = flags, treat_none_as_default_value = false)]
pub struct FlagRow {
    /// Its id.
    pub id: i64,
    /// Whose: the lender's number for the person.
    pub party: String,
    /// vulnerable, bereaved, hospitalised, deceased or represented.
    pub flag: String,
    /// How it is known.
    pub reason: String,
    /// Its last day; none: until it is lifted.
    pub until: Option<NaiveDate>,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: NaiveDateTime,
    /// Why it was lifted.
    pub lifted_reason: Option<String>,
    /// By whom.
    pub lifted_by: Option<String>,
    /// When.
    pub lifted_at: Option<NaiveDateTime>,
}

/// Adds a flag, unless one of the kind is in force; says whether it did.
pub fn add(conn: &mut Connection, row: &FlagRow) -> Stored<bool> {
    let added = add!(conn, diesel::insert_into(flags::table).values(row).on_conflict_do_nothing())?;
    Ok(added == 1)
}

/// Lifts a flag that is in force; says whether it was.
pub fn lift(conn: &mut Connection, row: &FlagRow) -> Stored<bool> {
    let own = flags::table.find(row.id).filter(flags::lifted_at.is_null());
    let changed = diesel::update(own).set((
        flags::lifted_reason.eq(&row.lifted_reason),
        flags::lifted_by.eq(&row.lifted_by),
        flags::lifted_at.eq(row.lifted_at),
    ));
    Ok(run!(conn, changed)? == 1)
}

/// The flags of some people that hold on a day.
pub fn in_force(conn: &mut Connection, parties: &[String], day: NaiveDate) -> Stored<Vec<FlagRow>> {
    let found = flags::table
        .filter(flags::party.eq_any(parties))
        .filter(flags::lifted_at.is_null())
        .filter(flags::until.is_null().or(flags::until.ge(day)))
        .order(flags::id);
    Ok(found.select(FlagRow::as_select()).load(conn)?)
}

/// Whether anybody has one that was not lifted.
pub fn any(conn: &mut Connection) -> Stored<bool> {
    let found = flags::table.filter(flags::lifted_at.is_null()).select(flags::id);
    Ok(found.first::<i64>(conn).optional()?.is_some())
}

/// All flags that somebody ever had, the first first.
pub fn history(conn: &mut Connection, party: &str) -> Stored<Vec<FlagRow>> {
    let found = flags::table.filter(flags::party.eq(party)).order(flags::id);
    Ok(found.select(FlagRow::as_select()).load(conn)?)
}
