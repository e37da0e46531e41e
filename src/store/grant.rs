//! Grants: benefits made real, what each is of, and who approved it.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, add_all, load, run};
use super::schema::{accounts, approvals, decisions, grant_targets, grants};
use super::{Connection, Stored};

/// A grant. Amounts are minor units of its currency.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub struct GrantRow {
    /// Its id.
    pub id: i64,
    /// The decision.
    pub decision_id: i64,
    /// The account.
    pub account_id: i64,
    /// The event.
    pub event: String,
    /// The declaration.
    pub declaration: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// The day it was decided.
    pub decided_on: NaiveDate,
    /// Where it stands.
    pub state: String,
    /// How many people have to approve.
    pub people: i16,
    /// How many did.
    pub approvals: i16,
    /// Whether the borrower has to agree first.
    pub consent: bool,
    /// The digest of what is shown to whoever approves or agrees.
    pub shown_digest: String,
    /// The currency of its amounts.
    pub currency: String,
    /// Owed, never paid, no longer owed.
    pub waived: i64,
    /// Paid and given back.
    pub refunded: i64,
    /// Money given.
    pub goodwill: i64,
    /// Payments moved to later.
    pub deferred: i64,
    /// The principal in it.
    pub deferred_principal: i64,
    /// Interest on top.
    pub added_interest: i64,
    /// Interest that will never be charged.
    pub forgone_interest: i64,
    /// Interest that became principal.
    pub capitalised: i64,
    /// Loss in present value; below zero, a gain.
    pub present_value_loss: Option<i64>,
    /// What it does, as the engine wrote it.
    pub adjustments: String,
    /// Where the first borrower lived.
    pub region: Option<String>,
    /// For proactive relief: the last day to undo it.
    pub opt_out_by: Option<NaiveDate>,
    /// The instruction that carries it.
    pub instruction_id: Option<i64>,
    /// The budget that has to have money first.
    pub waits_for: Option<i64>,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// One thing that a grant is of.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grant_targets, treat_none_as_default_value = false)]
pub struct TargetRow {
    /// The event.
    pub event: String,
    /// The account.
    pub account_id: i64,
    /// The policy.
    pub policy: String,
    /// The benefit.
    pub benefit: String,
    /// A charge, the first instalment, or what stands for the account.
    pub target: String,
    /// From 1: renewals and top-ups of the same are further steps.
    pub step: i32,
    /// From 1; higher only after a reversal.
    pub attempt: i32,
    /// The grant.
    pub grant_id: i64,
}

/// Somebody's approval.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = approvals, treat_none_as_default_value = false)]
pub struct ApprovalRow {
    /// The grant.
    pub grant_id: i64,
    /// The person.
    pub person: String,
    /// The digest of what they saw.
    pub shown_digest: String,
    /// When.
    pub at: NaiveDateTime,
}

/// Adds a grant.
pub fn add(conn: &mut Connection, row: &GrantRow) -> Stored<()> {
    add!(conn, diesel::insert_into(grants::table).values(row))?;
    Ok(())
}

/// Adds what a grant is of. Something that is there already is a duplicate.
pub fn add_targets(conn: &mut Connection, rows: &[TargetRow]) -> Stored<()> {
    if !rows.is_empty() {
        add_all!(conn, grant_targets::table, rows);
    }
    Ok(())
}

/// A grant.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<GrantRow>> {
    Ok(grants::table.find(id).select(GrantRow::as_select()).first(conn).optional()?)
}

/// Grants to these accounts with the number of each account, in the order in which they were made.
pub fn of_accounts(conn: &mut Connection, of: &[i64]) -> Stored<Vec<(GrantRow, String)>> {
    let found = grants::table.inner_join(accounts::table).order(grants::id);
    // PostgreSQL plans for a list each time anew; most borrowers owe one account.
    Ok(match of {
        [one] => {
            load!(conn, found.filter(grants::account_id.eq(one)).select((GrantRow::as_select(), accounts::number)))?
        }
        of => {
            found.filter(grants::account_id.eq_any(of)).select((GrantRow::as_select(), accounts::number)).load(conn)?
        }
    })
}

/// Ids of accounts with relief under a declaration that stands, in their order, after one.
pub fn accounts_under(conn: &mut Connection, declaration: &str, after: i64, most: i64) -> Stored<Vec<i64>> {
    let found = grants::table
        .filter(grants::declaration.eq(declaration).and(grants::state.eq_any(["posted", "confirmed"])))
        .filter(grants::account_id.gt(after));
    Ok(found.select(grants::account_id).distinct().order(grants::account_id).limit(most).load(conn)?)
}

/// How many accounts have relief under a declaration that stands.
pub fn count_under(conn: &mut Connection, declaration: &str) -> Stored<i64> {
    let found =
        grants::table.filter(grants::declaration.eq(declaration).and(grants::state.eq_any(["posted", "confirmed"])));
    Ok(found.select(diesel::dsl::count(grants::account_id).aggregate_distinct()).get_result(conn)?)
}

/// Grants of a decision.
pub fn of_decision(conn: &mut Connection, decision: i64) -> Stored<Vec<GrantRow>> {
    let found = grants::table.filter(grants::decision_id.eq(decision)).order(grants::id);
    Ok(load!(conn, found.select(GrantRow::as_select()))?)
}

/// Grants in the order of their ids, after one.
pub fn page(conn: &mut Connection, state: Option<&str>, after: i64, most: i64) -> Stored<Vec<GrantRow>> {
    let mut query = grants::table.filter(grants::id.gt(after)).into_boxed();
    if let Some(state) = state {
        query = query.filter(grants::state.eq(state.to_owned()));
    }
    Ok(query.order(grants::id).limit(most).select(GrantRow::as_select()).load(conn)?)
}

/// Moves a grant on, if it still stands where it stood; says whether it did.
pub fn advance(conn: &mut Connection, row: &GrantRow, from: &str) -> Stored<bool> {
    let own = grants::table.find(row.id).filter(grants::state.eq(from)).filter(grants::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            grants::state.eq(&row.state),
            grants::approvals.eq(row.approvals),
            grants::instruction_id.eq(row.instruction_id),
            grants::waits_for.eq(row.waits_for),
            grants::changed_at.eq(row.changed_at),
            grants::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Adds somebody's approval; a second one of the same person is a duplicate.
pub fn approve(conn: &mut Connection, row: &ApprovalRow) -> Stored<()> {
    add!(conn, diesel::insert_into(approvals::table).values(row))?;
    Ok(())
}

/// Who approved a grant.
pub fn approvals(conn: &mut Connection, grant: i64) -> Stored<Vec<ApprovalRow>> {
    let found = approvals::table.filter(approvals::grant_id.eq(grant)).order(approvals::at);
    Ok(found.select(ApprovalRow::as_select()).load(conn)?)
}

/// Who approved anything that a request was given.
pub fn approvers(conn: &mut Connection, request: i64) -> Stored<Vec<String>> {
    let found = approvals::table
        .inner_join(grants::table.inner_join(decisions::table))
        .filter(decisions::request_id.eq(request));
    Ok(found.select(approvals::person).distinct().load(conn)?)
}

/// Grants that one instruction carries.
pub fn of_instruction(conn: &mut Connection, instruction: i64) -> Stored<Vec<GrantRow>> {
    let found = grants::table.filter(grants::instruction_id.eq(instruction)).order(grants::id);
    Ok(found.select(GrantRow::as_select()).load(conn)?)
}

/// The first grants that wait for money of a budget.
pub fn waiting_for(conn: &mut Connection, budget: i64, most: i64) -> Stored<Vec<GrantRow>> {
    let found = grants::table.filter(grants::waits_for.eq(budget)).order(grants::id).limit(most);
    Ok(found.select(GrantRow::as_select()).load(conn)?)
}

/// How many grants wait for money of a budget.
pub fn count_waiting(conn: &mut Connection, budget: i64) -> Stored<i64> {
    Ok(grants::table.filter(grants::waits_for.eq(budget)).count().get_result(conn)?)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = grants::table.filter(grants::state.eq_any(states)).group_by(grants::state);
    Ok(found.select((grants::state, diesel::dsl::count_star())).load(conn)?)
}
