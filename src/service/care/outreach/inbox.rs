//! What one person was told: the messages that went out to them, in the words in which they went.

use std::collections::BTreeMap;

use super::template::Filled;
use crate::service::care::drafting::kept;
use crate::service::{Served, Service};
use crate::store::campaign;
use crate::store::message::{self, MessageRow};

/// A message that went out.
#[derive(Debug, Clone)]
pub struct Received {
    /// The message.
    pub row: MessageRow,
    /// What it said.
    pub text: String,
}

impl Service {
    /// The messages that went out to a person, the last first.
    ///
    /// # Errors
    /// The store fails.
    pub fn messages_to(&self, party: &str) -> Served<Vec<Received>> {
        self.store.read(|conn| {
            let rows = message::sent_to(conn, party)?;
            let campaigns: Vec<i64> = rows.iter().map(|row| row.campaign_id).collect();
            let mut texts: BTreeMap<i64, Filled> = BTreeMap::new();
            for row in campaign::some(conn, &campaigns)? {
                texts.insert(row.id, kept(&row.texts)?);
            }
            let said = |row: &MessageRow| texts.get(&row.campaign_id)?.get(&row.language)?.get(&row.variant).cloned();
            let received = |row: MessageRow| Received { text: said(&row).unwrap_or_default(), row };
            Ok(rows.into_iter().map(received).collect())
        })
    }
}
