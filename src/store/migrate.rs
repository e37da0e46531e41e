//! Migrations: SQL for both databases, and what each needs of its own, in the order of their versions.

use diesel::PgConnection;
use diesel::SqliteConnection;
use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, Result};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, StoreError, Stored};

const COMMON: EmbeddedMigrations = embed_migrations!("migrations/common");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Two folders as one.
struct Both(EmbeddedMigrations, EmbeddedMigrations);

impl<B: Backend> MigrationSource<B> for Both {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<B>>>> {
        let mut all = MigrationSource::<B>::migrations(&self.0)?;
        all.extend(MigrationSource::<B>::migrations(&self.1)?);
        Ok(all)
    }
}

/// Runs what has not been run yet. Several programs that begin at once wait for each other.
pub fn run(connection: &mut Connection) -> Stored<()> {
    let done = match connection {
        Connection::Postgres(own) => postgres(own),
        Connection::Sqlite(own) => sqlite(own),
    };
    done.map_err(|error| StoreError::Failed(format!("the tables cannot be brought up to date: {error}")))
}

/// The number of the lock that a migrating program holds.
const LOCK: i64 = 0x0F0B_EA12;

fn postgres(own: &mut PgConnection) -> Result<()> {
    use diesel::connection::SimpleConnection;
    own.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    let done = MigrationHarness::<Pg>::run_pending_migrations(own, Both(COMMON, POSTGRES)).map(|_| ());
    own.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    done
}

fn sqlite(own: &mut SqliteConnection) -> Result<()> {
    MigrationHarness::<Sqlite>::run_pending_migrations(own, Both(COMMON, SQLITE)).map(|_| ())
}
