//! The boundary to the lender's loan system: account snapshots in.
//!
//! ```text
//! file ─► lines ─► jsonl | csv ─► Account or BadLine, one by one ─► book (the latest of each account)
//!                     ▲      └──► Batch: many in codes ─► latest (the same for files of any size)
//! sample ─────────────┘ a seeded book, written by the same two formats
//! jsonl ─► person: who the people are, apart from the facts
//! ```
//!
//! Readers stream, hold one account at a time and never stop at a bad line. docs/accounts.md is the contract.

pub mod answers;
pub mod book;
pub mod counted;
pub mod csv;
pub mod jsonl;
pub mod latest;
pub mod lines;
pub mod person;
pub mod sample;
pub mod simulator;
pub mod webhook;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use forbear_engine::account::{Account, Snapshots};

/// A line that could not be read as an account, or as part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Lines of a file, read: the accounts in codes, and the lines that could not be read.
#[derive(Debug, Default)]
pub struct Batch {
    /// The accounts, in the order of the file.
    pub snapshots: Snapshots,
    /// The lines that could not be read.
    pub bad_lines: Vec<BadLine>,
}

impl FromIterator<Read> for Batch {
    fn from_iter<I: IntoIterator<Item = Read>>(reads: I) -> Self {
        let mut batch = Self::default();
        for read in reads {
            match read {
                Ok(account) => {
                    // No line of its own is known of it.
                    let bad = |error| BadLine { line: 0, reason: format!("account {}: {error}", account.account) };
                    batch.bad_lines.extend(batch.snapshots.add(&account).map_err(bad).err());
                }
                Err(bad) => batch.bad_lines.push(bad),
            }
        }
        batch
    }
}

/// What a reader yields.
pub type Read = Result<Account, BadLine>;

/// The form of a file of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One record a line, the rows of an account together.
    Csv,
}

impl Format {
    /// By the file's name: `.csv` is CSV, everything else JSON Lines.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if csv { Self::Csv } else { Self::Jsonl }
    }
}

/// Opens a file of accounts as a stream, in the form that its name says.
pub fn open(path: &Path) -> io::Result<Box<dyn Iterator<Item = Read> + Send>> {
    let file = BufReader::with_capacity(1 << 18, File::open(path)?);
    Ok(match Format::of(path) {
        Format::Jsonl => Box::new(jsonl::Reader::new(file)),
        Format::Csv => Box::new(csv::Reader::new(file)),
    })
}
