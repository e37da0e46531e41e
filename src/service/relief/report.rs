//! Reports: what was given, from totals that are kept with the journal, so that both always agree.

use crate::service::{Served, Service};
use crate::store::total;

pub use crate::store::total::{Cut, Of, SumRow};

/// A line of a report, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The part: a declaration, a policy with its version, a rule, a region, a bearer, a day.
    pub key: String,
    /// The currency.
    pub currency: String,
    /// Owed, never paid, no longer owed.
    pub waived: i64,
    /// Paid and given back.
    pub refunded: i64,
    /// Money given.
    pub goodwill: i64,
    /// Payments moved to later.
    pub deferred: i64,
    /// Interest on top.
    pub added_interest: i64,
    /// Interest that will never be charged.
    pub forgone_interest: i64,
    /// Loss in present value (IFRS 9, CAS 22); below zero, a gain.
    pub modification_loss: i64,
}

impl Service {
    /// What was given, cut by something.
    ///
    /// # Errors
    /// The store fails.
    pub fn report(&self, cut: Cut, of: &Of) -> Served<Vec<Line>> {
        let sums = self.store.read(|conn| total::sums(conn, cut, of))?;
        let mut lines: Vec<Line> = Vec::new();
        for sum in sums {
            let same = |line: &&mut Line| line.key == sum.key && line.currency == sum.currency;
            match lines.last_mut().filter(|line| same(line)) {
                Some(line) => count(line, &sum),
                None => {
                    let mut line = empty(&sum);
                    count(&mut line, &sum);
                    lines.push(line);
                }
            }
        }
        lines.retain(|line| *line != Line { key: line.key.clone(), ..empty_in(&line.currency) });
        Ok(lines)
    }
}

fn empty(sum: &SumRow) -> Line {
    Line { key: sum.key.clone(), ..empty_in(&sum.currency) }
}

fn empty_in(currency: &str) -> Line {
    Line {
        key: String::new(),
        currency: currency.to_owned(),
        waived: 0,
        refunded: 0,
        goodwill: 0,
        deferred: 0,
        added_interest: 0,
        forgone_interest: 0,
        modification_loss: 0,
    }
}

/// The debit side of each pair says how much; interest on top is income, a credit.
fn count(line: &mut Line, sum: &SumRow) {
    match sum.ledger.as_str() {
        "relief.waived" => line.waived = sum.amount,
        "relief.refunded" => line.refunded = sum.amount,
        "relief.goodwill" => line.goodwill = sum.amount,
        "receivable.deferred" => line.deferred = sum.amount,
        "income.added_interest" => line.added_interest = sum.amount.saturating_neg(),
        "relief.forgone" => line.forgone_interest = sum.amount,
        "loss.modification" => line.modification_loss = sum.amount,
        _ => {}
    }
}
