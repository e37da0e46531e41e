//! Wrong attempts at case numbers, whether there is such a case or not.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::progress_tries;
use super::{Connection, Stored};

/// Attempts at a number.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = progress_tries, treat_none_as_default_value = false)]
pub struct TriesRow {
    /// The keyed index of the number.
    pub number_index: String,
    /// How many were wrong since the first.
    pub wrong: i32,
    /// When the first was.
    pub first_at: NaiveDateTime,
    /// Until when nobody is let in.
    pub locked_until: Option<NaiveDateTime>,
}

/// The attempts at a number, by its indexes.
pub fn find(conn: &mut Connection, indexes: &[String]) -> Stored<Option<TriesRow>> {
    let found = progress_tries::table.filter(progress_tries::number_index.eq_any(indexes));
    Ok(found.select(TriesRow::as_select()).first(conn).optional()?)
}

/// Keeps the attempts at a number, in place of what was known.
pub fn keep(conn: &mut Connection, row: &TriesRow) -> Stored<()> {
    let changed = diesel::update(progress_tries::table.find(&row.number_index))
        .set((
            progress_tries::wrong.eq(row.wrong),
            progress_tries::first_at.eq(row.first_at),
            progress_tries::locked_until.eq(row.locked_until),
        ))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(progress_tries::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Forgets attempts that began earlier.
pub fn forget(conn: &mut Connection, before: NaiveDateTime) -> Stored<usize> {
    Ok(diesel::delete(progress_tries::table.filter(progress_tries::first_at.lt(before))).execute(conn)?)
}
