//! Contacts, and what callers agreed to by word of mouth.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{consents, contacts};
use super::{Connection, Stored};

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contacts, treat_none_as_default_value = false)]
pub struct ContactRow {
    /// Its id.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// The account; none as long as nobody knows who it is.
    pub account_id: Option<i64>,
    /// The lender's number for the person, where it is known.
    pub party: Option<String>,
    /// hotline, app, page, sms or branch.
    pub via: String,
    /// The emergency channel.
    pub channel_id: Option<i64>,
    /// The disaster, where it is about one.
    pub declaration: Option<String>,
    /// Where it waits.
    pub queue: Option<String>,
    /// What it is about: one of the navigator's questions.
    pub question: Option<String>,
    /// waiting, answered or resolved.
    pub state: String,
    /// When it came.
    pub arrived_at: NaiveDateTime,
    /// When somebody, or the program, answered.
    pub answered_at: Option<NaiveDateTime>,
    /// Who.
    pub answered_by: Option<String>,
    /// Within how many minutes it was to be answered.
    pub target_minutes: Option<i32>,
    /// What it came to.
    pub outcome: Option<String>,
    /// When it was resolved.
    pub resolved_at: Option<NaiveDateTime>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// Who opened it.
    pub opened_by: String,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// What a caller agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
pub struct ConsentRow {
    /// Its id.
    pub id: i64,
    /// The contact.
    pub contact_id: i64,
    /// The request.
    pub request_id: i64,
    /// apply or accept.
    pub kind: String,
    /// Who agreed: the lender's number for the person.
    pub party: String,
    /// The words that were read, by name.
    pub script: String,
    /// SHA-256 of them.
    pub script_digest: String,
    /// Where the recording is.
    pub recording: String,
    /// What was shown, for an acceptance.
    pub shown_digest: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was said.
    pub said_at: NaiveDateTime,
    /// When it was recorded.
    pub at: NaiveDateTime,
}

/// Adds a contact.
pub fn add(conn: &mut Connection, row: &ContactRow) -> Stored<()> {
    diesel::insert_into(contacts::table).values(row).execute(conn)?;
    Ok(())
}

/// A contact.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<ContactRow>> {
    Ok(contacts::table.find(id).select(ContactRow::as_select()).first(conn).optional()?)
}

/// The contacts of a case, the first first.
pub fn of_case(conn: &mut Connection, case: i64) -> Stored<Vec<ContactRow>> {
    let found = contacts::table.filter(contacts::case_id.eq(case)).order(contacts::id);
    Ok(found.select(ContactRow::as_select()).load(conn)?)
}

/// How many came through an emergency channel from a moment on.
pub fn arrived_since(conn: &mut Connection, channel: i64, since: NaiveDateTime) -> Stored<i64> {
    let found = contacts::table.filter(contacts::channel_id.eq(channel)).filter(contacts::arrived_at.ge(since));
    Ok(found.count().get_result(conn)?)
}

/// Changes a contact, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &ContactRow) -> Stored<bool> {
    let own = contacts::table.find(row.id).filter(contacts::revision.eq(row.revision));
    let changed = diesel::update(own)
        .set((
            contacts::case_id.eq(row.case_id),
            contacts::account_id.eq(row.account_id),
            contacts::party.eq(&row.party),
            contacts::channel_id.eq(row.channel_id),
            contacts::declaration.eq(&row.declaration),
            contacts::queue.eq(&row.queue),
            contacts::question.eq(&row.question),
            contacts::state.eq(&row.state),
            contacts::answered_at.eq(row.answered_at),
            contacts::answered_by.eq(&row.answered_by),
            contacts::target_minutes.eq(row.target_minutes),
            contacts::outcome.eq(&row.outcome),
            contacts::resolved_at.eq(row.resolved_at),
            contacts::resolved_by.eq(&row.resolved_by),
            contacts::changed_at.eq(row.changed_at),
            contacts::revision.eq(row.revision.saturating_add(1)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Which contacts are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// In this state.
    pub state: Option<String>,
    /// Of this case.
    pub case: Option<i64>,
    /// Of this emergency channel.
    pub channel: Option<i64>,
    /// In this queue.
    pub queue: Option<String>,
}

/// Contacts in the order in which they were made, after one.
pub fn page(conn: &mut Connection, of: &Of, after: i64, most: i64) -> Stored<Vec<ContactRow>> {
    let mut query = contacts::table.filter(contacts::id.gt(after)).into_boxed();
    if let Some(state) = &of.state {
        query = query.filter(contacts::state.eq(state.clone()));
    }
    if let Some(case) = of.case {
        query = query.filter(contacts::case_id.eq(case));
    }
    if let Some(channel) = of.channel {
        query = query.filter(contacts::channel_id.eq(channel));
    }
    if let Some(queue) = &of.queue {
        query = query.filter(contacts::queue.eq(queue.clone()));
    }
    Ok(query.order(contacts::id).limit(most).select(ContactRow::as_select()).load(conn)?)
}

/// Contacts that came within a time, in the order of their ids, after one.
pub fn arrived(
    conn: &mut Connection,
    (from, until): (NaiveDateTime, NaiveDateTime),
    after: i64,
    most: i64,
) -> Stored<Vec<ContactRow>> {
    let found = contacts::table
        .filter(contacts::arrived_at.ge(from))
        .filter(contacts::arrived_at.lt(until))
        .filter(contacts::id.gt(after))
        .order(contacts::id)
        .limit(most);
    Ok(found.select(ContactRow::as_select()).load(conn)?)
}

/// Keeps what a caller agreed to.
pub fn consent(conn: &mut Connection, row: &ConsentRow) -> Stored<()> {
    diesel::insert_into(consents::table).values(row).execute(conn)?;
    Ok(())
}

/// What was agreed to for a request, the first first.
pub fn consents_of(conn: &mut Connection, request: i64) -> Stored<Vec<ConsentRow>> {
    let found = consents::table.filter(consents::request_id.eq(request)).order(consents::id);
    Ok(found.select(ConsentRow::as_select()).load(conn)?)
}
