//! The latest snapshot of each account in a file of any size: a first pass finds which snapshots are superseded, a
//! second one passes over them. Only a few bytes per account are held, never the snapshots.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use forbear_engine::account::Snapshots;

use super::{BadLine, Batch, Format, jsonl};

/// Bad lines that are kept to be shown; all are counted.
pub const BAD_LINES_KEPT: usize = 100;

/// A file of accounts after its first pass.
#[derive(Debug)]
pub struct Latest {
    path: PathBuf,
    /// Places, from 0, of readable snapshots that a later one takes the place of.
    superseded: HashSet<u64>,
    /// Snapshots that could be read.
    pub snapshots: u64,
    /// The first lines that could not be read.
    pub bad_lines: Vec<BadLine>,
    /// How many lines could not be read.
    pub bad: u64,
}

impl Latest {
    /// Reads the file once. Of two snapshots of one account the one with the later `as_of` counts, of two of the same
    /// day the one further down. `progress` is told how many snapshots were read so far.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn scan(path: &Path, mut progress: impl FnMut(u64)) -> io::Result<Self> {
        let mut latest =
            Self { path: path.to_owned(), superseded: HashSet::new(), snapshots: 0, bad_lines: Vec::new(), bad: 0 };
        // Two hashes with keys of their own stand for the account's number: 128 bits do not collide.
        let (first, second) = (RandomState::new(), RandomState::new());
        let mut seen: HashMap<(u64, u64), (NaiveDate, u64)> = HashMap::new();
        for batch in batches(path)? {
            latest.bad = latest.bad.saturating_add(u64::try_from(batch.bad_lines.len()).unwrap_or(u64::MAX));
            let room = BAD_LINES_KEPT.saturating_sub(latest.bad_lines.len());
            latest.bad_lines.extend(batch.bad_lines.into_iter().take(room));
            for account in batch.snapshots.iter() {
                let place = latest.snapshots;
                latest.snapshots = place.saturating_add(1);
                let key = (first.hash_one(account.number()), second.hash_one(account.number()));
                let known = seen.entry(key).or_insert((account.as_of(), place));
                if known.1 != place {
                    let late = account.as_of() < known.0;
                    latest.superseded.insert(if late { place } else { known.1 });
                    if !late {
                        *known = (account.as_of(), place);
                    }
                }
            }
            progress(latest.snapshots);
        }
        Ok(latest)
    }

    /// How many snapshots are set aside for a later one of the same account.
    #[must_use]
    pub fn superseded(&self) -> usize {
        self.superseded.len()
    }

    /// The latest snapshots, part by part, in the order of the file.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn parts(&self) -> io::Result<impl Iterator<Item = Snapshots> + '_> {
        let mut place = 0_u64;
        Ok(batches(&self.path)?.map(move |mut batch| {
            batch.snapshots.retain(|_| {
                let own = place;
                place = place.saturating_add(1);
                !self.superseded.contains(&own)
            });
            batch.snapshots
        }))
    }
}

/// Some hundred snapshots at a time; JSON Lines are read on every core.
fn batches(path: &Path) -> io::Result<Box<dyn Iterator<Item = Batch>>> {
    if Format::of(path) == Format::Csv {
        let mut reads = super::open(path)?;
        let next = move || {
            let batch: Batch = reads.by_ref().take(512).collect();
            (!batch.snapshots.is_empty() || !batch.bad_lines.is_empty()).then_some(batch)
        };
        return Ok(Box::new(std::iter::from_fn(next)));
    }
    let mut reader = jsonl::Reader::new(BufReader::with_capacity(1 << 18, File::open(path)?));
    let next = move || Some(reader.batches()).filter(|batches| !batches.is_empty());
    Ok(Box::new(std::iter::from_fn(next).flatten()))
}
