//! Files of snapshots as they are taken in.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::{import_lines, imports};
use super::{Connection, Stored};

/// A file that is, or was, taken in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Its id.
    pub id: i64,
    /// Who sent it, as the log knows them.
    pub caller: String,
    /// The person.
    pub made_by: String,
    /// jsonl or csv.
    pub format: String,
    /// SHA-256 of the content, as its sender says.
    pub content_digest: Option<String>,
    /// running, broken, done or differs.
    pub state: String,
    /// Bytes that are taken in, from its beginning.
    pub bytes: i64,
    /// Lines in them.
    pub lines: i64,
    /// Accounts that were not known.
    pub added: i64,
    /// Accounts with another snapshot than before.
    pub changed: i64,
    /// Snapshots that say what is known.
    pub unchanged: i64,
    /// Snapshots that are older than what is known.
    pub late: i64,
    /// Of all these, snapshots whose account came before in the same file.
    pub repeated: i64,
    /// Lines that could not be read.
    pub bad: i64,
    /// SHA-256 of the content, as it came.
    pub digest: Option<String>,
    /// When it began.
    pub created_at: NaiveDateTime,
    /// When it last went on.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// A line with something to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_lines, treat_none_as_default_value = false)]
pub struct ImportLineRow {
    /// The file.
    pub import_id: i64,
    /// Its number, from 1.
    pub line: i64,
    /// bad, late or repeated.
    pub kind: String,
    /// The account, where it could be read.
    pub account: Option<String>,
    /// What it is, and what would be right.
    pub reason: String,
}

/// Begins with a file.
pub fn add(conn: &mut Connection, row: &ImportRow) -> Stored<()> {
    add!(conn, diesel::insert_into(imports::table).values(row))?;
    Ok(())
}

/// A file.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<ImportRow>> {
    Ok(imports::table.find(id).select(ImportRow::as_select()).first(conn).optional()?)
}

/// The last sending of a content by a caller that did not come to its end.
pub fn left(conn: &mut Connection, caller: &str, format: &str, content: &str) -> Stored<Option<ImportRow>> {
    let same = imports::table
        .filter(imports::content_digest.eq(content))
        .filter(imports::caller.eq(caller))
        .filter(imports::format.eq(format))
        .filter(imports::state.eq_any(["running", "broken"]));
    Ok(same.order(imports::id.desc()).select(ImportRow::as_select()).first(conn).optional()?)
}

/// Files in the order in which they began, after one.
pub fn page(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<ImportRow>> {
    let rows = imports::table.filter(imports::id.gt(after)).order(imports::id).limit(most);
    Ok(rows.select(ImportRow::as_select()).load(conn)?)
}

/// The files that began last, the last first.
pub fn last(conn: &mut Connection, most: i64) -> Stored<Vec<ImportRow>> {
    let rows = imports::table.order(imports::id.desc()).limit(most);
    Ok(rows.select(ImportRow::as_select()).load(conn)?)
}

/// Keeps how far a file is, if nobody else goes on with it; says whether it did.
pub fn update(conn: &mut Connection, row: &ImportRow) -> Stored<bool> {
    let own = imports::table.find(row.id).filter(imports::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            imports::state.eq(&row.state),
            imports::bytes.eq(row.bytes),
            imports::lines.eq(row.lines),
            imports::added.eq(row.added),
            imports::changed.eq(row.changed),
            imports::unchanged.eq(row.unchanged),
            imports::late.eq(row.late),
            imports::repeated.eq(row.repeated),
            imports::bad.eq(row.bad),
            imports::digest.eq(&row.digest),
            imports::changed_at.eq(row.changed_at),
            imports::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Keeps lines with something to say of them.
pub fn add_lines(conn: &mut Connection, rows: &[ImportLineRow]) -> Stored<()> {
    for row in rows {
        add!(conn, diesel::insert_into(import_lines::table).values(row).on_conflict_do_nothing())?;
    }
    Ok(())
}

/// Such lines of a file in order, after one; of a kind, or all.
pub fn lines(
    conn: &mut Connection,
    import: i64,
    kind: Option<&str>,
    after: i64,
    most: i64,
) -> Stored<Vec<ImportLineRow>> {
    let own = import_lines::table.filter(import_lines::import_id.eq(import)).filter(import_lines::line.gt(after));
    let mut own = own.into_boxed();
    if let Some(kind) = kind {
        own = own.filter(import_lines::kind.eq(kind.to_owned()));
    }
    let own = own.order((import_lines::line, import_lines::kind)).limit(most);
    Ok(own.select(ImportLineRow::as_select()).load(conn)?)
}
