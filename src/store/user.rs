//! People who work with Forbear, their sessions, and the tokens of services.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{sessions, tokens, users};
use super::{Connection, Stored};

/// Somebody who signs in.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
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

/// A session.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// The hash of what the cookie says.
    pub token_hash: String,
    /// The user.
    pub user_id: i64,
    /// When it began.
    pub created_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: NaiveDateTime,
}

/// A service's token.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens)]
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
    diesel::insert_into(users::table).values(row).execute(conn)?;
    Ok(())
}

/// A user by name.
pub fn find(conn: &mut Connection, name: &str) -> Stored<Option<UserRow>> {
    Ok(users::table.filter(users::name.eq(name)).select(UserRow::as_select()).first(conn).optional()?)
}

/// Keeps whether signing in worked.
pub fn tried(conn: &mut Connection, id: i64, failures: i32, locked_until: Option<NaiveDateTime>) -> Stored<()> {
    let set = (users::failures.eq(failures), users::locked_until.eq(locked_until));
    diesel::update(users::table.find(id)).set(set).execute(conn)?;
    Ok(())
}

/// Begins a session.
pub fn begin(conn: &mut Connection, row: &SessionRow) -> Stored<()> {
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

/// A session with its user.
pub fn session(conn: &mut Connection, token_hash: &str) -> Stored<Option<(SessionRow, UserRow)>> {
    let found = sessions::table.inner_join(users::table).filter(sessions::token_hash.eq(token_hash));
    Ok(found.select((SessionRow::as_select(), UserRow::as_select())).first(conn).optional()?)
}

/// Ends a session.
pub fn end(conn: &mut Connection, token_hash: &str) -> Stored<()> {
    diesel::delete(sessions::table.find(token_hash)).execute(conn)?;
    Ok(())
}

/// Adds a token.
pub fn add_token(conn: &mut Connection, row: &TokenRow) -> Stored<()> {
    diesel::insert_into(tokens::table).values(row).execute(conn)?;
    Ok(())
}

/// A token by its hash.
pub fn token(conn: &mut Connection, token_hash: &str) -> Stored<Option<TokenRow>> {
    let found = tokens::table.filter(tokens::token_hash.eq(token_hash));
    Ok(found.select(TokenRow::as_select()).first(conn).optional()?)
}
