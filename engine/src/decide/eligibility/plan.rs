//! A policy bound to a run: one declaration, one day, one request or none.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::cell::{Cell, CellKind, Coding, day_code, designation_code};
use super::check::{Check, Lowering};
use super::quick::Quick;
use super::shape::Shape;
use super::sweep::Sweep;
use crate::context::Context;
use crate::decide::truth::{Truth, lies_within};
use crate::declaration::{Declared, DeclaredArea, Designated};
use crate::facts::Scene;
use crate::facts::moment::{Moment, moment};
use crate::facts::value::{Missing, Names, Seen, Value};
use crate::money::Currency;
use crate::policy::Program;
use crate::policy::document::StartBy;
use crate::policy::facts::{FactGroup, FactId, FactRef, FactType};
use crate::policy::program::{DateExpr, Expr, RuleProgram, Slot};
use crate::region::RegionTree;
use crate::request::Request;

/// A policy bound to a declaration, a day and a request: what does not depend on the account is settled.
pub struct Plan<'p> {
    pub(super) program: &'p Program,
    pub(super) declared: &'p Declared<'p>,
    pub(super) context: &'p Context,
    pub(super) regions: &'p RegionTree,
    pub(super) request: Option<&'p Request>,
    /// What has to be read of an account.
    pub(super) sources: Vec<Source<'p>>,
    /// Each slot of the program.
    pub(super) slots: Vec<BoundSlot>,
    /// Each test of the program.
    pub(super) checks: Vec<Check>,
    /// How each of them is told of one account.
    pub(super) ways: Vec<Way<'p>>,
    pub(super) eligible: Node,
    /// The same over bits.
    pub(super) eligible_shape: Shape,
    /// The tests of it.
    pub(super) eligible_tests: u64,
    /// These tests, and those of the first rules.
    pub(super) sweep: Sweep,
    /// Whether these are all, so that what they come to is the verdict.
    pub(super) is_whole: bool,
    /// Rules that can take part, in order.
    pub(super) rules: Vec<BoundRule<'p>>,
    /// Which area holds each region, by day.
    tables: Vec<(NaiveDate, Vec<u16>)>,
}

/// Something that is read of an account: a fact on a day. Of areas it is where an address lies.
pub(super) struct Source<'p> {
    pub slot: Cow<'p, Slot>,
    pub on: Moment,
    /// Of an address, its role.
    pub role: Option<&'p str>,
    /// How its values are coded.
    pub coding: Coding<'p>,
}

/// How the value of a slot comes about.
pub(super) enum BoundSlot {
    /// It is the same for every account.
    Fixed(Cell),
    /// A source.
    Read { source: usize },
    /// What is declared of the regions that some sources show.
    Area(AreaSlot),
    /// It depends on the account in a way that is not coded.
    General,
}

/// How a test is told of one account.
pub(super) enum Way<'p> {
    /// From the values themselves.
    Facts,
    /// From what its slot shows.
    Slot,
    /// Straight from the account, else from what its slot shows.
    Quick(Quick<'p>),
}

/// What is declared of an address, or the most that is declared of several.
pub(super) struct AreaSlot {
    /// Where each address lies.
    pub sources: Vec<usize>,
    /// Which table holds the areas.
    pub table: usize,
    /// What each area shows, by its number; the first is what a place outside all areas shows.
    pub areas: Vec<Cell>,
    pub many: Many,
}

/// What several addresses come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    /// The largest code.
    Best,
    /// The union of the sets.
    Union,
    /// There is one address.
    One,
}

/// A condition over the program's tests; what is settled is folded away.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(usize),
    Fixed(Truth),
}

/// A rule that can take part.
pub(super) struct BoundRule<'p> {
    /// Its place in the program.
    pub at: usize,
    pub when: Node,
    /// The same over bits.
    pub shape: Shape,
    /// The tests of it.
    pub tests: u64,
    /// These and all before: what is told where this rule is the one that holds.
    pub told: u64,
    /// Tests of it that were not swept before it.
    pub sweep: Sweep,
    /// The last day for requests, where it depends on the account.
    pub apply_by: Option<&'p DateExpr>,
}

/// The number of a region whose addresses may lie in areas that are not designated alike.
pub(super) const AMBIGUOUS: u16 = u16::MAX;

/// The most tests that are told whether they matter or not.
const AT_ONCE: u32 = 24;

impl<'p> Plan<'p> {
    /// Binds a policy.
    #[must_use]
    pub fn bind(
        program: &'p Program,
        declared: &'p Declared<'p>,
        request: Option<&'p Request>,
        context: &'p Context,
        regions: &'p RegionTree,
    ) -> Self {
        let mut plan = Self {
            program,
            declared,
            context,
            regions,
            request,
            sources: Vec::new(),
            slots: Vec::new(),
            checks: Vec::new(),
            ways: Vec::new(),
            eligible: Node::Fixed(Truth::Unknown),
            eligible_shape: Shape::of(&Node::Fixed(Truth::Unknown)),
            eligible_tests: 0,
            sweep: Sweep::default(),
            is_whole: false,
            rules: Vec::new(),
            tables: Vec::new(),
        };
        for (at, slot) in program.slots.iter().enumerate() {
            let bound = Coding::of(program, at).and_then(|coding| plan.slot(slot, coding));
            plan.slots.push(bound.unwrap_or(BoundSlot::General));
        }
        plan.checks = program.tests.iter().enumerate().map(|(at, _)| plan.check(at)).collect();
        plan.ways = (0..plan.checks.len()).map(|at| plan.way(at)).collect();
        plan.eligible = plan.node(&program.eligible);
        plan.eligible_shape = Shape::of(&plan.eligible);
        let rules = program.rules.iter().enumerate().filter_map(|(at, rule)| plan.rule(at, rule));
        plan.rules = rules.collect();
        plan.sweeps();
        plan
    }

    /// The policy.
    #[must_use]
    pub const fn program(&self) -> &'p Program {
        self.program
    }

    /// The declaration.
    #[must_use]
    pub const fn declared(&self) -> &'p Declared<'p> {
        self.declared
    }

    /// Whether a test is the same for every account.
    #[must_use]
    pub fn is_settled(&self, test: usize) -> bool {
        matches!(self.checks.get(test), Some(Check::Fixed(_)))
    }

    /// Whether what is said of an account depends on more than what the tests come to: a literal or a last day that
    /// depends on the account.
    #[must_use]
    pub fn is_particular(&self) -> bool {
        self.checks.contains(&Check::General) || self.rules.iter().any(|rule| rule.apply_by.is_some())
    }

    fn scene(&self) -> Scene<'p> {
        Scene {
            declared: self.declared,
            request: self.request,
            context: self.context,
            first_decided_on: self.context.today,
            relief_end: None,
        }
    }

    /// A date, if it is the same for every account.
    fn fixed(&self, expr: &'p DateExpr) -> Option<Moment> {
        if !self.context.facts.is_empty() {
            return None;
        }
        moment(expr, &self.context.calendar, &mut |fact| Ok(Moment::seen(&self.of_scene(fact, FactType::Date))))
            .ok()?
            .ok()
    }

    /// A fact of the scene; unknown when it depends on the account.
    fn of_scene(&self, fact: &FactRef, of: FactType) -> Seen<'p> {
        let scene = self.scene();
        match fact.id.group() {
            FactGroup::Declaration | FactGroup::Request | FactGroup::Context if fact.id != FactId::RowDue => {
                // No fact of the scene is money, so that no currency matters.
                scene.answered(scene.of(fact.id), fact, of, Currency::CNY, self.regions)
            }
            _ => Seen::Unknown(Missing::Unreported("")),
        }
    }

    fn slot(&mut self, slot: &'p Slot, coding: Coding<'p>) -> Option<BoundSlot> {
        if !self.context.facts.is_empty() {
            return None;
        }
        let on = slot.on.as_ref().map_or(Some(Moment::Day(self.context.today)), |expr| self.fixed(expr))?;
        if on == Moment::Nothing {
            return Some(BoundSlot::Fixed(Cell::of(CellKind::Nothing)));
        }
        Some(match slot.fact.id.group() {
            FactGroup::Declaration | FactGroup::Request | FactGroup::Context => {
                match coding.cell(&self.of_scene(&slot.fact, slot.of)) {
                    Cell { kind: CellKind::Odd, .. } => return None,
                    cell => BoundSlot::Fixed(cell),
                }
            }
            FactGroup::Area if slot.fact.id != FactId::AreaRegion => BoundSlot::Area(self.area(slot, on, &coding)?),
            _ => {
                // Coded for this slot alone.
                self.sources.push(Source { slot: Cow::Borrowed(slot), on, role: slot.fact.of.as_deref(), coding });
                BoundSlot::Read { source: self.sources.len().checked_sub(1)? }
            }
        })
    }

    /// What holds on a day that has not come is taken today.
    fn read_on(&self, on: Moment) -> NaiveDate {
        on.day().unwrap_or(self.context.today)
    }

    /// Where the address of a role lies; the same for every slot.
    fn place(&mut self, role: &'p str, slot: &Slot, on: Moment) -> usize {
        let fact = FactRef { id: FactId::AreaRegion, of: Some(role.to_owned()) };
        let same =
            |known: &Source<'p>| matches!(known.slot, Cow::Owned(_)) && known.on == on && known.slot.fact == fact;
        self.sources.iter().position(same).unwrap_or_else(|| {
            let slot = Slot { fact: fact.clone(), of: FactType::Region, on: slot.on.clone(), roles: Vec::new() };
            self.sources.push(Source { slot: Cow::Owned(slot), on, role: Some(role), coding: Coding::default() });
            self.sources.len().saturating_sub(1)
        })
    }

    fn area(&mut self, slot: &'p Slot, on: Moment, coding: &Coding<'p>) -> Option<AreaSlot> {
        let table = self.table(self.read_on(on))?;
        let sources = slot.fact.of.iter().chain(&slot.roles).map(|role| self.place(role, slot, on)).collect();
        let many = match slot.fact.id {
            FactId::AreaDesignation => Many::Best,
            FactId::AreaDesignations => Many::Union,
            _ => Many::One,
        };
        let shown = |area: Option<&DeclaredArea>| match many {
            Many::Best => Cell::known(designation_code(area.and_then(|area| area.designation))),
            Many::Union => {
                let marks = self.declared.marks(area);
                coding.code(&Value::Names(Names::Marks(marks))).map_or(Cell::of(CellKind::Odd), Cell::known)
            }
            Many::One => {
                let day = area.and_then(|area| area.counts_from);
                day.map_or(Cell::of(CellKind::Nothing), |day| Cell::known(day_code(day)))
            }
        };
        let areas = std::iter::once(shown(None)).chain(self.declared.areas.iter().map(|area| shown(Some(area))));
        Some(AreaSlot { sources, table, areas: areas.collect(), many })
    }

    /// The number of the area that holds each region for an address of a day: 0 for none.
    fn table(&mut self, day: NaiveDate) -> Option<usize> {
        if let Some(known) = self.tables.iter().position(|(on, _)| *on == day) {
            return Some(known);
        }
        let numbers = self.regions.ids().map(|region| match self.declared.designation(region, day) {
            Designated::Outside => Some(0),
            Designated::Ambiguous => Some(AMBIGUOUS),
            Designated::Inside(area) => {
                let at = self.declared.areas.iter().position(|own| std::ptr::eq(own, area))?;
                u16::try_from(at.checked_add(1)?).ok().filter(|number| *number != AMBIGUOUS)
            }
        });
        let numbers: Option<Vec<u16>> = numbers.collect();
        self.tables.push((day, numbers?));
        self.tables.len().checked_sub(1)
    }

    /// The areas of a table by region number.
    pub(super) fn areas(&self, table: usize) -> &[u16] {
        self.tables.get(table).map(|(_, areas)| areas.as_slice()).unwrap_or_default()
    }

    fn check(&self, at: usize) -> Check {
        let Some(test) = self.program.tests.get(at) else { return Check::General };
        let (Some(slot), Some(own)) = (self.slots.get(test.slot), self.program.slots.get(test.slot)) else {
            return Check::General;
        };
        let coding = match slot {
            BoundSlot::General => return Check::General,
            BoundSlot::Read { source } => self.sources.get(*source).map(|own| own.coding.clone()),
            BoundSlot::Fixed(_) | BoundSlot::Area(_) => Coding::of(self.program, test.slot),
        };
        let Some(coding) = coding else { return Check::General };
        let lowering = Lowering {
            coding: &coding,
            of: own.of,
            fixed: &|expr| self.fixed(expr),
            within: &|region, areas| lies_within(region, areas, self.regions, self.context.today),
            regions: self.regions,
        };
        match (slot, lowering.check(&test.op)) {
            (BoundSlot::Fixed(_), Check::General) => Check::General,
            (BoundSlot::Fixed(cell), check) => Check::Fixed(check.truth(*cell)),
            (_, check) => check,
        }
    }

    /// How a test is told of one account.
    fn way(&self, at: usize) -> Way<'p> {
        if self.checks.get(at).is_none_or(|check| *check == Check::General) {
            return Way::Facts;
        }
        Quick::of(self, at).map_or(Way::Slot, Way::Quick)
    }

    fn rule(&self, at: usize, rule: &'p RuleProgram) -> Option<BoundRule<'p>> {
        let by = if self.request.is_some() { StartBy::Request } else { StartBy::Proactive };
        if !rule.start.by.contains(&by) {
            return None;
        }
        let mut apply_by = None;
        if let (Some(request), Some(expr)) = (self.request, &rule.start.apply_by) {
            match self.fixed(expr) {
                Some(last) if last.day().is_some_and(|last| request.requested_on > last) => return None,
                Some(_) => {}
                None => apply_by = Some(expr),
            }
        }
        let when = self.node(&rule.when);
        let shape = Shape::of(&when);
        Some(BoundRule { at, tests: shape.tests(), told: 0, sweep: Sweep::default(), shape, when, apply_by })
    }

    /// Every test is swept once: a few rules' along with the eligibility, others' where their rule comes.
    fn sweeps(&mut self) {
        self.eligible_tests = self.eligible_shape.tests();
        let (mut first, mut swept) = (self.eligible_tests, self.eligible_tests);
        self.is_whole = self.eligible_shape.is_closed();
        for rule in &mut self.rules {
            let before = swept;
            swept |= rule.tests;
            rule.told = swept;
            if first == before && swept.count_ones() <= AT_ONCE {
                first = swept;
            } else {
                rule.sweep = Sweep::of(&self.ways, rule.tests & !before);
                self.is_whole &= rule.tests & !before == 0;
            }
            self.is_whole &= rule.shape.is_closed() && rule.apply_by.is_none();
        }
        self.sweep = Sweep::of(&self.ways, first);
    }

    fn node(&self, expr: &Expr) -> Node {
        match expr {
            Expr::Test(test) => match self.checks.get(*test) {
                Some(Check::Fixed(truth)) => Node::Fixed(*truth),
                _ => Node::Test(*test),
            },
            Expr::Not(part) => match self.node(part) {
                Node::Fixed(truth) => Node::Fixed(truth.negate()),
                node => Node::Not(Box::new(node)),
            },
            Expr::All(parts) => self.group(parts, Truth::True),
            Expr::Any(parts) => self.group(parts, Truth::False),
        }
    }

    /// `all` (whose neutral part is true) or `any` (false): neutral parts fall away, the opposite decides.
    fn group(&self, parts: &[Expr], neutral: Truth) -> Node {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node(part) {
                Node::Fixed(truth) if truth == neutral => {}
                Node::Fixed(truth) if truth == neutral.negate() => return Node::Fixed(truth),
                node => kept.push(node),
            }
        }
        match (kept.len(), kept.pop()) {
            (_, None) => Node::Fixed(neutral),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                kept.push(last);
                if neutral == Truth::True { Node::All(kept) } else { Node::Any(kept) }
            }
        }
    }
}
