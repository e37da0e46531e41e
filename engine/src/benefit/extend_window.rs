//! `extend_window`: a longer time to withdraw (cooling-off) or to pay (grace).

use super::ground::{Effect, EngineError, Ground};
use super::suspend::span_end;
use crate::adjustment::{Adjustment, WindowChange};
use crate::dates::add_days;
use crate::money::MoneyError;
use crate::policy::document::WindowKind;
use crate::policy::program::SpanExpr;
use crate::reason::Reason;

/// Extends a window by a span, less what earlier grants of the benefit gave.
pub fn extend(ground: &Ground<'_>, window: WindowKind, by: &SpanExpr) -> Result<Effect, EngineError> {
    let given: i64 = ground
        .given
        .grants(ground.policy, &ground.benefit.id)
        .flat_map(|grant| &grant.adjustments)
        .map(|one| if let Adjustment::Window(change) = one { change.days } else { 0 })
        .sum();
    let end = match window {
        WindowKind::CoolingOff => match ground.facts.snapshot.terms().cooling_off_ends_on {
            Some(end) => Some(end),
            None => {
                let what = "the end of the cooling-off period is not reported".to_owned();
                return Ok(Effect::because(Reason::Absent { what }));
            }
        },
        WindowKind::Grace => None,
    };
    let from = end.unwrap_or(ground.today());
    let Some(next) = add_days(from, 1) else { return Err(MoneyError::Overflow.into()) };
    let last = match span_end(ground, by, next)? {
        Ok(Some(last)) => last,
        Ok(None) => return Ok(Effect::nothing()),
        Err(gap) => return Ok(Effect::because(gap.into())),
    };
    let days = last.signed_duration_since(from).num_days().saturating_sub(given);
    if days <= 0 {
        return Ok(Effect::nothing());
    }
    let before = end.and_then(|end| add_days(end, given));
    let change = WindowChange { window, before, after: end.map(|_| last), days };
    Ok(Effect { adjustments: vec![Adjustment::Window(change)], reasons: Vec::new() })
}
