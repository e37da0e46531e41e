//! People who work with Forbear, and the tokens of services.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::{tokens, users};
use super::{Connection, Stored};

/// Somebody who signs in.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// Their id.
    pub id: i64,
    /// What they sign in with.
    pub name: String,
    /// The person: two accounts of one person never check each other.
    pub person: String,
    /// Roles, with spaces between.
    pub roles: String,
    /// The hash of the password.
    pub password: String,
    /// Failed attempts in a row.
    pub failures: i32,
    /// Locked until then.
    pub locked_until: Option<NaiveDateTime>,
    /// Whether they may sign in.
    pub active: bool,
    /// When they were added.
    pub created_at: NaiveDateTime,
}

/// A service's token.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub struct TokenRow {
    /// Its id.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// Who answers for it.
    pub person: String,
    /// Roles, with spaces between.
    pub roles: String,
    /// The hash of the token.
    pub token_hash: String,
    /// When it ends.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was taken back.
    pub revoked_at: Option<NaiveDateTime>,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// Adds a user.
pub fn add(conn: &mut Connection, row: &UserRow) -> Stored<()> {
    add!(conn, diesel::insert_into(users::table).values(row))?;
    Ok(())
}

/// A user by name.
pub fn find(conn: &mut Connection, name: &str) -> Stored<Option<UserRow>> {
    Ok(users::table.filter(users::name.eq(name)).select(UserRow::as_select()).first(conn).optional()?)
}

/// A user by id.
pub fn get(conn: &mut Connection, id: i64) -> Stored<Option<UserRow>> {
    Ok(users::table.find(id).select(UserRow::as_select()).first(conn).optional()?)
}

/// All users, by name.
pub fn all(conn: &mut Connection) -> Stored<Vec<UserRow>> {
    Ok(users::table.order(users::name).select(UserRow::as_select()).load(conn)?)
}

/// A user whom nobody else changes until the transaction ends.
pub fn take(conn: &mut Connection, id: i64) -> Stored<Option<UserRow>> {
    run!(conn, diesel::update(users::table.find(id)).set(users::failures.eq(users::failures)))?;
    get(conn, id)
}

/// Keeps whether signing in worked.
pub fn tried(conn: &mut Connection, id: i64, failures: i32, locked_until: Option<NaiveDateTime>) -> Stored<()> {
    let set = (users::failures.eq(failures), users::locked_until.eq(locked_until));
    run!(conn, diesel::update(users::table.find(id)).set(set))?;
    Ok(())
}

/// Keeps another password, and forgets failures.
pub fn set_password(conn: &mut Connection, id: i64, password: &str) -> Stored<()> {
    let set = (users::password.eq(password), users::failures.eq(0), users::locked_until.eq(None::<NaiveDateTime>));
    run!(conn, diesel::update(users::table.find(id)).set(set))?;
    Ok(())
}

/// Keeps what somebody is, and whether they may sign in.
pub fn set_roles(conn: &mut Connection, id: i64, roles: &str, active: bool) -> Stored<()> {
    let set = (users::roles.eq(roles), users::active.eq(active));
    run!(conn, diesel::update(users::table.find(id)).set(set))?;
    Ok(())
}

/// Adds a token.
pub fn add_token(conn: &mut Connection, row: &TokenRow) -> Stored<()> {
    add!(conn, diesel::insert_into(tokens::table).values(row))?;
    Ok(())
}

/// A token by its hash.
pub fn token(conn: &mut Connection, token_hash: &str) -> Stored<Option<TokenRow>> {
    let found = tokens::table.filter(tokens::token_hash.eq(token_hash));
    Ok(found.select(TokenRow::as_select()).first(conn).optional()?)
}

/// All tokens, the first first.
pub fn tokens(conn: &mut Connection) -> Stored<Vec<TokenRow>> {
    Ok(tokens::table.order(tokens::id).select(TokenRow::as_select()).load(conn)?)
}

/// Takes a token back, if nobody did; says whether it did.
pub fn revoke_token(conn: &mut Connection, id: i64, at: NaiveDateTime) -> Stored<bool> {
    let own = tokens::table.find(id).filter(tokens::revoked_at.is_null());
    Ok(run!(conn, diesel::update(own).set(tokens::revoked_at.eq(at)))? == 1)
}
