//! What stands where: counts for whoever watches the service.

use super::{Served, Service};
use crate::store::{grant, instruction, request, review};

impl Service {
    /// Counts by state of what can wait: the figure's name, the state, how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn standing(&self) -> Served<Vec<(&'static str, String, i64)>> {
        self.store.read(|conn| {
            let mut all = Vec::new();
            let mut add = |name, counts: Vec<(String, i64)>| {
                all.extend(counts.into_iter().map(|(state, count)| (name, state, count)));
            };
            add("forbear_requests_in_state", request::counts(conn)?);
            add("forbear_grants_in_state", grant::counts(conn)?);
            add("forbear_reviews_in_state", review::counts(conn)?);
            add("forbear_instructions_in_state", instruction::counts(conn)?);
            Ok(all)
        })
    }
}
