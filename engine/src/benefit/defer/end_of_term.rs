//! `end_of_term`: the chosen rows and all later ones move by the number of chosen rows.

use super::draft::Piece;
use super::{ChosenRows, Work, earliest, less, unpaid};
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::benefit::ground::EngineError;
use crate::money::{Money, MoneyError};
use crate::policy::document::{InterestOnTop, Part};
use crate::reason::Reason;
use crate::schedule::{Kept, RateCalendar, derive};

impl Work<'_> {
    pub(super) fn end_of_term(
        &mut self,
        takes: &[(&Row, Parts)],
        chosen: &ChosenRows<'_>,
    ) -> Result<Result<(), Reason>, EngineError> {
        let mut origins: Vec<&str> = takes.iter().map(|(row, _)| row.state.origin.as_str()).collect();
        origins.dedup();
        let by = i64::try_from(origins.len()).map_err(|_| MoneyError::Overflow)?;
        let Some(first) = earliest(chosen)? else { return Ok(Ok(())) };
        let mut pieces: Vec<(Piece, chrono::NaiveDate)> = Vec::new();
        let later: Vec<&Row> = unpaid(self.rows)?.into_iter().filter(|row| row.state.due_on >= first).collect();
        for row in later {
            let parts = match takes.iter().find(|(taken, _)| taken.id == row.id) {
                Some((_, parts)) => *parts,
                None => row.unpaid()?,
            };
            if let Some(piece) = self.draft.take(&row.id, parts)? {
                let due = self.ground.periods_on(piece.due_on, by)?;
                let due = self.not_before_incident(due);
                pieces.push((piece, due));
            }
        }
        pieces.sort_by_key(|(_, due)| *due);
        if self.program.interest_on_top == InterestOnTop::Capitalise {
            return self.rederive(&pieces);
        }
        for (piece, due) in &pieces {
            let owed = self.with_interest(piece, *due)?;
            self.draft.put(&piece.row, *due, owed);
        }
        Ok(Ok(()))
    }

    /// The interest on top becomes principal, and the moved rows are derived anew by the contract's terms.
    fn rederive(&mut self, pieces: &[(Piece, chrono::NaiveDate)]) -> Result<Result<(), Reason>, EngineError> {
        let contract = match self.ground.contract() {
            Ok(contract) => contract,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut principal = Money::zero(contract.currency);
        for (piece, due) in pieces {
            let on_top = self.on_top(piece, *due)?;
            self.capitalised = self.capitalised.add(&on_top)?;
            principal = principal.add(&piece.parts.principal)?.add(&on_top)?;
        }
        let mut dues: Vec<chrono::NaiveDate> = pieces.iter().map(|(_, due)| *due).collect();
        dues.sort_unstable();
        dues.dedup();
        let Some(start) = dues.first().map(|due| self.ground.periods_on(*due, -1)).transpose()? else {
            return Ok(Ok(()));
        };
        let rows = derive(&contract, principal, start, &dues, &RateCalendar::EMPTY, Kept::default())?;
        let mut derived = rows.into_iter().peekable();
        for (piece, due) in pieces {
            let mut owed = piece.parts.only(&[Part::Fees]);
            // Rows of one day share what is derived for it: the first one carries it.
            if let Some(row) = derived.next_if(|row| row.due == *due) {
                let interest = less(row.interest, self.settled_interest(piece)?)?;
                owed = Parts { principal: row.principal, interest, ..owed };
            } else if owed.is_zero() {
                self.draft.remove(&piece.row);
            }
            self.draft.put(&piece.row, *due, owed);
        }
        Ok(Ok(()))
    }
}
