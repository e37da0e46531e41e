//! Work that is done once for each key of its caller, however often it is asked for.

use chrono::TimeDelta;
use forbear_engine::digest::digest;
use serde::Serialize;

use super::access::Principal;
use super::{Conn, Served, Service, ServiceError};
use crate::store::idempotency::{self, AnswerRow};

/// A caller's key for a piece of work.
#[derive(Debug, Clone)]
pub struct Key {
    scope: String,
    key: String,
    asked: String,
}

impl Key {
    /// The scope is caller and route: nobody meets another's key.
    ///
    /// # Errors
    /// The body has no canonical form.
    pub fn new(caller: &Principal, method: &str, path: &str, key: &str, body: &impl Serialize) -> Served<Self> {
        let asked = digest(body).ok_or_else(|| ServiceError::invalid("", "the body has no canonical form"))?;
        Ok(Self { scope: format!("{} {method} {path}", caller.actor.id), key: key.to_owned(), asked })
    }
}

impl Service {
    /// Does work in a transaction and keeps its answer under the key, or gives the answer that is kept.
    ///
    /// # Errors
    /// The key came with another body before, or the work fails: then nothing is kept.
    pub fn once(
        &self,
        key: Option<&Key>,
        mut work: impl FnMut(&mut Conn) -> Served<(u16, String)>,
    ) -> Served<(u16, String)> {
        let Some(key) = key else { return self.store.write(work) };
        self.store.write(|conn| {
            let mut row = AnswerRow {
                scope: key.scope.clone(),
                key: key.key.clone(),
                request_digest: key.asked.clone(),
                status: 0,
                body: String::new(),
                created_at: self.clock.now(),
            };
            if !idempotency::claim(conn, &row)? {
                return known(conn, key);
            }
            let (status, body) = work(conn)?;
            row.status = i32::from(status);
            row.body.clone_from(&body);
            idempotency::answer(conn, &row)?;
            Ok((status, body))
        })
    }
}

fn known(conn: &mut Conn, key: &Key) -> Served<(u16, String)> {
    let kept = idempotency::find(conn, &key.scope, &key.key)?;
    let kept = kept.ok_or(ServiceError::Store(crate::store::StoreError::Busy))?;
    if kept.request_digest != key.asked {
        return Err(ServiceError::invalid("", "this Idempotency-Key came with another body before: take a new one"));
    }
    Ok((u16::try_from(kept.status).map_err(ServiceError::unknown)?, kept.body))
}

/// How long answers are kept.
const KEPT: TimeDelta = TimeDelta::days(7);

impl Service {
    /// Forgets answers that nobody asks for again; says how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn forget_answers(&self) -> Served<usize> {
        let now = self.clock.now();
        let before = now.checked_sub_signed(KEPT).unwrap_or(now);
        self.store.write(|conn| Ok(idempotency::forget(conn, before)?))
    }
}
