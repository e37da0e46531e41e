//! One type for a connection to either database.
#![allow(clippy::disallowed_types, reason = "what the derive writes knows every type of a column")]

use diesel::{PgConnection, SqliteConnection};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite, in the program itself.
    Sqlite(SqliteConnection),
}
