//! Arrears on a day, by the schedule in force on that day.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Gap, Seen, Value};
use crate::account::position::{Position, Row};
use crate::account::snapshot::Account;
use crate::dates::whole_months;
use crate::money::{Money, MoneyError};
use crate::policy::facts::FactId;

impl Facts<'_> {
    /// Arrears on a day, by the schedule in force on that day.
    pub(super) fn arrears(&self, id: FactId, on: NaiveDate) -> Result<Seen, MoneyError> {
        if id == FactId::AccountMonthsPastDue
            && on == self.account.as_of
            && let Some(months) = self.account.months_past_due
        {
            return Ok(Seen::Known(Value::Count(i64::from(months))));
        }
        let unpaid = match self.unpaid_due_dates(on)? {
            Ok(unpaid) => unpaid,
            Err(gap) => return Ok(Seen::Unknown(gap)),
        };
        let oldest = unpaid.iter().min().copied();
        let overdue =
            i64::try_from(unpaid.iter().filter(|due| **due < on).count()).map_err(|_| MoneyError::Overflow)?;
        Ok(Seen::Known(match id {
            FactId::AccountInstalmentsOverdue => Value::Count(overdue),
            FactId::AccountOldestUnpaidDueOn => oldest.map_or(Value::Nothing, Value::Date),
            FactId::AccountMonthsPastDue => Value::Count(oldest.map_or(0, |oldest| whole_months(oldest, on))),
            _ => Value::Count(oldest.map_or(0, |oldest| on.signed_duration_since(oldest).num_days().max(0))),
        }))
    }

    /// Days on which instalments that were not fully paid on `on` had to be paid.
    fn unpaid_due_dates(&self, on: NaiveDate) -> Result<Result<Vec<NaiveDate>, Gap>, MoneyError> {
        if on >= self.account.as_of {
            let Some(rows) = self.rows() else { return Ok(Err(Gap::absent("the schedule is not reported"))) };
            let mut unpaid = Vec::new();
            for row in rows {
                if !row.paid_known && row.state.due_on < on {
                    return Ok(Err(Gap::absent("what is paid of an instalment is not reported")));
                }
                if !row.is_paid()? {
                    unpaid.push(self.position.payable_on(row.state.due_on));
                }
            }
            return Ok(Ok(unpaid));
        }
        let then = Position::of(self.account, on)?;
        let Some(rows) = then.rows else { return Ok(Err(Gap::absent("the schedule is not reported"))) };
        let mut unpaid = Vec::new();
        for row in rows {
            match paid_by(self.account, &row, on)? {
                Some(true) => {}
                Some(false) => unpaid.push(self.position.payable_on(row.state.due_on)),
                None if row.state.due_on < on => {
                    return Ok(Err(Gap::absent("when an instalment was paid is not reported")));
                }
                None => {}
            }
        }
        Ok(Ok(unpaid))
    }
}

/// Whether a row was fully paid on an earlier day; `None` when that cannot be told.
fn paid_by(account: &Account, row: &Row, on: NaiveDate) -> Result<Option<bool>, MoneyError> {
    if let Some(paid_on) = row.paid_on {
        return Ok(Some(paid_on <= on));
    }
    if row.paid_known && !row.is_paid()? {
        return Ok(Some(false));
    }
    let Some(payments) = &account.payments else { return Ok(None) };
    let mut paid = Money::zero(account.currency);
    for payment in payments.iter().filter(|payment| payment.on <= on) {
        let Some(to) = &payment.to else { return Ok(None) };
        for part in to.iter().filter(|part| part.instalment.as_deref() == Some(row.id.as_str())) {
            paid = paid.add(&part.amount.in_currency(account.currency)?)?;
        }
    }
    Ok(Some(paid.minor() >= row.state.owed.total()?.minor()))
}
