//! Versions of policies and where each stands.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, load, run};
use super::schema::policies;
use super::{Connection, Stored};

/// A version of a policy.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = policies, treat_none_as_default_value = false)]
pub struct PolicyRow {
    /// Its id.
    pub id: i64,
    /// The policy.
    pub slug: String,
    /// The version.
    pub version: i32,
    /// The first day on which it may be chosen.
    pub effective_from: NaiveDate,
    /// The last.
    pub effective_until: Option<NaiveDate>,
    /// What it says.
    pub digest: String,
    /// draft, submitted, approved, effective, superseded or withdrawn.
    pub state: String,
    /// Who wrote it.
    pub drafted_by: String,
    /// Who submitted it.
    pub submitted_by: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it first came.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a version.
pub fn add(conn: &mut Connection, row: &PolicyRow) -> Stored<()> {
    add!(conn, diesel::insert_into(policies::table).values(row))?;
    Ok(())
}

/// A version.
pub fn find(conn: &mut Connection, slug: &str, version: i32) -> Stored<Option<PolicyRow>> {
    let found = policies::table.filter(policies::slug.eq(slug)).filter(policies::version.eq(version));
    Ok(found.select(PolicyRow::as_select()).first(conn).optional()?)
}

/// All versions, or those of one policy.
pub fn list(conn: &mut Connection, slug: Option<&str>) -> Stored<Vec<PolicyRow>> {
    let mut query = policies::table.into_boxed();
    if let Some(slug) = slug {
        query = query.filter(policies::slug.eq(slug.to_owned()));
    }
    Ok(query.order((policies::slug, policies::version)).select(PolicyRow::as_select()).load(conn)?)
}

/// Digests of the versions that decide: those in force, earlier ones that are chosen by the day of a request, and those
/// whose first day is still to come, so that nobody has to be awake on that day.
pub fn deciding(conn: &mut Connection) -> Stored<Vec<String>> {
    let states = ["approved", "effective", "superseded"];
    let found = policies::table.filter(policies::state.eq_any(states)).order((policies::slug, policies::version));
    Ok(load!(conn, found.select(policies::digest))?)
}

/// Moves a version on, if it still stands where it stood; says whether it did.
pub fn update(conn: &mut Connection, row: &PolicyRow) -> Stored<bool> {
    let own = policies::table.find(row.id).filter(policies::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            policies::state.eq(&row.state),
            policies::digest.eq(&row.digest),
            policies::effective_from.eq(row.effective_from),
            policies::effective_until.eq(row.effective_until),
            policies::drafted_by.eq(&row.drafted_by),
            policies::submitted_by.eq(&row.submitted_by),
            policies::approved_by.eq(&row.approved_by),
            policies::changed_at.eq(row.changed_at),
            policies::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Digests of the versions of one policy that decide.
pub fn deciding_of(conn: &mut Connection, slug: &str) -> Stored<Vec<String>> {
    let states = ["approved", "effective", "superseded"];
    let found = policies::table.filter(policies::slug.eq(slug)).filter(policies::state.eq_any(states));
    Ok(found.order(policies::version).select(policies::digest).load(conn)?)
}

/// Policies that have a version which decides.
pub fn slugs(conn: &mut Connection) -> Stored<Vec<String>> {
    let states = ["approved", "effective", "superseded"];
    let found = policies::table.filter(policies::state.eq_any(states)).select(policies::slug).distinct();
    Ok(found.order(policies::slug).load(conn)?)
}
