//! Decisions with what they were made from.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, load};
use super::schema::{awaitings, decisions, grants, requests, reviews};
use super::{Connection, Stored};

/// A decision.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions, treat_none_as_default_value = false)]
pub struct DecisionRow {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The request that asked for it; none for proactive relief.
    pub request_id: Option<i64>,
    /// The day.
    pub decided_on: NaiveDate,
    /// The moment.
    pub decided_at: NaiveDateTime,
    /// How it ends.
    pub outcome: String,
    /// What it was made from: documents by digest, the rest in full.
    pub inputs: String,
    /// The engine's digest of them.
    pub inputs_digest: String,
    /// The decision as the engine wrote it.
    pub body: String,
    /// SHA-256 of that.
    pub body_digest: String,
    /// Who let it be made.
    pub made_by: String,
}

/// Adds a decision.
pub fn add(conn: &mut Connection, row: &DecisionRow) -> Stored<()> {
    add!(conn, diesel::insert_into(decisions::table).values(row))?;
    Ok(())
}

/// A decision.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<DecisionRow>> {
    Ok(decisions::table.find(id).select(DecisionRow::as_select()).first(conn).optional()?)
}

/// Decisions on a request, the first first.
pub fn of_request(conn: &mut Connection, request: i64) -> Stored<Vec<i64>> {
    Ok(decisions::table
        .filter(decisions::request_id.eq(request))
        .order(decisions::id)
        .select(decisions::id)
        .load(conn)?)
}

/// Decisions on which something may wait under a policy, after one: grants that are not posted, referrals, and requests whose
/// borrower was asked something, whatever the policy.
pub fn waiting_under(conn: &mut Connection, policy: &str, after: i64, most: i64) -> Stored<Vec<i64>> {
    let unposted = ["proposed", "pending_approval", "approved", "offered", "accepted"];
    let mut found: Vec<i64> = grants::table
        .filter(grants::policy.eq(policy).and(grants::state.eq_any(unposted)).and(grants::decision_id.gt(after)))
        .select(grants::decision_id)
        .distinct()
        .order(grants::decision_id)
        .limit(most)
        .load(conn)?;
    // A person hears an appeal whole, whatever the policy; a sample is of what is posted.
    let own = reviews::policy.eq(policy).and(reviews::kind.ne("sample")).or(reviews::kind.eq("appeal"));
    let open = reviews::state.eq_any(["open", "claimed", "returned"]).and(own);
    let referred: Vec<i64> = reviews::table
        .filter(open.and(reviews::decision_id.gt(after)))
        .select(reviews::decision_id)
        .distinct()
        .order(reviews::decision_id)
        .limit(most)
        .load(conn)?;
    let asked: Vec<Option<i64>> = requests::table
        .filter(requests::state.eq("needs_information").and(requests::decision_id.gt(after)))
        .select(requests::decision_id)
        .order(requests::decision_id)
        .limit(most)
        .load(conn)?;
    found.extend(referred);
    found.extend(asked.into_iter().flatten());
    found.sort_unstable();
    found.dedup();
    found.truncate(usize::try_from(most).unwrap_or_default());
    Ok(found)
}

/// A rule that waits for something to come true.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = awaitings, treat_none_as_default_value = false)]
pub struct AwaitingRow {
    /// The account.
    pub account_id: i64,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// The event.
    pub event: String,
    /// The rule.
    pub rule: String,
    /// The day whose values eligibility keeps.
    pub decided_on: NaiveDate,
}

/// Keeps that a rule waits, unless it does already.
pub fn await_rule(conn: &mut Connection, row: &AwaitingRow) -> Stored<()> {
    add!(conn, diesel::insert_into(awaitings::table).values(row).on_conflict_do_nothing())?;
    Ok(())
}

/// The rules of an account that wait.
pub fn awaitings(conn: &mut Connection, account: i64) -> Stored<Vec<AwaitingRow>> {
    let found = awaitings::table.filter(awaitings::account_id.eq(account)).order((awaitings::policy, awaitings::rule));
    Ok(load!(conn, found.select(AwaitingRow::as_select()))?)
}
