//! Alerts as they are read, before anything is kept: which are known already, which are refused, and where the others lie.
//! Laying outlines over counties takes a while, and needs no transaction.

use std::collections::BTreeMap;

use forbear_engine::digest::digest;
use forbear_engine::region::RegionTree;
use serde_json::{Value, json};

use crate::feed::alert::{Alert, Format, Refusal};
use crate::feed::batch;
use crate::feed::place::{By, place};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, alert};

/// What is taken from a feed.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Alerts of these senders only; of any where none is named.
    pub senders: Vec<String>,
    /// Alerts of this format only.
    pub format: Option<Format>,
    /// Each is looked at as if it had just been sent: for drills over what was kept.
    pub as_sent: bool,
}

/// What a file came to.
#[derive(Debug, Default)]
pub struct Reading {
    /// Its alerts, in order.
    pub alerts: Vec<Read>,
    /// What is refused.
    pub refused: Vec<Refused>,
    /// How many are known already.
    pub repeated: u64,
    /// How many tell of no disaster.
    pub slight: u64,
}

/// An alert that was read, with where it lies.
#[derive(Debug)]
pub struct Read {
    /// What it says.
    pub alert: Alert,
    /// The sender's name for this message.
    pub name: String,
    /// What the sender calls the catastrophe, with the format before it: names of two formats never meet.
    pub incident: String,
    /// The digest of what it says.
    pub digest: String,
    /// Its regions, by code.
    pub regions: Vec<String>,
    /// What could not be matched.
    pub left: Vec<String>,
    /// Both as they are kept: regions with how each was found.
    pub placed: Value,
}

/// An alert that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Who sent it, where that could be read.
    pub sender: Option<String>,
    /// The sender's name for it, likewise.
    pub identifier: Option<String>,
    /// Why.
    pub refusal: Refusal,
}

/// The longest name of a sender, message or incident.
const LONGEST: usize = 200;

impl Service {
    /// Reads a file of alerts.
    ///
    /// # Errors
    /// The store fails. What is wrong with the file is in the answer.
    pub fn read_alerts(&self, bytes: &[u8], trust: &Trust) -> Served<Reading> {
        let mut reading = Reading::default();
        let batch = match batch::read(bytes) {
            Ok(batch) => batch,
            Err(refusal) => return Ok(reading.refusing(None, None, refusal)),
        };
        if let Some(expected) = trust.format.filter(|format| *format != batch.format) {
            let found = batch.format.name();
            let refusal = Refusal::value("the file's format", found, expected.name());
            return Ok(reading.refusing(None, None, refusal));
        }
        reading.slight = u64::try_from(batch.slight).unwrap_or(u64::MAX);
        for alert in batch.alerts {
            match alert {
                Ok(alert) => self.read_alert(alert, trust, &mut reading)?,
                Err(refusal) => reading = reading.refusing(None, None, refusal),
            }
        }
        Ok(reading)
    }

    fn read_alert(&self, alert: Alert, trust: &Trust, reading: &mut Reading) -> Served<()> {
        let name = name_of(&alert);
        let digest = digest(&alert).ok_or_else(|| ServiceError::unknown("an alert has no canonical form"))?;
        let known = self.store.read(|conn: &mut Connection| alert::find(conn, &alert.sender, &name))?;
        if known.is_some_and(|known| known.digest == digest) {
            reading.repeated = reading.repeated.saturating_add(1);
            return Ok(());
        }
        let now = if trust.as_sent { alert.sent } else { self.clock.now().and_utc() };
        let found = short(&alert, &name).and_then(|()| alert.check(now, &trust.senders)).and_then(|()| place(&alert));
        let placed = match found {
            Ok(placed) => placed,
            Err(refusal) => {
                let refused = Refused { sender: Some(cut(&alert.sender)), identifier: Some(cut(&name)), refusal };
                reading.refused.push(refused);
                return Ok(());
            }
        };
        let tree = RegionTree::builtin();
        let by: BTreeMap<&str, Value> =
            placed.regions.iter().map(|(region, by)| (tree.code(*region), how(by))).collect();
        let regions = by.keys().map(|code| (*code).to_owned()).collect();
        let incident = alert.incident.as_ref().unwrap_or(&name);
        let incident = format!("{}:{incident}", alert.format.name());
        let placed_as = json!({"regions": by, "left": placed.left});
        reading.alerts.push(Read { name, incident, digest, regions, left: placed.left, placed: placed_as, alert });
        Ok(())
    }
}

impl Reading {
    fn refusing(mut self, sender: Option<String>, identifier: Option<String>, refusal: Refusal) -> Self {
        self.refused.push(Refused { sender, identifier, refusal });
        self
    }
}

/// The sender's name for a message. An earthquake keeps its name when it is told anew with better figures: the time at
/// which it was updated tells the messages apart.
fn name_of(alert: &Alert) -> String {
    match alert.format {
        Format::Usgs => format!("{}@{}", alert.identifier, alert.sent.timestamp_millis()),
        Format::Cap | Format::Nws | Format::OpenFema => alert.identifier.clone(),
    }
}

/// Whether its names are of a length that can be kept.
fn short(alert: &Alert, name: &str) -> Result<(), Refusal> {
    let fits = |text: &str| (1..=LONGEST).contains(&text.chars().count());
    let incident = alert.incident.as_deref().unwrap_or(name);
    let names = [("sender", alert.sender.as_str()), ("identifier", name), ("incidents", incident)];
    names.into_iter().find(|(_, text)| !fits(text)).map_or(Ok(()), |(field, _)| Err(Refusal::TooLong(field)))
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[allow(clippy::float_arithmetic, clippy::disallowed_types, reason = "a share of a region, never money")]
fn how(by: &By) -> Value {
    match by {
        By::Code { system, code } => json!({"by": "code", "system": system, "code": code}),
        By::Outline(share) => json!({"by": "outline", "percent": (share * 100.0).round()}),
    }
}
