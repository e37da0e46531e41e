//! What is measured of contacts: how long people waited, whether it was within the target, how soon their case was resolved and
//! whether they had to come back. Whole numbers; shares are taken where they are shown.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};

use super::{ContactRow, Of};
use crate::service::{Served, Service};
use crate::store::case::CaseRow;
use crate::store::{Connection, case, contact};

/// A day: so soon a case should be resolved.
const SOON: TimeDelta = TimeDelta::hours(24);

/// Rows that are read at once.
const PAGE: i64 = 5_000;

/// Figures of some contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many there were.
    pub contacts: i64,
    /// How many were answered.
    pub answered: i64,
    /// How many wait.
    pub waiting: i64,
    /// How many had a target that they were answered within, or that is over.
    pub with_target: i64,
    /// How many of those were answered within it.
    pub within_target: i64,
    /// Seconds after which half of those that were answered were.
    pub median_seconds: Option<i64>,
    /// Seconds after which nine of ten were.
    pub ninth_seconds: Option<i64>,
    /// Cases that they are about.
    pub cases: i64,
    /// How many of these are resolved.
    pub resolved: i64,
    /// Cases that are a day old, or resolved within one.
    pub day_old: i64,
    /// How many of these were resolved within a day.
    pub resolved_within_day: i64,
    /// Cases that one contact resolved, for good.
    pub resolved_at_once: i64,
    /// Contacts about something that somebody had been in touch about before.
    pub repeated: i64,
    /// Cases that were opened again.
    pub reopened: i64,
}

/// Contacts with their cases, as they are counted.
#[derive(Debug, Default)]
pub(in crate::service) struct Tally {
    contacts: Vec<ContactRow>,
}

impl Service {
    /// How many contacts came through an emergency channel in the last hour: what its capacity is beside.
    ///
    /// # Errors
    /// The store fails.
    pub fn arrived_in_an_hour(&self, channel: i64) -> Served<i64> {
        let since = self.clock.now().checked_sub_signed(TimeDelta::hours(1)).unwrap_or_default();
        Ok(self.store.read(|conn| contact::arrived_since(conn, channel, since))?)
    }

    /// Figures of the contacts that came through an emergency channel.
    ///
    /// # Errors
    /// The store fails.
    pub fn channel_figures(&self, channel: i64) -> Served<Figures> {
        self.store.read(|conn| {
            let of = Of { channel: Some(channel), ..Of::default() };
            let (mut tally, mut after) = (Tally::default(), 0);
            loop {
                let rows = contact::page(conn, &of, after, PAGE)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                rows.into_iter().for_each(|row| tally.take(row));
            }
            tally.figures(conn, self.clock.now())
        })
    }
}

impl Tally {
    /// Takes a contact into account.
    pub(in crate::service) fn take(&mut self, row: ContactRow) {
        self.contacts.push(row);
    }

    /// What it comes to at a moment.
    pub(in crate::service) fn figures(&self, conn: &mut Connection, now: NaiveDateTime) -> Served<Figures> {
        let mut sum = Figures::default();
        let mut waits = Vec::new();
        let mut of_case: BTreeMap<i64, Vec<&ContactRow>> = BTreeMap::new();
        for row in &self.contacts {
            sum.contacts = sum.contacts.saturating_add(1);
            of_case.entry(row.case_id).or_default().push(row);
            let waited = row.answered_at.unwrap_or(now).signed_duration_since(row.arrived_at);
            if row.answered_at.is_some() {
                sum.answered = sum.answered.saturating_add(1);
                waits.push(waited.num_seconds());
            } else {
                sum.waiting = sum.waiting.saturating_add(1);
            }
            if let Some(target) = row.target_minutes {
                let within = waited <= TimeDelta::minutes(i64::from(target));
                // Whoever still waits within the target may be answered in time yet.
                let told = row.answered_at.is_some() || !within;
                sum.with_target = sum.with_target.saturating_add(i64::from(told));
                sum.within_target = sum.within_target.saturating_add(i64::from(told && within));
            }
        }
        waits.sort_unstable();
        (sum.median_seconds, sum.ninth_seconds) = (rank(&waits, 1, 2), rank(&waits, 9, 10));
        let ids: Vec<i64> = of_case.keys().copied().collect();
        for row in case::many(conn, &ids)? {
            let own = of_case.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            sum.count_case(&row, own, now);
        }
        Ok(sum)
    }
}

impl Figures {
    fn count_case(&mut self, row: &CaseRow, contacts: &[&ContactRow], now: NaiveDateTime) {
        let add = |to: &mut i64, yes: bool| *to = to.saturating_add(i64::from(yes));
        let first = contacts.iter().map(|one| one.arrived_at).min().unwrap_or(row.opened_at);
        let soon = row.resolved_at.is_some_and(|at| at.signed_duration_since(first) <= SOON);
        add(&mut self.cases, true);
        add(&mut self.resolved, row.resolved_at.is_some());
        add(&mut self.day_old, soon || now.signed_duration_since(first) > SOON);
        add(&mut self.resolved_within_day, soon);
        add(&mut self.resolved_at_once, row.resolved_at.is_some() && row.reopened == 0 && contacts.len() == 1);
        add(&mut self.reopened, row.reopened > 0);
        let more = i64::try_from(contacts.len()).unwrap_or(i64::MAX).saturating_sub(1);
        self.repeated = self.repeated.saturating_add(more);
    }
}

/// Of sorted numbers the one that a share of all does not exceed (nearest rank).
fn rank(sorted: &[i64], part: usize, of: usize) -> Option<i64> {
    let place = sorted.len().saturating_mul(part).div_ceil(of);
    sorted.get(place.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_those_that_were_there() {
        assert_eq!((rank(&[], 1, 2), rank(&[7], 1, 2), rank(&[7], 9, 10)), (None, Some(7), Some(7)));
        // Of four the second; of ten the ninth.
        assert_eq!(rank(&[1, 2, 3, 4], 1, 2), Some(2));
        assert_eq!(rank(&(1..=10).collect::<Vec<_>>(), 9, 10), Some(9));
    }
}
