//! What is somebody's own: a borrower sees the accounts that they owe, and nothing else is there for them.

use super::Principal;
use crate::service::{Served, ServiceError};
use crate::store::Connection;
use crate::store::account::{self, AccountRow};

impl Principal {
    /// An account by its number, if it is there for this caller.
    ///
    /// # Errors
    /// It is missing, or another's: both look the same.
    pub fn account(&self, conn: &mut Connection, number: &str) -> Served<AccountRow> {
        let row = account::find(conn, number)?.ok_or(ServiceError::Missing("account"))?;
        self.may_see(conn, row.id)?;
        Ok(row)
    }

    /// Whether an account is there for this caller.
    ///
    /// # Errors
    /// It is another's, which looks like a missing one.
    pub fn may_see(&self, conn: &mut Connection, account: i64) -> Served<()> {
        let Some(party) = self.borrower() else { return Ok(()) };
        if account::borrowers(conn, account)?.iter().any(|known| known == party) {
            return Ok(());
        }
        Err(ServiceError::Missing("account"))
    }
}
