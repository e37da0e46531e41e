//! Windows that end before they begin.

use chrono::NaiveDate;

use crate::dates::{add_days, add_months};
use crate::policy::document::Policy;
use crate::policy::facts::FactId;
use crate::policy::partition::date_text;
use crate::policy::problem::{At, Problem};
use crate::policy::program::{
    BenefitKind, DateExpr, Op, Program, QuantityExpr, RowChoice, SpanExpr, WaiveTarget, WindowExpr,
};

pub(super) fn windows(program: &Program) -> Vec<Problem> {
    let mut found: Vec<(At, Option<DateExpr>, Option<DateExpr>)> = Vec::new();
    let mut add = |at: At, window: &WindowExpr| found.push((at, window.from.clone(), window.until.clone()));
    for test in &program.tests {
        if let Op::WithinWindow(window) = &test.op {
            let parts = test.pointer.split('/').skip(1);
            add(parts.fold(At::root(), |at, part| at.key(part)).key("within"), window);
        }
    }
    for (index, rule) in program.rules.iter().enumerate() {
        for (at, benefit) in rule.benefits.iter().enumerate() {
            let at = At::root().key("rules").index(index).key("benefits").index(at);
            benefit_windows(&benefit.kind, &at, &program.document, &mut add);
        }
    }
    found.into_iter().filter_map(|(at, from, until)| ends_early(&at, from.as_ref()?, until.as_ref()?)).collect()
}

fn ends_early(at: &At, from: &DateExpr, until: &DateExpr) -> Option<Problem> {
    if !is_before(until, from) {
        return None;
    }
    let message = format!("the window ends ({}) before it begins ({})", date_text(until), date_text(from));
    let problem = Problem::error("window-ends-early", &at.key("until"), message);
    Some(
        problem
            .help("no day is in it: both days are included; look whether they are swapped")
            .also(&at.key("from"), "it begins here"),
    )
}

fn benefit_windows(kind: &BenefitKind, at: &At, document: &Policy, add: &mut impl FnMut(At, &WindowExpr)) {
    match kind {
        BenefitKind::Waive(waive) => {
            let at = at.key("waive");
            add(at.key("accrued"), &waive.accrued);
            if let WaiveTarget::Interest(rows) = &waive.target {
                row_windows(rows, &at.key("interest"), add);
            }
        }
        BenefitKind::Defer(defer) => row_windows(&defer.rows, &at.key("defer"), add),
        BenefitKind::Suspend(suspend) => span_windows(&suspend.length, &at.key("suspend").key("for"), add),
        BenefitKind::Rate { from, until, .. } => {
            let value = serde_json::to_value(document).unwrap_or_default();
            let paused = value.pointer(&at.key("pause_interest").to_string()).is_some();
            let window = WindowExpr { from: Some(from.clone()), until: Some(until.clone()) };
            add(at.key(if paused { "pause_interest" } else { "reduce_rate" }), &window);
        }
        BenefitKind::Hold(hold) => {
            let window = WindowExpr { from: Some(hold.from.clone()), until: hold.until.clone() };
            add(at.key("hold"), &window);
        }
        // Money is never counted from a window.
        BenefitKind::Goodwill(_) => {}
        BenefitKind::ExtendWindow { by, .. } => span_windows(by, &at.key("extend_window").key("by"), add),
    }
}

fn row_windows(rows: &RowChoice, at: &At, add: &mut impl FnMut(At, &WindowExpr)) {
    add(at.key("due"), &rows.due);
    if let Some(count) = &rows.instalments {
        quantity_windows(count, &at.key("instalments"), add);
    }
}

fn span_windows(span: &SpanExpr, at: &At, add: &mut impl FnMut(At, &WindowExpr)) {
    match span {
        SpanExpr::Days(count) => quantity_windows(count, &at.key("days"), add),
        SpanExpr::Months(count) => quantity_windows(count, &at.key("months"), add),
    }
}

fn quantity_windows(quantity: &QuantityExpr, at: &At, add: &mut impl FnMut(At, &WindowExpr)) {
    match quantity {
        QuantityExpr::Interrupted(window) => add(at.key("interrupted"), window),
        QuantityExpr::Min(parts) => {
            for (index, part) in parts.iter().enumerate() {
                quantity_windows(part, &at.key("min").index(index), add);
            }
        }
        QuantityExpr::Minus(a, b) => {
            quantity_windows(a, &at.key("minus").index(0), add);
            quantity_windows(b, &at.key("minus").index(1), add);
        }
        _ => {}
    }
}

/// Whether a date is certainly before another, whatever the dates that they are counted from.
fn is_before(a: &DateExpr, b: &DateExpr) -> bool {
    match (a, b) {
        (DateExpr::EarlierOf(all), b) => all.iter().any(|a| is_before(a, b)),
        (a, DateExpr::LaterOf(all)) => all.iter().any(|b| is_before(a, b)),
        (DateExpr::LaterOf(all), b) => all.iter().all(|a| is_before(a, b)),
        (a, DateExpr::EarlierOf(all)) => all.iter().all(|b| is_before(a, b)),
        (a, b) => match (day(a), day(b)) {
            (Some(a), Some(b)) => a < b,
            (None, None) => counted_before(a, b),
            _ => false,
        },
    }
}

/// An absolute day.
fn day(date: &DateExpr) -> Option<NaiveDate> {
    match date {
        DateExpr::Day(day) => Some(*day),
        DateExpr::Moved { base, months, days, business_day: None } => {
            add_days(add_months(day(base)?, i64::from(*months))?, i64::from(*days))
        }
        _ => None,
    }
}

/// An anchor with months and days; not for dates that are moved to a working day, or moved twice.
fn counted(date: &DateExpr) -> Option<(&DateExpr, i64, i64)> {
    match date {
        DateExpr::Fact(_) => Some((date, 0, 0)),
        DateExpr::Moved { base, months, days, business_day: None } if matches!(base.as_ref(), DateExpr::Fact(_)) => {
            Some((base, i64::from(*months), i64::from(*days)))
        }
        _ => None,
    }
}

/// Two dates counted from the same anchor, or from start and end of the disaster: a month has 28 to 31 days.
fn counted_before(a: &DateExpr, b: &DateExpr) -> bool {
    let (Some((base_a, months_a, days_a)), Some((base_b, months_b, days_b))) = (counted(a), counted(b)) else {
        return false;
    };
    let is = |date: &DateExpr, id: FactId| matches!(date, DateExpr::Fact(fact) if fact.id == id);
    let ordered = is(base_a, FactId::DeclarationIncidentStart) && is(base_b, FactId::DeclarationIncidentEnd);
    if base_a != base_b && !(ordered && months_a == 0 && months_b == 0) {
        return false;
    }
    let months = months_a.saturating_sub(months_b);
    let most = if months > 0 { months.saturating_mul(31) } else { months.saturating_mul(28) };
    most.saturating_add(days_a).saturating_sub(days_b) < 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::facts::FactRef;

    #[test]
    fn only_certain_orders_count() {
        let day = |text: &str| DateExpr::Day(text.parse().unwrap());
        let start = DateExpr::Fact(FactRef { id: FactId::DeclarationIncidentStart, of: None });
        let end = DateExpr::Fact(FactRef { id: FactId::DeclarationIncidentEnd, of: None });
        let moved = |base: &DateExpr, months: i32, days: i32| DateExpr::Moved {
            base: Box::new(base.clone()),
            months,
            days,
            business_day: None,
        };
        let cases = [
            (day("2026-01-01"), day("2026-01-02"), true),
            (day("2026-01-02"), day("2026-01-02"), false),
            (moved(&day("2026-01-31"), 1, 0), day("2026-03-01"), true),
            (moved(&start, 0, -1), start.clone(), true),
            (start.clone(), end.clone(), false), // one day long, they are the same
            (moved(&start, 0, -1), end.clone(), true),
            (end.clone(), start.clone(), false),
            (moved(&start, 1, 0), moved(&start, 0, 32), true),
            (moved(&start, 1, 0), moved(&start, 0, 31), false), // after a month of 31 days they are the same
            (moved(&start, 1, 3), moved(&start, 2, 0), true),
            (moved(&start, 1, 28), moved(&start, 2, 0), false),
            (start.clone(), day("2026-01-01"), false),
            (DateExpr::EarlierOf(vec![end.clone(), moved(&start, 0, -1)]), start.clone(), true),
            (DateExpr::LaterOf(vec![end.clone(), moved(&start, 0, -1)]), start.clone(), false),
            (moved(&start, 0, -1), DateExpr::LaterOf(vec![day("2026-01-01"), start.clone()]), true),
        ];
        for (a, b, want) in cases {
            assert_eq!(is_before(&a, &b), want, "{} < {}", date_text(&a), date_text(&b));
        }
    }
}
