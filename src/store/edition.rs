//! The edition of what everybody is decided by: a mark that the database sets anew with every change of policies, declarations,
//! budgets and lotteries. What was read of them holds while the mark stands. Marks are drawn, so that none comes twice, also
//! not after one whose transaction was undone.

use diesel::prelude::*;

use super::prepared::first;
use super::schema::editions;
use super::{Connection, Stored};

/// The mark as it is now.
pub fn mark(conn: &mut Connection) -> Stored<String> {
    let found: Option<String> = first!(conn, editions::table.find(1).select(editions::mark))?;
    found.ok_or_else(|| super::StoreError::Failed("the edition is missing".to_owned()))
}
