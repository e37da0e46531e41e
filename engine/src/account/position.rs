//! The position of an account: its rows and charges in one place, as relief finds them and as it leaves them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::parts::Parts;
use super::snapshot::{Accrual, Bearer, ChargeKind};
use super::snapshots::{Snapshot, records};
use crate::adjustment::{Adjustment, Credited, Relieved, RowChange, RowState, ScheduleChange, Suspension, Target};
use crate::dates::{Window, add_days};
use crate::history::Grant;
use crate::money::{Currency, Money, MoneyError};

/// Rows and charges on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The currency of every amount.
    pub currency: Currency,
    /// Rows by due date; `None` when no schedule is reported.
    pub rows: Option<Vec<Row>>,
    /// Charges; `None` when they are not reported.
    pub charges: Option<Vec<ChargeLine>>,
    /// Times without payments.
    pub suspensions: Vec<Suspension>,
}

/// A row of the schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What can change about it.
    pub state: RowState,
    /// Whether its paid part is known.
    pub paid_known: bool,
    /// When it was paid in full.
    pub paid_on: Option<NaiveDate>,
    /// Interest of it that relief took off.
    pub interest_relieved: Money,
}

/// A charge.
#[derive(Debug, Clone, PartialEq)]
pub struct ChargeLine {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ChargeKind,
    /// All of it.
    pub amount: Money,
    /// Paid.
    pub paid: Money,
    /// Whether the paid part is known.
    pub paid_known: bool,
    /// No longer owed.
    pub waived: Money,
    /// When it was charged.
    pub assessed_on: Option<NaiveDate>,
    /// How it grew.
    pub accrual: Option<Accrual>,
    /// Who earns it.
    pub bearer: Bearer,
    /// The row it belongs to.
    pub instalment: Option<String>,
    /// When it is to be paid.
    pub due_on: Option<NaiveDate>,
}

impl Row {
    /// What is still owed, part by part.
    pub fn unpaid(&self) -> Result<Parts, MoneyError> {
        self.state.owed.sub(&self.state.paid)
    }

    /// Whether nothing is owed any more.
    pub fn is_paid(&self) -> Result<bool, MoneyError> {
        Ok(self.unpaid()?.is_zero())
    }
}

impl ChargeLine {
    /// What is still owed.
    pub fn unpaid(&self) -> Result<Money, MoneyError> {
        let left = self.amount.sub(&self.paid)?.sub(&self.waived)?;
        Ok(Money::new(left.minor().max(0), left.currency()))
    }

    /// The day that puts charges in order: when it began to accrue, was assessed, or is due.
    #[must_use]
    pub fn dated(&self) -> Option<NaiveDate> {
        self.accrual.as_ref().map(|accrual| accrual.from).or(self.assessed_on).or(self.due_on)
    }
}

impl Position {
    /// The account's position on a day, as the core system reported it.
    #[must_use]
    pub fn of(account: Snapshot<'_>, day: NaiveDate) -> Self {
        let version = account.version_on(day);
        let mut rows: Option<Vec<Row>> =
            version.map(|version| account.rows(version).iter().map(|row| read_row(account, row)).collect());
        if let Some(rows) = &mut rows {
            in_order(rows);
        }
        let charges = account.charges();
        let charges = charges.map(|charges| charges.iter().map(|charge| read_charge(account, charge)).collect());
        Self { currency: account.currency(), rows, charges, suspensions: Vec::new() }
    }

    /// The same with the live grants on it that the snapshot does not contain yet. Suspensions hold in any case.
    pub fn overlay<'a>(
        mut self,
        account: Snapshot<'_>,
        grants: impl Iterator<Item = &'a Grant>,
    ) -> Result<Self, MoneyError> {
        let all = grants.flat_map(|grant| grant.adjustments.iter().map(move |adjustment| (grant, adjustment)));
        let mut all: Vec<(&Grant, &Adjustment)> = all.collect();
        // Grants of one decision stand in the order of their policies' documents.
        all.sort_by_key(|(grant, adjustment)| (grant.decided_on, adjustment.turn()));
        for (grant, adjustment) in all {
            let contained = grant.instruction.as_ref().is_some_and(|id| account.contains(id));
            match adjustment {
                Adjustment::Schedule(change) if contained => self.restore_origins(change),
                Adjustment::Suspension(_) => self.apply(adjustment)?,
                _ if !contained => self.apply(adjustment)?,
                _ => {}
            }
        }
        Ok(self)
    }

    /// A snapshot does not say which instalment a row stems from; the grant that made the row does.
    fn restore_origins(&mut self, change: &ScheduleChange) {
        for row in self.rows.iter_mut().flatten() {
            let made = change.changes.iter().find(|one| one.row == row.id).and_then(|one| one.after.as_ref());
            if let Some(after) = made {
                row.state.origin.clone_from(&after.origin);
            }
        }
    }

    /// Does what an adjustment says.
    pub fn apply(&mut self, adjustment: &Adjustment) -> Result<(), MoneyError> {
        match adjustment {
            Adjustment::Waiver(relieved) => self.relieve(relieved, false),
            Adjustment::Refund(relieved) => self.relieve(relieved, true),
            Adjustment::Credit { relieved, to } => {
                self.relieve(relieved, true)?;
                self.credit(to)
            }
            Adjustment::Schedule(change) => self.reschedule(change),
            Adjustment::Suspension(suspension) => {
                self.suspensions.push(suspension.clone());
                Ok(())
            }
            Adjustment::Hold(_)
            | Adjustment::Window(_)
            | Adjustment::Goodwill { .. }
            | Adjustment::StandingOrder(_) => Ok(()),
        }
    }

    fn relieve(&mut self, relieved: &Relieved, was_paid: bool) -> Result<(), MoneyError> {
        match &relieved.target {
            Target::Charge(id) => {
                for charge in self.charges.iter_mut().flatten().filter(|charge| charge.id == *id) {
                    charge.waived = charge.waived.add(&relieved.amount)?;
                    if was_paid {
                        charge.paid = charge.paid.sub(&relieved.amount)?;
                    }
                }
            }
            Target::Interest(id) => {
                for row in self.rows.iter_mut().flatten().filter(|row| row.id == *id) {
                    row.state.owed.interest = row.state.owed.interest.sub(&relieved.amount)?;
                    row.interest_relieved = row.interest_relieved.add(&relieved.amount)?;
                    if was_paid {
                        row.state.paid.interest = row.state.paid.interest.sub(&relieved.amount)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn credit(&mut self, to: &[Credited]) -> Result<(), MoneyError> {
        for credited in to {
            for row in self.rows.iter_mut().flatten().filter(|row| row.id == credited.row) {
                row.state.paid = row.state.paid.add(&credited.paid)?;
            }
        }
        Ok(())
    }

    /// Amounts move by the difference of before and after: neither a waiver of the same decision that is listed
    /// later nor a payment that came in meanwhile is undone.
    fn reschedule(&mut self, change: &ScheduleChange) -> Result<(), MoneyError> {
        let rows = self.rows.get_or_insert_default();
        for RowChange { row: id, before, after } in &change.changes {
            match (rows.iter().position(|row| row.id == *id), after) {
                (Some(at), Some(after)) => {
                    if let Some(row) = rows.get_mut(at) {
                        let mut state = after.clone();
                        if let Some(before) = before {
                            state.owed = row.state.owed.add(&after.owed.sub(&before.owed)?)?;
                            state.paid = row.state.paid.add(&after.paid.sub(&before.paid)?)?;
                        }
                        row.state = state;
                    }
                }
                (Some(at), None) => drop(rows.remove(at)),
                (None, Some(after)) => {
                    let state = after.clone();
                    let interest_relieved = Money::zero(state.owed.currency());
                    rows.push(Row { id: id.clone(), state, paid_known: true, paid_on: None, interest_relieved });
                }
                (None, None) => {}
            }
        }
        in_order(rows);
        Ok(())
    }

    /// The day on which a row has to be paid: its due date, or the day after the suspension that holds it.
    #[must_use]
    pub fn payable_on(&self, due_on: NaiveDate) -> NaiveDate {
        let mut day = due_on;
        for suspension in &self.suspensions {
            let window = Window { from: Some(suspension.from), until: Some(suspension.until) };
            if window.contains(day) {
                day = add_days(suspension.until, 1).unwrap_or(day);
            }
        }
        day
    }

    /// Days past due on a day: from the oldest unpaid row's day to it; `None` when no schedule is reported.
    pub fn days_past_due(&self, day: NaiveDate) -> Result<Option<i64>, MoneyError> {
        let Some(rows) = &self.rows else { return Ok(None) };
        let mut oldest: Option<NaiveDate> = None;
        for row in rows {
            if !row.is_paid()? {
                let payable = self.payable_on(row.state.due_on);
                oldest = Some(oldest.map_or(payable, |found| found.min(payable)));
            }
        }
        Ok(Some(oldest.map_or(0, |oldest| day.signed_duration_since(oldest).num_days().max(0))))
    }

    /// Everything unpaid on rows.
    pub fn unpaid_rows(&self) -> Result<Parts, MoneyError> {
        let mut sum = Parts::zero(self.currency);
        for row in self.rows.iter().flatten() {
            sum = sum.add(&row.unpaid()?)?;
        }
        Ok(sum)
    }

    /// Unpaid charges by kind.
    pub fn unpaid_charges(&self) -> Result<BTreeMap<ChargeKind, Money>, MoneyError> {
        let mut sums: BTreeMap<ChargeKind, Money> = BTreeMap::new();
        for charge in self.charges.iter().flatten() {
            let sum = sums.entry(charge.kind).or_insert(Money::zero(self.currency));
            *sum = sum.add(&charge.unpaid()?)?;
        }
        Ok(sums)
    }
}

/// By due date; rows of one day by id, so that the order in which they were sent decides nothing.
fn in_order(rows: &mut [Row]) {
    rows.sort_by(|a, b| (a.state.due_on, &a.id).cmp(&(b.state.due_on, &b.id)));
}

fn read_row(account: Snapshot<'_>, row: &records::Row) -> Row {
    let (owed, paid) = account.parts(row);
    let id = account.text(row.id).unwrap_or_default();
    Row {
        id: id.to_owned(),
        state: RowState { origin: id.to_owned(), due_on: row.due_on, owed, paid },
        paid_known: row.is_paid_known(),
        paid_on: row.paid_on,
        interest_relieved: account.money(0),
    }
}

fn read_charge(account: Snapshot<'_>, charge: &records::Charge) -> ChargeLine {
    let money = |minor: records::Minor| account.money(minor.or_zero());
    ChargeLine {
        id: account.text(charge.id).unwrap_or_default().to_owned(),
        kind: charge.kind,
        amount: money(charge.amount),
        paid: money(charge.paid),
        paid_known: charge.paid.get().is_some(),
        waived: money(charge.waived),
        assessed_on: charge.assessed_on,
        accrual: account.accrual(charge).cloned(),
        bearer: charge.bearer.unwrap_or(Bearer::Lender),
        instalment: account.text(charge.instalment).map(str::to_owned),
        due_on: charge.due_on,
    }
}
