//! The outbox to subscribers: what they are told of channels.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::notices;
use super::{Connection, Stored};

/// A notice.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
pub struct NoticeRow {
    /// Its id.
    pub id: i64,
    /// To whom.
    pub subscriber: String,
    /// The channel.
    pub channel_id: i64,
    /// What happened to it: `channel.opened`.
    pub kind: String,
    /// What is sent.
    pub body: String,
    /// pending, sent or dead.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next.
    pub next_at: NaiveDateTime,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
}

/// Adds a notice.
pub fn add(conn: &mut Connection, row: &NoticeRow) -> Stored<()> {
    diesel::insert_into(notices::table).values(row).execute(conn)?;
    Ok(())
}

/// A notice.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<NoticeRow>> {
    Ok(notices::table.find(id).select(NoticeRow::as_select()).first(conn).optional()?)
}

/// Notices in the order of their ids, after one.
pub fn page(conn: &mut Connection, state: Option<&str>, after: i64, most: i64) -> Stored<Vec<NoticeRow>> {
    let mut query = notices::table.filter(notices::id.gt(after)).into_boxed();
    if let Some(state) = state {
        query = query.filter(notices::state.eq(state.to_owned()));
    }
    Ok(query.order(notices::id).limit(most).select(NoticeRow::as_select()).load(conn)?)
}

/// What a subscriber has to be told by now: of each channel in order, so that none looks open that was closed since.
pub fn due(conn: &mut Connection, subscriber: &str, now: NaiveDateTime, most: i64) -> Stored<Vec<NoticeRow>> {
    use diesel::dsl::{exists, not};
    let earlier = diesel::alias!(notices as earlier);
    let before = earlier
        .filter(earlier.field(notices::channel_id).eq(notices::channel_id))
        .filter(earlier.field(notices::subscriber).eq(notices::subscriber))
        .filter(earlier.field(notices::id).lt(notices::id))
        .filter(earlier.field(notices::state).eq_any(["pending", "dead"]));
    let found = notices::table
        .filter(notices::state.eq("pending"))
        .filter(notices::subscriber.eq(subscriber))
        .filter(notices::next_at.le(now))
        .filter(not(exists(before)))
        .order((notices::next_at, notices::id))
        .limit(most);
    Ok(found.select(NoticeRow::as_select()).load(conn)?)
}

/// Moves a notice on, if it still stands where it stood and is due at the same time; says whether it did.
pub fn advance(conn: &mut Connection, row: &NoticeRow, (from, due): (&str, NaiveDateTime)) -> Stored<bool> {
    let own = notices::table.find(row.id).filter(notices::state.eq(from)).filter(notices::next_at.eq(due));
    let changed = diesel::update(own)
        .set((
            notices::state.eq(&row.state),
            notices::attempts.eq(row.attempts),
            notices::next_at.eq(row.next_at),
            notices::failure.eq(&row.failure),
            notices::changed_at.eq(row.changed_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = notices::table.filter(notices::state.eq_any(states)).group_by(notices::state);
    Ok(found.select((notices::state, diesel::dsl::count_star())).load(conn)?)
}
