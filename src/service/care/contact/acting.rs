//! An agent acts for a caller, who said so on record: asks, answers, agrees. Everything goes the way that it goes when the
//! borrower does it.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;

use super::attending::standing;
use super::{ConsentRow, ContactRow, named};
use crate::service::audit::{Actor, log};
use crate::service::relief::approve::Agreed;
use crate::service::relief::ask::{Asked, NewRequest, Said};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, contact, id, request};

/// What a caller agreed to by word of mouth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Who: the lender's number for the person.
    pub party: String,
    /// The words that were read, by name.
    pub script: String,
    /// The digest of them.
    pub script_digest: String,
    /// Where the recording is.
    pub recording: String,
    /// When it was said; now, where it is not said.
    pub said_at: Option<NaiveDateTime>,
}

/// It is recorded so much later at most.
const LATE: TimeDelta = TimeDelta::days(1);

impl Service {
    /// Asks for relief for a caller.
    ///
    /// # Errors
    /// The contact is not being attended to, nobody knows whose it is, or the consent cannot be used.
    pub fn ask_for_caller(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (declaration, said, consent): (Option<&str>, &Said, &Consent),
    ) -> Served<Asked> {
        let row = standing(conn, id, &["answered"])?;
        let (account, number) = known(conn, &row)?;
        let consent = self.consented(conn, actor, &row, account, ("apply", consent))?;
        let new = NewRequest {
            account: number,
            declaration: declaration.map(str::to_owned).or_else(|| row.declaration.clone()),
            via: Some(row.via.clone()),
            said: said.clone(),
        };
        let asked = self.ask(conn, actor, &new)?;
        self.record(conn, ConsentRow { request_id: asked.request.id, ..consent })?;
        Ok(asked)
    }

    /// Answers for a caller what was asked.
    ///
    /// # Errors
    /// The contact is not being attended to, the request is another's, or nothing was asked.
    pub fn answer_for_caller(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, request): (i64, i64),
        said: &Said,
    ) -> Served<Asked> {
        let row = standing(conn, id, &["answered"])?;
        own(conn, &row, request)?;
        self.answer_request(conn, actor, request, said)
    }

    /// Agrees for a caller with what was read to them.
    ///
    /// # Errors
    /// The contact is not being attended to, the request is another's, nothing is offered, or something else was read.
    pub fn accept_for_caller(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, request): (i64, i64),
        (shown, consent): (&str, &Consent),
    ) -> Served<Agreed<Asked>> {
        let row = standing(conn, id, &["answered"])?;
        let account = own(conn, &row, request)?;
        let consent = self.consented(conn, actor, &row, account, ("accept", consent))?;
        let agreed = self.accept_offers(conn, actor, request, shown)?;
        if matches!(agreed, Agreed::Done(_)) {
            self.record(conn, ConsentRow { request_id: request, shown_digest: Some(shown.to_owned()), ..consent })?;
        }
        Ok(agreed)
    }

    /// What was agreed to for a request, the first first.
    ///
    /// # Errors
    /// The store fails.
    pub fn consents(&self, request: i64) -> Served<Vec<ConsentRow>> {
        Ok(self.store.read(|conn| contact::consents_of(conn, request))?)
    }

    fn record(&self, conn: &mut Connection, row: ConsentRow) -> Served<()> {
        contact::consent(conn, &row)?;
        let detail = json!({
            "contact": named(row.contact_id), "kind": row.kind, "script": row.script, "words": row.script_digest,
            "shown": row.shown_digest, "consent": id::outside("consent", row.id),
        });
        let actor = Actor { id: row.recorded_by.clone(), person: row.recorded_by.clone() };
        Ok(log(conn, row.at, &actor, "consent.record", &id::outside("request", row.request_id), &detail)?)
    }

    /// A consent that can be used, without its request.
    fn consented(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        row: &ContactRow,
        account: i64,
        (kind, said): (&str, &Consent),
    ) -> Served<ConsentRow> {
        if !account::borrowers(conn, account)?.contains(&said.party) {
            return Err(ServiceError::invalid("/consent/party", "is nobody who owes this loan"));
        }
        if row.party.as_ref().is_some_and(|caller| *caller != said.party) {
            return Err(ServiceError::invalid("/consent/party", "is somebody else than who called"));
        }
        let script = self.care.scripts.iter().find(|script| script.script == said.script && script.purpose == kind);
        let names = self.care.scripts.iter().filter(|script| script.purpose == kind);
        let unknown = || {
            let names: Vec<&str> = names.map(|script| script.script.as_str()).collect();
            ServiceError::invalid("/consent/script", format!("words that are read before this: {}", names.join(", ")))
        };
        let script = script.ok_or_else(unknown)?;
        if script.digest() != said.script_digest {
            let message = "other words are read today: read them, and say their digest";
            return Err(ServiceError::invalid("/consent/script_digest", message));
        }
        if !(1..=200).contains(&said.recording.trim().chars().count()) {
            return Err(ServiceError::invalid("/consent/recording", "where the recording is, in 1 to 200 characters"));
        }
        let now = self.clock.now();
        let said_at = said.said_at.unwrap_or(now);
        if said_at > now || now.signed_duration_since(said_at) > LATE {
            return Err(ServiceError::invalid("/consent/said_at", "a moment of the last day"));
        }
        Ok(ConsentRow {
            id: id::new_id(),
            contact_id: row.id,
            request_id: 0,
            kind: kind.to_owned(),
            party: said.party.clone(),
            script: said.script.clone(),
            script_digest: said.script_digest.clone(),
            recording: said.recording.trim().to_owned(),
            shown_digest: None,
            recorded_by: actor.id.clone(),
            said_at,
            at: now,
        })
    }
}

/// The account that a contact is about.
fn known(conn: &mut Connection, row: &ContactRow) -> Served<(i64, String)> {
    let account = match row.account_id {
        Some(account) => account::get(conn, account)?,
        None => None,
    };
    let unknown = || ServiceError::conflict("not_identified", "say first which account this contact is about");
    account.map(|own| (own.id, own.number)).ok_or_else(unknown)
}

/// The account, if the request is on it.
fn own(conn: &mut Connection, row: &ContactRow, request: i64) -> Served<i64> {
    let (account, _) = known(conn, row)?;
    let asked = request::find(conn, request)?.filter(|asked| asked.account_id == account);
    asked.map(|_| account).ok_or(ServiceError::Missing("request"))
}
