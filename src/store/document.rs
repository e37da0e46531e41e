//! Documents, found by the digest of what they say: policies, declarations, snapshots.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, first};
use super::schema::documents;
use super::{Connection, Stored};

/// A document.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub struct DocumentRow {
    /// SHA-256 of its canonical form.
    pub digest: String,
    /// policy, declaration or snapshot.
    pub kind: String,
    /// JSON.
    pub body: String,
    /// When it first came.
    pub created_at: NaiveDateTime,
}

/// Keeps a document, unless it is there already.
pub fn keep(conn: &mut Connection, row: &DocumentRow) -> Stored<()> {
    add!(conn, diesel::insert_into(documents::table).values(row).on_conflict_do_nothing())?;
    Ok(())
}

/// What a document says.
pub fn body(conn: &mut Connection, digest: &str) -> Stored<Option<String>> {
    Ok(first!(conn, documents::table.find(digest).select(documents::body))?)
}
