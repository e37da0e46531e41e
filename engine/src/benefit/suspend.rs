//! `suspend`: a time without payments. The schedule stays as it is; inside, days past due stand still, and what
//! falls due is to be paid the day after, or moves by the defer benefit that follows.

use chrono::NaiveDate;

use super::ground::{Effect, EngineError, Ground, Measure};
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::adjustment::{Adjustment, Cause, RowChange, ScheduleChange, Suspension};
use crate::dates::{add_days, add_months};
use crate::facts::moment::Moment;
use crate::facts::value::Gap;
use crate::money::{Money, MoneyError};
use crate::policy::document::InterestOnTop;
use crate::policy::program::{RenewProgram, SpanExpr, SuspendProgram};
use crate::reason::Reason;

/// First day, last day, and the first day of the first suspension.
type Stretch = (NaiveDate, NaiveDate, NaiveDate);

/// Works a suspension out, or its next step when one was granted already.
pub fn suspend(ground: &Ground<'_>, program: &SuspendProgram) -> Result<Effect, EngineError> {
    let stretch = match stretch(ground, program)? {
        Ok(Some(stretch)) => stretch,
        Ok(None) => return Ok(Effect::nothing()),
        Err(reason) => return Ok(Effect::because(reason)),
    };
    let (from, until, first_from) = stretch;
    let Some(rows) = ground.position.rows.as_deref() else {
        return Ok(Effect::because(Reason::Absent { what: "the schedule is not reported".to_owned() }));
    };
    let mut inside: Vec<&Row> = Vec::new();
    let mut left = false;
    for row in rows {
        if !row.paid_known {
            let what = format!("what is paid of instalment {} is not reported", row.id);
            return Ok(Effect::because(Reason::Absent { what }));
        }
        if !row.is_paid()? {
            left = true;
            let payable = ground.position.payable_on(row.state.due_on);
            if from <= payable && payable <= until {
                inside.push(row);
            }
        }
    }
    if !left || until < ground.today() {
        return Ok(Effect::nothing());
    }
    let mut adjustments = vec![Adjustment::Suspension(Suspension {
        from,
        until,
        first_from,
        rows: inside.iter().map(|row| row.state.origin.clone()).collect(),
        then: program.then.clone(),
        arrears: program.arrears,
    })];
    if program.interest_on_top != InterestOnTop::None && program.then.is_none() {
        match interest(ground, program, &inside, until)? {
            Ok(change) => adjustments.extend(change.map(Adjustment::Schedule)),
            Err(reason) => return Ok(Effect::because(reason)),
        }
    }
    Ok(Effect { adjustments, reasons: Vec::new() })
}

/// The days of the suspension: the first one, or the next step of one that was granted.
fn stretch(ground: &Ground<'_>, program: &SuspendProgram) -> Result<Result<Option<Stretch>, Reason>, EngineError> {
    let granted = ground.given.grants(ground.policy, &ground.benefit.id).flat_map(|grant| {
        let decided_on = grant.decided_on;
        grant.adjustments.iter().filter_map(move |one| match one {
            Adjustment::Suspension(suspension) => Some((decided_on, suspension)),
            _ => None,
        })
    });
    if let Some((decided_on, last)) = granted.max_by_key(|(_, suspension)| suspension.until) {
        let Some(renew) = &program.renew else { return Ok(Ok(None)) };
        let end = next_end(ground, renew, decided_on, last.first_from, last.until)?;
        return Ok(end.map(|end| {
            let from = add_days(last.until, 1)?;
            end.map(|until| (from, until, last.first_from))
        }));
    }
    let from = match ground.facts.date(&program.from)? {
        Ok(Moment::Day(day)) => day,
        Ok(_) => return Ok(Ok(None)),
        Err(gap) => return Ok(Err(gap.into())),
    };
    match span_end(ground, &program.length, from)? {
        Ok(until) => Ok(Ok(until.map(|until| (from, until, from)))),
        Err(gap) => Ok(Err(gap.into())),
    }
}

/// The end of the next step of something that can be renewed: on a request made after the last grant, within the
/// total counted from the first day. `None` when there is none.
pub fn next_end(
    ground: &Ground<'_>,
    renew: &RenewProgram,
    decided_on: NaiveDate,
    first_from: NaiveDate,
    until: NaiveDate,
) -> Result<Result<Option<NaiveDate>, Reason>, EngineError> {
    let asked_again = ground.facts.request.is_some_and(|request| request.requested_on > decided_on);
    let Some(from) = add_days(until, 1).filter(|_| asked_again) else { return Ok(Ok(None)) };
    let step = match span_end(ground, &renew.step, from)? {
        Ok(step) => step,
        Err(gap) => return Ok(Err(gap.into())),
    };
    let last = match span_end(ground, &renew.total, first_from)? {
        Ok(last) => last,
        Err(gap) => return Ok(Err(gap.into())),
    };
    Ok(match (step, last) {
        (Some(step), Some(last)) if last > until => Ok(Some(step.min(last))),
        _ => Err(Reason::Limit { pointer: "renew/total".to_owned() }),
    })
}

/// The last day of a span that begins on a day; `None` when the span is empty.
pub fn span_end(
    ground: &Ground<'_>,
    span: &SpanExpr,
    from: NaiveDate,
) -> Result<Result<Option<NaiveDate>, Gap>, EngineError> {
    let (SpanExpr::Days(quantity) | SpanExpr::Months(quantity)) = span;
    let count = match ground.quantity(quantity)? {
        Ok(Measure::Count(count)) => count,
        Ok(Measure::Amount(_)) => 0,
        Err(gap) => return Ok(Err(gap)),
    };
    if count <= 0 {
        return Ok(Ok(None));
    }
    let after = match span {
        SpanExpr::Days(_) => add_days(from, count),
        SpanExpr::Months(_) => add_months(from, count),
    };
    let last = after.and_then(|day| day.pred_opt()).ok_or(MoneyError::Overflow)?;
    Ok(Ok(Some(last)))
}

/// Interest on the principal of the rows inside, from their due dates to the day after the end.
fn interest(
    ground: &Ground<'_>,
    program: &SuspendProgram,
    inside: &[&Row],
    until: NaiveDate,
) -> Result<Result<Option<ScheduleChange>, Reason>, EngineError> {
    let terms = match ground.interest_terms() {
        Ok(terms) => terms,
        Err(reason) => return Ok(Err(reason)),
    };
    let currency = ground.position.currency;
    let after = add_days(until, 1).ok_or(MoneyError::Overflow)?;
    let (mut changes, mut added, mut deferred) = (Vec::new(), Money::zero(currency), Parts::zero(currency));
    for row in inside {
        let unpaid = row.unpaid()?;
        deferred = deferred.add(&unpaid)?;
        let payable = ground.position.payable_on(row.state.due_on);
        let on_top = ground.interest_between(terms, unpaid.principal, payable, after)?;
        if on_top.minor() == 0 {
            continue;
        }
        added = added.add(&on_top)?;
        let mut state = row.state.clone();
        if program.interest_on_top == InterestOnTop::Capitalise {
            state.owed.principal = state.owed.principal.add(&on_top)?;
        } else {
            state.owed.interest = state.owed.interest.add(&on_top)?;
        }
        changes.push(RowChange { row: row.id.clone(), before: Some(row.state.clone()), after: Some(state) });
    }
    if changes.is_empty() {
        return Ok(Ok(None));
    }
    let capitalised = if program.interest_on_top == InterestOnTop::Capitalise { added } else { Money::zero(currency) };
    Ok(Ok(Some(ScheduleChange {
        cause: Cause::Suspension,
        changes,
        chosen: Vec::new(),
        deferred,
        added_interest: added,
        forgone_interest: Money::zero(currency),
        capitalised,
        arrears: Some(program.arrears),
        relief_end: Some(until),
    })))
}
