//! The outbox: what goes out to others, and is tried again until they have it. Instructions, notices and messages to people all go
//! through it.
//!
//! ```text
//! waits ─► claimed ─► sent
//!   ▲         │ not taken: later, each time about twice as long
//!   └─────────┴─► dead, after so many attempts, or where it never can be: a person sends it again
//! ```
//!
//! Whoever claims something moves its due time behind the time that sending may take, if it still is as they saw it: so no two
//! programs send the same at once, and what a program took with it when it was killed is due again by itself. The name under which
//! it goes out is the same at every attempt.

pub mod wait;

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;

use self::wait::later;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, Stored, id};

/// Attempts before a person has to look: with the waits between them, about a day.
pub const ATTEMPTS: i32 = 16;

/// How long one attempt may take, with room to spare.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Where something in the outbox stands.
#[derive(Debug)]
pub struct Post<'a> {
    /// Its state.
    pub state: &'a mut String,
    /// How often it was sent.
    pub attempts: &'a mut i32,
    /// When it is sent next.
    pub next_at: &'a mut NaiveDateTime,
    /// Why the last attempt failed.
    pub failure: &'a mut Option<String>,
    /// When it last changed.
    pub changed_at: &'a mut NaiveDateTime,
}

/// Something that goes out.
pub trait Outgoing: Clone {
    /// What it is called.
    const NOUN: &'static str;
    /// The state in which it waits.
    const WAITS: &'static str = "pending";
    /// The state in which a person has to look.
    const DEAD: &'static str = "dead";

    /// Its id: with the noun, the name under which it goes out.
    fn id(&self) -> i64;

    /// Where it stands.
    fn post(&mut self) -> Post<'_>;

    /// Keeps where it stands, if it is in this state and due at this time; says whether it is.
    ///
    /// # Errors
    /// The store fails.
    fn advance(&self, conn: &mut Connection, from: (&str, NaiveDateTime)) -> Stored<bool>;
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may go better later.
    Later(String),
    /// It never will.
    Never(String),
}

impl Service {
    /// Sends what is due, one after another; says how much of it was taken. What somebody else claimed meanwhile is passed over.
    pub(in crate::service) fn hand_out<T: Outgoing>(
        &self,
        due: Vec<T>,
        send: impl Fn(&T, NaiveDateTime) -> Result<(), String>,
    ) -> Served<usize> {
        let mut taken = 0_usize;
        for row in due {
            let claimed = self.store.write(|conn| {
                let mut own = row.clone();
                Ok::<_, ServiceError>(self.claim_post(conn, &mut own, LEASE)?.then_some(own))
            })?;
            let Some(own) = claimed else { continue };
            let sent = send(&own, self.clock.now()).map_err(Failure::Later);
            taken = taken.saturating_add(usize::from(sent.is_ok()));
            self.store.write(|conn| self.settle(conn, own.clone(), sent.as_ref().err()).map(|_| ()))?;
        }
        Ok(taken)
    }

    /// Claims something for as long as sending may take; says whether it is ours. The attempt counts from here, so that one that
    /// kills the program is not tried for ever.
    pub(in crate::service) fn claim_post<T: Outgoing>(
        &self,
        conn: &mut Connection,
        row: &mut T,
        lease: TimeDelta,
    ) -> Served<bool> {
        let now = self.clock.now();
        let post = row.post();
        let seen = *post.next_at;
        *post.attempts = post.attempts.saturating_add(1);
        *post.next_at = now.checked_add_signed(lease).unwrap_or(now);
        *post.changed_at = now;
        Ok(row.advance(conn, (T::WAITS, seen))?)
    }

    /// Keeps what became of an attempt; says whether it stood where it was claimed. An answer that came meanwhile stands.
    pub(in crate::service) fn settle<T: Outgoing>(
        &self,
        conn: &mut Connection,
        mut row: T,
        failure: Option<&Failure>,
    ) -> Served<bool> {
        let now = self.clock.now();
        let own = row.id();
        let post = row.post();
        let claimed = *post.next_at;
        let attempts = *post.attempts;
        *post.changed_at = now;
        let (state, why) = match failure {
            None => ("sent", None),
            Some(Failure::Later(why)) if attempts < ATTEMPTS => (T::WAITS, Some(why)),
            Some(Failure::Later(why) | Failure::Never(why)) => (T::DEAD, Some(why)),
        };
        state.clone_into(post.state);
        *post.failure = why.cloned();
        *post.next_at = now.checked_add_signed(later(own, attempts)).unwrap_or(now);
        if !row.advance(conn, (T::WAITS, claimed))? {
            return Ok(false);
        }
        if state == T::DEAD {
            let object = id::outside(T::NOUN, own);
            tracing::error!(%object, failure = ?why, "it cannot be delivered");
            log(conn, now, &Actor::system(), &format!("{}.dead", T::NOUN), &object, &json!({"failure": why}))?;
        }
        Ok(true)
    }

    /// Sends again what could not be delivered: it is due now, and its attempts count anew.
    pub(in crate::service) fn send_again<T: Outgoing>(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        row: &mut T,
    ) -> Served<()> {
        let now = self.clock.now();
        let own = row.id();
        let post = row.post();
        if post.state != T::DEAD {
            let message = format!("it is {}: only what could not be delivered is sent again", post.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let due = *post.next_at;
        T::WAITS.clone_into(post.state);
        (*post.attempts, *post.next_at, *post.changed_at) = (0, now, now);
        crate::service::policy::changed(row.advance(conn, (T::DEAD, due))?)?;
        let verb = format!("{}.resend", T::NOUN);
        Ok(log(conn, now, actor, &verb, &id::outside(T::NOUN, own), &json!({}))?)
    }
}
