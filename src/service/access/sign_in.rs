//! Users sign in with name and password. Whether a name is unknown, a password wrong, or a user locked or gone, the
//! answer is the same after the same work; only the log tells them apart.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;

use super::session::{Owner, SignedIn};
use super::user::{actor, normal};
use crate::secret::{Hidden, password, token};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::Connection;
use crate::store::user::{self, UserRow};

/// Failures in a row after which a user is locked.
const MOST_FAILURES: i32 = 5;

/// How long a user is locked.
const LOCK: TimeDelta = TimeDelta::minutes(15);

impl Service {
    /// Signs a user in; none when they may not, for whatever reason.
    ///
    /// # Errors
    /// The store fails.
    pub fn sign_in(&self, name: &str, given: &Hidden<String>) -> Served<Option<SignedIn>> {
        let name = normal(name);
        let known = self.store.read(|conn| user::find(conn, &name))?;
        // Before the transaction, for it takes long.
        let right = password::verify(given, known.as_ref().map(|row| row.password.as_str()));
        let token = token::new("")?;
        self.store.write(|conn| self.try_sign_in(conn, known.as_ref(), right, &token))
    }

    fn try_sign_in(
        &self,
        conn: &mut Connection,
        known: Option<&UserRow>,
        right: bool,
        token: &Hidden<String>,
    ) -> Served<Option<SignedIn>> {
        let now = self.clock.now();
        let row = known.map(|known| user::take(conn, known.id)).transpose()?.flatten();
        let (Some(known), Some(row)) = (known, row) else {
            // What was typed as a name may be a password.
            log(conn, now, &Actor::system(), "user.fail", "user_unknown", &json!({}))?;
            return Ok(None);
        };
        let own = actor(&row);
        if row.locked_until.is_some_and(|until| until > now) {
            log(conn, now, &own, "user.fail", &own.id, &json!({"why": "locked"}))?;
            return Ok(None);
        }
        if !row.active {
            log(conn, now, &own, "user.fail", &own.id, &json!({"why": "inactive"}))?;
            return Ok(None);
        }
        // A password that was changed while this one was looked at is no longer the right one.
        if !right || row.password != known.password {
            self.failed(conn, &row, &own, now)?;
            return Ok(None);
        }
        user::tried(conn, row.id, 0, None)?;
        log(conn, now, &own, "user.sign_in", &own.id, &json!({}))?;
        let principal = super::user::principal(&row);
        self.begin_session(conn, Owner::User(row.id), principal, self.access.longest, token).map(Some)
    }

    fn failed(&self, conn: &mut Connection, row: &UserRow, own: &Actor, now: NaiveDateTime) -> Served<()> {
        // A lock that ran out begins anew.
        let before = if row.locked_until.is_some() { 0 } else { row.failures };
        let failures = before.saturating_add(1);
        let until = (failures >= MOST_FAILURES).then(|| now.checked_add_signed(LOCK)).flatten();
        user::tried(conn, row.id, failures, until)?;
        log(conn, now, own, "user.fail", &own.id, &json!({"why": "password", "failures": failures}))?;
        if until.is_some() {
            log(conn, now, own, "user.lock", &own.id, &json!({"minutes": LOCK.num_minutes()}))?;
        }
        Ok(())
    }
}
