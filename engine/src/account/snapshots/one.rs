//! The snapshot of one account by itself.

use super::glance::Glance;
use super::records::Head;
use super::{Snapshot, Snapshots};
use crate::account::snapshot::Account;
use crate::money::MoneyError;

/// The snapshot of one account by itself.
#[derive(Debug)]
pub struct OneSnapshot {
    all: Snapshots,
    head: Head,
    glance: Glance,
}

impl OneSnapshot {
    /// Of an account.
    ///
    /// # Errors
    /// See [`Snapshots::add`].
    pub fn of(account: &Account) -> Result<Self, MoneyError> {
        let mut all = Snapshots::default();
        let (head, glance) = all.push(account)?;
        Ok(Self { all, head, glance })
    }

    /// It.
    #[must_use]
    pub const fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { all: &self.all, head: &self.head, glance: &self.glance }
    }
}
