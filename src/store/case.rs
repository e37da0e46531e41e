//! Cases: everything about a loan and a disaster under one number, and the steps of each.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, first, load, run};
use super::schema::{case_requests, case_steps, cases, decisions, requests};
use super::{Connection, Stored};

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cases, treat_none_as_default_value = false)]
pub struct CaseRow {
    /// Its id.
    pub id: i64,
    /// What its borrower calls it by; random.
    pub number: String,
    /// The account; none as long as nobody knows who it is.
    pub account_id: Option<i64>,
    /// The catastrophe, where it is about one.
    pub event: Option<String>,
    /// open or resolved.
    pub state: String,
    /// The person who looks after it.
    pub assigned_to: Option<String>,
    /// How it was resolved.
    pub outcome: Option<String>,
    /// When it was opened.
    pub opened_at: NaiveDateTime,
    /// When it was resolved last.
    pub resolved_at: Option<NaiveDateTime>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// How often it was opened again.
    pub reopened: i32,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// A step of a case.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_steps, treat_none_as_default_value = false)]
pub struct CaseStepRow {
    /// Its id.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: NaiveDateTime,
}

/// Adds a case.
pub fn add(conn: &mut Connection, row: &CaseRow) -> Stored<()> {
    add!(conn, diesel::insert_into(cases::table).values(row))?;
    Ok(())
}

/// A case.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<CaseRow>> {
    Ok(cases::table.find(id).select(CaseRow::as_select()).first(conn).optional()?)
}

/// The case that a number leads to: its own, or that of one of its requests.
pub fn by_number(conn: &mut Connection, number: &str) -> Stored<Option<CaseRow>> {
    let own = cases::table.filter(cases::number.eq(number)).select(CaseRow::as_select());
    if let Some(row) = own.first(conn).optional()? {
        return Ok(Some(row));
    }
    let request = requests::table.filter(requests::case_number.eq(number)).select(requests::id);
    match request.first(conn).optional()? {
        Some(request) => of_request(conn, request),
        None => Ok(None),
    }
}

/// The cases of an account, the first first.
pub fn of_account(conn: &mut Connection, account: i64) -> Stored<Vec<CaseRow>> {
    let found = cases::table.filter(cases::account_id.eq(account)).order(cases::id);
    Ok(load!(conn, found.select(CaseRow::as_select()))?)
}

/// Some cases.
pub fn many(conn: &mut Connection, ids: &[i64]) -> Stored<Vec<CaseRow>> {
    let mut found = Vec::new();
    for ids in ids.chunks(500) {
        found.extend(cases::table.filter(cases::id.eq_any(ids)).select(CaseRow::as_select()).load(conn)?);
    }
    Ok(found)
}

/// Changes a case, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &CaseRow) -> Stored<bool> {
    let own = cases::table.find(row.id).filter(cases::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            cases::event.eq(&row.event),
            cases::state.eq(&row.state),
            cases::assigned_to.eq(&row.assigned_to),
            cases::outcome.eq(&row.outcome),
            cases::resolved_at.eq(row.resolved_at),
            cases::resolved_by.eq(&row.resolved_by),
            cases::reopened.eq(row.reopened),
            cases::changed_at.eq(row.changed_at),
            cases::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Puts a request into a case.
pub fn link(conn: &mut Connection, request: i64, case: i64) -> Stored<()> {
    let row = (case_requests::request_id.eq(request), case_requests::case_id.eq(case));
    add!(conn, diesel::insert_into(case_requests::table).values(row))?;
    Ok(())
}

/// The case of a request.
pub fn of_request(conn: &mut Connection, request: i64) -> Stored<Option<CaseRow>> {
    let found = case_requests::table.inner_join(cases::table).filter(case_requests::request_id.eq(request));
    Ok(first!(conn, found.select(CaseRow::as_select()))?)
}

/// The case of the request that a decision was made on.
pub fn of_decision(conn: &mut Connection, decision: i64) -> Stored<Option<i64>> {
    let found = decisions::table
        .inner_join(case_requests::table.on(decisions::request_id.eq(case_requests::request_id.nullable())))
        .filter(decisions::id.eq(decision));
    Ok(first!(conn, found.select(case_requests::case_id))?)
}

/// The requests of a case, the first first.
pub fn requests_of(conn: &mut Connection, case: i64) -> Stored<Vec<i64>> {
    let found = case_requests::table.filter(case_requests::case_id.eq(case)).order(case_requests::request_id);
    Ok(found.select(case_requests::request_id).load(conn)?)
}

/// Adds a step.
pub fn add_step(conn: &mut Connection, row: &CaseStepRow) -> Stored<()> {
    add!(conn, diesel::insert_into(case_steps::table).values(row))?;
    Ok(())
}

/// The steps of a case beside those of its requests, in order.
pub fn steps(conn: &mut Connection, case: i64) -> Stored<Vec<CaseStepRow>> {
    let found = case_steps::table.filter(case_steps::case_id.eq(case)).order(case_steps::id);
    Ok(found.select(CaseStepRow::as_select()).load(conn)?)
}

/// Which cases are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// In this state.
    pub state: Option<String>,
    /// That this person looks after.
    pub assigned_to: Option<String>,
    /// Of this account.
    pub account: Option<i64>,
}

/// Cases in the order in which they were opened, after one.
pub fn page(conn: &mut Connection, of: &Of, after: i64, most: i64) -> Stored<Vec<CaseRow>> {
    let mut query = cases::table.filter(cases::id.gt(after)).into_boxed();
    if let Some(state) = &of.state {
        query = query.filter(cases::state.eq(state.clone()));
    }
    if let Some(person) = &of.assigned_to {
        query = query.filter(cases::assigned_to.eq(person.clone()));
    }
    if let Some(account) = of.account {
        query = query.filter(cases::account_id.eq(account));
    }
    Ok(query.order(cases::id).limit(most).select(CaseRow::as_select()).load(conn)?)
}
