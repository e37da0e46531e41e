//! A seeded loan book that looks like a real one, of any size, made account by account.
//!
//! Account n of a seed is the same whatever the size of the book, and on every machine. About one account in six
//! has a defect ([`Defect`]), counted by kind in the [`Tally`].

mod defect;
mod dice;
mod history;
mod loan;
mod people;
mod place;
mod plan;
mod product;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::account::Account;

pub use defect::Defect;
use dice::Dice;

/// In a thousand accounts so many have a defect, and of those so many in a thousand a second one.
const DEFECTIVE: (u64, u64) = (160, 125);

/// Accounts that are made together; second snapshots of an account come at the end of its block.
const BLOCK: u64 = 128;

/// Whose loans a book holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    /// Chinese loans in CNY.
    Cn,
    /// Loans of the US in USD.
    Us,
    /// Half and half.
    Both,
}

impl Country {
    /// The country of a region code (`CN-…`, `US-…`) or of a sample account's number (`C…`, `U…`).
    fn of(code: &str) -> Option<Self> {
        match code.chars().next() {
            Some('C') => Some(Self::Cn),
            Some('U') => Some(Self::Us),
            _ => None,
        }
    }
}

/// What book to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSpec {
    /// The same seed makes the same book.
    pub seed: u64,
    /// How many accounts; some are reported twice.
    pub size: u64,
    /// Whose loans.
    pub country: Country,
    /// The day of the snapshots.
    pub as_of: NaiveDate,
    /// Regions in which six homes in ten lie; empty for a spread over the country.
    pub around: Vec<String>,
}

/// What a book, or a part of it, holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Accounts, each counted once.
    pub accounts: u64,
    /// Snapshots, second ones included.
    pub snapshots: u64,
    /// Accounts with at least one defect.
    pub defective: u64,
    /// Defects by kind.
    pub defects: BTreeMap<Defect, u64>,
}

impl Tally {
    /// Adds what another part holds.
    pub fn add(&mut self, other: &Self) {
        self.accounts = self.accounts.saturating_add(other.accounts);
        self.snapshots = self.snapshots.saturating_add(other.snapshots);
        self.defective = self.defective.saturating_add(other.defective);
        for (defect, count) in &other.defects {
            let sum = self.defects.entry(*defect).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

/// A part of a book.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// Its snapshots, in the order of the file.
    pub snapshots: Vec<Account>,
    /// What they hold.
    pub tally: Tally,
}

impl SampleSpec {
    /// How many blocks the book has.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.size.div_ceil(BLOCK)
    }

    /// A block of the book, from 0; blocks can be made in any order and side by side.
    #[must_use]
    pub fn block(&self, number: u64) -> Block {
        let first = number.saturating_mul(BLOCK);
        let last = first.saturating_add(BLOCK).min(self.size);
        let (mut block, mut second) = (Block::default(), Vec::new());
        for index in first..last {
            let mut dice = Dice::new(self.seed, index);
            let Some(mut account) = loan::loan(&mut dice, self, index) else { continue };
            let mut again = None;
            let defects = spoil(&mut dice, &mut account, &mut again);
            block.tally.accounts = block.tally.accounts.saturating_add(1);
            block.tally.defective = block.tally.defective.saturating_add(u64::from(!defects.is_empty()));
            for defect in defects {
                *block.tally.defects.entry(defect).or_default() += 1;
            }
            block.snapshots.push(account);
            second.extend(again);
        }
        block.snapshots.append(&mut second);
        block.tally.snapshots = u64::try_from(block.snapshots.len()).unwrap_or(u64::MAX);
        block
    }

    /// All snapshots of the book, block by block.
    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        (0..self.blocks()).flat_map(|number| self.block(number).snapshots)
    }
}

/// Puts in one defect or two, or none. A kind that does not apply gives way to another.
fn spoil(dice: &mut Dice, account: &mut Account, again: &mut Option<Account>) -> Vec<Defect> {
    let mut put = Vec::new();
    let (first, second) = DEFECTIVE;
    let count = match dice.permille(first) {
        true if dice.permille(second) => 2,
        true => 1,
        false => 0,
    };
    for _ in 0..count {
        // What is sent twice is sent as it is: nothing is spoilt after the second snapshot was taken.
        if again.is_some() {
            break;
        }
        // Every account can lose something, so forty throws find a kind that applies.
        for _ in 0..40 {
            let kind = *dice.pick(&Defect::ALL, &Defect::NoAddressDates);
            if !put.contains(&kind) && kind.put(dice, account, again) {
                put.push(kind);
                break;
            }
        }
    }
    put
}
