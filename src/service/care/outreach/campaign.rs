//! Campaigns: what is told on an occasion of a channel. One is previewed while its channel is on standby, runs when that opens, and
//! ends with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::settings::Outreach;
use super::template::{Facts, Filled};
use crate::service::audit::{Actor, log};
use crate::service::care::channel::settings::Settings;
use crate::service::care::drafting::{keep, kept, why};
use crate::service::policy::changed;
use crate::service::{Served, Service, ServiceError};
use crate::store::campaign::{self, CampaignRow};
use crate::store::channel::ChannelRow;
use crate::store::{Connection, channel, id, message};

/// What was counted of an audience while it was gone through.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// People, each once.
    pub persons: u64,
    /// How many read what.
    pub languages: BTreeMap<String, u64>,
    /// How many have to ask, and how many were given something already.
    pub variants: BTreeMap<String, u64>,
    /// How many get no message, by reason.
    pub suppressed: BTreeMap<String, u64>,
}

/// The channel is no longer open.
pub(super) const CLOSED: &str = "channel_closed";
/// A person ended the campaign.
pub(super) const CANCELLED: &str = "cancelled";

impl Service {
    /// The lender's settings of outreach; none where nobody is told anything.
    pub(in crate::service) fn outreach(&self) -> Option<&Outreach> {
        self.care.outreach.as_deref()
    }

    /// Begins to count whom a channel on standby would tell, anew where it was set otherwise.
    pub(in crate::service) fn preview_campaign(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        of: &ChannelRow,
    ) -> Served<()> {
        let Some(outreach) = self.outreach() else { return Ok(()) };
        let texts = keep(&self.texts(conn, outreach, of, "opening")?)?;
        match campaign::of_channel(conn, of.id)?.into_iter().find(|row| row.kind == "opening") {
            Some(known) => self.begin_anew(conn, CampaignRow { texts, ..known }, "preview"),
            None => self.add_campaign(conn, actor, of, ("opening", "preview", texts)).map(|_| ()),
        }
    }

    /// Begins to tell people that a channel is open; of one that opens again what was not sent is sent.
    pub(in crate::service) fn launch_campaign(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        of: &ChannelRow,
    ) -> Served<()> {
        let Some(outreach) = self.outreach() else { return Ok(()) };
        let known = campaign::of_channel(conn, of.id)?;
        if !known.iter().any(|row| row.kind == "opening") {
            let texts = keep(&self.texts(conn, outreach, of, "opening")?)?;
            self.add_campaign(conn, actor, of, ("opening", "running", texts))?;
        }
        for row in known {
            // The last day may be another one now.
            let texts = keep(&self.texts(conn, outreach, of, &row.kind)?)?;
            let row = CampaignRow { texts, ..row };
            match (row.state.as_str(), row.reason.as_deref()) {
                ("preview", _) => self.begin_anew(conn, row, "running")?,
                ("cancelled", Some(CLOSED)) => {
                    message::revive(conn, row.id, CLOSED, self.clock.now())?;
                    self.keep_campaign(conn, CampaignRow { state: "running".to_owned(), reason: None, ..row })?;
                }
                _ => drop(self.keep_campaign(conn, row)?),
            }
        }
        Ok(())
    }

    /// Ends what a channel tells: it is no longer open.
    pub(in crate::service) fn end_campaigns(&self, conn: &mut Connection, of: &ChannelRow) -> Served<()> {
        for row in campaign::of_channel(conn, of.id)? {
            if row.state != "cancelled" {
                self.end_campaign(conn, row, CLOSED)?;
            }
        }
        Ok(())
    }

    fn end_campaign(&self, conn: &mut Connection, row: CampaignRow, reason: &str) -> Served<CampaignRow> {
        let (state, reason) = ("cancelled".to_owned(), reason.to_owned());
        let ended =
            self.keep_campaign(conn, CampaignRow { state, reason: Some(reason.clone()), run_until: None, ..row })?;
        message::suppress(conn, ended.id, &reason, self.clock.now())?;
        Ok(ended)
    }

    /// Stops what a channel tells until somebody lets it go on, lets it go on, or ends it: what was sent stays sent. Said again it
    /// changes nothing.
    ///
    /// # Errors
    /// The channel tells nothing, or what it tells has ended.
    pub fn steer_campaigns(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (of, steer, reason): (i64, Steer, Option<&str>),
    ) -> Served<Vec<CampaignRow>> {
        channel::find(conn, of)?.ok_or(ServiceError::Missing("channel"))?;
        let reason = reason.map(why).transpose()?;
        let mut moved = false;
        let rows = campaign::of_channel(conn, of)?;
        for row in rows.iter().cloned() {
            let (from, to) = steer.states();
            if !from.contains(&row.state.as_str()) {
                continue;
            }
            moved = true;
            if steer == Steer::Cancel {
                self.end_campaign(conn, row, CANCELLED)?;
            } else {
                self.keep_campaign(conn, CampaignRow { state: to.to_owned(), run_until: None, ..row })?;
            }
        }
        let stands = rows.iter().any(|row| row.state == steer.states().1);
        if !moved && !stands {
            let message = "the channel tells nothing that this could be said of".to_owned();
            return Err(ServiceError::conflict("wrong_state", message));
        }
        if moved {
            let detail = json!({"reason": reason});
            log(conn, self.clock.now(), actor, steer.verb(), &id::outside("channel", of), &detail)?;
        }
        Ok(campaign::of_channel(conn, of)?)
    }

    /// What is said on an occasion of a channel.
    pub(super) fn texts(
        &self,
        conn: &mut Connection,
        outreach: &Outreach,
        of: &ChannelRow,
        kind: &str,
    ) -> Served<Filled> {
        let settings: Settings = kept(&of.settings)?;
        let (_, document) = self.declaration_in(conn, &of.declaration)?;
        let facts = Facts {
            event: document.title.clone(),
            hotline: settings.hotline,
            word: settings.sms_word.trim().to_owned(),
            apply_by: of.expires_on,
        };
        Ok(outreach.templates.fill(kind, &facts))
    }

    pub(super) fn add_campaign(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        of: &ChannelRow,
        (kind, state, texts): (&str, &str, String),
    ) -> Served<CampaignRow> {
        let now = self.clock.now();
        let row = CampaignRow {
            id: id::new_id(),
            channel_id: of.id,
            event: of.event.clone(),
            kind: kind.to_owned(),
            state: state.to_owned(),
            texts,
            after_party: String::new(),
            tally: keep(&Tally::default())?,
            built_at: None,
            run_until: None,
            reason: None,
            made_by: actor.id.clone(),
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        campaign::add(conn, &row)?;
        Ok(row)
    }

    fn begin_anew(&self, conn: &mut Connection, row: CampaignRow, state: &str) -> Served<()> {
        let row = CampaignRow {
            state: state.to_owned(),
            after_party: String::new(),
            tally: keep(&Tally::default())?,
            built_at: None,
            run_until: None,
            ..row
        };
        self.keep_campaign(conn, row).map(|_| ())
    }

    /// Keeps a changed campaign.
    pub(super) fn keep_campaign(&self, conn: &mut Connection, mut row: CampaignRow) -> Served<CampaignRow> {
        row.changed_at = self.clock.now();
        changed(campaign::update(conn, &row)?)?;
        row.revision = row.revision.saturating_add(1);
        Ok(row)
    }
}

/// What a person does with what a channel tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    /// Stops it for a while.
    Pause,
    /// Lets it go on.
    Resume,
    /// Ends it.
    Cancel,
}

impl Steer {
    /// From which states it leads, and where to.
    const fn states(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Pause => (&["running"], "paused"),
            Self::Resume => (&["paused"], "running"),
            Self::Cancel => (&["running", "paused", "preview"], "cancelled"),
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Pause => "outreach.pause",
            Self::Resume => "outreach.resume",
            Self::Cancel => "outreach.cancel",
        }
    }
}
