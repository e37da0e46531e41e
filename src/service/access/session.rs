//! Sessions: a random token in a cookie, of which only the hash is kept. A session ends when it is not used, in any case
//! after some hours, when its owner signs out, and when somebody ends it.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;

use super::{Principal, borrower, user};
use crate::secret::{Hidden, token};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::session::{self, SessionRow};
use crate::store::{Connection, account, id, person, user as users};

/// How exactly it is kept when a session was last used: not every request is a write.
const EXACT: TimeDelta = TimeDelta::minutes(1);

/// Somebody who signed in just now.
#[derive(Debug)]
pub struct SignedIn {
    /// What goes into the cookie. It is shown once and kept nowhere.
    pub token: Hidden<String>,
    /// Who they are.
    pub principal: Principal,
    /// When the session ends in any case, in UTC.
    pub expires_at: NaiveDateTime,
}

/// Whose a session is.
pub(super) enum Owner<'a> {
    User(i64),
    Borrower(&'a str),
}

impl Service {
    /// Ends the session of a cookie. A session that ended already is no error.
    ///
    /// # Errors
    /// The store fails.
    pub fn sign_out(&self, cookie: &str) -> Served<()> {
        let hash = token::hash(cookie);
        self.store.write(|conn| {
            let Some(row) = session::find(conn, &hash)? else { return Ok(()) };
            let Some(own) = self.owner(conn, &row)? else { return Ok(()) };
            session::end(conn, &hash)?;
            Ok(log(conn, self.clock.now(), &own.actor, "session.end", &own.actor.id, &json!({}))?)
        })
    }

    /// Ends all sessions of a user, wherever they are signed in; says how many.
    ///
    /// # Errors
    /// There is no such user.
    pub fn end_sessions(&self, conn: &mut Connection, actor: &Actor, user: i64) -> Served<usize> {
        users::get(conn, user)?.ok_or(ServiceError::Missing("user"))?;
        let ended = session::end_of_user(conn, user)?;
        let detail = json!({"sessions": ended});
        log(conn, self.clock.now(), actor, "session.end", &id::outside("user", user), &detail)?;
        Ok(ended)
    }

    /// Ends all sessions of a borrower, wherever they are signed in; says how many.
    ///
    /// # Errors
    /// There is no such borrower.
    pub fn end_borrower_sessions(&self, conn: &mut Connection, actor: &Actor, party: &str) -> Served<usize> {
        if person::find(conn, party)?.is_none() && account::owing(conn, &[party.to_owned()])?.is_empty() {
            return Err(ServiceError::Missing("person"));
        }
        let ended = session::end_of_party(conn, party)?;
        let detail = json!({"sessions": ended});
        log(conn, self.clock.now(), actor, "session.end", &borrower::principal(party).actor.id, &detail)?;
        Ok(ended)
    }

    /// Removes sessions that ended and codes and tokens that are of no use any more; says how many rows.
    ///
    /// # Errors
    /// The store fails.
    pub fn sweep_access(&self) -> Served<usize> {
        let now = self.clock.now();
        let day_before = now.checked_sub_signed(TimeDelta::days(1)).unwrap_or(now);
        Ok(self.store.write(|conn| session::sweep(conn, now, day_before))?)
    }

    pub(super) fn begin_session(
        &self,
        conn: &mut Connection,
        owner: Owner<'_>,
        principal: Principal,
        longest: TimeDelta,
        token: &Hidden<String>,
    ) -> Served<SignedIn> {
        let now = self.clock.now();
        let expires_at = now.checked_add_signed(longest).unwrap_or(now);
        let (user_id, party) = match owner {
            Owner::User(user) => (Some(user), None),
            Owner::Borrower(party) => (None, Some(party.to_owned())),
        };
        let token_hash = token::hash(token.show());
        let row = SessionRow { token_hash, user_id, party, created_at: now, used_at: now, expires_at };
        session::begin(conn, &row)?;
        Ok(SignedIn { token: token.clone(), principal, expires_at })
    }

    /// Who a session's cookie is of.
    pub(super) fn by_session(&self, cookie: &str) -> Served<Option<Principal>> {
        let (hash, now) = (token::hash(cookie), self.clock.now());
        let found = self.store.read(|conn| {
            let Some(row) = session::find(conn, &hash)? else { return Ok(None) };
            let unused = now.signed_duration_since(row.used_at);
            if row.expires_at <= now || unused >= self.access.idle {
                return Ok(None);
            }
            Ok::<_, ServiceError>(self.owner(conn, &row)?.map(|own| (own, unused)))
        })?;
        let Some((own, unused)) = found else { return Ok(None) };
        if unused >= EXACT {
            self.store.write(|conn| session::used(conn, &hash, now))?;
        }
        Ok(Some(own))
    }

    /// Whose a session is; none when they may no longer sign in.
    fn owner(&self, conn: &mut Connection, row: &SessionRow) -> Served<Option<Principal>> {
        if let Some(party) = &row.party {
            return Ok(Some(borrower::principal(party)));
        }
        let Some(id) = row.user_id else { return Ok(None) };
        Ok(users::get(conn, id)?.filter(|row| row.active).map(|row| user::principal(&row)))
    }
}
