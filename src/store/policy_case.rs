//! Cases of versions of policies.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::policy_cases;
use super::{Connection, Stored};

/// The cases of one topic.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = policy_cases, treat_none_as_default_value = false)]
pub struct CaseRow {
    /// The version of a policy.
    pub policy_id: i64,
    /// Its name among the version's.
    pub name: String,
    /// SHA-256 of its canonical JSON.
    pub digest: String,
    /// What it says.
    pub body: String,
    /// Who wrote it.
    pub kept_by: String,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
}

/// Keeps cases, in place of those of the same name.
pub fn keep(conn: &mut Connection, row: &CaseRow) -> Stored<()> {
    let own = policy_cases::table.find((row.policy_id, &row.name));
    let changed = run!(
        conn,
        diesel::update(own).set((
            policy_cases::digest.eq(&row.digest),
            policy_cases::body.eq(&row.body),
            policy_cases::kept_by.eq(&row.kept_by),
            policy_cases::changed_at.eq(row.changed_at),
        ))
    )?;
    if changed == 0 {
        add!(conn, diesel::insert_into(policy_cases::table).values(row))?;
    }
    Ok(())
}

/// Removes cases; says whether there were any of that name.
pub fn remove(conn: &mut Connection, policy: i64, name: &str) -> Stored<bool> {
    Ok(run!(conn, diesel::delete(policy_cases::table.find((policy, name))))? == 1)
}

/// All cases of a version, by name.
pub fn of_policy(conn: &mut Connection, policy: i64) -> Stored<Vec<CaseRow>> {
    let found = policy_cases::table.filter(policy_cases::policy_id.eq(policy)).order(policy_cases::name);
    Ok(found.select(CaseRow::as_select()).load(conn)?)
}
