//! What waits for a person.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::reviews;
use super::{Connection, Stored};

/// A review.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, treat_none_as_default_value = false)]
pub struct ReviewRow {
    /// Its id.
    pub id: i64,
    /// referral, threshold, sample or appeal.
    pub kind: String,
    /// The account.
    pub account_id: i64,
    /// The decision.
    pub decision_id: i64,
    /// The request.
    pub request_id: Option<i64>,
    /// The declaration.
    pub declaration: Option<String>,
    /// The policy.
    pub policy: Option<String>,
    /// The currency of the amount.
    pub currency: String,
    /// What was measured against the threshold, in minor units.
    pub amount: i64,
    /// open, claimed, returned, approved or rejected.
    pub state: String,
    /// Who looks.
    pub claimed_by: Option<String>,
    /// Who ended it.
    pub closed_by: Option<String>,
    /// Why, or what was asked.
    pub reason: Option<String>,
    /// When it came.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Why a review ended that nobody judged.
pub const OUTDATED: &str = "what it was decided on has changed";

impl ReviewRow {
    /// Whether somebody still has to look.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.state.as_str(), "open" | "claimed" | "returned")
    }

    /// Whether it ended because its decision did.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.state == "rejected" && self.reason.as_deref() == Some(OUTDATED)
    }
}

/// Adds a review.
pub fn add(conn: &mut Connection, row: &ReviewRow) -> Stored<()> {
    add!(conn, diesel::insert_into(reviews::table).values(row))?;
    Ok(())
}

/// A review.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<ReviewRow>> {
    Ok(reviews::table.find(id).select(ReviewRow::as_select()).first(conn).optional()?)
}

/// Reviews of a decision, the first first.
pub fn of_decision(conn: &mut Connection, decision: i64) -> Stored<Vec<ReviewRow>> {
    let found = reviews::table.filter(reviews::decision_id.eq(decision)).order(reviews::id);
    Ok(found.select(ReviewRow::as_select()).load(conn)?)
}

/// Reviews of a request's decisions, the first first.
pub fn of_request(conn: &mut Connection, request: i64) -> Stored<Vec<ReviewRow>> {
    let found = reviews::table.filter(reviews::request_id.eq(request)).order(reviews::id);
    Ok(found.select(ReviewRow::as_select()).load(conn)?)
}

/// The queue, the oldest first.
pub fn page(
    conn: &mut Connection,
    (state, kind): (Option<&str>, Option<&str>),
    after: i64,
    most: i64,
) -> Stored<Vec<ReviewRow>> {
    let mut query = reviews::table.filter(reviews::id.gt(after)).into_boxed();
    if let Some(state) = state {
        query = query.filter(reviews::state.eq(state.to_owned()));
    }
    if let Some(kind) = kind {
        query = query.filter(reviews::kind.eq(kind.to_owned()));
    }
    Ok(query.order(reviews::id).limit(most).select(ReviewRow::as_select()).load(conn)?)
}

/// Reviews that have not ended: kind, currency, amount, when each came.
pub fn pending(conn: &mut Connection) -> Stored<Vec<(String, String, i64, NaiveDateTime)>> {
    let found = reviews::table.filter(reviews::state.eq_any(["open", "claimed", "returned"])).order(reviews::id);
    Ok(found.select((reviews::kind, reviews::currency, reviews::amount, reviews::created_at)).load(conn)?)
}

/// Changes a review, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &ReviewRow) -> Stored<bool> {
    let own = reviews::table.find(row.id).filter(reviews::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            reviews::state.eq(&row.state),
            reviews::claimed_by.eq(&row.claimed_by),
            reviews::closed_by.eq(&row.closed_by),
            reviews::reason.eq(&row.reason),
            reviews::changed_at.eq(row.changed_at),
            reviews::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = reviews::table.filter(reviews::state.eq_any(states)).group_by(reviews::state);
    Ok(found.select((reviews::state, diesel::dsl::count_star())).load(conn)?)
}
