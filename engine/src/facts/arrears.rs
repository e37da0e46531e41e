//! Arrears on a day, by the schedule in force on that day.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Missing, Seen, Value};
use crate::account::snapshots::Snapshot;
use crate::account::snapshots::records::Row;
use crate::adjustment::Adjustment;
use crate::dates::whole_months;
use crate::money::MoneyError;
use crate::policy::document::Arrears;
use crate::policy::facts::FactId;

/// What was overdue on a day.
#[derive(Default)]
struct Overdue {
    /// The earliest day on which something that is unpaid had to be paid, come or not.
    oldest: Option<NaiveDate>,
    /// Instalments that had to be paid before the day.
    count: i64,
}

impl Overdue {
    fn unpaid(&mut self, payable: NaiveDate, on: NaiveDate) {
        self.oldest = Some(self.oldest.map_or(payable, |oldest| oldest.min(payable)));
        if payable < on {
            self.count = self.count.saturating_add(1);
        }
    }
}

impl<'a> Facts<'a> {
    /// Arrears on a day, by the schedule in force on that day.
    pub(super) fn arrears(&self, id: FactId, on: NaiveDate) -> Result<Seen<'a>, MoneyError> {
        if id == FactId::AccountMonthsPastDue
            && on == self.snapshot.as_of()
            && let Some(months) = self.snapshot.head().months_past_due
        {
            return Ok(Seen::Known(Value::Count(i64::from(months))));
        }
        let overdue = match self.overdue(on)? {
            Ok(overdue) => overdue,
            Err(what) => return Ok(Seen::Unknown(Missing::Unreported(what))),
        };
        let held = self.held_arrears(on);
        let count = |of: fn(NaiveDate, NaiveDate) -> i64| {
            let own = overdue.oldest.map_or(0, |oldest| of(oldest, on));
            held.iter().map(|(oldest, counted_on)| of(*oldest, *counted_on)).fold(own, i64::max)
        };
        Ok(Seen::Known(match id {
            FactId::AccountInstalmentsOverdue => Value::Count(overdue.count),
            FactId::AccountOldestUnpaidDueOn => overdue.oldest.map_or(Value::Nothing, Value::Date),
            FactId::AccountMonthsPastDue => Value::Count(count(whole_months)),
            _ => Value::Count(count(days_between)),
        }))
    }

    /// Arrears that earlier relief did not cure: the oldest due date before it, and the day up to which it counts.
    /// Frozen ones stand still until relief ends; running ones go on while something that was moved is unpaid.
    fn held_arrears(&self, on: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let mut held = Vec::new();
        for grant in self.history.own(self.snapshot.number()).filter(|grant| grant.decided_on <= on) {
            for change in grant.adjustments.iter().filter_map(|one| match one {
                Adjustment::Schedule(change) => Some(change),
                _ => None,
            }) {
                let before = change.changes.iter().filter_map(|row| row.before.as_ref());
                let overdue = before.filter(|row| row.owed != row.paid && row.due_on < grant.decided_on);
                let Some(oldest) = overdue.clone().map(|row| row.due_on).min() else { continue };
                let unpaid = |origin: &str| {
                    let rows = self.position.and_then(|position| position.rows.as_deref()).unwrap_or_default();
                    rows.iter().any(|row| row.state.origin == origin && row.state.owed != row.state.paid)
                };
                match change.arrears {
                    Some(Arrears::Freeze) if change.relief_end.is_none_or(|end| on <= end) => {
                        held.push((oldest, grant.decided_on));
                    }
                    Some(Arrears::Run) if overdue.into_iter().any(|row| unpaid(&row.origin)) => held.push((oldest, on)),
                    _ => {}
                }
            }
        }
        held
    }

    /// What was not fully paid on a day; an error says what is not reported.
    fn overdue(&self, on: NaiveDate) -> Result<Result<Overdue, &'static str>, MoneyError> {
        let Some(position) = self.position.filter(|_| on >= self.snapshot.as_of()) else {
            return overdue(self.snapshot, self.context.today, on, |due_on| self.payable_on(due_on));
        };
        let Some(rows) = &position.rows else { return Ok(Err(NO_SCHEDULE)) };
        let (mut overdue, mut unknown) = (Overdue::default(), false);
        for row in rows {
            unknown |= !row.paid_known && row.state.due_on < on;
            if !row.is_paid()? {
                overdue.unpaid(position.payable_on(row.state.due_on), on);
            }
        }
        Ok(if unknown { Err(UNKNOWN_PAID) } else { Ok(overdue) })
    }
}

const NO_SCHEDULE: &str = "the schedule is not reported";
const UNKNOWN_PAID: &str = "what is paid of an instalment is not reported";

/// What was not fully paid on a day, as reported; an error says what is not reported.
#[inline]
fn overdue(
    account: Snapshot<'_>,
    today: NaiveDate,
    on: NaiveDate,
    payable_on: impl Fn(NaiveDate) -> NaiveDate,
) -> Result<Result<Overdue, &'static str>, MoneyError> {
    let now = on >= account.as_of();
    let Some(version) = account.version_on(if now { today } else { on }) else { return Ok(Err(NO_SCHEDULE)) };
    let (mut overdue, mut unknown) = (Overdue::default(), false);
    for row in account.rows(version) {
        let paid = if now {
            unknown |= !row.is_paid_known() && row.due_on < on;
            Some(row.is_paid())
        } else {
            paid_by(account, row, on)?
        };
        match paid {
            Some(true) => {}
            Some(false) => overdue.unpaid(payable_on(row.due_on), on),
            None if row.due_on < on => return Ok(Err("when an instalment was paid is not reported")),
            None => {}
        }
    }
    Ok(if unknown { Err(UNKNOWN_PAID) } else { Ok(overdue) })
}

/// The due day of the first row that was not paid on a day, of an account without earlier relief: the last day there is
/// where all were. None where more has to be looked at than what the rows come to.
#[inline]
pub(crate) fn oldest_unpaid(account: Snapshot<'_>, today: NaiveDate, on: NaiveDate) -> Option<NaiveDate> {
    let now = on >= account.as_of();
    let standing = &account.version_on(if now { today } else { on })?.standing;
    if now {
        return standing.is_known.then_some(standing.oldest_unpaid);
    }
    // What was paid was so by then; the others are short.
    (standing.is_dated && standing.last_paid_on <= on).then_some(standing.oldest_short)
}

/// Days past due on a day of an account without earlier relief, where every row says by itself whether it was paid by
/// then; none where more has to be looked at.
#[inline]
pub(crate) fn days_past_due(account: Snapshot<'_>, today: NaiveDate, on: NaiveDate) -> Option<i64> {
    let now = on >= account.as_of();
    let mut oldest: Option<NaiveDate> = None;
    for row in account.rows(account.version_on(if now { today } else { on })?) {
        let paid = match row.paid_on {
            _ if now && row.is_paid_known() => row.is_paid(),
            Some(paid_on) if !now => paid_on <= on,
            None if !now && row.is_short => false,
            _ => return None,
        };
        if !paid && oldest.is_none_or(|oldest| row.due_on < oldest) {
            oldest = Some(row.due_on);
        }
    }
    Some(oldest.map_or(0, |oldest| days_between(oldest, on)))
}

/// Days from one day to a later one; 0 when it is not later.
fn days_between(oldest: NaiveDate, on: NaiveDate) -> i64 {
    on.signed_duration_since(oldest).num_days().max(0)
}

/// Whether a row was fully paid on an earlier day; `None` when that cannot be told.
fn paid_by(account: Snapshot<'_>, row: &Row, on: NaiveDate) -> Result<Option<bool>, MoneyError> {
    if let Some(paid_on) = row.paid_on {
        return Ok(Some(paid_on <= on));
    }
    let owed = row.owed.total().ok_or(MoneyError::Overflow)?;
    if row.paid_given && row.paid.total().ok_or(MoneyError::Overflow)? < owed {
        return Ok(Some(false));
    }
    let Some(payments) = account.payments() else { return Ok(None) };
    let (id, mut paid) = (account.text(row.id), 0_i64);
    for payment in payments.iter().filter(|payment| payment.on <= on) {
        let Some(to) = account.allocations(payment) else { return Ok(None) };
        for part in to.iter().filter(|part| account.text(part.instalment) == id) {
            paid = paid.checked_add(part.amount.or_zero()).ok_or(MoneyError::Overflow)?;
        }
    }
    Ok(Some(paid >= owed))
}
