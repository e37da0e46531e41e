//! What decides whether somebody may be contacted, for many accounts at once.

use diesel::prelude::*;

use super::schema::{account_parties, accounts, grants, hold_releases, persons};
use super::{Connection, Stored};

/// An account with one of those who owe it.
#[derive(Debug, Clone, Queryable)]
pub struct OwedBy {
    /// The account.
    pub account: i64,
    /// The lender's number of it.
    pub number: String,
    /// The lender's number for the person; none where the account has nobody.
    pub party: Option<String>,
    /// borrower, co_borrower or guarantor.
    pub role: Option<String>,
    /// The keyed index of their phone.
    pub phone: Option<String>,
}

/// A grant that may hold something.
#[derive(Debug, Clone, Queryable)]
pub struct Holding {
    /// The account.
    pub account: i64,
    /// The grant.
    pub grant: i64,
    /// Where it stands.
    pub state: String,
    /// What it does.
    pub adjustments: String,
    /// The first day on which it no longer holds, where it was released.
    pub released_on: Option<chrono::NaiveDate>,
}

/// Some accounts by their numbers, with everybody on them.
pub fn owed_by(conn: &mut Connection, numbers: &[&str]) -> Stored<Vec<OwedBy>> {
    let found = accounts::table
        .left_join(account_parties::table)
        .left_join(persons::table.on(persons::party.nullable().eq(account_parties::party.nullable())))
        .filter(accounts::number.eq_any(numbers))
        .select((
            accounts::id,
            accounts::number,
            account_parties::party.nullable(),
            account_parties::role.nullable(),
            persons::phone_index.nullable(),
        ));
    Ok(found.load(conn)?)
}

/// Grants of some accounts that stand and may hold collections: what each does is looked into by whoever asked.
pub fn holding(conn: &mut Connection, of: &[i64]) -> Stored<Vec<Holding>> {
    let found = grants::table
        .left_join(hold_releases::table.on(hold_releases::grant_id.eq(grants::id)))
        .filter(grants::account_id.eq_any(of))
        .filter(grants::adjustments.like("%\"collections\"%"))
        .order(grants::id)
        .select((
            grants::account_id,
            grants::id,
            grants::state,
            grants::adjustments,
            hold_releases::released_on.nullable(),
        ));
    // The state is looked at here: most grants stand in one, and its index would lead through all of them.
    let stands = |row: &Holding| matches!(row.state.as_str(), "posted" | "confirmed");
    Ok(found.load::<Holding>(conn)?.into_iter().filter(stands).collect())
}
