//! A test over codes.

use super::cell::{Cell, CellKind, Coding, GRAVEST, NOT_YET, day_code, designation_code, number, severity_code};
use crate::decide::truth::Truth;
use crate::facts::moment::{Moment, OpenWindow};
use crate::policy::facts::FactType;
use crate::policy::program::{DateExpr, Literal, Op, WindowExpr};
use crate::rate::rate_code;
use crate::region::{RegionId, RegionTree};

/// A test, its literals coded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    /// The same for every account.
    Fixed(Truth),
    /// From the first to the last code, both included, or not so.
    Range { first: i64, last: i64, negate: bool },
    /// One of these codes, or none of them.
    Among { codes: Vec<i64>, negate: bool },
    /// A set that shares a bit with this one.
    Shares(i64),
    /// A region in a set of regions.
    Inside(Vec<bool>),
    /// Whether there is a value.
    Known { wanted: bool, dated: bool },
    /// Told from the value itself.
    General,
}

/// What literals are coded by.
pub(super) struct Lowering<'p, 'c> {
    pub coding: &'c Coding<'p>,
    pub of: FactType,
    /// A date, if it is the same for every account.
    pub fixed: &'c dyn Fn(&'p DateExpr) -> Option<Moment>,
    /// Whether a region lies in one of several, or did.
    pub within: &'c dyn Fn(RegionId, &[RegionId]) -> bool,
    pub regions: &'c RegionTree,
}

impl<'p> Lowering<'p, '_> {
    /// The test over codes; [`Check::General`] where a literal has none.
    pub fn check(&self, op: &'p Op) -> Check {
        self.lower(op).unwrap_or(Check::General)
    }

    fn lower(&self, op: &'p Op) -> Option<Check> {
        let range = |first: i64, last: i64| Some(Check::Range { first, last, negate: false });
        match op {
            Op::Is(literal) => self.equal(literal, false),
            Op::IsNot(literal) => self.equal(literal, true),
            Op::In(literals) => self.among(literals, false),
            Op::NotIn(literals) => self.among(literals, true),
            Op::AtLeast(literal) => self.code(literal)?.map_or(NEVER, |code| range(code, i64::MAX)),
            Op::AtMost(literal) => self.code(literal)?.map_or(NEVER, |code| range(i64::MIN, code)),
            Op::Above(literal) => self.code(literal)?.map_or(NEVER, |code| range(code.checked_add(1)?, i64::MAX)),
            Op::Below(literal) => self.code(literal)?.map_or(NEVER, |code| range(i64::MIN, code.checked_sub(1)?)),
            Op::WithinRegions(areas) => {
                Some(Check::Inside(self.regions.ids().map(|region| (self.within)(region, areas)).collect()))
            }
            Op::WithinWindow(window) => self.window(window),
            Op::Has(names) => Some(Check::Shares(self.coding.set_code(|own| names.iter().any(|name| name == own)))),
            Op::Known(wanted) => Some(Check::Known { wanted: *wanted, dated: self.of == FactType::Date }),
        }
    }

    fn equal(&self, literal: &'p Literal, negate: bool) -> Option<Check> {
        let (first, last) = self.code(literal)?.map_or((1, 0), |code| (code, code));
        Some(Check::Range { first, last, negate })
    }

    fn among(&self, literals: &'p [Literal], negate: bool) -> Option<Check> {
        let mut codes = Vec::with_capacity(literals.len());
        for literal in literals {
            codes.extend(self.code(literal)?);
        }
        codes.sort_unstable();
        codes.dedup();
        // Codes that follow one another are a range.
        Some(match (codes.first(), codes.last()) {
            (Some(first), Some(last)) if last.checked_sub(*first) == Some(number(codes.len().saturating_sub(1))) => {
                Check::Range { first: *first, last: *last, negate }
            }
            _ => Check::Among { codes, negate },
        })
    }

    fn window(&self, window: &'p WindowExpr) -> Option<Check> {
        let end = |expr: &'p Option<DateExpr>| match expr {
            None => Some(None),
            Some(expr) => (self.fixed)(expr).map(Some),
        };
        let found = OpenWindow::between(end(&window.from)?, end(&window.until)?);
        if found.empty {
            return NEVER;
        }
        let first = found.window.from.map_or(i64::MIN, day_code);
        Some(Check::Range { first, last: found.window.until.map_or(i64::MAX, day_code), negate: false })
    }

    /// The code of a literal: `None` where it has none, `Some(None)` where there is nothing to compare with.
    fn code(&self, literal: &'p Literal) -> Option<Option<i64>> {
        Some(Some(match literal {
            Literal::Bool(yes) => i64::from(*yes),
            Literal::Count(count) => *count,
            Literal::Amount(money) => money.minor(),
            Literal::Rate(rate) => rate_code(rate.0)?,
            Literal::Name(name) => self.coding.name_code(name),
            Literal::Severity(severity) => severity_code(*severity),
            Literal::Designation(designation) => designation_code(*designation),
            Literal::Region(region) => number(region.index()),
            Literal::Date(expr) => match (self.fixed)(expr)? {
                Moment::Day(day) => day_code(day),
                Moment::NotYet => NOT_YET,
                Moment::Nothing => return Some(None),
            },
        }))
    }
}

/// What no value is.
const NEVER: Option<Check> = Some(Check::Range { first: 1, last: 0, negate: false });

impl Check {
    /// Tells the test of one cell that is not odd.
    pub fn truth(&self, cell: Cell) -> Truth {
        match (self, cell.kind) {
            (Self::Fixed(truth), _) => *truth,
            (_, CellKind::Nobody) => Truth::False,
            (Self::Known { wanted, dated }, kind) => {
                let known = kind == CellKind::Known && !(*dated && cell.code == NOT_YET);
                Truth::from(known == *wanted)
            }
            (_, CellKind::Known) => Truth::from(self.holds(cell.code)),
            (_, CellKind::Nothing) => Truth::from(self.of_nothing()),
            (Self::Shares(_), CellKind::Partly) if self.holds(cell.code) => Truth::True,
            (Self::Shares(_), CellKind::Partly) => Truth::Unknown,
            (_, CellKind::Partly) => self.at_least(cell.code),
            (_, CellKind::Unknown | CellKind::Odd) => Truth::Unknown,
        }
    }

    /// Whether it holds for a code.
    #[inline]
    pub fn holds(&self, code: i64) -> bool {
        match self {
            Self::Range { first, last, negate } => (*first <= code && code <= *last) != *negate,
            Self::Among { codes, negate } => codes.contains(&code) != *negate,
            Self::Shares(set) => set & code != 0,
            Self::Inside(regions) => usize::try_from(code).ok().and_then(|at| regions.get(at)) == Some(&true),
            Self::Fixed(_) | Self::Known { .. } | Self::General => false,
        }
    }

    /// Whether it holds where it is known that there is no value.
    pub const fn of_nothing(&self) -> bool {
        matches!(self, Self::Range { negate: true, .. } | Self::Among { negate: true, .. })
    }

    /// Where only the least designation is known: it can be told where no graver one would change it.
    fn at_least(&self, least: i64) -> Truth {
        let found = self.holds(least);
        let same = (least..=GRAVEST).all(|code| self.holds(code) == found);
        if same { Truth::from(found) } else { Truth::Unknown }
    }
}
