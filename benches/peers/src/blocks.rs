//! Forbear's columns: a million accounts, loaded once, told in blocks.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, ensure};
use forbear_engine::decide::eligibility::{Columns, Planes};

use crate::book::Entry;
use crate::forbear::{Bound, Told, loaded, rules};
use crate::policy::Answer;
use crate::rounds::median;

/// Nanoseconds per row.
pub struct Figures {
    /// Reading the facts of the accounts into columns, days past due and all.
    pub load: f64,
    /// Which rule holds.
    pub told: f64,
    /// The same, and what each test came to is kept.
    pub traced: f64,
}

/// Every account of the book `copies` times.
pub fn run(book: &[Entry<'_>], expected: &[Answer], copies: usize, rounds: usize) -> Result<Figures> {
    let texts: Vec<&str> = (0..copies).flat_map(|_| book.iter().map(|entry| entry.brief)).collect();
    let accounts = loaded(&texts)?;
    let each = |begun: Instant| begun.elapsed().as_nanos() as f64 / accounts.len() as f64;
    let bound = Bound::new()?;
    let begun = Instant::now();
    let mut columns = Columns::of(&accounts);
    columns.load(&bound.plan)?;
    let load = each(begun);
    let mut told = Told::new(&bound, &columns);
    let mut answers = Vec::with_capacity(accounts.len());
    told.tell(|block| rules(block, &mut answers))?;
    let differ = answers.iter().zip(expected.iter().cycle()).filter(|(own, other)| **own != other.rule).count();
    ensure!(answers.len() == accounts.len() && differ == 0, "the columns differ on {differ} accounts");
    let mut trace: Vec<Planes> = Vec::with_capacity(accounts.len());
    let (mut plain, mut traced) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let begun = Instant::now();
        told.tell(|block| {
            black_box(&block.hits);
            Ok(())
        })?;
        let first = each(begun);
        trace.clear();
        let begun = Instant::now();
        told.tell(|block| {
            trace.extend_from_slice(&block.tests);
            black_box(&block.hits);
            Ok(())
        })?;
        let second = each(begun);
        black_box(&trace);
        if round > 0 {
            plain.push(first);
            traced.push(second);
        }
    }
    Ok(Figures { load, told: median(&plain), traced: median(&traced) })
}
