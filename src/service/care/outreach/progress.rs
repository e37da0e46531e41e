//! How far a campaign is: whom it is for, what they are told, how many have it.

use std::collections::BTreeMap;

use super::campaign::Tally;
use super::template::Filled;
use crate::service::audit::Actor;
use crate::service::care::drafting::kept;
use crate::service::{Served, Service, ServiceError};
use crate::store::campaign::{self, CampaignRow};
use crate::store::message::{self, MessageRow};
use crate::store::{Connection, channel};

/// A campaign with what it came to.
#[derive(Debug, Clone)]
pub struct Progress {
    /// It.
    pub row: CampaignRow,
    /// Its audience, as far as it was gone through.
    pub tally: Tally,
    /// What is said.
    pub texts: Filled,
    /// Messages by state; none before it runs.
    pub states: BTreeMap<String, i64>,
    /// Those that are suppressed, by reason.
    pub suppressed: BTreeMap<String, i64>,
}

impl Service {
    /// What a channel tells people, and how far it is.
    ///
    /// # Errors
    /// There is no such channel.
    pub fn outreach_of(&self, of: i64) -> Served<Vec<Progress>> {
        self.store.read(|conn| self.outreach_in(conn, of))
    }

    /// The same in a transaction.
    ///
    /// # Errors
    /// As [`Service::outreach_of`].
    pub fn outreach_in(&self, conn: &mut Connection, of: i64) -> Served<Vec<Progress>> {
        channel::find(conn, of)?.ok_or(ServiceError::Missing("channel"))?;
        campaign::of_channel(conn, of)?.into_iter().map(|row| progress(conn, row)).collect()
    }

    /// Messages of a channel's campaigns, in the order in which they were made, after one.
    ///
    /// # Errors
    /// There is no such channel.
    pub fn messages(&self, of: i64, state: Option<&str>, (after, most): (i64, i64)) -> Served<Vec<MessageRow>> {
        self.store.read(|conn| {
            channel::find(conn, of)?.ok_or(ServiceError::Missing("channel"))?;
            Ok(message::of_channel(conn, of, state, (after, most))?)
        })
    }

    /// Sends a message again that could not be delivered.
    ///
    /// # Errors
    /// It did not fail.
    pub fn resend_message(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<MessageRow> {
        let mut row = message::find(conn, id)?.ok_or(ServiceError::Missing("message"))?;
        row.reason = None;
        row.sent_at = None;
        self.send_again(conn, actor, &mut row)?;
        Ok(row)
    }
}

fn progress(conn: &mut Connection, row: CampaignRow) -> Served<Progress> {
    let mut states: BTreeMap<String, i64> = BTreeMap::new();
    let mut suppressed = BTreeMap::new();
    for (state, reason, count) in message::counts(conn, row.id)? {
        if let Some(reason) = reason.filter(|_| state == "suppressed") {
            suppressed.insert(reason, count);
        }
        let sum = states.entry(state).or_default();
        *sum = sum.saturating_add(count);
    }
    Ok(Progress { tally: kept(&row.tally)?, texts: kept(&row.texts)?, row, states, suppressed })
}
