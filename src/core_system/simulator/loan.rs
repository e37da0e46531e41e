//! What relief does to a loan that the core system holds: charges waived, payments given back or moved, rows changed.
//! Each can be undone again.

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::account::parts::Parts;
use forbear_engine::account::snapshot::{Instalment, Paid, ScheduleVersion};
use forbear_engine::adjustment::{Adjustment, Credited, Relieved, RowState, ScheduleChange, Target};
use forbear_engine::money::{Amount, Money, MoneyError};

/// To do it, or to undo it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Do,
    Undo,
}

/// Does, or undoes, what adjustments say, on a day. Where it fails nothing is done.
///
/// # Errors
/// The loan does not have what is to be changed, or an amount is none of its currency.
pub(super) fn work(loan: &mut Account, adjustments: &[Adjustment], way: Way, day: NaiveDate) -> Result<(), String> {
    let mut bench = Bench { loan: loan.clone(), day, way };
    let mut ordered: Vec<&Adjustment> = adjustments.iter().collect();
    ordered.sort_by_key(|one| one.turn());
    if way == Way::Undo {
        ordered.reverse();
    }
    for adjustment in ordered {
        bench.one(adjustment)?;
    }
    *loan = bench.loan;
    Ok(())
}

/// A loan that is worked on.
struct Bench {
    loan: Account,
    day: NaiveDate,
    way: Way,
}

impl Bench {
    fn one(&mut self, adjustment: &Adjustment) -> Result<(), String> {
        match adjustment {
            Adjustment::Waiver(relieved) => self.relieve(relieved, false),
            Adjustment::Refund(relieved) => self.relieve(relieved, true),
            Adjustment::Credit { relieved, to } => {
                self.relieve(relieved, true)?;
                to.iter().try_for_each(|credited| self.credit(credited))
            }
            Adjustment::Schedule(change) => self.reschedule(change),
            // They change what the lender does, not what the loan says.
            Adjustment::Suspension(_)
            | Adjustment::Hold(_)
            | Adjustment::Window(_)
            | Adjustment::Goodwill { .. }
            | Adjustment::StandingOrder(_) => Ok(()),
        }
    }

    fn relieve(&mut self, relieved: &Relieved, was_paid: bool) -> Result<(), String> {
        let (more, less) = self.both(relieved.amount)?;
        match &relieved.target {
            Target::Charge(id) => {
                let charge = self.loan.charges.iter_mut().flatten().find(|charge| charge.id == *id);
                let charge = charge.ok_or_else(|| format!("there is no charge {id}"))?;
                charge.waived = Some(sum(charge.waived, more)?);
                if was_paid {
                    charge.paid = Some(sum(charge.paid, less)?);
                }
                let gone = charge.paid.unwrap_or_default().plus(charge.waived.unwrap_or_default()).map_err(bad)?;
                if gone > charge.amount {
                    return Err(format!("of charge {id} there are only {} in all", charge.amount.0));
                }
            }
            Target::Interest(id) => {
                let row = self.row(id)?;
                row.interest = sum(Some(row.interest), less)?;
                if was_paid {
                    let paid = row.paid.get_or_insert_default();
                    paid.interest = Some(sum(paid.interest, less)?);
                }
            }
        }
        Ok(())
    }

    fn credit(&mut self, credited: &Credited) -> Result<(), String> {
        let paid = self.signed(&credited.paid)?;
        let row = self.row(&credited.row)?;
        row.paid = Some(added(row.paid.as_ref(), &paid)?);
        Ok(())
    }

    /// Amounts move by the difference, so that a payment that came in meanwhile stays.
    fn reschedule(&mut self, change: &ScheduleChange) -> Result<(), String> {
        for row in &change.changes {
            let (before, after) = match self.way {
                Way::Do => (&row.before, &row.after),
                Way::Undo => (&row.after, &row.before),
            };
            match (before, after) {
                (Some(before), Some(after)) => {
                    let owed = after.owed.sub(&before.owed).map_err(bad)?;
                    let paid = after.paid.sub(&before.paid).map_err(bad)?;
                    let row = self.row(&row.row)?;
                    row.due_on = after.due_on;
                    row.principal = sum(Some(row.principal), owed.principal)?;
                    row.interest = sum(Some(row.interest), owed.interest)?;
                    row.fees = Some(sum(row.fees, owed.fees)?);
                    row.paid = Some(added(row.paid.as_ref(), &paid)?);
                }
                (Some(_), None) => {
                    self.row(&row.row)?;
                    self.version()?.rows.retain(|own| own.id != row.row);
                }
                (None, Some(after)) => {
                    let new = made(&row.row, after);
                    self.version()?.rows.push(new);
                }
                (None, None) => {}
            }
        }
        self.version()?.rows.sort_by(|a, b| (a.due_on, &a.id).cmp(&(b.due_on, &b.id)));
        Ok(())
    }

    fn row(&mut self, id: &str) -> Result<&mut Instalment, String> {
        let row = self.version()?.rows.iter_mut().find(|row| row.id == id);
        row.ok_or_else(|| format!("there is no instalment {id}"))
    }

    /// The schedule of the day: a version of its own, so that the ones before stay as they were agreed.
    fn version(&mut self) -> Result<&mut ScheduleVersion, String> {
        let versions = self.loan.schedules.as_mut().ok_or("the loan has no schedule")?;
        let last = versions.last().ok_or("the loan has no schedule")?;
        if last.known_from != self.day {
            let version = last.version.saturating_add(1);
            let next = ScheduleVersion { version, known_from: self.day, rows: last.rows.clone() };
            versions.push(next);
        }
        versions.last_mut().ok_or_else(|| "the loan has no schedule".to_owned())
    }

    /// An amount as it is added, and as it is taken off.
    fn both(&self, amount: Money) -> Result<(Money, Money), String> {
        let negative = Money::zero(amount.currency()).sub(&amount).map_err(bad)?;
        Ok(match self.way {
            Way::Do => (amount, negative),
            Way::Undo => (negative, amount),
        })
    }

    fn signed(&self, parts: &Parts) -> Result<Parts, String> {
        match self.way {
            Way::Do => Ok(*parts),
            Way::Undo => Parts::zero(parts.currency()).sub(parts).map_err(bad),
        }
    }
}

fn made(id: &str, state: &RowState) -> Instalment {
    Instalment {
        id: id.to_owned(),
        due_on: state.due_on,
        principal: state.owed.principal.into(),
        interest: state.owed.interest.into(),
        fees: Some(state.owed.fees.into()),
        paid: Some(Paid {
            principal: Some(state.paid.principal.into()),
            interest: Some(state.paid.interest.into()),
            fees: Some(state.paid.fees.into()),
        }),
        paid_on: None,
    }
}

fn added(paid: Option<&Paid>, more: &Parts) -> Result<Paid, String> {
    let of = |part: fn(&Paid) -> Option<Amount>| paid.and_then(part);
    Ok(Paid {
        principal: Some(sum(of(|paid| paid.principal), more.principal)?),
        interest: Some(sum(of(|paid| paid.interest), more.interest)?),
        fees: Some(sum(of(|paid| paid.fees), more.fees)?),
    })
}

/// An amount, nothing where there is none, and what comes to it. A loan never has less than nothing of anything.
fn sum(amount: Option<Amount>, more: Money) -> Result<Amount, String> {
    let own = amount.unwrap_or_default().in_currency(more.currency()).map_err(bad)?;
    let sum = own.add(&more).map_err(bad)?;
    if sum.minor() < 0 {
        return Err(format!("{} would be left of {}", sum.to_decimal(), own.to_decimal()));
    }
    Ok(sum.into())
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err wants it")]
fn bad(error: MoneyError) -> String {
    error.to_string()
}
