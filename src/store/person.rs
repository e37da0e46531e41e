//! Who people are: sealed, and found by keyed indexes alone.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::{account_parties, persons};
use super::{Connection, Stored};

/// Who somebody is, sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = persons, treat_none_as_default_value = false)]
pub struct PersonRow {
    /// Its id.
    pub id: i64,
    /// The lender's number for the person.
    pub party: String,
    /// Names, phones and numbers, sealed; none once erased.
    pub sealed: Option<Vec<u8>>,
    /// The version of the key that sealed it.
    pub key_version: Option<i64>,
    /// The keyed index of the phone.
    pub phone_index: Option<String>,
    /// The keyed index of the identity number.
    pub number_index: Option<String>,
    /// The day of the snapshot that said it.
    pub as_of: NaiveDate,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// When it was erased.
    pub erased_at: Option<NaiveDateTime>,
}

/// Keeps who somebody is, in place of what was known.
pub fn keep(conn: &mut Connection, row: &PersonRow) -> Stored<()> {
    let known = persons::table.filter(persons::party.eq(&row.party));
    let changed = run!(
        conn,
        diesel::update(known).set((
            persons::sealed.eq(&row.sealed),
            persons::key_version.eq(row.key_version),
            persons::phone_index.eq(&row.phone_index),
            persons::number_index.eq(&row.number_index),
            persons::as_of.eq(row.as_of),
            persons::changed_at.eq(row.changed_at),
            persons::erased_at.eq(row.erased_at),
        ))
    )?;
    if changed == 0 {
        add!(conn, diesel::insert_into(persons::table).values(row))?;
    }
    Ok(())
}

/// Who somebody is.
pub fn find(conn: &mut Connection, party: &str) -> Stored<Option<PersonRow>> {
    let found = persons::table.filter(persons::party.eq(party));
    Ok(found.select(PersonRow::as_select()).first(conn).optional()?)
}

/// The people on an account.
pub fn on_account(conn: &mut Connection, account: i64) -> Stored<Vec<PersonRow>> {
    let parties = account_parties::table.filter(account_parties::account_id.eq(account)).select(account_parties::party);
    let found = persons::table.filter(persons::party.eq_any(parties)).order(persons::party);
    Ok(found.select(PersonRow::as_select()).load(conn)?)
}

/// The people with a phone, by its indexes.
pub fn by_phone(conn: &mut Connection, indexes: &[String]) -> Stored<Vec<PersonRow>> {
    let found = persons::table.filter(persons::phone_index.eq_any(indexes)).order(persons::party);
    Ok(found.select(PersonRow::as_select()).load(conn)?)
}

/// The people with an identity number, by its indexes.
pub fn by_number(conn: &mut Connection, indexes: &[String]) -> Stored<Vec<PersonRow>> {
    let found = persons::table.filter(persons::number_index.eq_any(indexes)).order(persons::party);
    Ok(found.select(PersonRow::as_select()).load(conn)?)
}

/// The versions of keys that rows are sealed under.
pub fn key_versions(conn: &mut Connection) -> Stored<Vec<i64>> {
    let sealed = persons::table.filter(persons::key_version.is_not_null());
    let versions: Vec<Option<i64>> = sealed.select(persons::key_version).distinct().load(conn)?;
    Ok(versions.into_iter().flatten().collect())
}

/// The people whose row is sealed under one of these keys.
pub fn sealed_under(conn: &mut Connection, versions: &[i64], most: i64) -> Stored<Vec<String>> {
    let found = persons::table.filter(persons::key_version.eq_any(versions)).order(persons::id).limit(most);
    Ok(found.select(persons::party).load(conn)?)
}

/// How many rows are sealed under each key.
pub fn by_key(conn: &mut Connection) -> Stored<Vec<(i64, i64)>> {
    let sealed = persons::table.filter(persons::key_version.is_not_null()).group_by(persons::key_version);
    let counts: Vec<(Option<i64>, i64)> =
        sealed.select((persons::key_version, diesel::dsl::count_star())).load(conn)?;
    Ok(counts.into_iter().filter_map(|(version, rows)| Some((version?, rows))).collect())
}

/// One row that is sealed under a key, the latest.
pub fn any_sealed(conn: &mut Connection, version: i64) -> Stored<Option<PersonRow>> {
    let found = persons::table.filter(persons::key_version.eq(version)).order(persons::id.desc());
    Ok(found.select(PersonRow::as_select()).first(conn).optional()?)
}
