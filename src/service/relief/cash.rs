//! Deferred cash: what deferrals and suspensions move out of which calendar month, and into which. It is kept with the
//! entry that posts a grant, and with the other sign with the one that takes it back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::account::parts::Parts;
use forbear_engine::adjustment::{Adjustment, Cause, RowState, ScheduleChange};

use crate::service::{Served, Service, ServiceError};
use crate::store::Connection;
use crate::store::cash::{self, CashRow};
use crate::store::grant::{self, GrantRow};
use crate::store::journal::EntryRow;

pub use crate::store::cash::{CashCut, CashSum};
pub use crate::store::total::Of;

/// Principal, interest and fees, in minor units.
type Three = [i64; 3];

/// What moves out of a month and into it, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Principal, interest and fees that were to come.
    pub out: Three,
    /// Principal, interest and fees that come instead, without what is added.
    pub into: Three,
    /// Interest for the additional time, as interest or as principal.
    pub added_interest: i64,
}

/// By month, such as 2021-07.
pub type ByMonth = BTreeMap<String, Moved>;

/// Rows that are read at once.
const PAGE: i64 = 500;

impl Service {
    /// What was moved from month to month, cut.
    ///
    /// # Errors
    /// The store fails.
    pub fn deferred_cash(&self, cut: CashCut, of: &Of) -> Served<Vec<CashSum>> {
        self.keep_missing_cash()?;
        Ok(self.store.read(|conn| cash::sums(conn, cut, of))?)
    }

    /// Keeps what entries move that were written before it was kept.
    pub(super) fn keep_missing_cash(&self) -> Served<()> {
        while !self.store.read(|conn| cash::missing(conn, 1))?.is_empty() {
            self.store.write(|conn| -> Served<()> {
                for (entry, grant) in cash::missing(conn, PAGE)? {
                    // Whoever deletes the row keeps it, and nobody else.
                    if cash::found(conn, entry.id)? {
                        keep(conn, &entry, &grant)?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Keeps what an entry of a grant moves.
pub(super) fn keep(conn: &mut Connection, entry: &EntryRow, grant: &GrantRow) -> Served<()> {
    let sign = |minor: i64| if entry.kind == "reversal" { minor.saturating_neg() } else { minor };
    let row = |(month, moved): (String, Moved)| {
        let ([principal_out, interest_out, fees_out], [principal_in, interest_in, fees_in]) =
            (moved.out.map(sign), moved.into.map(sign));
        CashRow {
            entry_id: entry.id,
            month,
            posted_on: entry.posted_on,
            declaration: grant.declaration.clone(),
            policy: grant.policy.clone(),
            currency: grant.currency.clone(),
            principal_out,
            interest_out,
            fees_out,
            principal_in,
            interest_in,
            fees_in,
            added_interest: sign(moved.added_interest),
        }
    };
    let rows: Vec<CashRow> = moved_by(grant)?.into_iter().map(row).collect();
    Ok(cash::add(conn, &rows)?)
}

fn moved_by(grant: &GrantRow) -> Served<ByMonth> {
    if grant.deferred == 0 && grant.added_interest == 0 && grant.forgone_interest == 0 {
        return Ok(ByMonth::new());
    }
    let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
    moved(&adjustments)
}

/// What adjustments move from month to month. A row that moves to another month takes all of its unpaid parts along; of one
/// that stays in its month only the difference counts. Changes of the rate move nothing.
///
/// # Errors
/// Amounts cannot be counted.
pub fn moved(adjustments: &[Adjustment]) -> Served<ByMonth> {
    let mut months = ByMonth::new();
    for adjustment in adjustments {
        if let Adjustment::Schedule(change) = adjustment
            && change.cause != Cause::Rate
        {
            count(&mut months, change)?;
        }
    }
    months.retain(|_, moved| *moved != Moved::default());
    Ok(months)
}

/// A row as cash: when it comes, and how much.
type Cash = (NaiveDate, Three);

fn count(months: &mut ByMonth, change: &ScheduleChange) -> Served<()> {
    let suspended = change.relief_end.filter(|_| change.cause == Cause::Suspension).and_then(|day| day.succ_opt());
    let mut rows = Vec::new();
    for row in &change.changes {
        let before = row.before.as_ref().map(unpaid).transpose()?;
        let mut after = row.after.as_ref().map(unpaid).transpose()?;
        // Rows keep their dates while payments are suspended, and are to be paid the day after.
        if let (Some((due, _)), Some(day)) = (&mut after, suspended) {
            *due = (*due).max(day);
        }
        rows.push((before, after));
    }
    // Interest on top is in the rows that grew: the latest first, where some of them grew for another reason.
    rows.sort_by_key(|(_, after)| after.map(|(due, _)| due));
    let mut left = change.added_interest.minor();
    for (before, after) in rows.iter_mut().rev() {
        let Some((due, owed)) = after else { continue };
        let was = before.map_or([0; 3], |(_, was)| was);
        let [principal, interest, _] = owed;
        for (part, was) in [(interest, was[1]), (principal, was[0])] {
            let added = part.saturating_sub(was).clamp(0, left.max(0));
            *part = part.saturating_sub(added);
            left = left.saturating_sub(added);
            let sum = &mut months.entry(month(*due)).or_default().added_interest;
            *sum = sum.saturating_add(added);
        }
    }
    for (before, after) in rows {
        let (mut out, mut into) = (before, after);
        if let (Some((from, out)), Some((to, into))) = (&mut out, &mut into)
            && month(*from) == month(*to)
        {
            for (out, into) in out.iter_mut().zip(into) {
                let stays = (*out).min(*into);
                *out = out.saturating_sub(stays);
                *into = into.saturating_sub(stays);
            }
        }
        if let Some((due, parts)) = out {
            add(&mut months.entry(month(due)).or_default().out, parts);
        }
        if let Some((due, parts)) = into {
            add(&mut months.entry(month(due)).or_default().into, parts);
        }
    }
    Ok(())
}

fn add(sums: &mut Three, parts: Three) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        *sum = sum.saturating_add(part);
    }
}

fn unpaid(row: &RowState) -> Served<Cash> {
    let Parts { principal, interest, fees } = row.owed.sub(&row.paid).map_err(ServiceError::unknown)?;
    Ok((row.due_on, [principal.minor(), interest.minor(), fees.minor()]))
}

fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// Months whose kept cash is not what the grants that hold move.
pub(super) fn differing(conn: &mut Connection) -> Served<Vec<String>> {
    let mut wanted: BTreeMap<(String, String), Moved> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = grant::page(conn, None, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page.iter().filter(|row| matches!(row.state.as_str(), "posted" | "confirmed")) {
            for (month, moved) in moved_by(row)? {
                let sum = wanted.entry((month, row.currency.clone())).or_default();
                add(&mut sum.out, moved.out);
                add(&mut sum.into, moved.into);
                sum.added_interest = sum.added_interest.saturating_add(moved.added_interest);
            }
        }
    }
    let mut differing = Vec::new();
    for kept in cash::sums(conn, CashCut::Month, &Of::default())? {
        let moved = Moved { out: kept.out, into: kept.into, added_interest: kept.added_interest };
        let key = (kept.month, kept.currency);
        if wanted.remove(&key) != Some(moved) {
            differing.push(key);
        }
    }
    differing.extend(wanted.into_keys());
    let said = |(month, currency): (String, String)| {
        format!("deferred cash of {month} {currency}: what is kept is not what grants move")
    };
    Ok(differing.into_iter().map(said).collect())
}
