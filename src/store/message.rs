//! Messages to people: one for each occasion and person.

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::prepared::{run, run_on};
use super::schema::{campaigns, messages};
use super::{Connection, Stored};

/// A message. It holds no text and no phone: both are looked up when it goes out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub struct MessageRow {
    /// Its id.
    pub id: i64,
    /// The campaign.
    pub campaign_id: i64,
    /// The channel.
    pub channel_id: i64,
    /// The event.
    pub event: String,
    /// opening or reminder.
    pub kind: String,
    /// To whom: the lender's number for the person.
    pub party: String,
    /// What they read.
    pub language: String,
    /// Which text: ask or given.
    pub variant: String,
    /// queued, sent, delivered, failed or suppressed.
    pub state: String,
    /// Why it was suppressed, or what the gateway said of a failure.
    pub reason: Option<String>,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next; while it is being sent, until when that may take.
    pub next_at: NaiveDateTime,
    /// Whether somebody is sending it.
    pub sending: bool,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// When the gateway took it.
    pub sent_at: Option<NaiveDateTime>,
    /// When the phone had it.
    pub delivered_at: Option<NaiveDateTime>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
}

/// Adds messages; who has one of that occasion gets no second. Says how many there were.
pub fn add(conn: &mut Connection, rows: &[MessageRow]) -> Stored<usize> {
    let mut added = 0_usize;
    match conn {
        // 18 columns each: PostgreSQL takes 65,535 values in one statement.
        Connection::Postgres(own) => {
            for some in rows.chunks(1_000) {
                let insert = diesel::insert_into(messages::table).values(some).on_conflict_do_nothing();
                added = added.saturating_add(insert.execute(own)?);
            }
        }
        Connection::Sqlite(own) => {
            for row in rows {
                let insert = diesel::insert_into(messages::table).values(row).on_conflict_do_nothing();
                added = added.saturating_add(run_on!(own, insert)?);
            }
        }
    }
    Ok(added)
}

/// A message.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<MessageRow>> {
    Ok(messages::table.find(id).select(MessageRow::as_select()).first(conn).optional()?)
}

/// Messages that are due and whose campaign runs, the longest due first.
pub fn due(conn: &mut Connection, now: NaiveDateTime, most: i64) -> Stored<Vec<MessageRow>> {
    // Said by what is left out, so that they are found in their order however many wait.
    let idle = campaigns::table.filter(campaigns::state.ne("running")).select(campaigns::id);
    let found = messages::table
        .filter(messages::state.eq("queued"))
        .filter(messages::next_at.le(now))
        .filter(messages::campaign_id.ne_all(idle))
        .order((messages::next_at, messages::id))
        .limit(most);
    Ok(found.select(MessageRow::as_select()).load(conn)?)
}

/// Changes a message, if it still is in this state and due at this time; says whether it did.
pub fn advance(conn: &mut Connection, row: &MessageRow, (state, due): (&str, NaiveDateTime)) -> Stored<bool> {
    let own = messages::table.find(row.id).filter(messages::state.eq(state)).filter(messages::next_at.eq(due));
    let changed = run!(
        conn,
        diesel::update(own).set((
            messages::state.eq(&row.state),
            messages::reason.eq(&row.reason),
            messages::attempts.eq(row.attempts),
            messages::next_at.eq(row.next_at),
            messages::sending.eq(row.sending),
            messages::failure.eq(&row.failure),
            messages::sent_at.eq(row.sent_at),
            messages::delivered_at.eq(row.delivered_at),
            messages::changed_at.eq(row.changed_at),
        ))
    )?;
    Ok(changed == 1)
}

/// The messages of some people. Found by whose they are alone: a person has few, and so many may stand in one state that an index
/// of states leads astray.
fn of_parties(conn: &mut Connection, parties: &[String]) -> Stored<Vec<MessageRow>> {
    let found = messages::table.filter(messages::party.eq_any(parties));
    Ok(found.select(MessageRow::as_select()).load(conn)?)
}

/// What went out to a person, the last first.
pub fn sent_to(conn: &mut Connection, party: &str) -> Stored<Vec<MessageRow>> {
    let mut rows = of_parties(conn, std::slice::from_ref(&party.to_owned()))?;
    rows.retain(|row| row.sent_at.is_some());
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.sent_at, row.id)));
    Ok(rows)
}

/// When each of some people was sent messages since a moment; those that are being sent at this one count.
pub fn sent_since(
    conn: &mut Connection,
    parties: &[String],
    since: NaiveDateTime,
    now: NaiveDateTime,
) -> Stored<Vec<(String, NaiveDateTime)>> {
    let rows = of_parties(conn, parties)?.into_iter();
    let at = |row: &MessageRow| match row.sent_at {
        Some(at) => (at > since).then_some(at),
        None => (row.state == "queued" && row.sending && row.next_at > now).then_some(now),
    };
    Ok(rows.filter_map(|row| at(&row).map(|at| (row.party, at))).collect())
}

/// Those of some people who have a message of an event that is not of this channel and did not come to nothing.
pub fn told_of(conn: &mut Connection, (event, channel): (&str, i64), parties: &[String]) -> Stored<Vec<String>> {
    let told = |row: &MessageRow| matches!(row.state.as_str(), "queued" | "sent" | "delivered");
    let other = |row: &MessageRow| row.event == event && row.channel_id != channel && told(row);
    Ok(of_parties(conn, parties)?.into_iter().filter(other).map(|row| row.party).collect())
}

/// Those of some people whom a message of a channel and kind reached.
pub fn reached(conn: &mut Connection, (channel, kind): (i64, &str), parties: &[String]) -> Stored<Vec<String>> {
    let arrived = |row: &MessageRow| matches!(row.state.as_str(), "sent" | "delivered");
    let own = |row: &MessageRow| row.channel_id == channel && row.kind == kind && arrived(row);
    Ok(of_parties(conn, parties)?.into_iter().filter(own).map(|row| row.party).collect())
}

/// Messages of a channel and kind to people after one, in their order.
pub fn of_people(
    conn: &mut Connection,
    (channel, kind): (i64, &str),
    after: &str,
    most: i64,
) -> Stored<Vec<MessageRow>> {
    let found = messages::table
        .filter(messages::channel_id.eq(channel).and(messages::kind.eq(kind)).and(messages::party.gt(after)))
        .order(messages::party)
        .limit(most);
    Ok(found.select(MessageRow::as_select()).load(conn)?)
}

/// Messages of a channel in the order of their ids, after one, with the state, where one is wanted.
pub fn of_channel(
    conn: &mut Connection,
    channel: i64,
    state: Option<&str>,
    (after, most): (i64, i64),
) -> Stored<Vec<MessageRow>> {
    let mut query = messages::table.filter(messages::channel_id.eq(channel).and(messages::id.gt(after))).into_boxed();
    if let Some(state) = state {
        query = query.filter(messages::state.eq(state.to_owned()));
    }
    Ok(query.order(messages::id).limit(most).select(MessageRow::as_select()).load(conn)?)
}

/// How many messages of a campaign stand where, and why.
pub fn counts(conn: &mut Connection, campaign: i64) -> Stored<Vec<(String, Option<String>, i64)>> {
    let found = messages::table
        .filter(messages::campaign_id.eq(campaign))
        .group_by((messages::state, messages::reason))
        .select((messages::state, messages::reason, count_star()));
    Ok(found.load(conn)?)
}

/// How many there are in each of some states; a state without any is left out.
pub fn standing(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = messages::table.filter(messages::state.eq_any(states)).group_by(messages::state);
    Ok(found.select((messages::state, count_star())).load(conn)?)
}

/// Suppresses what waits of a campaign, unless it is being sent; says how many that were.
pub fn suppress(conn: &mut Connection, campaign: i64, reason: &str, now: NaiveDateTime) -> Stored<usize> {
    let waiting = messages::table
        .filter(messages::campaign_id.eq(campaign))
        .filter(messages::state.eq("queued"))
        .filter(messages::sending.eq(false).or(messages::next_at.le(now)));
    let changed = diesel::update(waiting).set((
        messages::state.eq("suppressed"),
        messages::reason.eq(reason),
        messages::sending.eq(false),
        messages::changed_at.eq(now),
    ));
    Ok(run!(conn, changed)?)
}

/// The same of one person, whatever the campaign.
pub fn suppress_person(conn: &mut Connection, party: &str, reason: &str, now: NaiveDateTime) -> Stored<usize> {
    let mut ended = 0_usize;
    for row in of_parties(conn, std::slice::from_ref(&party.to_owned()))? {
        if row.state == "queued" && (!row.sending || row.next_at <= now) {
            let (state, due) = (row.state.clone(), row.next_at);
            let reason = Some(reason.to_owned());
            let own = MessageRow { state: "suppressed".to_owned(), reason, sending: false, changed_at: now, ..row };
            ended = ended.saturating_add(usize::from(advance(conn, &own, (&state, due))?));
        }
    }
    Ok(ended)
}

/// Queues again what was suppressed for a reason; says how many that were.
pub fn revive(conn: &mut Connection, campaign: i64, reason: &str, now: NaiveDateTime) -> Stored<usize> {
    let ended = messages::table
        .filter(messages::campaign_id.eq(campaign))
        .filter(messages::state.eq("suppressed").and(messages::reason.eq(reason)));
    let changed = diesel::update(ended).set((
        messages::state.eq("queued"),
        messages::reason.eq(None::<String>),
        messages::next_at.eq(now),
        messages::changed_at.eq(now),
    ));
    Ok(run!(conn, changed)?)
}

/// Whether anybody was ever sent one.
pub fn any(conn: &mut Connection) -> Stored<bool> {
    Ok(messages::table.select(messages::id).first::<i64>(conn).optional()?.is_some())
}
