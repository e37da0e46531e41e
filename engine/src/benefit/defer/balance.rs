//! `maturity`: a balance due at the end. `next_due`: added to the next row.

use chrono::NaiveDate;

use super::{Work, unpaid};
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::benefit::ground::EngineError;
use crate::reason::Reason;

impl Work<'_> {
    /// The chosen parts become one balance due with the last row. Deferred again, the balance grows.
    pub(super) fn maturity(&mut self, takes: &[(&Row, Parts)]) -> Result<Result<(), Reason>, EngineError> {
        let Some(maturity) = self.rows.iter().map(|row| row.state.due_on).max() else { return Ok(Ok(())) };
        let maturity = self.not_before_incident(maturity);
        let name = format!("balance/{}", self.ground.benefit.id);
        self.gather(takes, maturity, |work, owed| {
            if work.draft.after(&name).is_some_and(|state| state.due_on == maturity) {
                Ok(work.draft.increase(&name, &owed)?)
            } else {
                work.draft.add(&name, maturity, owed);
                Ok(())
            }
        })
    }

    /// The chosen parts are paid with the first row that is due from the decision day on and is not chosen itself.
    pub(super) fn next_due(&mut self, takes: &[(&Row, Parts)]) -> Result<Result<(), Reason>, EngineError> {
        let today = self.ground.today();
        let is_taken = |row: &Row| takes.iter().any(|(taken, _)| taken.id == row.id);
        let next = unpaid(self.rows)?.into_iter().filter(|row| row.state.due_on >= today && !is_taken(row));
        let next = next.min_by_key(|row| row.state.due_on).map(|row| (row.id.clone(), row.state.due_on));
        match next {
            Some((id, due)) => self.gather(takes, due, |work, owed| Ok(work.draft.increase(&id, &owed)?)),
            None => {
                let Some(last) = self.rows.iter().map(|row| row.state.due_on).max() else { return Ok(Ok(())) };
                let mut due = self.ground.periods_on(last, 1)?;
                while due < today {
                    due = self.ground.periods_on(due, 1)?;
                }
                let name = format!("next/{}", self.ground.benefit.id);
                self.gather(takes, due, |work, owed| {
                    work.draft.add(&name, due, owed);
                    Ok(())
                })
            }
        }
    }

    /// Takes the chosen parts out of their rows, with their interest on top, and puts the sum where it belongs.
    fn gather(
        &mut self,
        takes: &[(&Row, Parts)],
        due: NaiveDate,
        put: impl FnOnce(&mut Self, Parts) -> Result<(), EngineError>,
    ) -> Result<Result<(), Reason>, EngineError> {
        let mut sum = Parts::zero(self.ground.position.currency);
        for (row, parts) in takes.iter().filter(|(row, _)| row.state.due_on < due) {
            if let Some(piece) = self.draft.take(&row.id, *parts)? {
                sum = sum.add(&self.with_interest(&piece, due)?)?;
                self.draft.remove(&piece.row);
            }
        }
        if !sum.is_zero() {
            put(self, sum)?;
        }
        Ok(Ok(()))
    }
}
