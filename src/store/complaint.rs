//! Complaints.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::complaints;
use super::{Connection, Stored};

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = complaints, treat_none_as_default_value = false)]
pub struct ComplaintRow {
    /// Its id.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// The contact that it was made in.
    pub contact_id: Option<i64>,
    /// The account.
    pub account_id: Option<i64>,
    /// Who complains: the lender's number for the person.
    pub party: Option<String>,
    /// hotline, app, page, sms or branch.
    pub via: String,
    /// The emergency channel that it came through.
    pub channel_id: Option<i64>,
    /// The disaster, where it is about one.
    pub declaration: Option<String>,
    /// What it is about.
    pub class: String,
    /// open, resolved or withdrawn.
    pub state: String,
    /// Who looks after it.
    pub assigned_to: Option<String>,
    /// When it came.
    pub received_at: NaiveDateTime,
    /// The day from which its clock runs.
    pub began_on: NaiveDate,
    /// 15, 30 or 60.
    pub clock_days: i32,
    /// The last day to answer it.
    pub due_on: NaiveDate,
    /// Who gave it 30 days.
    pub extended_by: Option<String>,
    /// Who gave it 60.
    pub extended_again_by: Option<String>,
    /// How far warnings went: 0 none, 1 soon, 2 tomorrow, 3 overdue.
    pub warned: i32,
    /// What it came from: policy, channel, staff, system, third_party or unfounded.
    pub root_kind: Option<String>,
    /// The policy that it came from.
    pub root_policy: Option<String>,
    /// Its version.
    pub root_version: Option<i32>,
    /// The emergency channel that it came from.
    pub root_channel_id: Option<i64>,
    /// upheld, partly_upheld, not_upheld or settled.
    pub resolution: Option<String>,
    /// When it ended.
    pub ended_at: Option<NaiveDateTime>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// How content its borrower is, 1 to 5.
    pub score: Option<i32>,
    /// How often it was opened again.
    pub reopened: i32,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a complaint.
pub fn add(conn: &mut Connection, row: &ComplaintRow) -> Stored<()> {
    diesel::insert_into(complaints::table).values(row).execute(conn)?;
    Ok(())
}

/// A complaint.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<ComplaintRow>> {
    Ok(complaints::table.find(id).select(ComplaintRow::as_select()).first(conn).optional()?)
}

/// The complaints of a case, the first first.
pub fn of_case(conn: &mut Connection, case: i64) -> Stored<Vec<ComplaintRow>> {
    let found = complaints::table.filter(complaints::case_id.eq(case)).order(complaints::id);
    Ok(found.select(ComplaintRow::as_select()).load(conn)?)
}

/// The complaints on an account, the first first.
pub fn of_account(conn: &mut Connection, account: i64) -> Stored<Vec<ComplaintRow>> {
    let found = complaints::table.filter(complaints::account_id.eq(account)).order(complaints::id);
    Ok(found.select(ComplaintRow::as_select()).load(conn)?)
}

/// The open complaints on accounts: the account, and the complaint.
pub fn open_on(conn: &mut Connection, accounts: &[i64]) -> Stored<Vec<(i64, i64)>> {
    let own = complaints::table.filter(complaints::account_id.eq_any(accounts.iter().map(|id| Some(*id))));
    let found = own.filter(complaints::state.eq("open")).order(complaints::id);
    Ok(found.select((complaints::account_id.assume_not_null(), complaints::id)).load(conn)?)
}

/// Changes a complaint, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &ComplaintRow) -> Stored<bool> {
    let own = complaints::table.find(row.id).filter(complaints::revision.eq(row.revision));
    let changed = diesel::update(own)
        .set((
            (
                complaints::state.eq(&row.state),
                complaints::assigned_to.eq(&row.assigned_to),
                complaints::began_on.eq(row.began_on),
                complaints::clock_days.eq(row.clock_days),
                complaints::due_on.eq(row.due_on),
                complaints::extended_by.eq(&row.extended_by),
                complaints::extended_again_by.eq(&row.extended_again_by),
                complaints::warned.eq(row.warned),
            ),
            complaints::root_kind.eq(&row.root_kind),
            complaints::root_policy.eq(&row.root_policy),
            complaints::root_version.eq(row.root_version),
            complaints::root_channel_id.eq(row.root_channel_id),
            complaints::resolution.eq(&row.resolution),
            complaints::ended_at.eq(row.ended_at),
            complaints::ended_by.eq(&row.ended_by),
            complaints::score.eq(row.score),
            complaints::reopened.eq(row.reopened),
            complaints::changed_at.eq(row.changed_at),
            complaints::revision.eq(row.revision.saturating_add(1)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Which complaints are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// In this state.
    pub state: Option<String>,
    /// Of this class.
    pub class: Option<String>,
    /// That this person looks after.
    pub assigned_to: Option<String>,
    /// That were warned of so far at least.
    pub warned: Option<i32>,
}

/// Complaints in the order in which they came, after one.
pub fn page(conn: &mut Connection, of: &Of, after: i64, most: i64) -> Stored<Vec<ComplaintRow>> {
    let mut query = complaints::table.filter(complaints::id.gt(after)).into_boxed();
    if let Some(state) = &of.state {
        query = query.filter(complaints::state.eq(state.clone()));
    }
    if let Some(class) = &of.class {
        query = query.filter(complaints::class.eq(class.clone()));
    }
    if let Some(person) = &of.assigned_to {
        query = query.filter(complaints::assigned_to.eq(person.clone()));
    }
    if let Some(warned) = of.warned {
        query = query.filter(complaints::warned.ge(warned));
    }
    Ok(query.order(complaints::id).limit(most).select(ComplaintRow::as_select()).load(conn)?)
}

/// Open complaints that are due on a day or before, the most urgent first.
pub fn due(conn: &mut Connection, by: NaiveDate, most: i64) -> Stored<Vec<ComplaintRow>> {
    let found = complaints::table
        .filter(complaints::state.eq("open"))
        .filter(complaints::due_on.le(by))
        .filter(complaints::warned.lt(3))
        .order((complaints::due_on, complaints::id))
        .limit(most);
    Ok(found.select(ComplaintRow::as_select()).load(conn)?)
}

/// Complaints that came within a time, in the order of their ids, after one.
pub fn received(
    conn: &mut Connection,
    (from, until): (NaiveDateTime, NaiveDateTime),
    after: i64,
    most: i64,
) -> Stored<Vec<ComplaintRow>> {
    let found = complaints::table
        .filter(complaints::received_at.ge(from))
        .filter(complaints::received_at.lt(until))
        .filter(complaints::id.gt(after))
        .order(complaints::id)
        .limit(most);
    Ok(found.select(ComplaintRow::as_select()).load(conn)?)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = complaints::table.filter(complaints::state.eq_any(states)).group_by(complaints::state);
    Ok(found.select((complaints::state, diesel::dsl::count_star())).load(conn)?)
}
