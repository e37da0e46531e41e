//! What is kept, in SQLite or PostgreSQL: the only place that names diesel.
//!
//! ```text
//! Store::open(url) ─► read(|conn| …)   sees what is committed
//!                 └─► write(|conn| …)  one transaction, tried again when the database asks for it
//! ```
//!
//! One file per noun: its row, and the queries over it. Rows go in and out whole; what may happen to them is decided
//! above. Amounts are minor units, times are UTC, ids are made here and grow with time.

pub mod account;
pub mod alert;
mod any;
pub mod audience;
pub mod audit;
pub mod budget;
pub mod campaign;
pub mod case;
pub mod cash;
pub mod channel;
pub mod complaint;
mod connection;
pub mod contact;
pub mod contactable;
pub mod decision;
pub mod declaration;
pub mod document;
pub mod draft;
pub mod edition;
pub mod event;
pub mod evidence;
pub mod feed;
pub mod flag;
pub mod grant;
pub mod guard;
pub mod id;
pub mod idempotency;
pub mod import;
pub mod instruction;
pub mod journal;
pub mod message;
mod migrate;
pub mod notice;
pub mod opt_out;
pub mod period;
pub mod person;
pub mod policy;
pub mod policy_case;
mod prepared;
pub mod preview;
pub mod proposal;
pub mod recall;
pub mod release;
pub mod request;
pub mod review;
pub mod round;
pub mod sample;
#[allow(missing_docs, reason = "tables say what they are")]
mod schema;
pub mod session;
pub mod sms;
pub mod total;
pub mod tries;
pub mod user;
pub mod words;

use std::fmt;

pub use self::any::AnyConnection as Connection;
pub use self::connection::{AsStoreError, Backend, Store};

/// Why the store could not do something.
#[derive(Debug)]
pub enum StoreError {
    /// The address is of no database that Forbear knows.
    Address(String),
    /// A row breaks a rule of the tables: it is there already.
    Duplicate(String),
    /// The database asks to try again, and was asked often enough.
    Busy,
    /// The database failed.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(reason) => f.write_str(reason),
            Self::Duplicate(rule) => write!(f, "it is there already ({rule})"),
            Self::Busy => f.write_str("the database is busy"),
            Self::Failed(reason) => write!(f, "the database failed: {reason}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind::{SerializationFailure, UniqueViolation};
        use diesel::result::Error::DatabaseError;
        match error {
            DatabaseError(UniqueViolation, about) => {
                let rule = about.constraint_name().map_or_else(|| about.message().to_owned(), str::to_owned);
                Self::Duplicate(rule)
            }
            DatabaseError(SerializationFailure, _) => Self::Busy,
            DatabaseError(_, about) if asks_again(about.message()) => Self::Busy,
            other => Self::Failed(other.to_string()),
        }
    }
}

/// A deadlock of PostgreSQL, a lock that SQLite did not get in time: diesel has no kind for them.
fn asks_again(message: &str) -> bool {
    ["deadlock detected", "database is locked", "database table is locked", "could not serialize"]
        .iter()
        .any(|known| message.contains(known))
}

/// The result of a query.
pub type Stored<T> = Result<T, StoreError>;
