//! Messages that came in, and what was asked of phones.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{sms_dialogues, sms_messages};
use super::{Connection, Stored};

/// A message that came in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sms_messages, treat_none_as_default_value = false)]
pub struct MessageRow {
    /// The keyed index of the gateway's id.
    pub message_index: String,
    /// The keyed index of what it said, and from whom.
    pub content_index: String,
    /// The keyed index of the phone.
    pub sender_index: String,
    /// What it was taken for.
    pub understood: String,
    /// The case that it belongs to.
    pub case_id: Option<i64>,
    /// What was answered.
    pub reply: Option<String>,
    /// When it came.
    pub at: NaiveDateTime,
}

/// What was asked of a phone.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sms_dialogues, treat_none_as_default_value = false)]
pub struct DialogueRow {
    /// The keyed index of the phone.
    pub sender_index: String,
    /// The person.
    pub party: String,
    /// What is expected.
    pub expects: String,
    /// An answer counts until then.
    pub until: NaiveDateTime,
}

/// Adds a message.
pub fn add(conn: &mut Connection, row: &MessageRow) -> Stored<()> {
    diesel::insert_into(sms_messages::table).values(row).execute(conn)?;
    Ok(())
}

/// A message that came in, by the indexes of its id.
pub fn find(conn: &mut Connection, indexes: &[String]) -> Stored<Option<MessageRow>> {
    let found = sms_messages::table.filter(sms_messages::message_index.eq_any(indexes));
    Ok(found.select(MessageRow::as_select()).first(conn).optional()?)
}

/// How many came from a phone since a moment.
pub fn since(conn: &mut Connection, sender: &[String], from: NaiveDateTime) -> Stored<i64> {
    let found = sms_messages::table.filter(sms_messages::sender_index.eq_any(sender)).filter(sms_messages::at.gt(from));
    Ok(found.count().get_result(conn)?)
}

/// Forgets messages that came earlier, and questions that count no more; says how many.
pub fn forget(conn: &mut Connection, before: NaiveDateTime, now: NaiveDateTime) -> Stored<usize> {
    let messages = diesel::delete(sms_messages::table.filter(sms_messages::at.lt(before))).execute(conn)?;
    let dialogues = diesel::delete(sms_dialogues::table.filter(sms_dialogues::until.lt(now))).execute(conn)?;
    Ok(messages.saturating_add(dialogues))
}

/// What was asked of a phone.
pub fn dialogue(conn: &mut Connection, sender: &[String]) -> Stored<Option<DialogueRow>> {
    let found = sms_dialogues::table.filter(sms_dialogues::sender_index.eq_any(sender));
    Ok(found.select(DialogueRow::as_select()).first(conn).optional()?)
}

/// Keeps what is asked of a phone, in place of what was; none: nothing is.
pub fn expect(conn: &mut Connection, sender: &[String], row: Option<&DialogueRow>) -> Stored<()> {
    diesel::delete(sms_dialogues::table.filter(sms_dialogues::sender_index.eq_any(sender))).execute(conn)?;
    if let Some(row) = row {
        diesel::insert_into(sms_dialogues::table).values(row).execute(conn)?;
    }
    Ok(())
}
