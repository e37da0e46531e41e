//! Which instalments a benefit is about, and how the contract counts on from them.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::Frequency;
use forbear_engine::policy::document::{OneOrMany, Quantity, Which, WindowRule};
use forbear_engine::rate::DayCount;
use forbear_engine::reason::Reason;
use rust_decimal::Decimal;

use super::claim::absent;
use super::day;
use super::ground::{Ground, missing};
use super::interest::Contract;
use super::ledger::Row;

/// Rows of a choice: those to add, and all with what was given before.
pub struct Chosen {
    /// To add.
    pub added: Vec<Row>,
    /// All.
    pub all: Vec<Row>,
}

/// Rows of the first so many instalments.
#[must_use]
pub fn first_instalments(rows: Vec<Row>, count: i64) -> Vec<Row> {
    let mut origins: Vec<String> = Vec::new();
    let mut kept = Vec::new();
    for row in rows {
        if !origins.contains(&row.origin) {
            if origins.len() as i64 >= count {
                continue;
            }
            origins.push(row.origin.clone());
        }
        kept.push(row);
    }
    kept
}

impl Ground<'_> {
    /// Chooses rows by their days before this event's relief, oldest first. Rows that a waiver or a credit emptied count
    /// as if it had not, where that is asked for.
    pub fn choose(
        &self,
        which: &OneOrMany<Which>,
        due: Option<&WindowRule>,
        instalments: Option<&Quantity>,
        emptied: bool,
    ) -> Result<Chosen, Reason> {
        let rows = self.scene.ledger.rows.as_ref().ok_or_else(absent)?;
        let window = self.scene.days(due).map_err(missing)?;
        let fits = |due: NaiveDate| {
            which.as_slice().iter().any(|one| match one {
                Which::Overdue => due < self.today(),
                Which::DueIn => window.has(due),
            })
        };
        let mut all = Vec::new();
        for row in rows.iter().filter(|row| !self.was_made(&row.id) && fits(self.due_before(row))) {
            if !row.paid_known {
                return Err(absent());
            }
            if !row.is_paid() || (emptied && self.was_emptied(&row.id)) || self.was_chosen(&row.origin) {
                all.push(row.clone());
            }
        }
        all.sort_by_key(|row| (self.due_before(row), row.id.clone()));
        if let Some(quantity) = instalments {
            let count = self.quantity(quantity).map_err(missing)?.count().unwrap_or(0);
            let gone = self.gone().into_iter().filter(|due| fits(*due)).count() as i64;
            // What was put together with other rows still has its place in the line.
            let lost = self.put_together().into_iter().filter(|(due, _)| fits(*due)).map(|(due, id)| (due, id, None));
            let rows = all.into_iter().map(|row| (self.due_before(&row), row.id.clone(), Some(row)));
            let mut line: Vec<(NaiveDate, String, Option<Row>)> = rows.chain(lost).collect();
            line.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            let mut places: Vec<String> = Vec::new();
            all = Vec::new();
            for (_, id, row) in line {
                let origin = row.as_ref().map_or(id, |row| row.origin.clone());
                if !places.contains(&origin) {
                    places.push(origin.clone());
                }
                let place = places.iter().position(|one| *one == origin).unwrap();
                all.extend(row.filter(|_| (place as i64) < count - gone));
            }
        }
        let added = all.iter().filter(|row| !self.was_chosen(&row.origin)).cloned().collect();
        Ok(Chosen { added, all })
    }

    /// Rate and day count; a loan without interest needs no day count.
    pub fn simple_terms(&self) -> Result<(Decimal, DayCount), Reason> {
        let terms = &self.scene.account.terms;
        let rate = terms.rate.ok_or_else(absent)?.0;
        if rate.is_zero() {
            return Ok((rate, terms.day_count.unwrap_or(DayCount::Act365)));
        }
        Ok((rate, terms.day_count.ok_or_else(absent)?))
    }

    /// All terms that rows are derived from.
    pub fn contract(&self) -> Result<Contract, Reason> {
        let (rate, count) = self.simple_terms()?;
        let method = self.scene.account.terms.method.ok_or_else(absent)?;
        Ok(Contract { rate, method, count })
    }

    /// A due date so many periods on; a clamped month end finds back to the loan's own day.
    #[must_use]
    pub fn periods_on(&self, due: NaiveDate, count: i64) -> NaiveDate {
        match self.scene.account.terms.every.unwrap_or(Frequency::Months(1)) {
            Frequency::Days(days) => day::plus(due, i64::from(days) * count).unwrap(),
            Frequency::Months(months) => {
                let moved = day::plus_months(due, i64::from(months) * count).unwrap();
                let largest = self.scene.ledger.all_rows().iter().map(|row| row.due.day()).max().unwrap_or(0);
                let at_end = due.day() == day::month_length(due.year(), due.month());
                let own = if at_end { largest.max(due.day()) } else { due.day() };
                moved.with_day(own.min(day::month_length(moved.year(), moved.month()))).unwrap()
            }
        }
    }

    /// From when the interest due on a day runs: the due date before, the disbursement, or a period back.
    #[must_use]
    pub fn accrues_from(&self, due: NaiveDate) -> NaiveDate {
        let before = self.scene.ledger.all_rows().iter().map(|row| row.due).filter(|other| *other < due).max();
        self.runs_from(before, due)
    }

    /// The same as it was agreed, before relief moved anything.
    #[must_use]
    pub fn accrued_from(&self, due: NaiveDate) -> NaiveDate {
        self.runs_from(self.dues_before().into_iter().filter(|other| *other < due).max(), due)
    }

    fn runs_from(&self, before: Option<NaiveDate>, due: NaiveDate) -> NaiveDate {
        let lent = self.scene.account.terms.disbursed_on.filter(|lent| *lent < due);
        before.or(lent).unwrap_or_else(|| self.periods_on(due, -1))
    }
}
