//! Rows being moved: each as it was and as it becomes, so that the change can be kept and undone.

use chrono::NaiveDate;

use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::adjustment::{RowChange, RowState};
use crate::money::{Currency, Money, MoneyError};

/// Rows before and after.
pub struct Draft {
    rows: Vec<RowChange>,
    currency: Currency,
}

/// Something that moves: a whole row, or a part of one as a row of its own.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The row that now holds it.
    pub row: String,
    /// The instalment it stems from.
    pub origin: String,
    /// Where it was due.
    pub due_on: NaiveDate,
    /// What moves; nothing of it is paid.
    pub parts: Parts,
}

impl Draft {
    /// From the rows as they stand.
    pub fn new(rows: &[Row], currency: Currency) -> Self {
        let same = |row: &Row| RowChange {
            row: row.id.clone(),
            before: Some(row.state.clone()),
            after: Some(row.state.clone()),
        };
        Self { rows: rows.iter().map(same).collect(), currency }
    }

    /// Takes parts out of a row. All of an unpaid row moves under its own id; else what is left stays, and what
    /// moves gets a row of its own.
    pub fn take(&mut self, id: &str, parts: Parts) -> Result<Option<Piece>, MoneyError> {
        let Some(at) = self.rows.iter().position(|row| row.row == id) else { return Ok(None) };
        let Some(state) = self.rows.get(at).and_then(|row| row.after.clone()) else { return Ok(None) };
        let rest = state.owed.sub(&parts)?;
        let (row, origin, due_on) = (id.to_owned(), state.origin.clone(), state.due_on);
        if rest.is_zero() {
            return Ok(Some(Piece { row, origin, due_on, parts }));
        }
        if let Some(kept) = self.rows.get_mut(at).and_then(|row| row.after.as_mut()) {
            kept.owed = rest;
        }
        let row = self.fresh(id);
        let moved = RowState { origin: origin.clone(), due_on, owed: parts, paid: Parts::zero(self.currency) };
        self.rows.push(RowChange { row: row.clone(), before: None, after: Some(moved) });
        Ok(Some(Piece { row, origin, due_on, parts }))
    }

    /// An id that no row has: the given one with a number.
    fn fresh(&self, id: &str) -> String {
        let taken = |candidate: &String| self.rows.iter().any(|row| row.row == *candidate);
        (1_u32..).map(|number| format!("{id}+{number}")).find(|candidate| !taken(candidate)).unwrap_or_default()
    }

    /// Gives a row a date and amounts.
    pub fn put(&mut self, id: &str, due_on: NaiveDate, owed: Parts) {
        if let Some(state) = self.rows.iter_mut().find(|row| row.row == id).and_then(|row| row.after.as_mut()) {
            state.due_on = due_on;
            state.owed = owed;
        }
    }

    /// A new row; under its own name if that is free.
    pub fn add(&mut self, name: &str, due_on: NaiveDate, owed: Parts) -> String {
        let free = !self.rows.iter().any(|row| row.row == name);
        let row = if free { name.to_owned() } else { self.fresh(name) };
        let state = RowState { origin: row.clone(), due_on, owed, paid: Parts::zero(self.currency) };
        self.rows.push(RowChange { row: row.clone(), before: None, after: Some(state) });
        row
    }

    /// Adds to what a row owes.
    pub fn increase(&mut self, id: &str, by: &Parts) -> Result<(), MoneyError> {
        if let Some(state) = self.rows.iter_mut().find(|row| row.row == id).and_then(|row| row.after.as_mut()) {
            state.owed = state.owed.add(by)?;
        }
        Ok(())
    }

    /// Removes a row that holds nothing any more.
    pub fn remove(&mut self, id: &str) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.row == id) {
            row.after = None;
        }
    }

    /// A row as it is now.
    pub fn after(&self, id: &str) -> Option<&RowState> {
        self.rows.iter().find(|row| row.row == id).and_then(|row| row.after.as_ref())
    }

    /// All rows as they are now.
    pub fn states(&self) -> impl Iterator<Item = &RowState> {
        self.rows.iter().filter_map(|row| row.after.as_ref())
    }

    /// What is owed in all, paid parts included: before, after.
    pub fn sums(&self) -> Result<(Money, Money), MoneyError> {
        let (mut before, mut after) = (Money::zero(self.currency), Money::zero(self.currency));
        for row in &self.rows {
            for (sum, state) in [(&mut before, &row.before), (&mut after, &row.after)] {
                if let Some(state) = state {
                    *sum = sum.add(&state.owed.total()?)?;
                }
            }
        }
        Ok((before, after))
    }

    /// The rows that changed.
    pub fn changes(self) -> Vec<RowChange> {
        self.rows.into_iter().filter(|row| row.before != row.after).collect()
    }
}
