//! The journal as it is read: in the order of places, which are given to entries once they are committed, so that no entry
//! comes up behind a reader.

use chrono::NaiveDate;

use crate::service::{Served, Service, ServiceError};
use crate::store::{journal, total};

pub use crate::store::journal::{EntryRow, LineRow, Part};

/// Entries that get their places together.
const TOGETHER: i64 = 500;

impl Service {
    /// Gives places in the journal to what was committed without one, and puts kept totals together; says to how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn settle_journal(&self) -> Served<usize> {
        let mut all: usize = 0;
        while self.store.read(journal::has_arrivals)? {
            let settled = self.store.write(|conn| journal::settle(conn, TOGETHER))?;
            all = all.saturating_add(settled);
            // What arrived meanwhile has time until the next call.
            if i64::try_from(settled).is_ok_and(|settled| settled < TOGETHER) {
                break;
            }
        }
        Ok(all)
    }

    /// The last place of the journal, with everything in it that is committed by now.
    ///
    /// # Errors
    /// The store fails.
    pub fn journal_end(&self) -> Served<i64> {
        self.settle_journal()?;
        Ok(self.store.read(journal::last_place)?)
    }

    /// Entries of a part of the journal with their places and lines, in order.
    ///
    /// # Errors
    /// The store fails.
    pub fn journal_part(&self, part: &Part, most: i64) -> Served<Vec<(i64, EntryRow, Vec<LineRow>)>> {
        Ok(self.store.read(|conn| journal::page(conn, part, most))?)
    }

    /// Entries with their lines in the order of the journal, after one; from the first where that is 0.
    ///
    /// # Errors
    /// The entry to begin after is none of the journal, or the store fails.
    pub fn journal(
        &self,
        days: (Option<NaiveDate>, Option<NaiveDate>),
        after: i64,
        most: i64,
    ) -> Served<Vec<(EntryRow, Vec<LineRow>)>> {
        self.settle_journal()?;
        self.store.read(|conn| {
            let place = if after == 0 { Some(0) } else { journal::place_of(conn, after)? };
            let after = place.ok_or_else(|| ServiceError::invalid("", "after is no `next` of the journal"))?;
            let part = Part { from: days.0, until: days.1, after, to: None };
            let rows = journal::page(conn, &part, most)?;
            Ok(rows.into_iter().map(|(_, entry, lines)| (entry, lines)).collect())
        })
    }

    /// Sums by ledger account and currency, in minor units.
    ///
    /// # Errors
    /// The store fails.
    pub fn balances(&self) -> Served<Vec<(String, String, i64)>> {
        Ok(self.store.read(total::balances)?)
    }
}
