//! Alerts are taken in: each once, from its own sender alone, into the draft of its incident.

use forbear_engine::digest::digest;
use serde_json::json;

use super::drafting::{self, Said, apply, area, keep, kept, named, title};
use super::gathering::{Gathered, mark};
use super::reading::{Read, Reading, Refused, Trust};
use crate::feed::alert::{Format, Message, Refusal};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::alert::{self, AlertRow, RefusalRow};
use crate::store::draft::{self, DraftRow};
use crate::store::{Connection, guard, id};

/// What an intake came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Alerts that were taken in, in order.
    pub taken: Vec<TakenAlert>,
    /// What was refused.
    pub refused: Vec<Refused>,
    /// How many were known already.
    pub repeated: u64,
    /// How many tell of no disaster.
    pub slight: u64,
}

/// An alert that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenAlert {
    /// The alert.
    pub alert: i64,
    /// Who sent it.
    pub sender: String,
    /// The sender's name for it.
    pub identifier: String,
    /// What it did.
    pub outcome: &'static str,
    /// The draft that it is of.
    pub draft: Option<i64>,
}

/// What becomes of an alert.
enum Fate {
    Taken(TakenAlert),
    Repeated,
    Refused(Refusal),
}

/// Who brings alerts, and how they came.
pub struct Origin<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// A feed's name, `api` or `file`.
    pub via: &'a str,
}

/// Refusals of one file that are kept: what follows is counted alone.
const MOST_REFUSALS: usize = 500;

/// Alerts of a transaction, where a file is taken in by parts.
const PART: usize = 100;

impl Service {
    /// Takes in what was read.
    ///
    /// # Errors
    /// The store fails: nothing of it is kept.
    pub fn take_alerts(&self, conn: &mut Connection, origin: &Origin<'_>, reading: &Reading) -> Served<Taken> {
        let mut done = Taken {
            refused: reading.refused.clone(),
            repeated: reading.repeated,
            slight: reading.slight,
            ..Taken::default()
        };
        // One after the other, so that two that come at once find each other's draft and event.
        let guards = ["alerts".to_owned()];
        guard::make(conn, &guards)?;
        guard::take(conn, &mut guards.to_vec())?;
        for read in &reading.alerts {
            match self.take_alert(conn, origin, read)? {
                Fate::Taken(taken) => done.taken.push(taken),
                Fate::Repeated => done.repeated = done.repeated.saturating_add(1),
                Fate::Refused(refusal) => done.refused.push(Refused {
                    sender: Some(read.alert.sender.clone()),
                    identifier: Some(read.name.clone()),
                    refusal,
                }),
            }
        }
        self.keep_refusals(conn, origin, &done.refused)?;
        Ok(done)
    }

    /// Reads a file and takes it in by parts, each in its own transaction.
    ///
    /// # Errors
    /// The store fails: parts that were taken in stay, and are passed over when the file comes again.
    pub fn take_file(&self, origin: &Origin<'_>, bytes: &[u8], trust: &Trust) -> Served<Taken> {
        let mut reading = self.read_alerts(bytes, trust)?;
        let mut alerts = std::mem::take(&mut reading.alerts).into_iter();
        let mut done = self.store.write(|conn| self.take_alerts(conn, origin, &reading))?;
        loop {
            let part: Vec<Read> = alerts.by_ref().take(PART).collect();
            if part.is_empty() {
                return Ok(done);
            }
            let part = Reading { alerts: part, ..Reading::default() };
            let more = self.store.write(|conn| self.take_alerts(conn, origin, &part))?;
            done.taken.extend(more.taken);
            done.refused.extend(more.refused);
            done.repeated = done.repeated.saturating_add(more.repeated);
        }
    }

    fn take_alert(&self, conn: &mut Connection, origin: &Origin<'_>, read: &Read) -> Served<Fate> {
        if let Some(known) = alert::find(conn, &read.alert.sender, &read.name)? {
            let same = known.digest == read.digest;
            return Ok(if same { Fate::Repeated } else { Fate::Refused(Refusal::Changed(read.name.clone())) });
        }
        let referred = match referred(conn, read)? {
            Ok(referred) => referred,
            Err(refusal) => return Ok(Fate::Refused(refusal)),
        };
        let own = match referred {
            Some(draft) => Some(drafting::found(conn, draft)?),
            None => draft::of_incident(conn, &read.alert.sender, &read.incident)?,
        };
        let alert = id::new_id();
        let (outcome, draft) = match (read.alert.message, own) {
            (Message::New | Message::Update, None) => ("drafted", Some(self.make_draft(conn, origin, read)?)),
            (Message::New | Message::Update, Some(row)) => {
                let draft = row.id;
                (self.extend_draft(conn, origin, row, (alert, read))?, Some(draft))
            }
            (Message::Cancel, Some(row)) => {
                let draft = row.id;
                (self.withdraw_draft(conn, origin, row, (alert, read))?, Some(draft))
            }
            (Message::End, Some(row)) => ("ended", Some(row.id)),
            (Message::Cancel | Message::End, None) => ("nothing", None),
        };
        self.keep_alert(conn, origin, read, (alert, outcome, draft))?;
        // What comes of an alert names it, and so is kept after it.
        if let Some(draft) = draft.filter(|_| outcome == "proposed") {
            self.propose_change(conn, origin.actor, draft, (alert, read))?;
        }
        let (sender, identifier) = (read.alert.sender.clone(), read.name.clone());
        Ok(Fate::Taken(TakenAlert { alert, sender, identifier, outcome, draft }))
    }

    fn keep_alert(
        &self,
        conn: &mut Connection,
        origin: &Origin<'_>,
        read: &Read,
        (id, outcome, draft_id): (i64, &str, Option<i64>),
    ) -> Served<()> {
        let row = AlertRow {
            id,
            sender: read.alert.sender.clone(),
            identifier: read.name.clone(),
            digest: read.digest.clone(),
            format: read.alert.format.name().to_owned(),
            message: read.alert.message.name().to_owned(),
            sent: read.alert.sent.naive_utc(),
            draft_id,
            outcome: outcome.to_owned(),
            via: origin.via.to_owned(),
            body: keep(&read.alert)?,
            placed: read.placed.to_string(),
            received_by: origin.actor.id.clone(),
            received_at: self.clock.now(),
        };
        alert::add(conn, &row)?;
        let detail = json!({"digest": row.digest, "outcome": outcome, "draft": draft_id.map(named), "via": origin.via});
        Ok(log(conn, row.received_at, origin.actor, "alert.take", &id::outside("alert", id), &detail)?)
    }

    /// A new draft; says which.
    fn make_draft(&self, conn: &mut Connection, origin: &Origin<'_>, read: &Read) -> Served<i64> {
        let said = Said::of(self, read);
        let now = self.clock.now();
        let areas: Vec<_> = read.regions.iter().map(|region| area(region)).collect();
        let row = DraftRow {
            id: id::new_id(),
            sender: read.alert.sender.clone(),
            incident: read.incident.clone(),
            event: self.event_of(conn, read)?,
            kind: said.kind.map(|kind| kind.name().to_owned()),
            severity: said.severity.map(|severity| severity.name().to_owned()),
            title: keep(&title(read))?,
            starts_on: said.starts_on,
            ends_on: said.ends_on,
            areas: keep(&areas)?,
            left_over: keep(&said.left)?,
            said: keep(&said)?,
            state: "waiting".to_owned(),
            declaration: None,
            edited_by: None,
            decided_by: None,
            reason: None,
            alerted_at: now,
            changed_at: now,
            revision: 0,
        };
        draft::add(conn, &row)?;
        let detail = json!({"event": row.event, "areas": areas.len(), "left": said.left.len()});
        log(conn, now, origin.actor, "draft.make", &named(row.id), &detail)?;
        Ok(row.id)
    }

    /// The event of a new draft: by a name that says which catastrophe it is, else by kind, time and place.
    fn event_of(&self, conn: &mut Connection, read: &Read) -> Served<String> {
        let gathered = self.gathered(read);
        let by_name = match read.alert.format {
            Format::Nws | Format::Usgs => draft::event_of(conn, &read.incident)?,
            Format::Cap | Format::OpenFema => None,
        };
        match (by_name, gathered) {
            (Some(event), Some(gathered)) => {
                self.hold(conn, &event, &gathered)?;
                Ok(event)
            }
            (Some(event), None) => Ok(event),
            (None, Some(gathered)) => self.gather(conn, &gathered),
            // Nobody knows what it is: a person says so, and which event it is of.
            (None, None) => Ok(format!("unknown-{}-{}", self.day_of(read.alert.onset.naive_utc()), mark())),
        }
    }

    fn gathered<'a>(&self, read: &'a Read) -> Option<Gathered<'a>> {
        let starts = read.alert.onset.naive_utc();
        let ends = match read.alert.format {
            Format::Usgs => starts,
            Format::Cap | Format::Nws | Format::OpenFema => {
                read.alert.expires.map_or(starts, |at| at.naive_utc()).max(starts)
            }
        };
        let regions = read.regions.iter().map(String::as_str).collect();
        read.alert.kind.map(|kind| Gathered { kind, starts, ends, regions })
    }

    /// What an alert does to a draft that is there; what was confirmed is not touched.
    fn extend_draft(
        &self,
        conn: &mut Connection,
        origin: &Origin<'_>,
        mut row: DraftRow,
        (alert, read): (i64, &Read),
    ) -> Served<&'static str> {
        let mut said: Said = kept(&row.said)?;
        let change = said.more(&Said::of(self, read));
        if row.state == "confirmed" {
            return Ok(if change.is_empty() { "joined" } else { "proposed" });
        }
        let late = is_late(conn, &row, read)?;
        let (outcome, verb) = match row.state.as_str() {
            // It goes on after all, or is worse than what was dropped.
            "withdrawn" if !late => ("reopened", "draft.reopen"),
            "dropped" if change.is_worse() => ("reopened", "draft.reopen"),
            _ if change.is_empty() => return Ok("joined"),
            _ => ("extended", "draft.extend"),
        };
        if outcome == "reopened" {
            (row.state, row.reason, row.decided_by) = ("waiting".to_owned(), None, None);
        }
        said.take(&change);
        apply(&mut row, &change)?;
        row.said = keep(&said)?;
        if let Some(gathered) = self.gathered(read) {
            self.hold(conn, &row.event, &gathered)?;
        }
        let detail = json!({"alert": id::outside("alert", alert), "change": change});
        self.keep_draft(conn, origin.actor, row, verb, &detail)?;
        Ok(outcome)
    }

    fn withdraw_draft(
        &self,
        conn: &mut Connection,
        origin: &Origin<'_>,
        mut row: DraftRow,
        (alert, read): (i64, &Read),
    ) -> Served<&'static str> {
        match row.state.as_str() {
            _ if is_late(conn, &row, read)? => return Ok("joined"),
            "waiting" => {}
            "confirmed" => return Ok("proposed"),
            _ => return Ok("joined"),
        }
        row.state = "withdrawn".to_owned();
        row.reason = Some("its sender withdrew it".to_owned());
        let detail = json!({"alert": id::outside("alert", alert)});
        self.keep_draft(conn, origin.actor, row, "draft.withdraw", &detail)?;
        Ok("withdrew")
    }

    fn keep_refusals(&self, conn: &mut Connection, origin: &Origin<'_>, refused: &[Refused]) -> Served<()> {
        let now = self.clock.now();
        for one in refused.iter().take(MOST_REFUSALS) {
            let (name, message) = (one.refusal.name(), one.refusal.to_string());
            let key = json!([origin.via, one.sender, one.identifier, name, message]);
            let row = RefusalRow {
                id: id::new_id(),
                message_key: digest(&key).unwrap_or_default(),
                via: origin.via.to_owned(),
                sender: one.sender.clone(),
                identifier: one.identifier.clone(),
                name: name.to_owned(),
                message,
                times: 1,
                received_by: origin.actor.id.clone(),
                first_at: now,
                last_at: now,
            };
            alert::refuse(conn, &row)?;
        }
        Ok(())
    }
}

/// Whether something was sent of the draft after this: it came out of order, and its sender has said more since.
fn is_late(conn: &mut Connection, row: &DraftRow, read: &Read) -> Served<bool> {
    let last = alert::last_sent(conn, row.id)?;
    Ok(last.is_some_and(|last| last > read.alert.sent.naive_utc()))
}

/// The draft that an alert's references lead to, the oldest where there are several.
fn referred(conn: &mut Connection, read: &Read) -> Served<Result<Option<i64>, Refusal>> {
    let mut first: Option<i64> = None;
    for reference in &read.alert.references {
        let Some(known) = alert::find(conn, &reference.sender, &reference.identifier)? else { continue };
        let (identifier, sender) = (reference.identifier.clone(), reference.sender.clone());
        if known.sender != read.alert.sender {
            return Ok(Err(Refusal::Foreign { identifier, sender }));
        }
        if known.sent != reference.sent.naive_utc() || known.sent > read.alert.sent.naive_utc() {
            return Ok(Err(Refusal::WrongReference(identifier)));
        }
        first = [first, known.draft_id].into_iter().flatten().min();
    }
    Ok(Ok(first))
}
