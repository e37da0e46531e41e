//! Requests for relief and the steps of each.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, first, load, run};
use super::schema::{account_parties, requests, steps};
use super::{Connection, Stored};

/// A request.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
pub struct RequestRow {
    /// Its id.
    pub id: i64,
    /// What its borrower calls it by; random.
    pub case_number: String,
    /// The account.
    pub account_id: i64,
    /// The disaster it is about; any when none is named.
    pub declaration: Option<String>,
    /// When it was made.
    pub requested_on: NaiveDate,
    /// Everything that was said so far, as the engine reads it.
    pub body: String,
    /// received, needs_information, decided or closed.
    pub state: String,
    /// The decision in force.
    pub decision_id: Option<i64>,
    /// The request whose decision it appeals against.
    pub appeal_of: Option<i64>,
    /// The lender's own clock.
    pub answer_by: Option<NaiveDate>,
    /// Who made it.
    pub made_by: String,
    /// When it came.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// A step of its progress.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = steps, treat_none_as_default_value = false)]
pub struct StepRow {
    /// Its id.
    pub id: i64,
    /// The request.
    pub request_id: i64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: NaiveDateTime,
    /// What its borrower should know.
    pub note: Option<String>,
}

/// Adds a request.
pub fn add(conn: &mut Connection, row: &RequestRow) -> Stored<()> {
    add!(conn, diesel::insert_into(requests::table).values(row))?;
    Ok(())
}

/// A request.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<RequestRow>> {
    Ok(first!(conn, requests::table.find(id).select(RequestRow::as_select()))?)
}

/// The appeal against a request.
pub fn appeal_against(conn: &mut Connection, request: i64) -> Stored<Option<RequestRow>> {
    let found = requests::table.filter(requests::appeal_of.eq(request));
    Ok(first!(conn, found.select(RequestRow::as_select()))?)
}

/// Requests on an account, the first first.
pub fn of_account(conn: &mut Connection, account: i64) -> Stored<Vec<RequestRow>> {
    let found = requests::table.filter(requests::account_id.eq(account)).order(requests::id);
    Ok(found.select(RequestRow::as_select()).load(conn)?)
}

/// Changes a request, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &RequestRow) -> Stored<bool> {
    let own = requests::table.find(row.id).filter(requests::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            requests::body.eq(&row.body),
            requests::state.eq(&row.state),
            requests::decision_id.eq(row.decision_id),
            requests::answer_by.eq(row.answer_by),
            requests::changed_at.eq(row.changed_at),
            requests::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Adds a step.
pub fn add_step(conn: &mut Connection, row: &StepRow) -> Stored<()> {
    add!(conn, diesel::insert_into(steps::table).values(row))?;
    Ok(())
}

/// Forgets what was written in the appeals on the loans that somebody owes.
pub fn forget_words(conn: &mut Connection, party: &str) -> Stored<usize> {
    let loans = account_parties::table.filter(account_parties::party.eq(party)).select(account_parties::account_id);
    let own = requests::table.filter(requests::account_id.eq_any(loans)).select(requests::id);
    let written = steps::table.filter(steps::kind.eq("appeal")).filter(steps::request_id.eq_any(own));
    Ok(run!(conn, diesel::update(written).set(steps::note.eq(None::<String>)))?)
}

/// The steps of a request, in order.
pub fn steps(conn: &mut Connection, request: i64) -> Stored<Vec<StepRow>> {
    let found = steps::table.filter(steps::request_id.eq(request)).order(steps::id);
    Ok(load!(conn, found.select(StepRow::as_select()))?)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = requests::table.filter(requests::state.eq_any(states)).group_by(requests::state);
    Ok(found.select((requests::state, diesel::dsl::count_star())).load(conn)?)
}

/// Requests of some days, in order, after one.
pub fn asked(
    conn: &mut Connection,
    declaration: Option<&str>,
    (from, until): (NaiveDate, NaiveDate),
    (after, most): (i64, i64),
) -> Stored<Vec<RequestRow>> {
    let mut found = requests::table
        .filter(requests::id.gt(after))
        .filter(requests::requested_on.ge(from))
        .filter(requests::requested_on.le(until))
        .order(requests::id)
        .limit(most)
        .select(RequestRow::as_select())
        .into_boxed();
    if let Some(slug) = declaration {
        found = found.filter(requests::declaration.eq(slug.to_owned()));
    }
    Ok(found.load(conn)?)
}
