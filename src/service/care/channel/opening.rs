//! A channel is approved, opened, extended, stood down and closed by people.

use chrono::NaiveDate;
use serde_json::json;

use super::preparing::{in_effect, previews_of, standing};
use super::settings::Settings;
use crate::service::audit::Actor;
use crate::service::care::drafting::{kept, why};
use crate::service::{Served, Service, ServiceError};
use crate::store::channel::{self, ChannelRow};
use crate::store::{Connection, StoreError};

impl Service {
    /// Approves what is set, as a second person.
    ///
    /// # Errors
    /// It is not on standby, was set by the same person, or is no longer what was seen.
    pub fn approve_channel(&self, conn: &mut Connection, actor: &Actor, id: i64, digest: &str) -> Served<ChannelRow> {
        let mut row = standing(conn, id, &["standby"])?;
        same(&row, digest)?;
        if row.made_by == actor.person {
            let message = "you set this channel: somebody else approves it".to_owned();
            return Err(ServiceError::conflict("same_person", message));
        }
        row.approved_by = Some(actor.person.clone());
        self.keep_channel(conn, actor, row, "channel.approve", &json!({"digest": digest}))
    }

    /// Opens a channel as it was seen. Without its previews only with a reason.
    ///
    /// # Errors
    /// It is not on standby, is not what was seen, needs a second person or its previews, or what it is for or offers no longer
    /// holds.
    pub fn open_channel(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (digest, unseen): (&str, Option<&str>),
    ) -> Served<ChannelRow> {
        let mut row = standing(conn, id, &["standby"])?;
        same(&row, digest)?;
        if matches!(row.level.as_str(), "I" | "II") && row.approved_by.is_none() {
            let message = format!("level {} needs a second person: somebody else approves it first", row.level);
            return Err(ServiceError::conflict("second_person", message));
        }
        row.unseen = unseen.map(why).transpose()?;
        let previews = previews_of(conn, &row)?;
        let unready = previews.iter().find(|preview| preview.state != "done").filter(|_| row.unseen.is_none());
        if let Some(preview) = unready {
            let message = format!(
                "the preview of {} is {}: look at what it comes to, or say in without_preview why not",
                preview.policy, preview.state
            );
            return Err(ServiceError::conflict("not_previewed", message));
        }
        self.still_holds(conn, &row)?;
        let now = self.clock.now();
        row.state = "open".to_owned();
        row.opened_by = Some(actor.person.clone());
        row.opened_at = Some(now);
        let detail = json!({"digest": digest, "unseen": row.unseen.is_some()});
        let word = row.sms_word.clone();
        let opened = self.keep_channel(conn, actor, row, "channel.open", &detail).map_err(|error| match error {
            ServiceError::Store(StoreError::Duplicate(_)) => taken(&word),
            other => other,
        })?;
        self.publish(conn, &opened, "channel.opened")?;
        self.launch_campaign(conn, actor, &opened)?;
        Ok(opened)
    }

    /// Whether what a channel is for and offers is as it was when it was prepared.
    fn still_holds(&self, conn: &mut Connection, row: &ChannelRow) -> Served<()> {
        let settings: Settings = kept(&row.settings)?;
        let today = self.clock.today();
        let (declared, _) = self.declaration_in(conn, &row.declaration)?;
        if declared.state != "open" {
            let message = format!("{} was closed meanwhile", row.declaration);
            return Err(ServiceError::conflict("declaration_closed", message));
        }
        for slug in &settings.policies {
            if in_effect(conn, slug, today)?.is_none() {
                let message = format!("no version of {slug} is in effect any more: set the channel anew");
                return Err(ServiceError::conflict("policy_not_in_effect", message));
            }
        }
        if row.expires_on < today {
            let message = format!("its last day was {}: set the channel anew", row.expires_on);
            return Err(ServiceError::conflict("expired", message));
        }
        // A database that cannot say so by itself within a transaction is asked before.
        match channel::of_word(conn, &row.sms_word)? {
            Some(other) if other.id != row.id => Err(taken(&row.sms_word)),
            _ => Ok(()),
        }
    }

    /// Lets a channel go on until a later day; one that stands down opens again.
    ///
    /// # Errors
    /// It does not run, the day is not later, or no reason is given.
    pub fn extend_channel(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (until, reason): (NaiveDate, &str),
    ) -> Served<ChannelRow> {
        let mut row = standing(conn, id, &["open", "standing_down"])?;
        let least = if row.state == "open" { row.expires_on } else { self.clock.today() };
        if until <= least {
            let message = format!("a day after {least}, until which it goes on anyway");
            return Err(ServiceError::invalid("/expires_on", message));
        }
        row.reason = Some(why(reason)?);
        row.expires_on = until;
        row.kept_open_until = Some(until);
        row.state = "open".to_owned();
        row.standing_down_at = None;
        let extended = self.keep_channel(conn, actor, row, "channel.extend", &json!({"until": until}))?;
        self.publish(conn, &extended, "channel.extended")?;
        self.launch_campaign(conn, actor, &extended)?;
        Ok(extended)
    }

    /// Lets a channel stand down before its time.
    ///
    /// # Errors
    /// It is not open, or no reason is given.
    pub fn stand_channel_down(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        reason: &str,
    ) -> Served<ChannelRow> {
        let row = standing(conn, id, &["open"])?;
        let reason = why(reason)?;
        self.stand_down(conn, actor, row, reason)
    }

    /// Closes a channel at once; one on standby is given up.
    ///
    /// # Errors
    /// It is closed, or no reason is given.
    pub fn close_channel(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<ChannelRow> {
        let row = standing(conn, id, &["standby", "open", "standing_down"])?;
        let reason = why(reason)?;
        self.shut(conn, actor, row, reason)
    }

    pub(super) fn stand_down(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ChannelRow,
        reason: String,
    ) -> Served<ChannelRow> {
        row.state = "standing_down".to_owned();
        row.standing_down_at = Some(self.clock.now());
        row.kept_open_until = None;
        row.reason = Some(reason);
        let standing = self.keep_channel(conn, actor, row, "channel.stand_down", &json!({}))?;
        self.publish(conn, &standing, "channel.standing_down")?;
        self.end_campaigns(conn, &standing)?;
        Ok(standing)
    }

    pub(super) fn shut(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ChannelRow,
        reason: String,
    ) -> Served<ChannelRow> {
        let known = row.opened_at.is_some();
        row.state = "closed".to_owned();
        row.closed_at = Some(self.clock.now());
        row.reason = Some(reason);
        let closed = self.keep_channel(conn, actor, row, "channel.close", &json!({}))?;
        self.end_campaigns(conn, &closed)?;
        // Nobody was told of what was never open.
        if known {
            self.publish(conn, &closed, "channel.closed")?;
        }
        Ok(closed)
    }
}

fn same(row: &ChannelRow, digest: &str) -> Served<()> {
    if row.digest == digest {
        return Ok(());
    }
    let message = "the channel is set otherwise than you saw: look again".to_owned();
    Err(ServiceError::conflict("changed_meanwhile", message))
}

fn taken(word: &str) -> ServiceError {
    ServiceError::conflict("word_taken", format!("another open channel has the key word {word}: take another one"))
}
