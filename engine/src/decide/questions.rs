//! Which unknown facts matter. A fact is asked for if and only if two completions that differ in it alone differ
//! in outcome or benefits, where a completion gives every unknown fact one of its cells. Exact up to
//! [`MOST_COMPLETIONS`]; beyond that, whatever Kleene logic leaves unknown is asked for.
//!
//! Nobody can be asked for what the core system did not report. A completion of the askable facts comes to what holds
//! whatever the others are: under `all` rule by rule, since what is known is granted beside what is not; under `first`
//! and `unique` to one thing, or to a referral.

use std::collections::{BTreeMap, BTreeSet};

use super::partition::{Cell, cells};
use super::settle::{Settled, same_effect, settle};
use super::truth::{Sight, Truth, fold};
use crate::facts::Facts;
use crate::facts::value::{Gap, Seen};
use crate::money::MoneyError;
use crate::policy::document::HitPolicy;
use crate::policy::program::{Expr, Literal, Op, Program};

/// The most completions that are tried one by one.
pub const MOST_COMPLETIONS: usize = 4_096;

/// What is known of a policy's outcome while facts are unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Whatever the unknown facts are, it comes to the same.
    Settled(Settled),
    /// These facts have to be asked for, in document order.
    Ask {
        /// The facts.
        facts: Vec<String>,
        /// Whether every completion was tried.
        exact: bool,
        /// Rules that hold whatever is answered, by place: only under `all`.
        known: Vec<usize>,
    },
    /// The core system did not report what would settle it.
    Refer {
        /// What is missing.
        missing: Vec<String>,
        /// Rules that hold whatever it is, by place: only under `all`.
        known: Vec<usize>,
    },
}

/// A slot that is unknown and tested by something that matters.
struct Dimension {
    /// The fact to ask for; none when only the core system can say.
    ask: Option<String>,
    /// What is missing.
    missing: Vec<String>,
    cells: Vec<Cell>,
}

/// Settles a policy in spite of unknown facts, or says which are needed.
///
/// # Errors
/// The account's amounts or dates leave their range.
pub fn resolve<'a>(
    program: &'a Program,
    part: &[usize],
    sight: &Sight<'a>,
    facts: &Facts<'a>,
) -> Result<Resolved, MoneyError> {
    let truths = sight.truths.as_slice();
    let settled = settle(program, part, truths);
    if !is_open(&settled) {
        return Ok(Resolved::Settled(settled));
    }
    let slots = open_slots(program, part, truths);
    let dimensions = dimensions(program, &slots.all, sight, facts)?;
    match size(&dimensions) {
        Some(size) if size <= MOST_COMPLETIONS => Ok(exhaust(program, part, truths, &dimensions, size)),
        _ => Ok(residual(settled, dimensions.get(..slots.open).unwrap_or(&dimensions))),
    }
}

/// How many completions there are.
fn size(dimensions: &[Dimension]) -> Option<usize> {
    dimensions.iter().try_fold(1_usize, |size, dimension| size.checked_mul(dimension.cells.len().max(1)))
}

/// Slots that are unknown and tested.
struct OpenSlots {
    /// Those of conditions that are unknown come first.
    all: Vec<usize>,
    /// How many these are.
    open: usize,
}

/// The slots of conditions that are unknown, in document order. Where one of them is tested for being known, its answer may
/// open a condition that can be told now: then every unknown slot counts.
fn open_slots(program: &Program, part: &[usize], truths: &[Truth]) -> OpenSlots {
    let rules = part.iter().filter_map(|at| program.rules.get(*at));
    let conditions: Vec<&Expr> = std::iter::once(&program.eligible).chain(rules.map(|rule| &rule.when)).collect();
    let mut all: Vec<usize> = Vec::new();
    let open = conditions.iter().filter(|expr| fold(expr, truths) == Truth::Unknown);
    add_slots(program, open, truths, &mut all);
    let open = all.len();
    let tests = conditions.iter().flat_map(|expr| expr.tests()).filter_map(|test| program.tests.get(test));
    if tests.filter(|test| matches!(test.op, Op::Known(_))).any(|test| all.contains(&test.slot)) {
        add_slots(program, conditions.iter(), truths, &mut all);
    }
    OpenSlots { all, open }
}

/// Adds the slots of unknown tests that are not there yet.
fn add_slots<'e>(
    program: &Program,
    conditions: impl Iterator<Item = &'e &'e Expr>,
    truths: &[Truth],
    all: &mut Vec<usize>,
) {
    for test in conditions.flat_map(|expr| expr.tests()).filter(|test| truths.get(*test) == Some(&Truth::Unknown)) {
        if let Some(slot) = program.tests.get(test).map(|test| test.slot).filter(|slot| !all.contains(slot)) {
            all.push(slot);
        }
    }
}

fn dimensions<'a>(
    program: &'a Program,
    slots: &[usize],
    sight: &Sight<'a>,
    facts: &Facts<'a>,
) -> Result<Vec<Dimension>, MoneyError> {
    let mut found = Vec::with_capacity(slots.len());
    for slot in slots.iter().copied() {
        let entries = sight.seen.get(slot).map(Vec::as_slice).unwrap_or_default();
        let gaps: Vec<Gap> =
            entries.iter().filter_map(Seen::missing).map(|missing| missing.gap(facts.regions)).collect();
        let ask = gaps.iter().find_map(|gap| if let Gap::Askable { fact } = gap { Some(fact.clone()) } else { None });
        // The fact may be known, and what it is compared with not.
        let compared = || {
            let own = program.tests.iter().zip(&sight.missing).filter(|(test, _)| test.slot == slot && gaps.is_empty());
            own.filter_map(|(_, missing)| missing.as_ref()).map(|missing| missing.gap(facts.regions))
        };
        // Where the fact has to be asked for, what its answer is compared with may be missing besides.
        let beside = if gaps.is_empty() { Vec::new() } else { compared_dates(program, slot, facts)? };
        let missing = gaps.iter().cloned().chain(compared()).chain(beside);
        let missing = missing.filter_map(|gap| if let Gap::Absent { what } = gap { Some(what) } else { None });
        found.push(Dimension { ask, missing: missing.collect(), cells: cells(program, slot, entries, facts)? });
    }
    Ok(found)
}

/// What is missing of the dates that a slot is compared with.
fn compared_dates<'a>(program: &'a Program, slot: usize, facts: &Facts<'a>) -> Result<Vec<Gap>, MoneyError> {
    let mut gaps = Vec::new();
    for test in program.tests.iter().filter(|test| test.slot == slot) {
        let literals = match &test.op {
            Op::Is(one) | Op::IsNot(one) | Op::AtLeast(one) | Op::AtMost(one) | Op::Above(one) | Op::Below(one) => {
                std::slice::from_ref(one)
            }
            Op::In(several) | Op::NotIn(several) => several.as_slice(),
            Op::WithinWindow(window) => {
                gaps.extend(facts.window(window)?.err());
                continue;
            }
            Op::WithinRegions(_) | Op::Has(_) | Op::Known(_) => continue,
        };
        for literal in literals {
            if let Literal::Date(date) = literal {
                gaps.extend(facts.date(date)?.err());
            }
        }
    }
    Ok(gaps)
}

/// Tries every completion.
fn exhaust(program: &Program, part: &[usize], truths: &[Truth], dimensions: &[Dimension], size: usize) -> Resolved {
    let mut effects: Vec<Settled> = Vec::new();
    let outcome_of: Vec<usize> = (0..size)
        .map(|number| {
            let mut truths = truths.to_vec();
            for (dimension, at) in dimensions.iter().zip(digits(number, dimensions)) {
                for (test, truth) in dimension.cells.get(at).map(Vec::as_slice).unwrap_or_default() {
                    if let Some(slot) = truths.get_mut(*test) {
                        *slot = *truth;
                    }
                }
            }
            let settled = settle(program, part, &truths);
            let at = effects.iter().position(|known| same_effect(program, known, &settled)).unwrap_or(effects.len());
            match effects.get_mut(at) {
                // Of rules that grant alike, the first of the document gives its name.
                Some(known) if comes_before(&settled, known) => *known = settled,
                Some(_) => {}
                None => effects.push(settled),
            }
            at
        })
        .collect();
    // Group completions by their askable digits.
    let mut groups: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
    for (number, outcome) in outcome_of.iter().enumerate() {
        let askable = digits(number, dimensions).into_iter().zip(dimensions);
        let key = askable.filter(|(_, dimension)| dimension.ask.is_some()).map(|(digit, _)| digit).collect();
        groups.entry(key).or_default().insert(*outcome);
    }
    let comes_to = |set: &BTreeSet<usize>| in_common(program, set.iter().filter_map(|at| effects.get(*at)));
    let groups: BTreeMap<Vec<usize>, Settled> = groups.iter().map(|(key, set)| (key.clone(), comes_to(set))).collect();
    let askable: Vec<&String> = dimensions.iter().filter_map(|dimension| dimension.ask.as_ref()).collect();
    let mut asked: Vec<String> = Vec::new();
    for (at, fact) in askable.iter().enumerate() {
        let mut rest: BTreeMap<Vec<usize>, &Settled> = BTreeMap::new();
        let differs = groups.iter().any(|(key, own)| {
            let mut others = key.clone();
            if let Some(digit) = others.get_mut(at) {
                *digit = 0;
            }
            *rest.entry(others).or_insert(own) != own
        });
        if differs && !asked.contains(fact) {
            asked.push((*fact).clone());
        }
    }
    if !asked.is_empty() {
        return Resolved::Ask { facts: asked, exact: true, known: held(in_common(program, effects.iter())) };
    }
    match groups.into_values().next() {
        Some(settled) if !is_open(&settled) => Resolved::Settled(settled),
        settled => Resolved::Refer { missing: missing(dimensions), known: held(settled.unwrap_or(Settled::Unknown)) },
    }
}

/// What several completions come to whichever of them is true.
fn in_common<'s>(program: &Program, effects: impl Iterator<Item = &'s Settled>) -> Settled {
    let mut common: Option<Settled> = None;
    for effect in effects {
        common = Some(match (common, effect) {
            (None, effect) => effect.clone(),
            (Some(known), effect) if known == *effect => known,
            (Some(Settled::Hit { rules, unknown }), Settled::Hit { rules: other, unknown: open })
                if program.hit_policy == HitPolicy::All =>
            {
                let all: BTreeSet<usize> = [&rules, &unknown, other, open].into_iter().flatten().copied().collect();
                let (rules, unknown) = all.into_iter().partition(|at| rules.contains(at) && other.contains(at));
                Settled::Hit { rules, unknown }
            }
            _ => return Settled::Unknown,
        });
    }
    match common {
        Some(Settled::Hit { rules, .. }) if rules.is_empty() => Settled::Unknown,
        common => common.unwrap_or(Settled::Unknown),
    }
}

/// Whether something is left that cannot be told.
fn is_open(settled: &Settled) -> bool {
    match settled {
        Settled::Unknown => true,
        Settled::Hit { unknown, .. } => !unknown.is_empty(),
        Settled::NotEligible | Settled::NoRule => false,
    }
}

/// The rules that hold.
fn held(settled: Settled) -> Vec<usize> {
    match settled {
        Settled::Hit { rules, .. } => rules,
        Settled::NotEligible | Settled::NoRule | Settled::Unknown => Vec::new(),
    }
}

/// Whether the rules of the first stand before those of the second.
fn comes_before(first: &Settled, second: &Settled) -> bool {
    match (first, second) {
        (Settled::Hit { rules: first, .. }, Settled::Hit { rules: second, .. }) => first < second,
        _ => false,
    }
}

/// The number as digits, one for each dimension.
fn digits(number: usize, dimensions: &[Dimension]) -> Vec<usize> {
    let mut rest = number;
    let digit = |dimension: &Dimension| {
        let size = dimension.cells.len().max(1);
        let digit = rest % size;
        rest /= size;
        digit
    };
    dimensions.iter().map(digit).collect()
}

fn missing(dimensions: &[Dimension]) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for what in dimensions.iter().flat_map(|dimension| &dimension.missing) {
        if !missing.contains(what) {
            missing.push(what.clone());
        }
    }
    missing
}

fn residual(settled: Settled, dimensions: &[Dimension]) -> Resolved {
    let mut asked: Vec<String> = Vec::new();
    for fact in dimensions.iter().filter_map(|dimension| dimension.ask.as_ref()) {
        if !asked.contains(fact) {
            asked.push(fact.clone());
        }
    }
    let known = held(settled);
    if asked.is_empty() {
        return Resolved::Refer { missing: missing(dimensions), known };
    }
    Resolved::Ask { facts: asked, exact: false, known }
}
