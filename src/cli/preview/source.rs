//! Where the accounts of a preview come from: a file, or a sample book that is made on the way.

use std::io::{self, IsTerminal};

use anyhow::Context;
use forbear_engine::account::Snapshots;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use crate::core_system::BadLine;
use crate::core_system::book::Book;
use crate::core_system::latest::Latest;
use crate::core_system::sample::SampleSpec;

/// Accounts that are decided together, about.
const BATCH: usize = 4096;

/// Accounts from which on a bar is shown.
const LONG: u64 = 20_000;

/// Where accounts come from.
pub enum Source {
    /// A file after its first pass.
    File(Latest),
    /// A book to be made.
    Sample(SampleSpec),
}

impl Source {
    /// A file, read once to find the latest snapshot of each account.
    pub fn file(path: &std::path::Path) -> anyhow::Result<Self> {
        let spinner = bar(None);
        let latest = Latest::scan(path, |read| {
            if read >= LONG {
                spinner.set_message(format!("{read} snapshots read"));
                spinner.tick();
            }
        });
        spinner.finish_and_clear();
        Ok(Self::File(latest.with_context(|| format!("cannot read {}", path.display()))?))
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> u64 {
        match self {
            Self::File(latest) => {
                let superseded = u64::try_from(latest.superseded()).unwrap_or(u64::MAX);
                latest.snapshots.saturating_sub(superseded)
            }
            Self::Sample(spec) => spec.size,
        }
    }

    /// Lines that could not be read: the first ones, and how many.
    pub fn bad_lines(&self) -> (&[BadLine], u64) {
        match self {
            Self::File(latest) => (&latest.bad_lines, latest.bad),
            Self::Sample(_) => (&[], 0),
        }
    }

    /// Snapshots that a later one takes the place of.
    pub fn superseded(&self) -> usize {
        if let Self::File(latest) = self { latest.superseded() } else { 0 }
    }

    /// Every account once, some thousand at a time, in the order of the book; each part is for one core.
    ///
    /// # Errors
    /// The file cannot be read, an account cannot be held, or `take` fails.
    pub fn each_batch(&self, mut take: impl FnMut(&[Snapshots]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let bar = bar(Some(self.accounts()).filter(|accounts| *accounts >= LONG));
        let mut batch: Vec<Snapshots> = Vec::new();
        let mut waiting = 0_usize;
        let mut add = |part: Snapshots, last: bool| -> anyhow::Result<()> {
            waiting = waiting.saturating_add(part.len());
            batch.push(part);
            if waiting >= BATCH || last {
                take(&batch)?;
                bar.inc(u64::try_from(waiting).unwrap_or(0));
                batch.clear();
                waiting = 0;
            }
            Ok(())
        };
        match self {
            Self::File(latest) => {
                for part in latest.parts()? {
                    add(part, false)?;
                }
            }
            Self::Sample(spec) => {
                let mut from = 0;
                while from < spec.blocks() {
                    let until = from.saturating_add(32).min(spec.blocks());
                    let blocks: Vec<_> = (from..until).into_par_iter().map(|number| block(spec, number)).collect();
                    blocks.into_iter().try_for_each(|part| add(part?, false))?;
                    from = until;
                }
            }
        }
        add(Snapshots::default(), true)?;
        bar.finish_and_clear();
        Ok(())
    }
}

/// A block of a sample book. A second snapshot of an account stands in the block of the first.
fn block(spec: &SampleSpec, number: u64) -> anyhow::Result<Snapshots> {
    let book: Book = spec.block(number).snapshots.into_iter().map(Ok).collect();
    let mut part = Snapshots::default();
    book.accounts.iter().try_for_each(|account| part.add(account))?;
    Ok(part)
}

/// A bar on standard error when somebody watches; without a length, a spinner.
fn bar(length: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
    }
    match length {
        None => ProgressBar::new_spinner(),
        Some(length) => {
            let bar = ProgressBar::new(length);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {per_sec}, {eta} left") {
                bar.set_style(style);
            }
            bar
        }
    }
}
