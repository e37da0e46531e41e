//! Evidence: what borrowers show. A file is taken for what its own bytes say it is, kept once for each content, sealed as people
//! are, and counts once somebody accepted it.
//!
//! ```text
//! take ─► received ─► judge ─► accepted ─► the request is decided again, if it waited for that
//!                       └────► refused, with the reason
//! show: who may, into the log          erase: with the person
//! ```

mod erase;
mod judge;
pub mod media;
mod reseal;
mod show;

use std::collections::BTreeSet;

use forbear_engine::digest::hex;
use serde_json::{Value, json};

use super::access::Principal;
use super::audit::log;
use super::relief::found::kept_inputs;
use super::{Served, Service, ServiceError};
use crate::secret::Hidden;
use crate::store::evidence::{self, ContentRow};
use crate::store::request::{RequestRow, StepRow};
use crate::store::{Connection, account, decision, document, guard, id, person, request};

pub use self::show::Shown;
pub use crate::store::evidence::{EvidenceRow, Media};

/// Files of one request, at most.
const MOST: usize = 50;

/// Letters of a name, at most.
const LONGEST_NAME: usize = 200;

/// The kind of what no policy asks for: what a reviewer wants to see, or what goes with an appeal.
pub const OTHER: &str = "other";

/// A file that comes.
#[derive(Debug, Clone)]
pub struct NewEvidence<'a> {
    /// What it is to prove, as policies name it.
    pub kind: String,
    /// Whose it is, where its sender is not the borrower and the loan has several.
    pub party: Option<String>,
    /// What its sender calls it.
    pub name: Option<Hidden<String>>,
    /// What its sender says it is.
    pub declared: Option<String>,
    /// It.
    pub content: &'a [u8],
}

impl Service {
    /// How many bytes a file may have.
    #[must_use]
    pub fn evidence_bytes(&self) -> usize {
        usize::try_from(self.relief.evidence_bytes).unwrap_or(usize::MAX)
    }

    /// Takes a file for a request. The same content for the same purpose is taken once.
    ///
    /// # Errors
    /// There is no such request for this caller or it is closed, the file is none that is taken, or nothing asks for such a kind.
    pub fn take_evidence(
        &self,
        conn: &mut Connection,
        caller: &Principal,
        request: i64,
        new: &NewEvidence<'_>,
    ) -> Served<(EvidenceRow, Media)> {
        self.may_see_request(conn, caller, request)?;
        if new.content.len() > self.evidence_bytes() {
            let message =
                format!("the file has {} bytes: at most {} are taken", new.content.len(), self.evidence_bytes());
            return Err(ServiceError::invalid("", message));
        }
        let taken = media::read(new.content, new.declared.as_deref())?;
        let (own, asked) = self.taken(conn, request)?;
        if asked.state == "closed" {
            return Err(ServiceError::conflict("wrong_state", "the request is closed: it takes no evidence"));
        }
        wanted(conn, &asked, &new.kind)?;
        let party = whose(conn, caller, own.id, new.party.as_deref())?;
        let hash = sha256(new.content);
        hold(conn, vec![hash.clone()])?;
        let media = Media {
            media_type: taken.media_type.to_owned(),
            bytes: i64::try_from(new.content.len()).map_err(ServiceError::unknown)?,
        };
        let files = evidence::of_request(conn, request)?;
        if let Some((known, _)) = files.iter().find(|(row, _)| row.kind == new.kind && row.hash == hash) {
            return Ok((known.clone(), media));
        }
        if files.len() >= MOST {
            return Err(ServiceError::conflict("too_many_files", format!("a request has at most {MOST} files")));
        }
        self.keep_content(conn, &hash, &media, new.content)?;
        let row = self.file(caller, &asked, (party, hash), new)?;
        evidence::add(conn, &row)?;
        let (at, note) = (row.created_at, Some(row.kind.clone()));
        let kind = "evidence_received".to_owned();
        request::add_step(conn, &StepRow { id: id::new_id(), request_id: request, kind, at, note })?;
        let detail = json!({"request": id::outside("request", request), "kind": row.kind, "hash": row.hash,
            "media_type": media.media_type, "bytes": media.bytes});
        log(conn, at, &caller.actor, "evidence.receive", &id::outside("evidence", row.id), &detail)?;
        Ok((row, media))
    }

    fn keep_content(&self, conn: &mut Connection, hash: &str, media: &Media, content: &[u8]) -> Served<()> {
        if evidence::is_kept(conn, hash)? {
            return Ok(());
        }
        let keys = self.keys()?;
        let row = ContentRow {
            hash: hash.to_owned(),
            media_type: media.media_type.clone(),
            bytes: media.bytes,
            sealed: Some(keys.seal(&content_name(hash), content)?),
            key_version: Some(i64::from(keys.active())),
            created_at: self.clock.now(),
            erased_at: None,
        };
        Ok(evidence::keep(conn, &row)?)
    }

    fn file(
        &self,
        caller: &Principal,
        asked: &RequestRow,
        (party, hash): (String, String),
        new: &NewEvidence<'_>,
    ) -> Served<EvidenceRow> {
        let (keys, id, now) = (self.keys()?, id::new_id(), self.clock.now());
        let name = new.name.as_ref().and_then(|name| plain(name.show()));
        let name = name.map(|name| keys.seal(&file_name(id), name.show().as_bytes())).transpose()?;
        Ok(EvidenceRow {
            id,
            request_id: asked.id,
            account_id: asked.account_id,
            party,
            kind: new.kind.clone(),
            hash,
            key_version: name.as_ref().map(|_| i64::from(keys.active())),
            name,
            state: "received".to_owned(),
            made_by: caller.actor.person.clone(),
            judged_by: None,
            reason: None,
            created_at: now,
            changed_at: now,
            erased_at: None,
            revision: 0,
        })
    }

    /// Kinds of evidence that count for a request: what may be stated and was, and files that were accepted, of it and of the
    /// request that it is the appeal against.
    pub(in crate::service) fn proven(
        &self,
        conn: &mut Connection,
        row: &RequestRow,
        stated: &[String],
    ) -> Served<Vec<String>> {
        let by_word = stated.iter().filter(|kind| self.relief.statements.contains(kind)).cloned();
        let mut kinds: BTreeSet<String> = by_word.collect();
        // A request is there for others, who show something for it, once it was decided for the first time.
        let shown_for = row.decision_id.map(|_| row.id);
        for request in [shown_for, row.appeal_of].into_iter().flatten() {
            kinds.extend(evidence::accepted(conn, request)?);
        }
        Ok(kinds.into_iter().collect())
    }
}

/// Whether a policy that a request was decided by asks for a kind of evidence.
fn wanted(conn: &mut Connection, asked: &RequestRow, kind: &str) -> Served<()> {
    let mut kinds = BTreeSet::from([OTHER.to_owned()]);
    if let Some(made) = asked.decision_id {
        let made = decision::find(conn, made)?.ok_or(ServiceError::Missing("decision"))?;
        for digest in kept_inputs(&made)?.policies {
            let text = document::body(conn, &digest)?.ok_or(ServiceError::Missing("policy"))?;
            let policy: Value = serde_json::from_str(&text).map_err(ServiceError::unknown)?;
            let asks = policy.get("evidence").and_then(Value::as_array).into_iter().flatten();
            kinds.extend(asks.filter_map(|one| one.get("kind")?.as_str().map(str::to_owned)));
        }
    }
    if kinds.contains(kind) {
        return Ok(());
    }
    let known = kinds.into_iter().collect::<Vec<_>>().join(", ");
    Err(ServiceError::invalid("/kind", format!("nothing asks for such evidence: it is one of {known}")))
}

/// Whose a file is: the borrower's who sends it, the one that is named, or the only one's.
fn whose(conn: &mut Connection, caller: &Principal, of: i64, named: Option<&str>) -> Served<String> {
    let owing = account::borrowers(conn, of)?;
    let party = match (caller.borrower().or(named), owing.as_slice()) {
        (Some(party), owing) if owing.iter().any(|known| known == party) => party.to_owned(),
        (None, [only]) => only.clone(),
        (Some(_), _) => return Err(ServiceError::invalid("/of", "nobody of that number owes the loan")),
        (None, _) => {
            let message = format!("say whose it is: one of {}", owing.join(", "));
            return Err(ServiceError::invalid("/of", message));
        }
    };
    if person::find(conn, &party)?.is_some_and(|row| row.erased_at.is_some()) {
        return Err(ServiceError::conflict("erased", "who that was is erased: nothing is taken of them any more"));
    }
    Ok(party)
}

/// Nobody else keeps or erases these contents until the transaction ends. Guards of accounts and people come first.
fn hold(conn: &mut Connection, hashes: Vec<String>) -> Served<()> {
    let mut names: Vec<String> = hashes.into_iter().map(|hash| format!("evidence:{hash}")).collect();
    names.sort_unstable();
    names.dedup();
    guard::make(conn, &names)?;
    Ok(guard::take(conn, &mut names)?)
}

/// A name as text: what turns or breaks lines is left out. Nothing makes a path of it.
fn plain(name: &str) -> Option<Hidden<String>> {
    let turns =
        |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = name.chars().filter(|letter| !letter.is_control() && !turns(*letter)).take(LONGEST_NAME);
    let kept: String = kept.collect();
    (!kept.trim().is_empty()).then(|| Hidden::text(kept.trim()))
}

/// SHA-256 of a content, in hexadecimal.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(content))
}

/// What a sealed content is bound to.
fn content_name(hash: &str) -> String {
    format!("evidence_contents/{hash}")
}

/// What a sealed name is bound to.
fn file_name(id: i64) -> String {
    format!("evidence/{id}/name")
}
