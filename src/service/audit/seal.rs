//! Sealing: a Merkle root over the entries of a batch (hashes of leaves and of nodes told apart as in RFC 6962, 2.1),
//! chained to the seal before.

use forbear_engine::digest::{digest, hex};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::service::{Served, Service, ServiceError};
use crate::store::audit::{self, EntryRow, SealRow};
use crate::store::{Connection, StoreError};

/// Entries that one seal covers at most.
const BATCH: i64 = 5_000;

/// The last seal: what is anchored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its number; 0 before the first.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The last seal.
    pub head: Head,
    /// Entries that seals cover.
    pub sealed: i64,
    /// Entries that wait for a seal.
    pub unsealed: i64,
    /// What does not hold, seal by seal.
    pub broken: Vec<String>,
}

impl Service {
    /// Seals what is not sealed yet; says how many entries that were.
    ///
    /// # Errors
    /// The store fails.
    pub fn seal_audit(&self) -> Served<usize> {
        let now = self.clock.now();
        let sealed = self.store.write(|conn| {
            let entries = audit::unsealed(conn, BATCH)?;
            if entries.is_empty() {
                return Ok(0);
            }
            let head = head(conn)?;
            let number = head.number.saturating_add(1);
            let count = i64::try_from(entries.len()).map_err(ServiceError::unknown)?;
            let root = root(&entries)?;
            let hash = seal_hash(number, count, &root, &head.hash)?;
            let row = SealRow { number, entries: count, root, previous: head.hash, hash, at: now };
            let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
            audit::seal(conn, &row, &ids)?;
            Ok(entries.len())
        });
        match sealed {
            // Another program sealed at the same time.
            Err(ServiceError::Store(StoreError::Duplicate(_))) => Ok(0),
            other => other,
        }
    }

    /// The last seal.
    ///
    /// # Errors
    /// The store fails.
    pub fn audit_head(&self) -> Served<Head> {
        self.store.read(head)
    }

    /// What happened, the first first, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn audit(&self, filter: &audit::Filter, after: i64, most: i64) -> Served<Vec<EntryRow>> {
        self.store.read(|conn| Ok(audit::page(conn, filter, after, most)?))
    }

    /// Computes every seal again.
    ///
    /// # Errors
    /// The store fails. What does not hold is in the answer.
    pub fn verify_audit(&self) -> Served<Verified> {
        self.store.read(|conn| {
            let mut verified = Verified { head: first(), sealed: 0, unsealed: 0, broken: Vec::new() };
            loop {
                let seals = audit::seals(conn, verified.head.number, 100)?;
                if seals.is_empty() {
                    break;
                }
                for seal in seals {
                    let entries = audit::sealed(conn, seal.number)?;
                    check(&seal, &entries, &mut verified)?;
                }
            }
            verified.unsealed = i64::try_from(audit::unsealed(conn, i64::MAX)?.len()).map_err(ServiceError::unknown)?;
            Ok(verified)
        })
    }
}

fn check(seal: &SealRow, entries: &[EntryRow], verified: &mut Verified) -> Served<()> {
    let mut broken = |what: &str| verified.broken.push(format!("seal {}: {what}", seal.number));
    if seal.number != verified.head.number.saturating_add(1) {
        broken("a seal before it is missing");
    }
    if seal.previous != verified.head.hash {
        broken("it does not follow the seal before it");
    }
    if i64::try_from(entries.len()).ok() != Some(seal.entries) {
        broken("entries are missing, or were added");
    }
    if root(entries)? != seal.root {
        broken("an entry was changed");
    }
    if seal_hash(seal.number, seal.entries, &seal.root, &seal.previous)? != seal.hash {
        broken("the seal itself was changed");
    }
    verified.sealed = verified.sealed.saturating_add(seal.entries);
    verified.head = Head { number: seal.number, hash: seal.hash.clone() };
    Ok(())
}

fn head(conn: &mut Connection) -> Served<Head> {
    let last = audit::head(conn)?;
    Ok(last.map_or_else(first, |seal| Head { number: seal.number, hash: seal.hash }))
}

/// What the first seal follows.
fn first() -> Head {
    Head { number: 0, hash: "0".repeat(64) }
}

fn seal_hash(number: i64, entries: i64, root: &str, previous: &str) -> Served<String> {
    let sealed = json!({"number": number, "entries": entries, "root": root, "previous": previous});
    digest(&sealed).ok_or_else(|| ServiceError::unknown("a seal has no canonical form"))
}

/// The root over entries, in hexadecimal.
fn root(entries: &[EntryRow]) -> Served<String> {
    let mut level = entries.iter().map(leaf).collect::<Served<Vec<Vec<u8>>>>()?;
    if level.is_empty() {
        level.push(Sha256::digest([]).to_vec());
    }
    while level.len() > 1 {
        level = level.chunks(2).map(node).collect();
    }
    Ok(hex(&level.concat()))
}

fn leaf(entry: &EntryRow) -> Served<Vec<u8>> {
    let at = entry.at.and_utc().timestamp_micros();
    let said = json!([entry.id, at, entry.actor, entry.verb, entry.object, entry.detail]);
    let text = serde_json::to_vec(&said).map_err(ServiceError::unknown)?;
    Ok(Sha256::new().chain_update([0_u8]).chain_update(text).finalize().to_vec())
}

/// Two hashes as one; one alone goes up as it is.
fn node(pair: &[Vec<u8>]) -> Vec<u8> {
    match pair {
        [left, right] => Sha256::new().chain_update([1_u8]).chain_update(left).chain_update(right).finalize().to_vec(),
        alone => alone.concat(),
    }
}
