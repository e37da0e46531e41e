//! Which of a policy's versions is in force today: the others are still to come, or superseded by it. What decides is told
//! by the days in the documents; the states follow them, so that people see what the engine does.

use chrono::NaiveDate;
use serde_json::json;

use super::{PolicyRow, changed, named};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::{Connection, policy};

impl Service {
    /// Brings the states of all policies up to the day; says how many versions moved.
    ///
    /// # Errors
    /// The store fails.
    pub fn order_policies(&self) -> Served<usize> {
        let slugs = self.store.read(policy::slugs)?;
        let mut moved = 0_usize;
        for slug in slugs {
            let own = self.store.write(|conn| self.order_versions(conn, &Actor::system(), &slug))?;
            moved = moved.saturating_add(own);
        }
        Ok(moved)
    }

    /// The same for one policy.
    pub(super) fn order_versions(&self, conn: &mut Connection, actor: &Actor, slug: &str) -> Served<usize> {
        let (now, today) = (self.clock.now(), self.clock.today());
        let mut rows = policy::list(conn, Some(slug))?;
        rows.retain(|row| matches!(row.state.as_str(), "approved" | "effective" | "superseded"));
        let chosen = chosen(&rows, today);
        let mut moved = 0_usize;
        for row in &rows {
            let to = match chosen {
                _ if row.effective_from > today => "approved",
                Some(chosen) if chosen == row.id => "effective",
                _ => "superseded",
            };
            if row.state == to {
                continue;
            }
            let row = PolicyRow { state: to.to_owned(), changed_at: now, ..row.clone() };
            changed(policy::update(conn, &row)?)?;
            let verb = if to == "superseded" { "policy.supersede" } else { "policy.order" };
            log(conn, now, actor, verb, &named(&row), &json!({"digest": row.digest, "state": to}))?;
            moved = moved.saturating_add(1);
        }
        Ok(moved)
    }
}

/// The version that the engine takes for what is asked today; where the last has ended, the last.
fn chosen(rows: &[PolicyRow], today: NaiveDate) -> Option<i64> {
    let begun = || rows.iter().filter(|row| row.effective_from <= today);
    let key = |row: &&PolicyRow| (row.effective_from, row.version);
    let in_force = begun().filter(|row| row.effective_until.is_none_or(|until| today <= until)).max_by_key(key);
    in_force.or_else(|| begun().max_by_key(key)).map(|row| row.id)
}
