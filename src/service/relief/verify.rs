//! Proof that ledger, grants and budgets agree, from the rows themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reverse::{Refused, all_still_held};
use super::{cash, ledger};
use crate::service::review::sample::misdrawn;
use crate::service::{Served, Service};
use crate::store::{Connection, budget, grant, id, journal, total};

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Grants that were looked at.
    pub grants: u64,
    /// Sums by ledger account and currency, in minor units.
    pub balances: Vec<(String, String, i64)>,
    /// What does not hold.
    pub broken: Vec<String>,
    /// What was taken back here and is still held by the core system, which refused.
    pub refused: Vec<Refused>,
}

/// Grants looked at together.
const PAGE: i64 = 1_000;

/// Differences of kept totals that are named.
const SHOWN: i64 = 100;

/// A ledger account as journal, grants and reports have it, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The ledger account.
    pub ledger: String,
    /// The currency.
    pub currency: String,
    /// What its lines in the journal sum to.
    pub journal: i64,
    /// What the grants that hold come to.
    pub grants: i64,
    /// What reports say, from the totals that are kept.
    pub report: i64,
}

impl Reconciled {
    /// Whether all three agree.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.journal == self.grants && self.journal == self.report
    }
}

impl Service {
    /// Journal, grants and reports side by side, with everything that verifying found: all at one moment.
    ///
    /// # Errors
    /// The store fails. What does not hold is in the answer.
    pub fn reconcile(&self) -> Served<(Books, Vec<Reconciled>)> {
        self.keep_missing_cash()?;
        self.store.snapshot(|conn| {
            let (books, grants) = verified(conn)?;
            let report = by_ledger(&total::balances(conn)?);
            let journal = by_ledger(&books.balances);
            let keys: std::collections::BTreeSet<_> =
                journal.keys().chain(grants.keys()).chain(report.keys()).cloned().collect();
            let of = |sums: &Sums, key: &(String, String)| sums.get(key).copied().unwrap_or(0);
            let lines = keys.into_iter().map(|key| Reconciled {
                journal: of(&journal, &key),
                grants: of(&grants, &key),
                report: of(&report, &key),
                ledger: key.0,
                currency: key.1,
            });
            let lines = lines.collect();
            Ok((books, lines))
        })
    }

    /// Holds the ledger against the grants, line by line of every account, kept totals against the ledger, part by part,
    /// closed months against their digests, and budgets against what was taken: all as they were at one moment.
    ///
    /// # Errors
    /// The store fails. What does not hold is in the answer.
    pub fn verify_books(&self) -> Served<Books> {
        self.keep_missing_cash()?;
        self.store.snapshot(|conn| Ok(verified(conn)?.0))
    }
}

/// Sums by ledger account and currency, in minor units.
type Sums = BTreeMap<(String, String), i64>;

fn by_ledger(balances: &[(String, String, i64)]) -> Sums {
    balances.iter().map(|(ledger, currency, sum)| ((ledger.clone(), currency.clone()), *sum)).collect()
}

/// What verifying finds, with what the grants that hold come to.
fn verified(conn: &mut Connection) -> Served<(Books, Sums)> {
    let mut books =
        Books { grants: 0, balances: journal::balances(conn)?, broken: Vec::new(), refused: all_still_held(conn)? };
    for entry in journal::unbalanced(conn)? {
        books.broken.push(format!("{} does not sum to zero", id::outside("entry", entry)));
    }
    for grant in journal::astray(conn)? {
        books.broken.push(format!("{}: its state and its entries differ", id::outside("grant", grant)));
    }
    let wanted = wanted(conn, &mut books)?;
    compare(&wanted, &mut books);
    for (part, by) in total::differences(conn, SHOWN)? {
        books.broken.push(format!("{part}: the kept total differs from the journal by {by}"));
    }
    for month in super::period::changed(conn)? {
        books.broken.push(format!("{month} was closed, and its entries have changed since"));
    }
    books.broken.extend(cash::differing(conn)?);
    books.broken.extend(misdrawn(conn)?);
    budgets(conn, &mut books)?;
    Ok((books, wanted))
}

/// The ledger accounts against what they have to sum to.
fn compare(wanted: &Sums, books: &mut Books) {
    let found = by_ledger(&books.balances);
    for key in wanted.keys().chain(found.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (grants, ledger) = (wanted.get(key).copied().unwrap_or(0), found.get(key).copied().unwrap_or(0));
        if grants != ledger {
            let (name, currency) = key;
            books.broken.push(format!("{name} {currency}: grants say {grants}, the ledger {ledger}"));
        }
    }
}

/// What the ledger accounts have to sum to, by the grants that hold.
fn wanted(conn: &mut Connection, books: &mut Books) -> Served<Sums> {
    let mut sums = Sums::new();
    let mut after = 0;
    loop {
        let page = grant::page(conn, None, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(sums) };
        after = last.id;
        for row in &page {
            books.grants = books.grants.saturating_add(1);
            if !matches!(row.state.as_str(), "posted" | "confirmed") {
                continue;
            }
            for line in ledger::posting(row, 0)? {
                let sum = sums.entry((line.ledger, line.currency)).or_default();
                *sum = sum.saturating_add(line.amount);
            }
        }
    }
}

/// Slices have to sum to their budget, and to what grants have of it.
fn budgets(conn: &mut Connection, books: &mut Books) -> Served<()> {
    for row in budget::list(conn)? {
        let name = id::outside("budget", row.id);
        let slices = budget::slices(conn, row.id)?;
        if slices.iter().map(|slice| slice.amount).sum::<i64>() != row.amount {
            books.broken.push(format!("{name}: its slices do not sum to it"));
        }
        let uses = budget::uses_of(conn, row.id)?;
        for (state, held) in [
            ("reserved", slices.iter().map(|slice| slice.reserved).sum::<i64>()),
            ("taken", slices.iter().map(|slice| slice.taken).sum::<i64>()),
        ] {
            let mut used: i64 = uses.iter().filter(|used| used.state == state).map(|used| used.amount).sum();
            if state == "reserved" {
                used = budget::expected_of(conn, row.id)?.iter().fold(used, |sum, amount| sum.saturating_add(*amount));
            }
            if used != held {
                books.broken.push(format!("{name}: {held} {state}, but grants have {used}"));
            }
        }
    }
    Ok(())
}
