//! The rows and charges that facts are read from: of the position where there is one, else as reported.

use chrono::NaiveDate;

use super::Facts;
use crate::account::Snapshot;
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::account::snapshots::records;
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
    Reported(&'a [records::Row]),
}

impl<'a> Facts<'a> {
    /// The rows of the schedule in force on the decision day; none when it is not reported.
    pub(super) fn rows(&self) -> Option<Rows<'a>> {
        match self.position {
            Some(position) => position.rows.as_deref().map(Rows::Worked),
            None => {
                let version = self.snapshot.version_on(self.context.today)?;
                Some(Rows::Reported(self.snapshot.rows(version)))
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
                let (owed, paid) = self.snapshot.parts(row);
                let paid_known = row.is_paid_known();
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
        let mut sum = self.snapshot.money(0);
        if let Some(position) = self.position {
            let Some(charges) = &position.charges else { return Ok(None) };
            for charge in charges {
                if !charge.paid_known {
                    return Ok(Some(Err(UNKNOWN)));
                }
                sum = sum.add(&charge.unpaid()?)?;
            }
        } else {
            let Some(charges) = self.snapshot.charges() else { return Ok(None) };
            for charge in charges {
                let Some(paid) = charge.paid.get() else { return Ok(Some(Err(UNKNOWN))) };
                let left = self.snapshot.money(charge.amount.or_zero()).sub(&self.snapshot.money(paid))?;
                let left = left.sub(&self.snapshot.money(charge.waived.or_zero()))?;
                sum = sum.add(&self.snapshot.money(left.minor().max(0)))?;
            }
        }
        Ok(Some(Ok(sum)))
    }
}

/// What is unpaid of the principal of an account without earlier relief; none where that cannot be told.
#[inline]
pub(crate) fn principal_outstanding(account: Snapshot<'_>, today: NaiveDate) -> Option<i64> {
    account.version_on(today)?.standing.principal.get()
}
