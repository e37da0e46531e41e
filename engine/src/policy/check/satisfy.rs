//! Whether conditions can all hold at once: a search over the cells of the facts that they read.
//!
//! Facts are taken to be independent. That may find a combination that no account can have (home and work in one county,
//! yet in areas of different gravity); it never misses one that an account can have. So "cannot hold" is certain.

use std::collections::BTreeMap;

use crate::declaration::Kind;
use crate::policy::facts::FactId;
use crate::policy::partition::{Cell, CellValue, Partition, cells};
use crate::policy::program::{Expr, Program};

/// More steps than this are not tried.
const MOST_STEPS: usize = 100_000;

/// What came of a search.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// They can, with these values.
    Yes(Vec<(usize, CellValue)>),
    /// They cannot.
    No,
    /// It would take too long to tell.
    TooMany,
}

/// The cells of every slot of a policy, each cut once.
pub(super) struct Space<'p> {
    pub program: &'p Program,
    partitions: Vec<Option<Partition>>,
}

impl<'p> Space<'p> {
    pub fn new(program: &'p Program) -> Self {
        let partition = |slot| cells(program, slot).map(|cut| within_disaster(program, slot, cut));
        Self { program, partitions: (0..program.slots.len()).map(partition).collect() }
    }

    pub fn partition(&self, slot: usize) -> Option<&Partition> {
        self.partitions.get(slot)?.as_ref()
    }

    /// Whether all conditions can be true at once.
    pub fn can_hold(&self, conditions: &[&Expr]) -> Found {
        let tests = conditions.iter().flat_map(|condition| condition.tests());
        let mut slots: Vec<usize> = Vec::new();
        for slot in tests.filter_map(|test| self.program.tests.get(test).map(|test| test.slot)) {
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        let mut search = Search { space: self, conditions, truths: BTreeMap::new(), chosen: Vec::new(), steps: 0 };
        match search.run(&slots) {
            Some(true) => Found::Yes(search.chosen),
            Some(false) => Found::No,
            None => Found::TooMany,
        }
    }
}

/// A policy for some disasters never sees the others.
fn within_disaster(program: &Program, slot: usize, mut cut: Partition) -> Partition {
    let filter = &program.disaster;
    let Some(place) = program.slots.get(slot) else { return cut };
    let kinds: Option<Vec<&str>> =
        filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind: &Kind| kind.name()).collect());
    cut.cells.retain(|cell| match (place.fact.id, &cell.value) {
        (FactId::DeclarationSeverity, CellValue::Severity(severity)) => {
            filter.severity.is_none_or(|bound| severity.at_least(bound))
        }
        (FactId::DeclarationKind, CellValue::Name(name)) => {
            kinds.as_ref().is_none_or(|kinds| kinds.contains(&name.as_str()))
        }
        _ => true,
    });
    cut
}

struct Search<'s, 'p> {
    space: &'s Space<'p>,
    conditions: &'s [&'s Expr],
    truths: BTreeMap<usize, bool>,
    chosen: Vec<(usize, CellValue)>,
    steps: usize,
}

impl Search<'_, '_> {
    /// Whether the slots that are left can make all conditions true; `None` is given up.
    fn run(&mut self, slots: &[usize]) -> Option<bool> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MOST_STEPS {
            return None;
        }
        let values: Vec<Option<bool>> = self.conditions.iter().map(|one| evaluate(one, &self.truths)).collect();
        if values.contains(&Some(false)) {
            return Some(false);
        }
        if values.iter().all(|value| *value == Some(true)) {
            return Some(true);
        }
        let Some((slot, rest)) = slots.split_first() else { return Some(false) };
        let partition = self.space.partition(*slot)?;
        for Cell { value, truths } in &partition.cells {
            let before = self.truths.clone();
            self.truths.extend(truths.iter().copied());
            self.chosen.push((*slot, value.clone()));
            if self.run(rest)? {
                return Some(true);
            }
            self.chosen.pop();
            self.truths = before;
        }
        Some(false)
    }
}

/// Kleene's logic; a test that is not told is unknown.
fn evaluate(condition: &Expr, truths: &BTreeMap<usize, bool>) -> Option<bool> {
    let fold = |parts: &[Expr], stops: bool| {
        let mut unknown = false;
        for part in parts {
            match evaluate(part, truths) {
                Some(value) if value == stops => return Some(stops),
                Some(_) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(!stops)
    };
    match condition {
        Expr::All(parts) => fold(parts, false),
        Expr::Any(parts) => fold(parts, true),
        Expr::Not(part) => evaluate(part, truths).map(|value| !value),
        Expr::Test(test) => truths.get(test).copied(),
    }
}
