//! What stands where: counts for whoever watches the service. What waits is little, and counted by its index; what has ended
//! only grows, and is counted rarely.

use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

use super::relief::budget;
use super::{Served, Service};
use crate::store::{Connection, complaint, grant, instruction, message, notice, request, review};

/// How old counts may be: of what waits, and of what has ended.
const WAITING_AGE: TimeDelta = TimeDelta::seconds(10);
const ENDED_AGE: TimeDelta = TimeDelta::minutes(10);

type Counts = fn(&mut Connection, &[&str]) -> Served<Vec<(String, i64)>>;

/// A noun with its states.
struct Noun {
    figure: &'static str,
    counts: Counts,
    waiting: &'static [&'static str],
    ended: &'static [&'static str],
}

const NOUNS: [Noun; 8] = [
    Noun {
        figure: "forbear_requests_in_state",
        counts: |conn, states| Ok(request::counts(conn, states)?),
        waiting: &["received", "needs_information"],
        ended: &["decided", "closed"],
    },
    Noun {
        figure: "forbear_grants_in_state",
        counts: |conn, states| Ok(grant::counts(conn, states)?),
        waiting: &["proposed", "pending_approval", "approved", "offered", "accepted", "posted"],
        ended: &["confirmed", "rejected", "reversed"],
    },
    Noun {
        figure: "forbear_reviews_in_state",
        counts: |conn, states| Ok(review::counts(conn, states)?),
        waiting: &["open", "claimed", "returned"],
        ended: &["approved", "rejected"],
    },
    Noun {
        figure: "forbear_instructions_in_state",
        counts: |conn, states| Ok(instruction::counts(conn, states)?),
        waiting: &["pending", "sent", "dead"],
        ended: &["confirmed", "rejected"],
    },
    Noun {
        figure: "forbear_complaints_in_state",
        counts: |conn, states| Ok(complaint::counts(conn, states)?),
        waiting: &["open"],
        ended: &["resolved", "withdrawn"],
    },
    // How full: `near` from 80 in 100 on, `almost` from 95.
    Noun {
        figure: "forbear_budgets_in_state",
        counts: |conn, _| budget::fullness(conn),
        waiting: &["near", "almost", "empty"],
        ended: &[],
    },
    Noun {
        figure: "forbear_notices_in_state",
        counts: |conn, states| Ok(notice::counts(conn, states)?),
        waiting: &["pending", "dead"],
        ended: &["sent"],
    },
    Noun {
        figure: "forbear_messages_in_state",
        counts: |conn, states| Ok(message::standing(conn, states)?),
        waiting: &["queued", "failed"],
        ended: &["sent", "delivered", "suppressed"],
    },
];

/// A count: the figure's name, the state, how many.
pub type Count = (&'static str, &'static str, i64);

/// Counts as they were last made.
#[derive(Debug, Default)]
pub struct Standing {
    waiting: Mutex<Option<Made>>,
    ended: Mutex<Option<Made>>,
}

/// Counts, and when they were made.
#[derive(Debug, Clone)]
pub struct Made {
    /// When.
    pub at: NaiveDateTime,
    /// They.
    pub counts: Vec<Count>,
}

impl Service {
    /// Counts by state of what waits, at most ten seconds old, and of what has ended, at most ten minutes old.
    ///
    /// # Errors
    /// The store fails.
    pub fn standing(&self, kept: &Standing) -> Served<(Made, Made)> {
        let waiting = self.counted(&kept.waiting, WAITING_AGE, |noun| noun.waiting)?;
        let ended = self.counted(&kept.ended, ENDED_AGE, |noun| noun.ended)?;
        Ok((waiting, ended))
    }

    fn counted(
        &self,
        kept: &Mutex<Option<Made>>,
        oldest: TimeDelta,
        states: fn(&Noun) -> &'static [&'static str],
    ) -> Served<Made> {
        // Who asks meanwhile waits for the same counts, and makes none.
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if let Some(made) = kept.as_ref().filter(|made| now.signed_duration_since(made.at) < oldest) {
            return Ok(made.clone());
        }
        let counts = self.store.read(|conn| {
            let mut all = Vec::new();
            for noun in &NOUNS {
                let found = (noun.counts)(conn, states(noun))?;
                // A state that is empty now is shown as empty, and not as it last was.
                let of = |state: &str| found.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
                all.extend(states(noun).iter().map(|state| (noun.figure, *state, of(state))));
            }
            Ok::<_, super::ServiceError>(all)
        })?;
        let made = Made { at: now, counts };
        *kept = Some(made.clone());
        Ok(made)
    }
}
