//! What people said or wrote, sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::words;
use super::{Connection, Stored};

/// Something that was said.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = words, treat_none_as_default_value = false)]
pub struct WordsRow {
    /// Its id.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// What it is about, as it is named outside.
    pub about: String,
    /// note, hand_over, outcome, complaint, resolution, …
    pub kind: String,
    /// Whose loan it is about.
    pub party: Option<String>,
    /// It, sealed; none once it is erased.
    pub sealed: Option<Vec<u8>>,
    /// The version of the key that sealed it.
    pub key_version: Option<i64>,
    /// Who wrote it down.
    pub written_by: String,
    /// When.
    pub at: NaiveDateTime,
    /// When it was erased.
    pub erased_at: Option<NaiveDateTime>,
}

/// Adds words.
pub fn add(conn: &mut Connection, row: &WordsRow) -> Stored<()> {
    diesel::insert_into(words::table).values(row).execute(conn)?;
    Ok(())
}

/// The words of a case, the first first.
pub fn of_case(conn: &mut Connection, case: i64) -> Stored<Vec<WordsRow>> {
    let found = words::table.filter(words::case_id.eq(case)).order(words::id);
    Ok(found.select(WordsRow::as_select()).load(conn)?)
}

/// Whether anything was said about somebody's loans that is not erased.
pub fn of_party(conn: &mut Connection, party: &str) -> Stored<bool> {
    let found = words::table.filter(words::party.eq(party)).filter(words::sealed.is_not_null());
    Ok(found.select(words::id).first::<i64>(conn).optional()?.is_some())
}

/// Erases what was said about somebody's loans; says how much.
pub fn erase(conn: &mut Connection, party: &str, at: NaiveDateTime) -> Stored<usize> {
    let own = words::table.filter(words::party.eq(party)).filter(words::sealed.is_not_null());
    let nothing = (words::sealed.eq(None::<Vec<u8>>), words::key_version.eq(None::<i64>), words::erased_at.eq(at));
    Ok(diesel::update(own).set(nothing).execute(conn)?)
}

/// Words that are sealed under one of these keys.
pub fn under(conn: &mut Connection, versions: &[i64], most: i64) -> Stored<Vec<WordsRow>> {
    let found = words::table.filter(words::key_version.eq_any(versions)).order(words::id).limit(most);
    Ok(found.select(WordsRow::as_select()).load(conn)?)
}

/// Keeps words under another key, if they are not erased meanwhile.
pub fn reseal(conn: &mut Connection, id: i64, sealed: &[u8], version: i64) -> Stored<()> {
    let own = words::table.find(id).filter(words::sealed.is_not_null());
    diesel::update(own).set((words::sealed.eq(sealed), words::key_version.eq(version))).execute(conn)?;
    Ok(())
}

/// How many rows are sealed under each key.
pub fn by_key(conn: &mut Connection) -> Stored<Vec<(i64, i64)>> {
    let sealed = words::table.filter(words::key_version.is_not_null()).group_by(words::key_version);
    let counts: Vec<(Option<i64>, i64)> = sealed.select((words::key_version, diesel::dsl::count_star())).load(conn)?;
    Ok(counts.into_iter().filter_map(|(version, rows)| Some((version?, rows))).collect())
}
