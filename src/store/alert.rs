//! Alerts as they were taken in, and what was refused.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::connection::on_backend;
use super::schema::{alert_refusals, alerts};
use super::{Connection, Stored};

/// An alert.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
pub struct AlertRow {
    /// Its id.
    pub id: i64,
    /// Who sent it.
    pub sender: String,
    /// The sender's name for it.
    pub identifier: String,
    /// The digest of what it says.
    pub digest: String,
    /// cap, nws or usgs.
    pub format: String,
    /// alert, update, cancel or end.
    pub message: String,
    /// When it was sent.
    pub sent: NaiveDateTime,
    /// The draft that it is of.
    pub draft_id: Option<i64>,
    /// What it did: drafted, extended, joined, reopened, withdrew, proposed, ended or nothing.
    pub outcome: String,
    /// How it came: a feed's name, `api`, `file`.
    pub via: String,
    /// What it says.
    pub body: String,
    /// Where it lies: regions with how each was found, and what could not be matched.
    pub placed: String,
    /// Who took it in.
    pub received_by: String,
    /// When.
    pub received_at: NaiveDateTime,
}

/// Something that was refused.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_refusals, treat_none_as_default_value = false)]
pub struct RefusalRow {
    /// Its id.
    pub id: i64,
    /// What tells it from others.
    pub message_key: String,
    /// How it came.
    pub via: String,
    /// Who sent it, where that could be read.
    pub sender: Option<String>,
    /// The sender's name for it, likewise.
    pub identifier: Option<String>,
    /// The refusal's name.
    pub name: String,
    /// Why, in words.
    pub message: String,
    /// How often it came.
    pub times: i64,
    /// Who first brought it.
    pub received_by: String,
    /// When it first came.
    pub first_at: NaiveDateTime,
    /// When it last came.
    pub last_at: NaiveDateTime,
}

/// Adds an alert. A second one of the sender's name for it is a duplicate.
pub fn add(conn: &mut Connection, row: &AlertRow) -> Stored<()> {
    diesel::insert_into(alerts::table).values(row).execute(conn)?;
    Ok(())
}

/// A sender's message.
pub fn find(conn: &mut Connection, sender: &str, identifier: &str) -> Stored<Option<AlertRow>> {
    let own = alerts::table.filter(alerts::sender.eq(sender)).filter(alerts::identifier.eq(identifier));
    Ok(own.select(AlertRow::as_select()).first(conn).optional()?)
}

/// An alert by its id.
pub fn by_id(conn: &mut Connection, id: i64) -> Stored<Option<AlertRow>> {
    Ok(alerts::table.find(id).select(AlertRow::as_select()).first(conn).optional()?)
}

/// Alerts in the order in which they came, after one, of a draft or of all.
pub fn page(conn: &mut Connection, draft: Option<i64>, after: i64, most: i64) -> Stored<Vec<AlertRow>> {
    let mut query = alerts::table.filter(alerts::id.gt(after)).into_boxed();
    if let Some(draft) = draft {
        query = query.filter(alerts::draft_id.eq(draft));
    }
    Ok(query.order(alerts::id).limit(most).select(AlertRow::as_select()).load(conn)?)
}

/// When the last alert of a draft was sent, in whatever order they came.
pub fn last_sent(conn: &mut Connection, draft: i64) -> Stored<Option<NaiveDateTime>> {
    Ok(alerts::table.filter(alerts::draft_id.eq(draft)).select(diesel::dsl::max(alerts::sent)).first(conn)?)
}

/// Keeps that something was refused, or that it came once more.
pub fn refuse(conn: &mut Connection, row: &RefusalRow) -> Stored<()> {
    let again = alert_refusals::table.filter(alert_refusals::message_key.eq(&row.message_key));
    let counted = diesel::update(again)
        .set((alert_refusals::times.eq(alert_refusals::times + row.times), alert_refusals::last_at.eq(row.last_at)))
        .execute(conn)?;
    if counted == 0 {
        on_backend!(conn, own => diesel::insert_into(alert_refusals::table).values(row).on_conflict_do_nothing().execute(own))?;
    }
    Ok(())
}

/// What was refused, in the order in which it first came, after one.
pub fn refusals(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<RefusalRow>> {
    let rows = alert_refusals::table.filter(alert_refusals::id.gt(after)).order(alert_refusals::id).limit(most);
    Ok(rows.select(RefusalRow::as_select()).load(conn)?)
}
