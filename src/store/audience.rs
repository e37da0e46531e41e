//! Who borrows: people in their order, with what they borrow and what came of it. Each comes once, however many accounts they have.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{account_parties, accounts, grants, persons, requests};
use super::{Connection, Stored};
use crate::store::person::PersonRow;

/// An account of somebody.
#[derive(Debug, Clone, Queryable)]
pub struct OwnAccount {
    /// Whose: the lender's number for the person.
    pub party: String,
    /// The account.
    pub account: i64,
    /// Where its first borrower lives.
    pub region: Option<String>,
    /// Where the loan stands.
    pub status: Option<String>,
}

/// People who owe something, in the order of the lender's numbers for them, after one.
pub fn parties(conn: &mut Connection, after: &str, most: i64) -> Stored<Vec<String>> {
    let found = account_parties::table
        .filter(account_parties::party.gt(after))
        .filter(account_parties::role.ne("guarantor"))
        .order(account_parties::party)
        .limit(most);
    Ok(found.select(account_parties::party).distinct().load(conn)?)
}

/// What some people owe.
pub fn accounts_of(conn: &mut Connection, people: &[String]) -> Stored<Vec<OwnAccount>> {
    let found = account_parties::table
        .inner_join(accounts::table)
        .filter(account_parties::party.eq_any(people))
        .filter(account_parties::role.ne("guarantor"))
        .order((account_parties::party, accounts::id))
        .select((account_parties::party, accounts::id, accounts::region, accounts::status));
    Ok(found.load(conn)?)
}

/// Who some people are, sealed.
pub fn persons_of(conn: &mut Connection, people: &[String]) -> Stored<Vec<PersonRow>> {
    let found = persons::table.filter(persons::party.eq_any(people)).select(PersonRow::as_select());
    Ok(found.load(conn)?)
}

/// Those of some accounts that were given something for an event.
pub fn given(conn: &mut Connection, event: &str, of: &[i64]) -> Stored<Vec<i64>> {
    let found = grants::table.filter(grants::account_id.eq_any(of)).filter(grants::event.eq(event));
    // The state is looked at here: most grants stand in one, and its index would lead through all of them.
    let rows: Vec<(i64, String)> = found.select((grants::account_id, grants::state)).load(conn)?;
    let stands = |state: &str| matches!(state, "posted" | "confirmed");
    Ok(rows.into_iter().filter(|(_, state)| stands(state)).map(|(account, _)| account).collect())
}

/// Those of some accounts for which something was asked since a moment.
pub fn asked(conn: &mut Connection, since: NaiveDateTime, of: &[i64]) -> Stored<Vec<i64>> {
    let found = requests::table.filter(requests::account_id.eq_any(of)).filter(requests::created_at.ge(since));
    Ok(found.select(requests::account_id).distinct().load(conn)?)
}
