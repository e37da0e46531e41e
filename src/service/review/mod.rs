//! What waits for a person: one queue for referrals, thresholds and samples.

use serde_json::json;

use super::audit::{Actor, log};
use super::{Served, Service, ServiceError};
use crate::store::{Connection, id, review};

pub use crate::store::review::ReviewRow;

impl Service {
    /// The queue, the oldest first; of a state or kind only.
    ///
    /// # Errors
    /// The store fails.
    pub fn reviews(
        &self,
        (state, kind): (Option<&str>, Option<&str>),
        after: i64,
        most: i64,
    ) -> Served<Vec<ReviewRow>> {
        self.store.read(|conn| Ok(review::page(conn, (state, kind), after, most)?))
    }

    /// Takes a review to look at.
    ///
    /// # Errors
    /// Somebody else has it, or it has ended.
    pub fn claim_review(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<ReviewRow> {
        let mut row = review::find(conn, id)?.ok_or(ServiceError::Missing("review"))?;
        match (row.state.as_str(), row.claimed_by.as_deref()) {
            ("claimed", Some(own)) if own == actor.person => return Ok(row),
            ("open" | "returned", _) => {}
            ("claimed", _) => {
                return Err(ServiceError::conflict("claimed_already", "somebody else looks at it already"));
            }
            (state, _) => {
                return Err(ServiceError::conflict("wrong_state", format!("the review is {state}: it has ended")));
            }
        }
        row.state = "claimed".to_owned();
        row.claimed_by = Some(actor.person.clone());
        row.changed_at = self.clock.now();
        super::policy::changed(review::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, "review.claim", &id::outside("review", id), &json!({}))?;
        review::find(conn, id)?.ok_or(ServiceError::Missing("review"))
    }
}
