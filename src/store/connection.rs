//! Connections: one type over both databases, a pool, and the only door to a write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::any::AnyConnection;
use super::recall::Moment;
use super::{StoreError, Stored, migrate};

/// Does the same on the connection of either database, for what diesel cannot say for both at once.
macro_rules! on_backend {
    ($connection:expr, $own:ident => $body:expr) => {
        match $connection {
            $crate::store::Connection::Postgres($own) => $body,
            $crate::store::Connection::Sqlite($own) => $body,
        }
    };
}
pub(super) use on_backend;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Backend {
    /// By the scheme of the address.
    ///
    /// # Errors
    /// The scheme is of no database that Forbear knows. It is never taken for the name of a new file.
    pub fn of(url: &str) -> Stored<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some("sqlite") => Ok(Self::Sqlite),
            _ => Err(StoreError::Address(
                "a database is given as sqlite:forbear.db or postgres://user@host/name".to_owned(),
            )),
        }
    }
}

/// The database behind a pool of connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    backend: Backend,
    /// How often this program wrote.
    writes: Arc<AtomicU64>,
}

/// How often a write is tried again when the database asks for it.
const TRIES: u32 = 12;

/// How long SQLite waits for another writer, and how long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// The address is unknown, the database does not answer, or a migration fails.
    pub fn open(url: &str, connections: u32) -> Stored<Self> {
        let backend = Backend::of(url)?;
        let manager = Manager { url: url.to_owned(), backend };
        let mut first = manager.connect().map_err(|error| StoreError::Failed(error.to_string()))?;
        migrate::run(&mut first)?;
        drop(first);
        let pool = Pool::builder().max_size(connections.max(1)).connection_timeout(PATIENCE).build(manager);
        let pool = pool.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { pool, backend, writes: Arc::default() })
    }

    /// Takes away everything in a database, tables and all; whoever has it open must have ended.
    ///
    /// # Errors
    /// The address is unknown, or the database does not let it.
    pub fn wipe(url: &str) -> Stored<()> {
        let backend = Backend::of(url)?;
        let mut own = Manager { url: url.to_owned(), backend }.connect().map_err(failed)?;
        match &mut own {
            AnyConnection::Postgres(own) => own.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")?,
            AnyConnection::Sqlite(_) => {
                drop(own);
                let path = path_of(url);
                for file in [path.to_owned(), format!("{path}-wal"), format!("{path}-shm")] {
                    match std::fs::remove_file(&file) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(StoreError::Failed(format!("{file}: {error}")));
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Which database it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// This moment: taken before something is read that is to be recalled.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { writes: self.writes.load(Ordering::Acquire), at: Instant::now() }
    }

    /// Reads.
    ///
    /// # Errors
    /// No connection is to be had, or the work fails.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.connection()?;
        let done = work(&mut connection.own);
        connection.proven = done.is_ok().then(Instant::now);
        done
    }

    /// Reads everything as it was at one moment, whatever is written meanwhile.
    ///
    /// # Errors
    /// No connection is to be had, or the work fails.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection()?;
        begin_snapshot(&mut connection.own)?;
        let done = work(&mut connection.own);
        rollback(&mut connection.own);
        done
    }

    /// Does all of the work or nothing of it. SQLite lets one writer in at a time; on PostgreSQL rows that others must
    /// not change meanwhile are taken by an update. The work is done again when the database asks for it.
    ///
    /// # Errors
    /// No connection is to be had, or the work fails: nothing of it is kept.
    pub fn write<T, E: From<StoreError> + AsStoreError>(
        &self,
        mut work: impl FnMut(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection()?;
        let mut tried = 0;
        loop {
            begin(&mut connection.own)?;
            let done = work(&mut connection.own);
            let done = match done {
                Ok(value) => commit(&mut connection.own).map(|()| value).map_err(E::from),
                Err(error) => Err(error),
            };
            match done {
                Ok(value) => {
                    self.writes.fetch_add(1, Ordering::Release);
                    connection.proven = Some(Instant::now());
                    return Ok(value);
                }
                Err(error) => {
                    rollback(&mut connection.own);
                    tried += 1;
                    if tried >= TRIES || !matches!(error.as_store_error(), Some(StoreError::Busy)) {
                        return Err(error);
                    }
                    std::thread::sleep(Duration::from_millis(u64::from(tried) * 2));
                }
            }
        }
    }

    /// A connection that works as far as is known. Until work on it has ended well nothing is.
    fn connection(&self) -> Stored<PooledConnection<Manager>> {
        let mut connection =
            self.pool.get().map_err(|error| StoreError::Failed(format!("no connection in time: {error}")))?;
        connection.proven = None;
        Ok(connection)
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// The file of an SQLite database.
fn path_of(url: &str) -> &str {
    url.trim_start_matches("sqlite:").trim_start_matches("//")
}

/// An error that may come from the store.
pub trait AsStoreError {
    /// The store's own error, if it is one.
    fn as_store_error(&self) -> Option<&StoreError>;
}

impl AsStoreError for StoreError {
    fn as_store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

fn begin(connection: &mut AnyConnection) -> Stored<()> {
    match connection {
        AnyConnection::Postgres(own) => AnsiTransactionManager::begin_transaction_sql(own, "BEGIN")?,
        // At once, so that no two writers begin with a read and neither can go on.
        AnyConnection::Sqlite(own) => AnsiTransactionManager::begin_transaction_sql(own, "BEGIN IMMEDIATE")?,
    }
    Ok(())
}

fn begin_snapshot(connection: &mut AnyConnection) -> Stored<()> {
    match connection {
        AnyConnection::Postgres(own) => {
            AnsiTransactionManager::begin_transaction_sql(own, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
        AnyConnection::Sqlite(own) => AnsiTransactionManager::begin_transaction_sql(own, "BEGIN")?,
    }
    Ok(())
}

fn commit(connection: &mut AnyConnection) -> Stored<()> {
    on_backend!(connection, own => AnsiTransactionManager::commit_transaction(own))?;
    Ok(())
}

/// After a failed commit there is nothing left to undo; a connection that cannot is dropped by the pool.
fn rollback(connection: &mut AnyConnection) {
    let undone = on_backend!(connection, own => AnsiTransactionManager::rollback_transaction(own));
    if let Err(error) = undone {
        tracing::debug!(%error, "a transaction could not be undone");
    }
}

/// A connection in the pool.
struct Pooled {
    own: AnyConnection,
    /// When work on it last ended well, if the last one did.
    proven: Option<Instant>,
}

/// How long a connection on which work ended well is taken to work: under load none is asked whether it does.
const PROVEN: Duration = Duration::from_secs(1);

/// Makes connections for the pool.
struct Manager {
    url: String,
    backend: Backend,
}

impl Manager {
    fn connect(&self) -> Result<AnyConnection, diesel::r2d2::Error> {
        let failed = diesel::r2d2::Error::ConnectionError;
        match self.backend {
            Backend::Postgres => {
                let mut own = PgConnection::establish(&self.url).map_err(failed)?;
                own.batch_execute("SET TIME ZONE 'UTC'").map_err(diesel::r2d2::Error::QueryError)?;
                Ok(AnyConnection::Postgres(own))
            }
            Backend::Sqlite => {
                let mut own = SqliteConnection::establish(path_of(&self.url)).map_err(failed)?;
                let settings = format!(
                    "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = FAST;",
                    PATIENCE.as_millis()
                );
                own.batch_execute(&settings).map_err(diesel::r2d2::Error::QueryError)?;
                Ok(AnyConnection::Sqlite(own))
            }
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        Ok(Pooled { own: self.connect()?, proven: None })
    }

    fn is_valid(&self, connection: &mut Pooled) -> Result<(), Self::Error> {
        if connection.proven.is_some_and(|at| at.elapsed() < PROVEN) {
            return Ok(());
        }
        on_backend!(&mut connection.own, own => own.batch_execute("SELECT 1")).map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut Pooled) -> bool {
        // A connection that still is in a transaction was left by a panic.
        std::thread::panicking()
            || on_backend!(&mut connection.own, own => <AnsiTransactionManager as TransactionManager<_>>::is_broken_transaction_manager(own))
    }
}
