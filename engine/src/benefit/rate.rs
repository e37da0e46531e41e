//! `pause_interest` and `reduce_rate`: a window in which less interest accrues, both days included.
//!
//! Rows whose contract terms reproduce them are derived anew from the first one concerned, the instalment of an
//! equal-instalment loan kept, the last row absorbing the difference. A schedule that the terms do not reproduce is
//! the core system's own truth: its interest is reduced by the share of the period's days, its principal stays. So it
//! is where a row would get less principal than was paid on it, or where a deferral moved it before.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::ground::{Effect, EngineError, Ground};
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::adjustment::{Adjustment, Cause, RowChange, ScheduleChange};
use crate::dates::Window;
use crate::facts::moment::Moment;
use crate::money::{Money, MoneyError, Rounding};
use crate::policy::program::DateExpr;
use crate::rate::Rate;
use crate::reason::Reason;
use crate::schedule::{DerivedRow, Kept, Method, RateCalendar, RateWindow, Terms, derive};

/// Reduces the rate to `to` inside the window.
pub fn reduce(ground: &Ground<'_>, from: &DateExpr, until: &DateExpr, to: Rate) -> Result<Effect, EngineError> {
    let window = match window(ground, from, until)? {
        Ok(Some(window)) => window,
        Ok(None) => return Ok(Effect::nothing()),
        Err(reason) => return Ok(Effect::because(reason)),
    };
    let Some(rows) = ground.position.rows.as_deref() else {
        return Ok(Effect::because(Reason::Absent { what: "the schedule is not reported".to_owned() }));
    };
    let terms = match ground.contract() {
        Ok(terms) => terms,
        Err(reason) => return Ok(Effect::because(reason)),
    };
    if to >= terms.rate {
        return Ok(Effect::nothing());
    }
    // Days for which earlier relief for the event changed the rate are not given again.
    let done = ground.given.rate_until().map(|until| Window { from: window.from, until: Some(until) });
    let window = match done.and_then(|done| done.until).and_then(|day| day.succ_opt()) {
        Some(next) if window.until.is_some_and(|until| until < next) => return Ok(Effect::nothing()),
        Some(next) => Window { from: window.from.max(Some(next)), ..window },
        None => window,
    };
    let calendar = RateCalendar::new(&[RateWindow { window, rate: to }])?;
    let unpaid = unpaid_from(ground, rows, window)?;
    let Some(first) = unpaid.first() else { return Ok(Effect::nothing()) };
    if unpaid.iter().any(|row| !row.paid_known) {
        let what = "what is paid of an instalment is not reported".to_owned();
        return Ok(Effect::because(Reason::Absent { what }));
    }
    let start = ground.accrued_from(rows, first.state.due_on)?;
    let as_agreed = unpaid.iter().all(|row| !ground.given.has_moved(&row.state.origin));
    let derived = if as_agreed { rederived(&terms, &unpaid, start, &calendar)? } else { None };
    let after = match derived {
        Some(after) => after,
        None => prorated(ground, rows, &unpaid, (window, done), terms.rate, to)?,
    };
    changes(ground, &unpaid, &after, window.until)
}

/// The window's days; an end that has not come is the decision day.
fn window(
    ground: &Ground<'_>,
    from: &DateExpr,
    until: &DateExpr,
) -> Result<Result<Option<Window>, Reason>, EngineError> {
    let (from, until) = match (ground.facts.date(from)?, ground.facts.date(until)?) {
        (Ok(from), Ok(until)) => (from, until),
        (Err(gap), _) | (_, Err(gap)) => return Ok(Err(gap.into())),
    };
    let until = if until == Moment::NotYet { Some(ground.today()) } else { until.day() };
    let window = Window { from: from.day(), until };
    Ok(Ok(match (window.from, window.until) {
        (Some(from), Some(until)) if from <= until => Some(window),
        _ => None,
    }))
}

/// Unpaid rows from the first whose period reaches into the window, by the dates before this event's relief: what
/// earlier relief moved into the window did not accrue there.
fn unpaid_from<'r>(ground: &Ground<'_>, rows: &'r [Row], window: Window) -> Result<Vec<&'r Row>, EngineError> {
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| !ground.given.made.contains(&row.id)) {
        let begins = window.from.is_none_or(|from| from <= ground.given.due_before(row));
        if begins && (!row.is_paid()? || !row.paid_known) {
            found.push(row);
        }
    }
    Ok(found)
}

/// The rows derived with and without the window; `None` when without it they do not come out as the core system
/// sent them.
fn rederived(
    terms: &Terms,
    unpaid: &[&Row],
    start: NaiveDate,
    calendar: &RateCalendar,
) -> Result<Option<Vec<(Money, Money)>>, EngineError> {
    let mut principal = Money::zero(terms.currency);
    for row in unpaid {
        principal = principal.add(&row.state.owed.principal)?;
    }
    let dues: Vec<NaiveDate> = unpaid.iter().map(|row| row.state.due_on).collect();
    if dues.windows(2).any(|pair| matches!(pair, [a, b] if a >= b)) || dues.first().is_none_or(|due| *due <= start) {
        return Ok(None);
    }
    let level = unpaid.first().map(|row| row.state.owed.principal.add(&row.state.owed.interest)).transpose()?;
    let flat = terms.method == Method::Flat;
    let kept = Kept { instalment: level.filter(|_| terms.method == Method::EqualInstalment), flat_base: None };
    let as_sent = derive(terms, principal, start, &dues, &RateCalendar::EMPTY, kept)?;
    let same = |(row, derived): (&&Row, &DerivedRow)| {
        row.state.owed.principal == derived.principal && row.state.owed.interest == derived.interest
    };
    if flat || !unpaid.iter().zip(&as_sent).all(same) {
        return Ok(None);
    }
    let rows = derive(terms, principal, start, &dues, calendar, kept)?;
    // Principal that is paid ahead stays where it was paid.
    let below = |(row, derived): (&&Row, &DerivedRow)| derived.principal.minor() < row.state.paid.principal.minor();
    if unpaid.iter().zip(&rows).any(below) {
        return Ok(None);
    }
    Ok(Some(rows.into_iter().map(|row| (row.principal, row.interest)).collect()))
}

/// Interest × (1 − saved × days inside / (days of the period − saved × days done)), half-up, saved = 1 − to / rate:
/// what is left of a period's interest after earlier days were relieved stands for the days that are left.
fn prorated(
    ground: &Ground<'_>,
    rows: &[Row],
    unpaid: &[&Row],
    (window, done): (Window, Option<Window>),
    rate: Rate,
    to: Rate,
) -> Result<Vec<(Money, Money)>, EngineError> {
    let saved = Decimal::ONE - to.0.checked_div(rate.0).unwrap_or(Decimal::ZERO);
    let mut after = Vec::new();
    for row in unpaid {
        let due = ground.given.due_before(row);
        let from = ground.accrued_from(rows, due)?;
        let period = Window { from: from.succ_opt(), until: Some(due) };
        let within = |window: &Window| period.overlap(window).and_then(|days| days.days()).unwrap_or(0);
        let length = Decimal::from(period.days().unwrap_or(1).max(1));
        let left = length - saved * Decimal::from(done.as_ref().map_or(0, within));
        let share =
            (saved * Decimal::from(within(&window))).checked_div(left).unwrap_or(Decimal::ZERO).min(Decimal::ONE);
        // Interest on top of a deferral accrues at the contract's rate.
        let unpaid = ground.unpaid_before(row)?.interest;
        let cut = unpaid.add(&row.state.paid.interest)?.mul(share, Rounding::HalfUp)?;
        let cut = if cut.minor() < unpaid.minor() { cut } else { unpaid };
        after.push((row.state.owed.principal, row.state.owed.interest.sub(&cut)?));
    }
    Ok(after)
}

fn changes(
    ground: &Ground<'_>,
    unpaid: &[&Row],
    after: &[(Money, Money)],
    until: Option<NaiveDate>,
) -> Result<Effect, EngineError> {
    let zero = Money::zero(ground.position.currency);
    let (mut changes, mut forgone) = (Vec::new(), zero);
    for (row, (principal, interest)) in unpaid.iter().zip(after) {
        let mut state = row.state.clone();
        // What is paid already cannot become less than paid.
        state.owed.interest =
            if interest.minor() < state.paid.interest.minor() { state.paid.interest } else { *interest };
        state.owed.principal = *principal;
        if state != row.state {
            forgone = forgone.add(&row.state.owed.interest.sub(&state.owed.interest)?)?;
            changes.push(RowChange { row: row.id.clone(), before: Some(row.state.clone()), after: Some(state) });
        }
    }
    if changes.is_empty() || forgone.minor() <= 0 {
        return Ok(Effect::nothing());
    }
    principal_kept(&changes)?;
    let change = ScheduleChange {
        cause: Cause::Rate,
        changes,
        chosen: Vec::new(),
        deferred: Parts::zero(ground.position.currency),
        added_interest: zero,
        forgone_interest: forgone,
        capitalised: zero,
        arrears: None,
        relief_end: until,
    };
    Ok(Effect { adjustments: vec![Adjustment::Schedule(change)], reasons: Vec::new() })
}

/// A rate never changes the principal; a row paid ahead could only be kept at its paid part.
fn principal_kept(changes: &[RowChange]) -> Result<(), MoneyError> {
    let mut moved: i64 = 0;
    for change in changes {
        if let (Some(before), Some(after)) = (&change.before, &change.after) {
            let step = after.owed.principal.sub(&before.owed.principal)?.minor();
            moved = moved.checked_add(step).ok_or(MoneyError::Overflow)?;
        }
    }
    if moved == 0 { Ok(()) } else { Err(MoneyError::Overflow) }
}
