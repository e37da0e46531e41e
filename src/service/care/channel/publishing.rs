//! Subscribers (the hotline's menu, the app, the website) are told what changed, and switch on what they show.

use chrono::{DateTime, NaiveDateTime};
use forbear_engine::text::Text;
use serde::Serialize;
use serde_json::json;

use super::preparing::named;
use super::settings::Settings;
use crate::core_system::webhook::Webhook;
use crate::service::audit::Actor;
use crate::service::care::drafting::{keep, kept};
use crate::service::outbox::{Outgoing, Post};
use crate::service::{Served, Service, ServiceError};
use crate::store::channel::ChannelRow;
use crate::store::notice::{self, NoticeRow};
use crate::store::{Connection, Stored, id};

/// What everybody may know of a channel.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The channel.
    pub channel: String,
    /// The declaration.
    pub declaration: String,
    /// The event.
    pub event: String,
    /// standby, open, standing_down or closed.
    pub state: String,
    /// The response level.
    pub level: String,
    /// How it is set.
    #[serde(flatten)]
    pub offered: Offered,
}

/// What a channel offers.
#[derive(Debug, Serialize)]
pub struct Offered {
    /// For whom, by region.
    pub regions: Vec<String>,
    /// When somebody answers.
    pub hours: super::hours::Hours,
    /// The number to call.
    pub hotline: String,
    /// The queue.
    pub queue: String,
    /// The key word.
    pub sms_word: String,
    /// What is shown.
    pub banner: Text,
    /// Minutes within which somebody answers.
    pub target_minutes: u32,
    /// The policies that are offered.
    pub policies: Vec<String>,
    /// The last day.
    pub expires_on: chrono::NaiveDate,
}

/// Notices that are sent at once.
const BATCH: i64 = 100;

impl Outgoing for NoticeRow {
    const NOUN: &'static str = "notice";

    fn id(&self) -> i64 {
        self.id
    }

    fn post(&mut self) -> Post<'_> {
        Post {
            state: &mut self.state,
            attempts: &mut self.attempts,
            next_at: &mut self.next_at,
            failure: &mut self.failure,
            changed_at: &mut self.changed_at,
        }
    }

    fn advance(&self, conn: &mut Connection, from: (&str, NaiveDateTime)) -> Stored<bool> {
        notice::advance(conn, self, from)
    }
}

impl Shown {
    /// Of a channel.
    ///
    /// # Errors
    /// What is kept was damaged.
    pub fn of(row: &ChannelRow) -> Served<Self> {
        let settings: Settings = kept(&row.settings)?;
        Ok(Self {
            channel: named(row.id),
            declaration: row.declaration.clone(),
            event: row.event.clone(),
            state: row.state.clone(),
            level: row.level.clone(),
            offered: Offered {
                regions: settings.regions,
                hours: settings.hours,
                hotline: settings.hotline,
                queue: settings.queue,
                sms_word: row.sms_word.clone(),
                banner: settings.banner,
                target_minutes: settings.target_minutes,
                policies: settings.policies,
                expires_on: row.expires_on,
            },
        })
    }
}

impl Service {
    /// Puts what happened to a channel into the outbox, once for each subscriber.
    pub(super) fn publish(&self, conn: &mut Connection, row: &ChannelRow, kind: &str) -> Served<()> {
        let now = self.clock.now();
        let at = DateTime::<chrono::Utc>::from_naive_utc_and_offset(now, chrono::Utc).to_rfc3339();
        for subscriber in &self.care.subscribers {
            let id = id::new_id();
            let body = json!({
                "notice": id::outside("notice", id), "kind": kind, "at": at, "channel": Shown::of(row)?,
                "reason": row.reason,
            });
            let notice = NoticeRow {
                id,
                subscriber: subscriber.clone(),
                channel_id: row.id,
                kind: kind.to_owned(),
                body: keep(&body)?,
                state: "pending".to_owned(),
                attempts: 0,
                next_at: now,
                failure: None,
                created_at: now,
                changed_at: now,
            };
            notice::add(conn, &notice)?;
        }
        Ok(())
    }

    /// Sends a subscriber what is due; says how much of it was taken.
    ///
    /// # Errors
    /// The store fails.
    pub fn deliver_notices(&self, subscriber: &str, to: &Webhook) -> Served<usize> {
        let due = self.store.read(|conn| notice::due(conn, subscriber, self.clock.now(), BATCH))?;
        self.hand_out(due, |row, at| to.send(&id::outside("notice", row.id), &row.body, at.and_utc().timestamp()))
    }

    /// Notices in the order in which they were made, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn notices(&self, state: Option<&str>, after: i64, most: i64) -> Served<Vec<NoticeRow>> {
        Ok(self.store.read(|conn| notice::page(conn, state, after, most))?)
    }

    /// Sends a notice again that could not be delivered.
    ///
    /// # Errors
    /// It is not dead.
    pub fn resend_notice(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<NoticeRow> {
        let mut row = notice::find(conn, id)?.ok_or(ServiceError::Missing("notice"))?;
        self.send_again(conn, actor, &mut row)?;
        Ok(row)
    }
}
