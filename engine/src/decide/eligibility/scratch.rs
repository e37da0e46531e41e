//! What is kept while accounts are screened, one after another: what was read of one, and what each test came to.

use super::cell::{Cell, CellKind};
use super::plan::Plan;
use crate::decide::truth::Truth;

/// What is kept while one account after another is screened; made once for a plan.
#[derive(Debug, Clone)]
pub struct Scratch {
    /// What the sources showed.
    cells: Vec<Cell>,
    /// Which of them were read, as bits; a plan's later ones are read each time.
    read: u64,
    trace: Vec<Noted>,
}

/// What some tests came to, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Noted {
    told: u64,
    holds: u64,
    open: u64,
}

/// How many tests these are.
const TESTS: usize = 64;

impl Scratch {
    /// Room for a plan.
    #[must_use]
    pub fn of(plan: &Plan<'_>) -> Self {
        let cells = vec![Cell::of(CellKind::Odd); plan.sources.len()];
        Self { cells, read: 0, trace: vec![Noted::default(); plan.checks.len().div_ceil(TESTS)] }
    }

    /// What a test of the program came to for the last account that was screened with its trace; none if it was not
    /// needed.
    #[must_use]
    #[inline]
    pub fn told(&self, test: usize) -> Option<Truth> {
        let noted = self.trace.get(test / TESTS).copied().unwrap_or_default();
        let is_in = |bits: u64| (bits >> (test % TESTS)) & 1 == 1;
        is_in(noted.told).then(|| if is_in(noted.open) { Truth::Unknown } else { Truth::from(is_in(noted.holds)) })
    }

    #[inline]
    pub(super) fn tell(&mut self, test: usize, truth: Truth) {
        if let Some(noted) = self.trace.get_mut(test / TESTS) {
            let bit = 1 << (test % TESTS);
            noted.told |= bit;
            match truth {
                Truth::True => noted.holds |= bit,
                Truth::False => {}
                Truth::Unknown => noted.open |= bit,
            }
        }
    }

    /// Notes tests that were all told; none where they are not all that there are.
    #[inline]
    pub(super) fn note(&mut self, told: u64, holds: u64) -> Option<()> {
        match self.trace.as_mut_slice() {
            [] => {}
            [noted] => *noted = Noted { told, holds, open: 0 },
            _ => return None,
        }
        Some(())
    }

    #[inline]
    pub(super) fn cell(&self, source: usize) -> Option<Cell> {
        let read =
            u32::try_from(source).ok().and_then(|at| self.read.checked_shr(at)).is_some_and(|bits| bits & 1 == 1);
        if read { self.cells.get(source).copied() } else { None }
    }

    #[inline]
    pub(super) fn keep(&mut self, source: usize, cell: Cell) {
        if let (Some(kept), Some(bit)) =
            (self.cells.get_mut(source), u32::try_from(source).ok().and_then(|at| 1_u64.checked_shl(at)))
        {
            *kept = cell;
            self.read |= bit;
        }
    }

    #[inline]
    pub(super) fn clear(&mut self, trace: bool) {
        self.read = 0;
        if trace {
            self.trace.fill(Noted::default());
        }
    }
}
