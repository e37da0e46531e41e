//! The log of what happened. Every change writes an entry in its own transaction; entries are sealed in batches, each
//! seal a Merkle root in a chain of hashes, so that writers do not wait for each other.

mod seal;

use chrono::NaiveDateTime;
use serde_json::Value;

pub use self::seal::{Head, Verified};
pub use crate::store::audit::{EntryRow, Filter};

use crate::store::{Connection, Stored, audit, id};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Stable, and no personal data: `user_…`, `token_…`, `borrower_…`, `system`.
    pub id: String,
    /// The person behind it; two accounts of one person never check each other.
    pub person: String,
}

impl Actor {
    /// The program itself.
    #[must_use]
    pub fn system() -> Self {
        Self { id: "system".to_owned(), person: "system".to_owned() }
    }
}

/// Writes that somebody did something. `detail` holds references and figures, never who a borrower is.
///
/// # Errors
/// The store fails.
pub fn log(
    conn: &mut Connection,
    at: NaiveDateTime,
    actor: &Actor,
    verb: &str,
    object: &str,
    detail: &Value,
) -> Stored<()> {
    audit::add(
        conn,
        &audit::EntryRow {
            id: id::new_id(),
            at,
            actor: actor.id.clone(),
            verb: verb.to_owned(),
            object: object.to_owned(),
            detail: detail.to_string(),
            seal: None,
        },
    )
}
