//! Statements that are prepared once on each connection, and known there by their text. diesel would have updates, and
//! inserts that may leave a column out, parsed and planned anew each time.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// A statement that stays prepared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared<Q>(Q);

/// For statements with few different texts, whatever is bound: not for lists of any length.
pub(super) trait Prepare: Sized {
    /// The same, prepared once.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q> Prepare for Q {}

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

impl<Q, C> RunQueryDsl<C> for Prepared<Q> {}

/// Runs a statement that stays prepared; says how many rows it concerned. The type over both databases would not let it stay.
macro_rules! run {
    ($connection:expr, $statement:expr) => {
        $crate::store::connection::on_backend!($connection, own => {
            diesel::RunQueryDsl::execute($crate::store::prepared::Prepare::prepared($statement), own)
        })
    };
}
pub(super) use run;

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
                    insert.prepared().execute(own)?;
                }
            }
            $crate::store::Connection::Sqlite(own) => {
                for row in $rows {
                    diesel::insert_into($table).values(row).prepared().execute(own)?;
                }
            }
        }
    };
}
pub(super) use add_all;
