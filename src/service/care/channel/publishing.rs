//! Subscribers (the hotline's menu, the app, the website) are told what changed, and switch on what they show.

use chrono::DateTime;
use forbear_engine::text::Text;
use serde::Serialize;
use serde_json::json;

use super::preparing::named;
use super::settings::Settings;
use crate::core_system::webhook::Webhook;
use crate::service::audit::{Actor, log};
use crate::service::care::drafting::{keep, kept};
use crate::service::relief::deliver::{ATTEMPTS, later};
use crate::service::{Served, Service, ServiceError};
use crate::store::channel::ChannelRow;
use crate::store::notice::{self, NoticeRow};
use crate::store::{Connection, id};

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
        let mut delivered = 0_usize;
        for row in due {
            let now = self.clock.now();
            let sent = to.send(&id::outside("notice", row.id), &row.body, now.and_utc().timestamp());
            delivered = delivered.saturating_add(usize::from(sent.is_ok()));
            self.store.write(|conn| self.noticed(conn, row.clone(), sent.as_ref().err()))?;
        }
        Ok(delivered)
    }

    fn noticed(&self, conn: &mut Connection, mut row: NoticeRow, failure: Option<&String>) -> Served<()> {
        let now = self.clock.now();
        row.attempts = row.attempts.saturating_add(1);
        row.failure = failure.cloned();
        row.changed_at = now;
        row.state = match failure {
            None => "sent",
            Some(_) if row.attempts >= ATTEMPTS => "dead",
            Some(_) => "pending",
        }
        .to_owned();
        row.next_at = now.checked_add_signed(later(row.attempts)).unwrap_or(now);
        notice::advance(conn, &row, "pending")?;
        if row.state == "dead" {
            let object = id::outside("notice", row.id);
            tracing::error!(notice = %object, subscriber = row.subscriber, failure = ?row.failure, "a notice cannot be delivered");
            log(conn, now, &Actor::system(), "notice.dead", &object, &json!({"failure": row.failure}))?;
        }
        Ok(())
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
        if row.state != "dead" {
            let message = format!("the notice is {}: only what could not be delivered is sent again", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let now = self.clock.now();
        (row.state, row.attempts, row.next_at, row.changed_at) = ("pending".to_owned(), 0, now, now);
        crate::service::policy::changed(notice::advance(conn, &row, "dead")?)?;
        log(conn, now, actor, "notice.resend", &id::outside("notice", id), &json!({}))?;
        Ok(row)
    }
}
