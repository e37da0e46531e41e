//! Emergency channels.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::channels;
use super::{Connection, Stored};

/// A channel.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = channels, treat_none_as_default_value = false)]
pub struct ChannelRow {
    /// Its id.
    pub id: i64,
    /// The declaration.
    pub declaration: String,
    /// The event.
    pub event: String,
    /// The response level.
    pub level: String,
    /// The key word.
    pub sms_word: String,
    /// How it is set, in full.
    pub settings: String,
    /// The digest of that.
    pub digest: String,
    /// Its previews: policy, version, id.
    pub previews: String,
    /// standby, open, standing_down or closed.
    pub state: String,
    /// Who set it last.
    pub made_by: String,
    /// The second person.
    pub approved_by: Option<String>,
    /// Who opened it.
    pub opened_by: Option<String>,
    /// Why it was opened before its previews were there.
    pub unseen: Option<String>,
    /// Why it last changed its state or its end.
    pub reason: Option<String>,
    /// When the first alert behind its declaration came.
    pub alerted_at: Option<NaiveDateTime>,
    /// When it was opened.
    pub opened_at: Option<NaiveDateTime>,
    /// When it began to stand down.
    pub standing_down_at: Option<NaiveDateTime>,
    /// When it was closed.
    pub closed_at: Option<NaiveDateTime>,
    /// Its last day.
    pub expires_on: NaiveDate,
    /// It does not stand down by itself before this day has passed.
    pub kept_open_until: Option<NaiveDate>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a channel.
pub fn add(conn: &mut Connection, row: &ChannelRow) -> Stored<()> {
    diesel::insert_into(channels::table).values(row).execute(conn)?;
    Ok(())
}

/// A channel.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<ChannelRow>> {
    Ok(channels::table.find(id).select(ChannelRow::as_select()).first(conn).optional()?)
}

/// Which channels are wanted; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// In this state.
    pub state: Option<String>,
    /// For this declaration.
    pub declaration: Option<String>,
}

/// Channels in the order in which they were made, after one.
pub fn page(conn: &mut Connection, of: &Of, after: i64, most: i64) -> Stored<Vec<ChannelRow>> {
    let mut query = channels::table.filter(channels::id.gt(after)).into_boxed();
    if let Some(state) = &of.state {
        query = query.filter(channels::state.eq(state.clone()));
    }
    if let Some(declaration) = &of.declaration {
        query = query.filter(channels::declaration.eq(declaration.clone()));
    }
    Ok(query.order(channels::id).limit(most).select(ChannelRow::as_select()).load(conn)?)
}

/// Those that may change by themselves.
pub fn running(conn: &mut Connection) -> Stored<Vec<ChannelRow>> {
    let found = channels::table.filter(channels::state.eq_any(["open", "standing_down"])).order(channels::id);
    Ok(found.select(ChannelRow::as_select()).load(conn)?)
}

/// The channel that a key word leads to.
pub fn of_word(conn: &mut Connection, word: &str) -> Stored<Option<ChannelRow>> {
    let found =
        channels::table.filter(channels::sms_word.eq(word)).filter(channels::state.eq_any(["open", "standing_down"]));
    Ok(found.select(ChannelRow::as_select()).first(conn).optional()?)
}

/// Changes a channel, if it still is as it was; says whether it did. A second open one with its key word is a duplicate.
pub fn update(conn: &mut Connection, row: &ChannelRow) -> Stored<bool> {
    let own = channels::table.find(row.id).filter(channels::revision.eq(row.revision));
    let changed = diesel::update(own)
        .set((
            (
                channels::level.eq(&row.level),
                channels::sms_word.eq(&row.sms_word),
                channels::settings.eq(&row.settings),
                channels::digest.eq(&row.digest),
                channels::previews.eq(&row.previews),
                channels::expires_on.eq(row.expires_on),
                channels::kept_open_until.eq(row.kept_open_until),
            ),
            channels::state.eq(&row.state),
            channels::made_by.eq(&row.made_by),
            channels::approved_by.eq(&row.approved_by),
            channels::opened_by.eq(&row.opened_by),
            channels::unseen.eq(&row.unseen),
            channels::reason.eq(&row.reason),
            channels::alerted_at.eq(row.alerted_at),
            channels::opened_at.eq(row.opened_at),
            channels::standing_down_at.eq(row.standing_down_at),
            channels::closed_at.eq(row.closed_at),
            channels::changed_at.eq(row.changed_at),
            channels::revision.eq(row.revision.saturating_add(1)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
