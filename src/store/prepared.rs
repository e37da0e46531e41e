//! Statements that are prepared once on each connection, and known there by their type or their text. diesel would have updates, and
//! inserts of several rows, parsed and planned anew each time, and inserts that may leave a column out, for which reason rows
//! set `treat_none_as_default_value = false`.
//!
//! It asks a statement whether it may be kept only where rows are loaded; where it is executed, a reference stands between
//! that does not pass the answer on. So an update, and an insert of several rows, answers with a row for every row that it writes.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Integer;

/// A statement that stays prepared; one with few different texts, whatever is bound: not for lists of any length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared<Q>(pub Q);

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Prepared<Q> {}

/// What is answered for a row that was written.
pub(super) fn written() -> SqlLiteral<Integer> {
    sql("1")
}

/// Runs a statement on one kind of database, where it stays prepared; says how many rows it concerned.
macro_rules! run_on {
    ($own:expr, $statement:expr) => {{
        let statement = $statement.returning($crate::store::prepared::written());
        diesel::RunQueryDsl::load::<i32>($crate::store::prepared::Prepared(statement), $own).map(|rows| rows.len())
    }};
}
pub(super) use run_on;

/// The same on either. The type over both databases would not let it stay.
macro_rules! run {
    ($connection:expr, $statement:expr) => {
        $crate::store::connection::on_backend!($connection, own => $crate::store::prepared::run_on!(own, $statement))
    };
}
pub(super) use run;

/// Adds a row on either kind of database, which knows the statement by its type: rows have to name all of their columns.
macro_rules! add {
    ($connection:expr, $insert:expr) => {
        $crate::store::connection::on_backend!($connection, own => diesel::RunQueryDsl::execute($insert, own))
    };
}
pub(super) use add;

/// Loads rows. Each kind of database knows a query by its type then; where it is asked over both at once, its text is written
/// anew each time. For what every decision reads.
macro_rules! load {
    ($connection:expr, $query:expr) => {
        $crate::store::connection::on_backend!($connection, own => diesel::RunQueryDsl::load($query, own))
    };
}
pub(super) use load;

/// The first row, if there is one; otherwise as `load`.
macro_rules! first {
    ($connection:expr, $query:expr) => {
        $crate::store::connection::on_backend!($connection, own => {
            diesel::OptionalExtension::optional(diesel::RunQueryDsl::first($query, own))
        })
    };
}
pub(super) use first;

/// As many rows at once make a text that is kept.
pub(super) const MOST_ROWS: usize = 16;

/// Adds rows: to PostgreSQL all at once, to SQLite one after another, since nothing travels there.
macro_rules! add_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::store::Connection::Postgres(own) => {
                let insert = diesel::insert_into($table).values($rows);
                if $rows.len() > $crate::store::prepared::MOST_ROWS {
                    insert.execute(own)?;
                } else {
                    $crate::store::prepared::run_on!(own, insert)?;
                }
            }
            $crate::store::Connection::Sqlite(own) => {
                for row in $rows {
                    $crate::store::prepared::run_on!(own, diesel::insert_into($table).values(row))?;
                }
            }
        }
    };
}
pub(super) use add_all;
