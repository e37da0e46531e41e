//! `hold`: something that the lender stops doing, and how the account is reported meanwhile.

use chrono::NaiveDate;

use super::ground::{Effect, EngineError, Ground};
use super::suspend::next_end;
use crate::adjustment::{Adjustment, HoldChange};
use crate::dates::{Window, add_days};
use crate::facts::moment::Moment;
use crate::policy::document::{HoldKind, ReportAs};
use crate::policy::program::{DateExpr, HoldProgram};
use crate::reason::Reason;

/// Works a hold out, or its next step when one was granted already.
pub fn hold(ground: &Ground<'_>, program: &HoldProgram) -> Result<Effect, EngineError> {
    let mut days = [None, None, None];
    let mut open = program.until.is_none();
    for (at, expr) in [Some(&program.from), program.until.as_ref(), program.review_by.as_ref()].into_iter().enumerate()
    {
        match moment(ground, expr)? {
            Ok(Some(Moment::Day(day))) => {
                if let Some(slot) = days.get_mut(at) {
                    *slot = Some(day);
                }
            }
            // The end of an incident that goes on: open until it is known.
            Ok(Some(Moment::NotYet)) if at == 1 => open = true,
            Ok(None) => {}
            Ok(Some(_)) => return Ok(Effect::nothing()),
            Err(reason) => return Ok(Effect::because(reason)),
        }
    }
    let [Some(mut from), mut until, review_by] = days else { return Ok(Effect::nothing()) };
    if let Some((decided_on, first_from, last)) = last_granted(ground) {
        match (last, until) {
            // An open hold stands; its end has become known.
            (None, Some(_)) => {}
            (None, None) => return Ok(Effect::nothing()),
            (Some(last), _) if open || until.is_some_and(|until| until > last) => from = next(last, from),
            (Some(last), _) => match &program.renew {
                None => return Ok(Effect::nothing()),
                Some(renew) => match next_end(ground, renew, decided_on, first_from, last)? {
                    Ok(Some(end)) => {
                        from = next(last, from);
                        until = Some(end);
                        open = false;
                    }
                    Ok(None) => return Ok(Effect::nothing()),
                    Err(reason) => return Ok(Effect::because(reason)),
                },
            },
        }
    }
    if !open && until.is_none_or(|until| until < from || until < ground.today()) && !program.correct_past {
        return Ok(Effect::nothing());
    }
    let window = Window { from: Some(from), until };
    let correct = to_correct(ground, program, window);
    if !open && until.is_none_or(|until| until < from || (until < ground.today() && correct.is_empty())) {
        return Ok(Effect::nothing());
    }
    let change =
        HoldChange { what: program.what.clone(), from, until, review_by, report_as: program.report_as, correct };
    Ok(Effect { adjustments: vec![Adjustment::Hold(change)], reasons: Vec::new() })
}

fn next(last: NaiveDate, from: NaiveDate) -> NaiveDate {
    add_days(last, 1).map_or(from, |day| day.max(from))
}

fn moment(ground: &Ground<'_>, expr: Option<&DateExpr>) -> Result<Result<Option<Moment>, Reason>, EngineError> {
    let Some(expr) = expr else { return Ok(Ok(None)) };
    Ok(match ground.facts.date(expr)? {
        Ok(moment) => Ok(Some(moment)),
        Err(gap) => Err(gap.into()),
    })
}

/// The latest hold of this benefit: decided on, its first first day, its last day.
fn last_granted(ground: &Ground<'_>) -> Option<(NaiveDate, NaiveDate, Option<NaiveDate>)> {
    let holds: Vec<(NaiveDate, &HoldChange)> = ground
        .given
        .grants(ground.policy, &ground.benefit.id)
        .flat_map(|grant| grant.adjustments.iter().map(|one| (grant.decided_on, one)))
        .filter_map(|(decided_on, one)| if let Adjustment::Hold(hold) = one { Some((decided_on, hold)) } else { None })
        .collect();
    let first = holds.iter().map(|(_, hold)| hold.from).min()?;
    // On one day an open hold may follow a dated one, or the other way round: the later grant counts.
    let (decided_on, last) = holds.iter().max_by_key(|(decided_on, _)| *decided_on)?;
    Some((*decided_on, first, last.until))
}

/// Reports inside the window that called the account overdue.
fn to_correct(ground: &Ground<'_>, program: &HoldProgram, window: Window) -> Vec<NaiveDate> {
    let protects = program.what.contains(&HoldKind::CreditReporting)
        && matches!(program.report_as, Some(ReportAs::NotReported | ReportAs::NotOverdue | ReportAs::AsAtStart));
    if !program.correct_past || !protects {
        return Vec::new();
    }
    let reports = ground.facts.snapshot.credit_reports().unwrap_or_default();
    let done: Vec<NaiveDate> = ground
        .given
        .grants(ground.policy, &ground.benefit.id)
        .flat_map(|grant| &grant.adjustments)
        .filter_map(|one| if let Adjustment::Hold(hold) = one { Some(hold.correct.clone()) } else { None })
        .flatten()
        .collect();
    let wrong = reports.iter().filter(|report| report.overdue && window.contains(report.sent_on));
    wrong.map(|report| report.sent_on).filter(|day| !done.contains(day)).collect()
}
