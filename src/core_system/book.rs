//! A book: the latest snapshot of each account in a file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::Path;

use chrono::NaiveDate;
use forbear_engine::account::Account;

use super::{BadLine, Read};

/// What a file held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Book {
    /// The latest snapshot of each account, in the order in which each account first came.
    pub accounts: Vec<Account>,
    /// The lines that could not be read.
    pub bad_lines: Vec<BadLine>,
    /// How many snapshots were set aside because the file has a later one of the same account.
    pub superseded: u64,
}

impl Book {
    /// Reads a whole file; its name says its form. Of two snapshots of one account the one with the later `as_of`
    /// is kept, of two of the same day the one further down.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(super::open(path)?.collect())
    }
}

impl FromIterator<Read> for Book {
    fn from_iter<I: IntoIterator<Item = Read>>(reads: I) -> Self {
        let mut book = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for read in reads {
            match read {
                Err(bad) => book.bad_lines.push(bad),
                Ok(account) => match places.entry(account.account.clone()) {
                    Entry::Vacant(free) => {
                        free.insert(book.accounts.len());
                        book.accounts.push(account);
                    }
                    Entry::Occupied(taken) => {
                        book.superseded = book.superseded.saturating_add(1);
                        if let Some(kept) = book.accounts.get_mut(*taken.get())
                            && account.as_of >= kept.as_of
                        {
                            *kept = account;
                        }
                    }
                },
            }
        }
        book
    }
}

/// Whether an account came before in the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// For the first time.
    First,
    /// Again, and it corrects what came before.
    Correction,
    /// Again, but older than what came before: late, and of no effect.
    Late,
}

/// A stream of snapshots that says which accounts came before; it holds their numbers and days, nothing else.
pub struct Snapshots<I> {
    reads: I,
    seen: HashMap<String, NaiveDate>,
}

impl<I: Iterator<Item = Read>> Snapshots<I> {
    /// Over any reader.
    pub fn new(reads: I) -> Self {
        Self { reads, seen: HashMap::new() }
    }
}

impl<I: Iterator<Item = Read>> Iterator for Snapshots<I> {
    type Item = Result<(Account, Came), BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let account = match self.reads.next()? {
            Ok(account) => account,
            Err(bad) => return Some(Err(bad)),
        };
        let came = match self.seen.entry(account.account.clone()) {
            Entry::Vacant(free) => {
                free.insert(account.as_of);
                Came::First
            }
            Entry::Occupied(seen) if account.as_of < *seen.get() => Came::Late,
            Entry::Occupied(mut seen) => {
                seen.insert(account.as_of);
                Came::Correction
            }
        };
        Some(Ok((account, came)))
    }
}
