//! Opt-outs: of a person, or of a phone, whoever has it; in force until they are ended, and kept.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::{account_parties, opt_outs, persons};
use super::{Connection, Stored};

/// An opt-out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = opt_outs, treat_none_as_default_value = false)]
pub struct OptOutRow {
    /// Its id.
    pub id: i64,
    /// The lender's number for the person; none where it is of a phone.
    pub party: Option<String>,
    /// The keyed index of the phone; none where it is of a person.
    pub phone_index: Option<String>,
    /// The phone, sealed, so that it is found under later keys too.
    pub phone: Option<Vec<u8>>,
    /// The version of the key that sealed it.
    pub key_version: Option<i64>,
    /// messages, marketing or collections.
    pub scope: String,
    /// How it was said.
    pub via: String,
    /// Who took it down.
    pub stopped_by: String,
    /// Since when.
    pub stopped_at: NaiveDateTime,
    /// How it was said that it ends.
    pub resumed_via: Option<String>,
    /// Who took that down.
    pub resumed_by: Option<String>,
    /// Until when.
    pub resumed_at: Option<NaiveDateTime>,
}

/// Whose opt-outs are looked for: of any of these people, or of any of these phones.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// The lender's numbers for people.
    pub parties: Vec<String>,
    /// Keyed indexes of phones.
    pub phones: Vec<String>,
}

/// Adds an opt-out, unless one of the same scope is in force; says whether it did.
pub fn add(conn: &mut Connection, row: &OptOutRow) -> Stored<bool> {
    let added = add!(conn, diesel::insert_into(opt_outs::table).values(row).on_conflict_do_nothing())?;
    Ok(added == 1)
}

/// Those in force, the first first.
pub fn in_force(conn: &mut Connection, of: &Of) -> Stored<Vec<OptOutRow>> {
    // One after the other: each has an index of its own.
    let own = opt_outs::table.filter(opt_outs::resumed_at.is_null()).select(OptOutRow::as_select());
    let mut found: Vec<OptOutRow> = Vec::new();
    if !of.parties.is_empty() {
        found.extend(own.filter(opt_outs::party.eq_any(&of.parties)).load::<OptOutRow>(conn)?);
    }
    if !of.phones.is_empty() {
        found.extend(own.filter(opt_outs::phone_index.eq_any(&of.phones)).load::<OptOutRow>(conn)?);
    }
    found.sort_unstable_by_key(|row| row.id);
    Ok(found)
}

/// Whether anybody has one in force.
pub fn any(conn: &mut Connection) -> Stored<bool> {
    let found = opt_outs::table.filter(opt_outs::resumed_at.is_null()).select(opt_outs::id);
    Ok(found.first::<i64>(conn).optional()?.is_some())
}

/// All that were ever said, the first first.
pub fn history(conn: &mut Connection, of: &Of) -> Stored<Vec<OptOutRow>> {
    let own = opt_outs::party.eq_any(&of.parties).or(opt_outs::phone_index.eq_any(&of.phones));
    Ok(opt_outs::table.filter(own).order(opt_outs::id).select(OptOutRow::as_select()).load(conn)?)
}

/// Ends one that is in force; says whether it was.
pub fn end(conn: &mut Connection, row: &OptOutRow) -> Stored<bool> {
    let own = opt_outs::table.find(row.id).filter(opt_outs::resumed_at.is_null());
    let changed = diesel::update(own).set((
        opt_outs::resumed_via.eq(&row.resumed_via),
        opt_outs::resumed_by.eq(&row.resumed_by),
        opt_outs::resumed_at.eq(row.resumed_at),
    ));
    Ok(run!(conn, changed)? == 1)
}

/// Forgets phones.
pub fn forget_phones(conn: &mut Connection, phones: &[String]) -> Stored<usize> {
    Ok(diesel::delete(opt_outs::table.filter(opt_outs::phone_index.eq_any(phones))).execute(conn)?)
}

/// Seals a phone anew.
pub fn reseal(conn: &mut Connection, row: &OptOutRow) -> Stored<()> {
    let changed = diesel::update(opt_outs::table.find(row.id)).set((
        opt_outs::phone_index.eq(&row.phone_index),
        opt_outs::phone.eq(&row.phone),
        opt_outs::key_version.eq(row.key_version),
    ));
    run!(conn, changed)?;
    Ok(())
}

/// Those whose phone is sealed under one of these keys.
pub fn sealed_under(conn: &mut Connection, versions: &[i64], most: i64) -> Stored<Vec<OptOutRow>> {
    let found = opt_outs::table.filter(opt_outs::key_version.eq_any(versions)).order(opt_outs::id).limit(most);
    Ok(found.select(OptOutRow::as_select()).load(conn)?)
}

/// How many phones are sealed under each key.
pub fn by_key(conn: &mut Connection) -> Stored<Vec<(i64, i64)>> {
    let sealed = opt_outs::table.filter(opt_outs::key_version.is_not_null()).group_by(opt_outs::key_version);
    let counts: Vec<(Option<i64>, i64)> =
        sealed.select((opt_outs::key_version, diesel::dsl::count_star())).load(conn)?;
    Ok(counts.into_iter().filter_map(|(version, rows)| Some((version?, rows))).collect())
}

/// Whether anything is known of somebody: who they are, or that they are on an account.
pub fn is_known(conn: &mut Connection, party: &str) -> Stored<bool> {
    let person = persons::table.filter(persons::party.eq(party)).select(persons::id);
    if person.first::<i64>(conn).optional()?.is_some() {
        return Ok(true);
    }
    let on_account = account_parties::table.filter(account_parties::party.eq(party));
    Ok(on_account.select(account_parties::account_id).first::<i64>(conn).optional()?.is_some())
}
