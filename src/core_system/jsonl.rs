//! JSON Lines: one account a line. A `person` object beside the facts (names, phones) is dropped here, or handed over
//! apart from them, so that the engine never sees it.

use std::fmt;
use std::io::{self, BufRead, Write};

use forbear_engine::account::Account;
use forbear_engine::account::read::{AccountError, read_json};
use forbear_engine::account::snapshots::{Beside, Snapshots};
use rayon::prelude::*;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};

use super::lines::Lines;
use super::person::{Reported, parse_with_persons};
use super::{BadLine, Batch, Read};

/// Lines and bytes that a batch holds, about.
const BATCH: (usize, usize) = (4096, 16 * 1024 * 1024);

/// Lines of a batch that one core takes together.
const PART: usize = 512;

/// Reads accounts line by line.
pub struct Reader<R> {
    lines: Lines<R>,
}

impl<R: BufRead> Reader<R> {
    /// From any source of bytes.
    pub fn new(source: R) -> Self {
        Self { lines: Lines::new(source) }
    }

    /// With another bound on the line.
    pub fn with_limit(source: R, limit: usize) -> Self {
        Self { lines: Lines::with_limit(source, limit) }
    }

    /// The next some thousand lines in codes, read on every core, in the order of the file; none at its end.
    pub fn batches(&mut self) -> Vec<Batch> {
        let (mut taken, mut bytes) = (Vec::new(), 0_usize);
        while taken.len() < BATCH.0 && bytes < BATCH.1 {
            let Some(read) = self.lines.next() else { break };
            taken.push(read.map(|(line, text)| {
                bytes = bytes.saturating_add(text.len());
                (line, text.to_owned())
            }));
        }
        taken
            .par_chunks(PART)
            .map(|part| {
                let mut batch = Batch::default();
                for read in part {
                    let read = read.as_ref().map_err(Clone::clone);
                    let added = read.and_then(|(line, text)| add(*line, text, &mut batch.snapshots));
                    batch.bad_lines.extend(added.err());
                }
                batch
            })
            .collect()
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads who the people are too, and hands them over apart from the facts.
    pub fn with_persons(mut self) -> impl Iterator<Item = Result<Reported, BadLine>> {
        std::iter::from_fn(move || Some(self.lines.next()?.and_then(|(line, text)| parse_with_persons(line, text))))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Read;
    fn next(&mut self) -> Option<Read> {
        Some(self.lines.next()?.and_then(|(line, text)| parse(line, text)))
    }
}

/// Reads one line that was taken out of its file elsewhere (to read many at once).
pub fn parse(line: u64, text: &str) -> Read {
    let mut plain = Snapshots::default();
    if plain.read_plain(text, Beside::Person)
        && let Some(snapshot) = plain.get(0)
    {
        return Ok(snapshot.to_account());
    }
    carefully(text).map_err(|error| BadLine { line, reason: error.to_string() })
}

/// Reads one line and adds it to others.
pub fn add(line: u64, text: &str, to: &mut Snapshots) -> Result<(), BadLine> {
    if to.read_plain(text, Beside::Person) {
        return Ok(());
    }
    let bad = |reason: String| BadLine { line, reason };
    let account = carefully(text).map_err(|error| bad(error.to_string()))?;
    to.add(&account).map_err(|error| bad(error.to_string()))
}

/// Every form of JSON; what is wrong is named.
fn carefully(text: &str) -> Result<Account, AccountError> {
    read_json::<WithoutPerson>(text).and_then(|WithoutPerson(account)| account.as_written(text))
}

/// Writes one account as one line.
pub fn append<W: Write>(mut out: W, account: &Account) -> io::Result<()> {
    serde_json::to_writer(&mut out, account)?;
    out.write_all(b"\n")
}

/// Writes accounts, one a line.
pub fn write_jsonl<W: Write>(mut out: W, accounts: impl IntoIterator<Item = Account>) -> io::Result<()> {
    accounts.into_iter().try_for_each(|account| append(&mut out, &account))
}

/// An account as it comes in: what is under `person` is read past and never held.
struct WithoutPerson(Account);

impl<'de> Deserialize<'de> for WithoutPerson {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Outer;
        impl<'de> Visitor<'de> for Outer {
            type Value = WithoutPerson;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one account as a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let facts = Facts { map, person: false };
                Account::deserialize(MapAccessDeserializer::new(facts)).map(WithoutPerson)
            }
        }
        source.deserialize_map(Outer)
    }
}

/// The keys of an object but for `person`.
struct Facts<A> {
    map: A,
    person: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Facts<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != "person" {
                return seed.deserialize(de::value::StringDeserializer::new(key)).map(Some);
            }
            if self.person {
                return Err(de::Error::duplicate_field("person"));
            }
            self.person = true;
            self.map.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
