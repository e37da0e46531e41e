//! `spread`: the chosen rows and all later ones are re-amortised over the dates to come, with `extra_terms` more.
//!
//! Without interest on top, principal, interest and fees are spread evenly and nothing is added. With it, the
//! principal is derived anew by the contract's terms; interest that has accrued until then is kept and spread
//! (accrue), or becomes principal (capitalise).

use chrono::NaiveDate;

use super::{Work, less, unpaid};
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::benefit::ground::EngineError;
use crate::money::{Money, MoneyError};
use crate::policy::document::{InterestOnTop, Part};
use crate::reason::Reason;
use crate::schedule::{Kept, RateCalendar, derive};

/// What is re-amortised.
struct Pool {
    /// The rows it came out of, with their dates.
    pieces: Vec<super::Piece>,
    sum: Parts,
    /// Dates to come.
    dues: Vec<NaiveDate>,
}

impl Work<'_> {
    pub(super) fn spread(&mut self, takes: &[(&Row, Parts)]) -> Result<Result<(), Reason>, EngineError> {
        let extra = match &self.program.extra_terms {
            Some(quantity) => match self.ground.quantity(quantity)? {
                Ok(measure) => measure.count().unwrap_or(0),
                Err(gap) => return Ok(Err(gap.into())),
            },
            None => 0,
        };
        let pool = self.pool(takes, extra)?;
        let rows = if self.program.interest_on_top == InterestOnTop::None {
            evenly(&pool)?
        } else {
            match self.amortised(&pool)? {
                Ok(rows) => rows,
                Err(reason) => return Ok(Err(reason)),
            }
        };
        let mut used: Vec<&str> = Vec::new();
        for (at, (due, owed)) in pool.dues.iter().zip(rows).enumerate() {
            match pool.pieces.iter().find(|piece| piece.due_on == *due) {
                Some(piece) => {
                    used.push(&piece.row);
                    self.draft.put(&piece.row, *due, owed);
                }
                None => {
                    let name = format!("extra/{}/{}", self.ground.benefit.id, at.saturating_add(1));
                    self.draft.add(&name, *due, owed);
                }
            }
        }
        // Rows whose money went elsewhere hold nothing any more.
        for piece in pool.pieces.iter().filter(|piece| !used.contains(&piece.row.as_str())) {
            self.draft.remove(&piece.row);
        }
        Ok(Ok(()))
    }

    /// Takes everything out of the chosen and the later rows.
    fn pool(&mut self, takes: &[(&Row, Parts)], extra: i64) -> Result<Pool, EngineError> {
        let today = self.ground.today();
        let first = takes.iter().map(|(row, _)| row.state.due_on).min().unwrap_or(today);
        let mut pool = Pool { pieces: Vec::new(), sum: Parts::zero(self.ground.position.currency), dues: Vec::new() };
        let later: Vec<&Row> = unpaid(self.rows)?.into_iter().filter(|row| row.state.due_on >= first).collect();
        for row in later {
            let parts = match takes.iter().find(|(taken, _)| taken.id == row.id) {
                Some((_, parts)) => *parts,
                None if row.state.due_on >= today => row.unpaid()?,
                // An overdue row that is not chosen stays overdue.
                None => continue,
            };
            if let Some(piece) = self.draft.take(&row.id, parts)? {
                pool.sum = pool.sum.add(&piece.parts)?;
                if piece.due_on >= today && !pool.dues.contains(&piece.due_on) {
                    pool.dues.push(piece.due_on);
                }
                pool.pieces.push(piece);
            }
        }
        pool.dues.sort_unstable();
        let last = pool.dues.last().copied().or(self.rows.iter().map(|row| row.state.due_on).max()).unwrap_or(today);
        let mut due = last;
        let wanted = if pool.dues.is_empty() { extra.max(1) } else { extra };
        for _ in 0..wanted {
            due = self.ground.periods_on(due, 1)?;
            while due < today {
                due = self.ground.periods_on(due, 1)?;
            }
            pool.dues.push(due);
        }
        Ok(pool)
    }

    /// Derived by the contract's terms; interest accrued so far is kept or becomes principal.
    fn amortised(&mut self, pool: &Pool) -> Result<Result<Vec<Parts>, Reason>, EngineError> {
        let contract = match self.ground.contract() {
            Ok(contract) => contract,
            Err(reason) => return Ok(Err(reason)),
        };
        let zero = Money::zero(contract.currency);
        let Some(first) = pool.dues.first().copied() else { return Ok(Ok(Vec::new())) };
        let start = self.ground.accrues_from(self.rows, first)?;
        let (mut accrued, mut settled) = (zero, zero);
        for piece in &pool.pieces {
            if piece.due_on <= start {
                accrued = accrued.add(&piece.parts.interest)?.add(&self.on_top(piece, start)?)?;
            } else {
                settled = settled.add(&self.settled_interest(piece)?)?;
            }
        }
        let mut principal = pool.sum.principal;
        if self.program.interest_on_top == InterestOnTop::Capitalise {
            principal = principal.add(&accrued)?;
            self.capitalised = accrued;
            accrued = zero;
        }
        let derived = derive(&contract, principal, start, &pool.dues, &RateCalendar::EMPTY, Kept::default())?;
        let weights = vec![1_u64; pool.dues.len()];
        let kept = accrued.allocate(&weights)?;
        let fees = pool.sum.fees.allocate(&weights)?;
        let mut rows = Vec::with_capacity(derived.len());
        for ((row, kept), fees) in derived.into_iter().zip(kept).zip(fees) {
            let interest = less(row.interest, settled)?;
            settled = settled.sub(&row.interest.sub(&interest)?)?;
            rows.push(Parts { principal: row.principal, interest: interest.add(&kept)?, fees });
        }
        Ok(Ok(rows))
    }
}

/// The same in every row; the last absorbs rounding.
fn evenly(pool: &Pool) -> Result<Vec<Parts>, MoneyError> {
    let count = i64::try_from(pool.dues.len()).map_err(|_| MoneyError::Overflow)?.max(1);
    let mut rows = vec![Parts::zero(pool.sum.currency()); pool.dues.len()];
    let last = rows.len().saturating_sub(1);
    for part in [Part::Principal, Part::Interest, Part::Fees] {
        let whole = pool.sum.get(part).minor();
        let each = whole / count;
        for (at, row) in rows.iter_mut().enumerate() {
            let size =
                if at == last { whole.saturating_sub(each.saturating_mul(count.saturating_sub(1))) } else { each };
            *row = row.with(part, Money::new(size, pool.sum.currency()));
        }
    }
    Ok(rows)
}
