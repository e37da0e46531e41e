//! Declarations of disasters, as last amended.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, first, load, run};
use super::schema::declarations;
use super::{Connection, Stored};

/// A declaration.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = declarations, treat_none_as_default_value = false)]
pub struct DeclarationRow {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub slug: String,
    /// The event.
    pub event: String,
    /// What it says, all amendments included.
    pub digest: String,
    /// The number of the last amendment.
    pub amendment: i32,
    /// open or closed.
    pub state: String,
    /// Who declared it.
    pub made_by: String,
    /// When it first came.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a declaration.
pub fn add(conn: &mut Connection, row: &DeclarationRow) -> Stored<()> {
    add!(conn, diesel::insert_into(declarations::table).values(row))?;
    Ok(())
}

/// A declaration.
pub fn find(conn: &mut Connection, slug: &str) -> Stored<Option<DeclarationRow>> {
    let found = declarations::table.filter(declarations::slug.eq(slug));
    Ok(first!(conn, found.select(DeclarationRow::as_select()))?)
}

/// All of them, or those of an event.
pub fn list(conn: &mut Connection, event: Option<&str>) -> Stored<Vec<DeclarationRow>> {
    let mut query = declarations::table.into_boxed();
    if let Some(event) = event {
        query = query.filter(declarations::event.eq(event.to_owned()));
    }
    Ok(query.order(declarations::slug).select(DeclarationRow::as_select()).load(conn)?)
}

/// Digests of those that are open.
pub fn open(conn: &mut Connection) -> Stored<Vec<String>> {
    let found = declarations::table.filter(declarations::state.eq("open")).order(declarations::slug);
    Ok(load!(conn, found.select(declarations::digest))?)
}

/// Changes a declaration, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &DeclarationRow) -> Stored<bool> {
    let own = declarations::table.find(row.id).filter(declarations::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            declarations::digest.eq(&row.digest),
            declarations::amendment.eq(row.amendment),
            declarations::state.eq(&row.state),
            declarations::changed_at.eq(row.changed_at),
            declarations::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}
