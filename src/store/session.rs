//! Sessions of users and of borrowers, and what a borrower signs in with.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::connection::on_backend;
use super::prepared::{add, run};
use super::schema::{codes, hand_offs, sessions};
use super::{Connection, Stored};

/// A session: of a user, or of a borrower.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// The hash of what the cookie says.
    pub token_hash: String,
    /// The user.
    pub user_id: Option<i64>,
    /// The borrower: the lender's number for the person.
    pub party: Option<String>,
    /// When it began.
    pub created_at: NaiveDateTime,
    /// When it was last used, to the minute.
    pub used_at: NaiveDateTime,
    /// When it ends in any case.
    pub expires_at: NaiveDateTime,
}

/// A one-time code.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
pub struct CodeRow {
    /// Its id.
    pub id: i64,
    /// The keyed index of the phone.
    pub phone_index: String,
    /// The keyed index of the code.
    pub code_index: String,
    /// How often somebody tried.
    pub tries: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: NaiveDateTime,
    /// When it was used.
    pub used_at: Option<NaiveDateTime>,
}

/// Begins a session.
pub fn begin(conn: &mut Connection, row: &SessionRow) -> Stored<()> {
    add!(conn, diesel::insert_into(sessions::table).values(row))?;
    Ok(())
}

/// A session.
pub fn find(conn: &mut Connection, token_hash: &str) -> Stored<Option<SessionRow>> {
    Ok(sessions::table.find(token_hash).select(SessionRow::as_select()).first(conn).optional()?)
}

/// Keeps that a session was used.
pub fn used(conn: &mut Connection, token_hash: &str, at: NaiveDateTime) -> Stored<()> {
    run!(conn, diesel::update(sessions::table.find(token_hash)).set(sessions::used_at.eq(at)))?;
    Ok(())
}

/// Ends a session; says whether there was one.
pub fn end(conn: &mut Connection, token_hash: &str) -> Stored<bool> {
    Ok(run!(conn, diesel::delete(sessions::table.find(token_hash)))? == 1)
}

/// Ends all sessions of a user; says how many.
pub fn end_of_user(conn: &mut Connection, user: i64) -> Stored<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(conn)?)
}

/// Ends all sessions of a borrower; says how many.
pub fn end_of_party(conn: &mut Connection, party: &str) -> Stored<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::party.eq(party))).execute(conn)?)
}

/// Adds a code.
pub fn add_code(conn: &mut Connection, row: &CodeRow) -> Stored<()> {
    add!(conn, diesel::insert_into(codes::table).values(row))?;
    Ok(())
}

/// The codes to a phone since a moment, the last first.
pub fn codes_since(conn: &mut Connection, phone: &[String], since: NaiveDateTime) -> Stored<Vec<CodeRow>> {
    let found = codes::table.filter(codes::phone_index.eq_any(phone)).filter(codes::created_at.gt(since));
    Ok(found.order(codes::id.desc()).select(CodeRow::as_select()).load(conn)?)
}

/// Keeps that somebody tried a code, and when it was used.
pub fn tried(conn: &mut Connection, id: i64, tries: i32, used_at: Option<NaiveDateTime>) -> Stored<()> {
    let set = (codes::tries.eq(tries), codes::used_at.eq(used_at));
    run!(conn, diesel::update(codes::table.find(id)).set(set))?;
    Ok(())
}

/// Keeps that a token of the lender's app was shown; says whether it was for the first time.
pub fn hand_off(conn: &mut Connection, token_hash: &str, at: NaiveDateTime) -> Stored<bool> {
    let row = (hand_offs::token_hash.eq(token_hash), hand_offs::used_at.eq(at));
    let insert = diesel::insert_into(hand_offs::table).values(row).on_conflict_do_nothing();
    Ok(on_backend!(conn, own => insert.execute(own))? == 1)
}

/// Removes what ended: sessions by now, codes and shown tokens since before a moment. Says how many rows.
pub fn sweep(conn: &mut Connection, now: NaiveDateTime, before: NaiveDateTime) -> Stored<usize> {
    let ended = diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(conn)?;
    let codes = diesel::delete(codes::table.filter(codes::created_at.lt(before))).execute(conn)?;
    let shown = diesel::delete(hand_offs::table.filter(hand_offs::used_at.lt(before))).execute(conn)?;
    Ok(ended.saturating_add(codes).saturating_add(shown))
}
