//! The representative values of a slot: at, just below and just above every literal of its tests.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{CellValue, MOST_CELLS};
use crate::dates::{add_days, add_months};
use crate::declaration::{Designation, Severity};
use crate::money::{Currency, Money};
use crate::policy::facts::{FactId, FactType};
use crate::policy::program::{DateExpr, Literal, Op, Slot, Test};
use crate::rate::Rate;
use crate::region::{RegionId, RegionTree};

/// More tests than this on one slot are not combined.
const MOST_TESTS: usize = 12;
/// The zero of relative days; only differences matter.
const ORIGIN: NaiveDate = NaiveDate::MIN;

fn literals<'p>(tests: &'p [(usize, &'p Test)]) -> impl Iterator<Item = &'p Literal> {
    tests.iter().flat_map(|(_, test)| match &test.op {
        Op::Is(one) | Op::IsNot(one) | Op::AtLeast(one) | Op::AtMost(one) | Op::Above(one) | Op::Below(one) => {
            std::slice::from_ref(one)
        }
        Op::In(many) | Op::NotIn(many) => many,
        Op::WithinRegions(_) | Op::WithinWindow(_) | Op::Has(_) | Op::Known(_) => &[],
    })
}

/// Values at, just below and just above every literal.
pub(super) fn values(slot: &Slot, tests: &[(usize, &Test)]) -> Option<(Vec<CellValue>, bool)> {
    // A lender's own count may be below zero.
    let own = slot.fact.id == FactId::Attribute;
    let around = |number: i64| [number, number.saturating_sub(1), number.saturating_add(1)];
    let values: Vec<CellValue> = match slot.of {
        FactType::Bool => vec![CellValue::Bool(true), CellValue::Bool(false)],
        FactType::Count(_) => {
            let cuts = literals(tests).filter_map(|literal| match literal {
                Literal::Count(count) => Some(around(*count)),
                _ => None,
            });
            let counts: BTreeSet<i64> = cuts.flatten().chain([0]).filter(|count| *count >= 0 || own).collect();
            counts.into_iter().map(CellValue::Count).collect()
        }
        FactType::Amount => amounts(tests),
        FactType::Rate => {
            let step = Decimal::new(1, 12);
            let cuts = literals(tests).filter_map(|literal| match literal {
                Literal::Rate(Rate(rate)) => Some([Some(*rate), rate.checked_sub(step), rate.checked_add(step)]),
                _ => None,
            });
            let rates: BTreeSet<Decimal> = cuts.flatten().flatten().chain([Decimal::ZERO]).collect();
            rates.into_iter().filter(|rate| *rate >= Decimal::ZERO).map(|rate| CellValue::Rate(Rate(rate))).collect()
        }
        FactType::Date => return dates(tests),
        FactType::Name(names) => {
            let mentioned = literals(tests).filter_map(|literal| match literal {
                Literal::Name(name) => Some(name.clone()),
                _ => None,
            });
            let open = names.is_empty().then_some(CellValue::OtherName);
            let names: BTreeSet<String> = mentioned.chain(names.iter().map(|name| (*name).to_owned())).collect();
            names.into_iter().map(CellValue::Name).chain(open).collect()
        }
        FactType::Names(_) => return sets(tests).map(|sets| (sets, true)),
        FactType::Severity => Severity::ALL.into_iter().map(CellValue::Severity).collect(),
        FactType::Designation => {
            let inside = Designation::ALL.into_iter().rev().map(Some);
            inside.chain([None]).map(CellValue::Designation).collect()
        }
        FactType::Region => regions(tests),
    };
    Some((values, true))
}

fn amounts(tests: &[(usize, &Test)]) -> Vec<CellValue> {
    let cuts = literals(tests).filter_map(|literal| match literal {
        Literal::Amount(money) => Some(*money),
        _ => None,
    });
    let mut found: BTreeSet<(Currency, i64)> = BTreeSet::new();
    for money in cuts {
        let minor = money.minor();
        // An overpaid account owes less than nothing, so amounts below zero count too.
        let around = [0, minor, minor.saturating_sub(1), minor.saturating_add(1)];
        found.extend(around.into_iter().map(|minor| (money.currency(), minor)));
    }
    if found.is_empty() {
        found.insert((Currency::CNY, 0));
    }
    found.into_iter().map(|(currency, minor)| CellValue::Amount(Money::new(minor, currency))).collect()
}

/// The regions that literals name come first, as the better examples; then every other one, counties first.
fn regions(tests: &[(usize, &Test)]) -> Vec<CellValue> {
    let tree = RegionTree::builtin();
    let named = tests.iter().flat_map(|(_, test)| match &test.op {
        Op::WithinRegions(regions) => regions.clone(),
        _ => Vec::new(),
    });
    let named = named.chain(literals(tests).filter_map(|literal| match literal {
        Literal::Region(region) => Some(*region),
        _ => None,
    }));
    let mut all: Vec<RegionId> = named.collect();
    let mut others: Vec<RegionId> = tree.ids().collect();
    others.sort_by_key(|region| std::cmp::Reverse(tree.level(*region)));
    all.extend(others);
    all.into_iter().map(CellValue::Region).collect()
}

/// For each choice of `has` tests that fail, the names that make as many of the others true as can be.
fn sets(tests: &[(usize, &Test)]) -> Option<Vec<CellValue>> {
    let wanted = tests.iter().filter_map(|(_, test)| match &test.op {
        Op::Has(names) => Some(names),
        _ => None,
    });
    let wanted: Vec<&Vec<String>> = wanted.collect();
    if wanted.len() > MOST_TESTS {
        return None;
    }
    let all: BTreeSet<&String> = wanted.iter().copied().flatten().collect();
    let choices = 0_u32..(1_u32 << u32::try_from(wanted.len()).ok()?);
    let sets = choices.map(|failing| {
        let fails = |at: usize| u32::try_from(at).is_ok_and(|at| failing & (1 << at) != 0);
        let barred = |name: &String| wanted.iter().enumerate().any(|(at, names)| fails(at) && names.contains(name));
        CellValue::Names(all.iter().filter(|name| !barred(name)).map(|name| (*name).clone()).collect())
    });
    Some(sets.collect())
}

/// A date as an anchor and a distance: days from the origin for an anchor, the day itself without one.
pub(super) fn place(date: &DateExpr) -> (Option<DateExpr>, NaiveDate) {
    match date {
        DateExpr::Day(day) => return (None, *day),
        DateExpr::Moved { base, months, days, business_day: None } => {
            if let DateExpr::Day(day) = base.as_ref() {
                let moved = add_months(*day, i64::from(*months)).and_then(|day| add_days(day, i64::from(*days)));
                if let Some(moved) = moved {
                    return (None, moved);
                }
            }
            let anchor = match months {
                0 => base.as_ref().clone(),
                months => DateExpr::Moved { base: base.clone(), months: *months, days: 0, business_day: None },
            };
            if let Some(at) = add_days(middle(), i64::from(*days)) {
                return (Some(anchor), at);
            }
        }
        _ => {}
    }
    (Some(date.clone()), middle())
}

/// The day that stands for an anchor itself.
pub(super) fn middle() -> NaiveDate {
    add_days(ORIGIN, 50_000_000).unwrap_or(ORIGIN)
}

fn window_ends(op: &Op) -> Vec<&DateExpr> {
    match op {
        Op::WithinWindow(window) => window.from.iter().chain(&window.until).collect(),
        _ => Vec::new(),
    }
}

/// The cuts of a date by anchor; the values are one position for each anchor.
fn dates(tests: &[(usize, &Test)]) -> Option<(Vec<CellValue>, bool)> {
    let compared = literals(tests).filter_map(|literal| match literal {
        Literal::Date(date) => Some(date),
        _ => None,
    });
    let compared = compared.chain(tests.iter().flat_map(|(_, test)| window_ends(&test.op)));
    let mut groups: Vec<(Option<DateExpr>, BTreeSet<NaiveDate>)> = Vec::new();
    for (anchor, day) in compared.map(place) {
        let cuts = [Some(day), day.pred_opt(), day.succ_opt()];
        let at = groups.iter().position(|(other, _)| *other == anchor).unwrap_or_else(|| {
            groups.push((anchor, BTreeSet::new()));
            groups.len().saturating_sub(1)
        });
        if let Some((_, days)) = groups.get_mut(at) {
            days.extend(cuts.into_iter().flatten());
        }
    }
    if groups.is_empty() {
        groups.push((None, BTreeSet::from([NaiveDate::from_ymd_opt(2026, 1, 1)?])));
    }
    let exact = groups.len() == 1;
    let mut found: Vec<Vec<(Option<DateExpr>, NaiveDate)>> = vec![Vec::new()];
    for (anchor, days) in groups {
        if found.len().saturating_mul(days.len()) > MOST_CELLS.saturating_mul(8) {
            return None;
        }
        let longer = found.iter().flat_map(|so_far| {
            days.iter().map(|day| so_far.iter().cloned().chain([(anchor.clone(), *day)]).collect::<Vec<_>>())
        });
        found = longer.collect();
    }
    Some((found.into_iter().map(CellValue::Date).collect(), exact))
}
