//! The rows and charges that facts are read from: of the position where there is one, else as reported.

use chrono::NaiveDate;

use super::Facts;
use crate::account::parts::Parts;
use crate::account::position::{Row, charge_unpaid, read_parts, version_on};
use crate::account::snapshot::Instalment;
use crate::money::{Money, MoneyError};

/// A row of the schedule in force.
#[derive(Debug, Clone, Copy)]
pub(super) struct LedgerRow {
    pub due_on: NaiveDate,
    pub owed: Parts,
    pub paid: Parts,
    pub paid_known: bool,
    /// Whether it stands as the contract has it.
    pub original: bool,
}

impl LedgerRow {
    pub fn unpaid(&self) -> Result<Parts, MoneyError> {
        self.owed.sub(&self.paid)
    }
}

/// Rows where they stand.
#[derive(Clone, Copy)]
pub(super) enum Rows<'a> {
    /// In the position.
    Worked(&'a [Row]),
    /// In the snapshot.
    Reported(&'a [Instalment]),
}

impl<'a> Facts<'a> {
    /// The rows of the schedule in force on the decision day; none when it is not reported.
    pub(super) fn rows(&self) -> Option<Rows<'a>> {
        match self.position {
            Some(position) => position.rows.as_deref().map(Rows::Worked),
            None => {
                let versions = self.account.schedules.as_deref()?;
                version_on(versions, self.context.today).map(|version| Rows::Reported(&version.rows))
            }
        }
    }

    /// Each row; what is wrong with an amount ends it.
    pub(super) fn each_row(
        &self,
        rows: Rows<'a>,
        mut show: impl FnMut(LedgerRow) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        match rows {
            Rows::Worked(rows) => rows.iter().try_for_each(|row| {
                show(LedgerRow {
                    due_on: row.state.due_on,
                    owed: row.state.owed,
                    paid: row.state.paid,
                    paid_known: row.paid_known,
                    original: row.id == row.state.origin,
                })
            }),
            Rows::Reported(rows) => rows.iter().try_for_each(|row| {
                let (owed, paid) = read_parts(row, self.account.currency)?;
                let paid_known = row.paid.is_some() || row.paid_on.is_some();
                show(LedgerRow { due_on: row.due_on, owed, paid, paid_known, original: true })
            }),
        }
    }

    /// The day on which what is due on a day has to be paid, suspensions counted.
    pub(super) fn payable_on(&self, due_on: NaiveDate) -> NaiveDate {
        self.position.map_or(due_on, |position| position.payable_on(due_on))
    }

    /// What is unpaid of the charges: `None` when they are not reported, `Err` when what is paid of one is not.
    pub(super) fn unpaid_charges_sum(&self) -> Result<Option<Result<Money, &'static str>>, MoneyError> {
        const UNKNOWN: &str = "what is paid of a charge is not reported";
        let mut sum = Money::zero(self.account.currency);
        if let Some(position) = self.position {
            let Some(charges) = &position.charges else { return Ok(None) };
            for charge in charges {
                if !charge.paid_known {
                    return Ok(Some(Err(UNKNOWN)));
                }
                sum = sum.add(&charge.unpaid()?)?;
            }
        } else {
            let Some(charges) = &self.account.charges else { return Ok(None) };
            for charge in charges {
                if charge.paid.is_none() {
                    return Ok(Some(Err(UNKNOWN)));
                }
                sum = sum.add(&charge_unpaid(charge, self.account.currency)?)?;
            }
        }
        Ok(Some(Ok(sum)))
    }
}
