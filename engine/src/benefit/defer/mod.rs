//! `defer`: payments moved to later. One file per way to move them.
//!
//! Only unpaid parts move; fully paid rows are skipped. A row of which a part moves keeps what stays, and what moves
//! becomes a row of its own that names the instalment it stems from.

mod balance;
pub mod draft;
mod end_of_term;
mod spread;

use chrono::NaiveDate;

use self::draft::{Draft, Piece};
use super::ground::{Effect, EngineError, Ground};
use super::rows::{ChosenRows, limit_origins};
use super::waive::caps;
use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::adjustment::{Adjustment, Cause, ScheduleChange};
use crate::money::{Money, MoneyError};
use crate::policy::document::{DeferTo, InterestOnTop, Part};
use crate::policy::program::DeferProgram;
use crate::rate::{DayCount, Rate};
use crate::reason::Reason;

/// A deferral being worked out.
struct Work<'a> {
    ground: &'a Ground<'a>,
    program: &'a DeferProgram,
    rows: &'a [Row],
    draft: Draft,
    /// What moves out of the rows that are added.
    deferred: Parts,
    /// Unpaid interest that became principal.
    capitalised: Money,
    /// For interest on top.
    terms: Option<(Rate, DayCount)>,
}

/// Rows, each with what moves out of it.
type Takes<'r> = Vec<(&'r Row, Parts)>;

/// Works a deferral out; `most` is what a limit leaves of instalments.
pub fn defer(ground: &Ground<'_>, program: &DeferProgram, most: Option<i64>) -> Result<Effect, EngineError> {
    let chosen = match ground.choose(&program.rows, false)? {
        Ok(chosen) => chosen,
        Err(reason) => return Ok(Effect::because(reason)),
    };
    let mut added = movable(ground, program, &chosen.added)?;
    if let Some(most) = most {
        limit_origins(&mut added, most, |_| 0);
    }
    let takes = match takes(ground, program, &added)? {
        Ok(takes) => takes,
        Err(reason) => return Ok(Effect::because(reason)),
    };
    if takes.is_empty() {
        return Ok(Effect::nothing());
    }
    let terms = match program.interest_on_top {
        InterestOnTop::None => None,
        InterestOnTop::Accrue | InterestOnTop::Capitalise => match ground.interest_terms() {
            Ok(terms) => Some(terms),
            Err(reason) => return Ok(Effect::because(reason)),
        },
    };
    let rows = ground.position.rows.as_deref().unwrap_or_default();
    let currency = ground.position.currency;
    let mut deferred = Parts::zero(currency);
    for (_, parts) in &takes {
        deferred = deferred.add(parts)?;
    }
    let mut work = Work {
        ground,
        program,
        rows,
        draft: Draft::new(rows, currency),
        deferred,
        capitalised: Money::zero(currency),
        terms,
    };
    let moved = match program.to {
        DeferTo::EndOfTerm => work.end_of_term(&takes, &chosen)?,
        DeferTo::Maturity => work.maturity(&takes)?,
        DeferTo::Spread => work.spread(&takes)?,
        DeferTo::NextDue => work.next_due(&takes)?,
        DeferTo::LaterDate => work.later_date(&takes)?,
    };
    match moved {
        Ok(()) => work.finish(&takes),
        Err(reason) => Ok(Effect::because(reason)),
    }
}

/// Rows of which something may move: not those that hold only what earlier relief put on them.
fn movable<'r>(ground: &Ground<'_>, program: &DeferProgram, rows: &[&'r Row]) -> Result<Vec<&'r Row>, MoneyError> {
    let mut movable = Vec::new();
    for row in rows {
        if !ground.unpaid_before(row)?.only(&program.parts).is_zero() {
            movable.push(*row);
        }
    }
    Ok(movable)
}

/// What moves out of each row that is added, oldest first, within the caps.
fn takes<'r>(
    ground: &Ground<'_>,
    program: &DeferProgram,
    added: &[&'r Row],
) -> Result<Result<Takes<'r>, Reason>, EngineError> {
    let mut room: Option<Money> = None;
    match caps(ground, &program.caps)? {
        Ok(found) => {
            for (_, cap) in found {
                let mut used = Money::zero(ground.position.currency);
                for grant in ground.given.grants(ground.policy, &ground.benefit.id) {
                    used = used.add(&grant.amounts(ground.position.currency)?.deferred)?;
                }
                let left = cap.sub(&used)?;
                room = Some(room.map_or(left, |room| if left.minor() < room.minor() { left } else { room }));
            }
        }
        Err(reason) => return Ok(Err(reason)),
    }
    let mut takes = Vec::new();
    for row in added {
        let mut parts = row.unpaid()?.only(&program.parts);
        if let Some(left) = room {
            parts = within(parts, left)?;
            room = Some(left.sub(&parts.total()?)?);
        }
        if !parts.is_zero() {
            takes.push((*row, parts));
        }
    }
    Ok(Ok(takes))
}

/// The parts as far as an amount reaches: principal, interest, fees.
fn within(parts: Parts, room: Money) -> Result<Parts, MoneyError> {
    let mut left = room.minor().max(0);
    let mut kept = Parts::zero(parts.currency());
    for part in [Part::Principal, Part::Interest, Part::Fees] {
        let size = parts.get(part).minor().min(left);
        left = left.saturating_sub(size);
        kept = kept.with(part, Money::new(size, parts.currency()));
    }
    Ok(kept)
}

impl Work<'_> {
    /// Relief never makes a date before the incident start.
    fn not_before_incident(&self, due: NaiveDate) -> NaiveDate {
        self.ground.facts.declared.incident.from.map_or(due, |start| due.max(start))
    }

    /// Interest for the additional time of a piece; zero when there is none on top.
    fn on_top(&self, piece: &Piece, to: NaiveDate) -> Result<Money, EngineError> {
        match self.terms {
            Some(terms) => self.ground.interest_between(terms, piece.parts.principal, piece.due_on, to),
            None => Ok(Money::zero(self.ground.position.currency)),
        }
    }

    /// The piece with its interest on top, as interest or as principal.
    fn with_interest(&mut self, piece: &Piece, to: NaiveDate) -> Result<Parts, EngineError> {
        let on_top = self.on_top(piece, to)?;
        let mut parts = piece.parts;
        if self.program.interest_on_top == InterestOnTop::Capitalise {
            parts.principal = parts.principal.add(&on_top)?;
            self.capitalised = self.capitalised.add(&on_top)?;
        } else {
            parts.interest = parts.interest.add(&on_top)?;
        }
        Ok(parts)
    }

    /// Interest of a piece's row that is settled already, paid or relieved: a row derived anew must not charge it again.
    fn settled_interest(&self, piece: &Piece) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.ground.position.currency);
        let row = self.rows.iter().find(|row| row.id == piece.row || row.id == piece.origin);
        row.map_or(Ok(zero), |row| row.interest_relieved.add(&row.state.paid.interest))
    }

    /// `later_date`: each piece is due on a date of its own.
    fn later_date(&mut self, takes: &[(&Row, Parts)]) -> Result<Result<(), Reason>, EngineError> {
        for (row, parts) in takes {
            let Some(expr) = &self.program.date else {
                return Ok(Err(Reason::Absent { what: "the date of the deferral".to_owned() }));
            };
            let day = match self.ground.facts.date_for(expr, Some(row.state.due_on))? {
                Ok(moment) => moment.day(),
                Err(gap) => return Ok(Err(gap.into())),
            };
            let Some(day) = day else {
                return Ok(Err(Reason::Absent { what: "the date of the deferral is not known yet".to_owned() }));
            };
            let day = self.not_before_incident(day);
            if day > row.state.due_on
                && let Some(piece) = self.draft.take(&row.id, *parts)?
            {
                let owed = self.with_interest(&piece, day)?;
                self.draft.put(&piece.row, day, owed);
            }
        }
        Ok(Ok(()))
    }

    /// The change, if there is one.
    fn finish(self, takes: &[(&Row, Parts)]) -> Result<Effect, EngineError> {
        let currency = self.ground.position.currency;
        let (before, after) = self.draft.sums()?;
        let more = after.sub(&before)?;
        let floor = self.ground.today();
        let mut first: Option<NaiveDate> = None;
        for state in self.draft.states() {
            if state.owed != state.paid && state.due_on >= floor {
                first = Some(first.map_or(state.due_on, |found| found.min(state.due_on)));
            }
        }
        let mut chosen: Vec<String> = Vec::new();
        for (row, _) in takes {
            if !chosen.contains(&row.state.origin) {
                chosen.push(row.state.origin.clone());
            }
        }
        let changes = self.draft.changes();
        if changes.is_empty() {
            return Ok(Effect::nothing());
        }
        let change = ScheduleChange {
            cause: Cause::Deferral,
            changes,
            chosen,
            deferred: self.deferred,
            added_interest: Money::new(more.minor().max(0), currency),
            forgone_interest: Money::new(more.minor().saturating_neg().max(0), currency),
            capitalised: self.capitalised,
            arrears: Some(self.program.arrears),
            relief_end: first.and_then(|day| day.pred_opt()),
        };
        Ok(Effect { adjustments: vec![Adjustment::Schedule(change)], reasons: Vec::new() })
    }
}

/// The first less the second, never below zero.
fn less(money: Money, by: Money) -> Result<Money, MoneyError> {
    let left = money.sub(&by)?;
    Ok(Money::new(left.minor().max(0), left.currency()))
}

/// Rows that are not fully paid.
fn unpaid(rows: &[Row]) -> Result<Vec<&Row>, MoneyError> {
    let mut unpaid = Vec::new();
    for row in rows {
        if !row.is_paid()? {
            unpaid.push(row);
        }
    }
    Ok(unpaid)
}

/// The earliest row of a choice that is still unpaid, by its present date.
fn earliest(chosen: &ChosenRows<'_>) -> Result<Option<NaiveDate>, MoneyError> {
    let mut first: Option<NaiveDate> = None;
    for row in &chosen.all {
        if !row.is_paid()? {
            first = Some(first.map_or(row.state.due_on, |found| found.min(row.state.due_on)));
        }
    }
    Ok(first)
}
