//! Drafts of declarations, made from alerts.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::drafts;
use super::{Connection, Stored};

/// A draft.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = drafts, treat_none_as_default_value = false)]
pub struct DraftRow {
    /// Its id.
    pub id: i64,
    /// Who sent its alerts.
    pub sender: String,
    /// What the sender calls it; the name of the first message where it has no name.
    pub incident: String,
    /// The event that it gathers under.
    pub event: String,
    /// What happened.
    pub kind: Option<String>,
    /// How grave it is.
    pub severity: Option<String>,
    /// Its title, a `Text`.
    pub title: String,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// Its areas, as in a declaration.
    pub areas: String,
    /// What could not be matched to regions, in the alerts' words.
    pub left_over: String,
    /// What its alerts said in sum.
    pub said: String,
    /// waiting, withdrawn, confirmed or dropped.
    pub state: String,
    /// The declaration that it became.
    pub declaration: Option<String>,
    /// Who last edited it.
    pub edited_by: Option<String>,
    /// Who confirmed or dropped it.
    pub decided_by: Option<String>,
    /// Why it was dropped or withdrawn.
    pub reason: Option<String>,
    /// When its first alert came.
    pub alerted_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a draft.
pub fn add(conn: &mut Connection, row: &DraftRow) -> Stored<()> {
    diesel::insert_into(drafts::table).values(row).execute(conn)?;
    Ok(())
}

/// A draft.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<DraftRow>> {
    Ok(drafts::table.find(id).select(DraftRow::as_select()).first(conn).optional()?)
}

/// The draft of a sender's incident.
pub fn of_incident(conn: &mut Connection, sender: &str, incident: &str) -> Stored<Option<DraftRow>> {
    let own = drafts::table.filter(drafts::sender.eq(sender)).filter(drafts::incident.eq(incident));
    Ok(own.select(DraftRow::as_select()).first(conn).optional()?)
}

/// The event of an incident, whoever sent it; the oldest where there are several.
pub fn event_of(conn: &mut Connection, incident: &str) -> Stored<Option<String>> {
    let found = drafts::table.filter(drafts::incident.eq(incident)).order(drafts::id);
    Ok(found.select(drafts::event).first(conn).optional()?)
}

/// When the first alert behind a declaration came.
pub fn alerted(conn: &mut Connection, declaration: &str) -> Stored<Option<NaiveDateTime>> {
    let found = drafts::table.filter(drafts::declaration.eq(declaration)).order(drafts::alerted_at);
    Ok(found.select(drafts::alerted_at).first(conn).optional()?)
}

/// Which drafts are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// In this state.
    pub state: Option<String>,
    /// Of this event.
    pub event: Option<String>,
}

/// Drafts in the order in which they were made, after one.
pub fn page(conn: &mut Connection, of: &Of, after: i64, most: i64) -> Stored<Vec<DraftRow>> {
    let mut query = drafts::table.filter(drafts::id.gt(after)).into_boxed();
    if let Some(state) = &of.state {
        query = query.filter(drafts::state.eq(state.clone()));
    }
    if let Some(event) = &of.event {
        query = query.filter(drafts::event.eq(event.clone()));
    }
    Ok(query.order(drafts::id).limit(most).select(DraftRow::as_select()).load(conn)?)
}

/// Changes a draft, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &DraftRow) -> Stored<bool> {
    let own = drafts::table.find(row.id).filter(drafts::revision.eq(row.revision));
    let changed = diesel::update(own)
        .set((
            (
                drafts::event.eq(&row.event),
                drafts::kind.eq(&row.kind),
                drafts::severity.eq(&row.severity),
                drafts::title.eq(&row.title),
                drafts::starts_on.eq(row.starts_on),
                drafts::ends_on.eq(row.ends_on),
                drafts::areas.eq(&row.areas),
                drafts::left_over.eq(&row.left_over),
                drafts::said.eq(&row.said),
            ),
            drafts::state.eq(&row.state),
            drafts::declaration.eq(&row.declaration),
            drafts::edited_by.eq(&row.edited_by),
            drafts::decided_by.eq(&row.decided_by),
            drafts::reason.eq(&row.reason),
            drafts::changed_at.eq(row.changed_at),
            drafts::revision.eq(row.revision.saturating_add(1)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
