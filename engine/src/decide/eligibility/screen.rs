//! One account against a plan: a verdict, and what each test came to. Nothing is allocated.

use std::hint::select_unpredictable;

use super::cell::GRAVEST;
use super::cell::{Cell, CellKind};
use super::plan::{AMBIGUOUS, AreaSlot, BoundSlot, Many, Node, Plan, Way};
use super::scratch::Scratch;
use super::shape::Shape;
use super::sweep::Bits;
use crate::account::Snapshot;
use crate::decide::truth::{Told, Truth, of_entry};
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::facts::value::Missing;
use crate::history::History;
use crate::money::MoneyError;
use crate::policy::document::HitPolicy;
use crate::policy::program::DateExpr;

/// What a policy says of an account before anybody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not eligible.
    NotEligible,
    /// It is, but no rule that can take part holds.
    NoRule,
    /// This rule holds, by its place in the program; under `all`, others may hold too.
    Hit(usize),
    /// It cannot be told without an answer or a person.
    Open,
}

/// Nothing was granted before.
static NOTHING: History = History { grants: Vec::new(), awaiting: Vec::new() };

/// One account on its way through a plan.
///
/// With `TRACE` every test of a condition is told and noted, whatever the others say.
struct Run<'a, 's, const TRACE: bool> {
    plan: &'a Plan<'a>,
    account: Snapshot<'a>,
    scratch: &'s mut Scratch,
    /// Why the account cannot be told.
    failed: Option<MoneyError>,
}

impl Plan<'_> {
    /// The verdict on an account without earlier relief. Tests are told only as far as they matter, and not noted.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn screen(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<Verdict, MoneyError> {
        match self.verdict::<false>(account, scratch) {
            Some(verdict) => Ok(verdict),
            None => self.run::<false>(account, scratch),
        }
    }

    /// The verdict from what an account shows at a glance; none where anything that matters has to be told the long way.
    #[inline]
    fn verdict<const TRACE: bool>(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Option<Verdict> {
        let bits = self.sweep.tell(account.glance());
        let (verdict, told, holds) = if self.is_whole && bits.open == 0 {
            let (verdict, told) = self.whole::<TRACE>(bits.holds);
            (verdict, told, bits.holds)
        } else {
            self.by_rule::<TRACE>(account, bits)?
        };
        if TRACE {
            scratch.note(told, holds)?;
        }
        Some(verdict)
    }

    /// The verdict where every test is told, and the tests that matter; without a branch that depends on them.
    #[inline]
    fn whole<const TRACE: bool>(&self, holds: u64) -> (Verdict, u64) {
        const NONE: usize = usize::MAX;
        let mut hit = NONE;
        let mut told = self.rules.last().map_or(self.eligible_tests, |rule| rule.told);
        let all = self.program.hit_policy == HitPolicy::All;
        for rule in self.rules.iter().rev() {
            let is_hit = rule.shape.holds(holds);
            hit = select_unpredictable(is_hit, rule.at, hit);
            if TRACE {
                told = select_unpredictable(is_hit & !all, rule.told, told);
            }
        }
        let eligible = self.eligible_shape.holds(holds);
        let verdict = select_unpredictable(hit == NONE, Verdict::NoRule, Verdict::Hit(hit));
        (
            select_unpredictable(eligible, verdict, Verdict::NotEligible),
            select_unpredictable(eligible, told, self.eligible_tests),
        )
    }

    /// The same where more has to be looked at, rule by rule.
    #[inline(never)]
    fn by_rule<const TRACE: bool>(&self, account: Snapshot<'_>, mut bits: Bits) -> Option<(Verdict, u64, u64)> {
        let mut told = self.eligible_tests;
        if !self.holds::<TRACE>(&self.eligible_shape, told, account, &mut bits)? {
            return Some((Verdict::NotEligible, told, bits.holds));
        }
        let all = self.program.hit_policy == HitPolicy::All;
        let mut hit = None;
        for rule in &self.rules {
            // Whether it takes part may depend on the account.
            if rule.apply_by.is_some() {
                return None;
            }
            let more = rule.sweep.tell(account.glance());
            bits = Bits { holds: bits.holds | more.holds, open: bits.open | more.open };
            told = rule.told;
            if self.holds::<TRACE>(&rule.shape, rule.tests, account, &mut bits)? {
                hit = hit.or(Some(rule.at));
                if !all {
                    break;
                }
            }
        }
        Some((hit.map_or(Verdict::NoRule, Verdict::Hit), told, bits.holds))
    }

    /// Whether a condition holds. Where a glance was not enough, its tests that are open are looked at closer: one after
    /// the other until it is told, or all of them for a trace.
    #[inline]
    fn holds<const TRACE: bool>(
        &self,
        shape: &Shape,
        tests: u64,
        account: Snapshot<'_>,
        bits: &mut Bits,
    ) -> Option<bool> {
        let mut left = tests & bits.open;
        loop {
            match shape.truth(*bits) {
                Truth::True if !TRACE || left == 0 => return Some(true),
                Truth::False if !TRACE || left == 0 => return Some(false),
                _ if left == 0 => return None,
                _ => {}
            }
            let at = left.trailing_zeros();
            left &= left - 1;
            match self.ways.get(usize::try_from(at).ok()?) {
                Some(Way::Quick(quick)) if let Some(holds) = quick.tell(account, self.context.today) => {
                    bits.open &= !(1 << at);
                    bits.holds |= u64::from(holds) << at;
                }
                // What a trace says of it has to be told the long way.
                _ if TRACE => return None,
                _ => {}
            }
        }
    }

    /// The same with the whole trace: every test of the eligibility, and of the rules up to the one that holds.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn screen_traced(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<Verdict, MoneyError> {
        match self.verdict::<true>(account, scratch) {
            Some(verdict) => Ok(verdict),
            None => self.run::<true>(account, scratch),
        }
    }

    /// Tells every test that is not settled.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn tell_all(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<(), MoneyError> {
        scratch.clear(true);
        let mut run = Run::<true> { plan: self, account, scratch, failed: None };
        for test in (0..self.checks.len()).filter(|test| !self.is_settled(*test)) {
            run.told(test);
        }
        run.failed.map_or(Ok(()), Err)
    }

    #[cold]
    fn run<const TRACE: bool>(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<Verdict, MoneyError> {
        scratch.clear(TRACE);
        let mut run = Run::<TRACE> { plan: self, account, scratch, failed: None };
        let verdict = run.verdict();
        run.failed.map_or(Ok(verdict), Err)
    }

    /// What is read of an account that has no earlier relief.
    pub(in crate::decide) fn facts<'a>(&'a self, snapshot: Snapshot<'a>) -> Facts<'a> {
        Facts {
            snapshot,
            position: None,
            declared: self.declared,
            request: self.request,
            history: &NOTHING,
            context: self.context,
            regions: self.regions,
            first_decided_on: self.context.today,
            relief_end: None,
        }
    }
}

impl<'a, const TRACE: bool> Run<'a, '_, TRACE> {
    fn verdict(&mut self) -> Verdict {
        let plan = self.plan;
        match self.fold(&plan.eligible) {
            Truth::False => return Verdict::NotEligible,
            Truth::Unknown => return Verdict::Open,
            Truth::True => {}
        }
        let all = plan.program.hit_policy == HitPolicy::All;
        let (mut hit, mut open) = (None, false);
        for rule in &plan.rules {
            if rule.apply_by.is_some_and(|expr| self.is_too_late(expr)) {
                continue;
            }
            match self.fold(&rule.when) {
                Truth::True => {
                    hit = hit.or(Some(rule.at));
                    if !all {
                        break;
                    }
                }
                Truth::False => {}
                Truth::Unknown => open = true,
            }
        }
        match hit {
            Some(rule) if all || !open => Verdict::Hit(rule),
            None if !open => Verdict::NoRule,
            _ => Verdict::Open,
        }
    }

    /// Whether the request came after a last day that depends on the account.
    fn is_too_late(&mut self, expr: &'a DateExpr) -> bool {
        let Some(request) = self.plan.request else { return false };
        let last = self.plan.facts(self.account).moment(expr, None);
        let last = self.or_failed(last, Err(Missing::Unreported(""))).ok().and_then(Moment::day);
        last.is_some_and(|last| request.requested_on > last)
    }

    /// What was found, else something instead; the failure is kept.
    fn or_failed<T>(&mut self, found: Result<T, MoneyError>, instead: T) -> T {
        found.unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            instead
        })
    }

    fn fold(&mut self, node: &'a Node) -> Truth {
        match node {
            Node::Fixed(truth) => *truth,
            Node::Test(test) => self.told(*test),
            Node::Not(part) => self.fold(part).negate(),
            Node::All(parts) => self.group(parts, Truth::False),
            Node::Any(parts) => self.group(parts, Truth::True),
        }
    }

    /// `all`, which one false part decides, or `any`, which one true part does.
    fn group(&mut self, parts: &'a [Node], decisive: Truth) -> Truth {
        let mut sum = decisive.negate();
        for part in parts {
            let truth = if let Node::Test(test) = part { self.told(*test) } else { self.fold(part) };
            if truth == decisive {
                sum = decisive;
                if !TRACE {
                    break;
                }
            } else if truth == Truth::Unknown && sum != decisive {
                sum = Truth::Unknown;
            }
        }
        sum
    }

    #[inline]
    fn told(&mut self, test: usize) -> Truth {
        if !TRACE {
            return self.test(test);
        }
        if let Some(truth) = self.scratch.told(test) {
            return truth;
        }
        let truth = self.test(test);
        self.scratch.tell(test, truth);
        truth
    }

    #[inline]
    fn test(&mut self, at: usize) -> Truth {
        let plan = self.plan;
        match plan.ways.get(at) {
            Some(Way::Quick(quick)) => match quick.tell(self.account, plan.context.today) {
                Some(holds) => Truth::from(holds),
                None => self.by_slot(at),
            },
            Some(Way::Slot) => self.by_slot(at),
            Some(Way::Facts) | None => self.by_facts(at),
        }
    }

    #[cold]
    fn by_slot(&mut self, at: usize) -> Truth {
        let cell = self.slot(at);
        match self.plan.checks.get(at) {
            Some(check) if cell.kind != CellKind::Odd => check.truth(cell),
            _ => self.by_facts(at),
        }
    }

    #[cold]
    fn by_facts(&mut self, at: usize) -> Truth {
        let told = self.plan.general(at, &self.plan.facts(self.account));
        self.or_failed(told, Truth::Unknown)
    }

    /// What the slot of a test shows.
    fn slot(&mut self, test: usize) -> Cell {
        let slot = self.plan.program.tests.get(test).and_then(|test| self.plan.slots.get(test.slot));
        match slot {
            Some(BoundSlot::Fixed(cell)) => *cell,
            Some(BoundSlot::Read { source }) => self.source(*source),
            Some(BoundSlot::Area(area)) => self.area(area),
            Some(BoundSlot::General) | None => Cell::of(CellKind::Odd),
        }
    }

    /// What an account shows in a source.
    fn source(&mut self, source: usize) -> Cell {
        if let Some(cell) = self.scratch.cell(source) {
            return cell;
        }
        let Some(own) = self.plan.sources.get(source) else { return Cell::of(CellKind::Odd) };
        let mut cell = Cell::of(CellKind::Nobody);
        let told = self.plan.facts(self.account).each_on(&own.slot, Ok(own.on), |seen| {
            // Several borrowers have no one code.
            cell = if cell.kind == CellKind::Nobody { own.coding.cell(&seen) } else { Cell::of(CellKind::Odd) };
        });
        self.or_failed(told, ());
        self.scratch.keep(source, cell);
        cell
    }

    fn area(&mut self, area: &'a AreaSlot) -> Cell {
        let mut sum = Sum::default();
        for source in &area.sources {
            let place = self.source(*source);
            match place.kind {
                CellKind::Known => {
                    let number = self.plan.number(area.table, place.code);
                    sum.add(area.many, number.and_then(|number| area.areas.get(number).copied()));
                }
                CellKind::Nothing => sum.add(area.many, area.areas.first().copied()),
                CellKind::Unknown | CellKind::Partly => sum.missing = true,
                CellKind::Nobody | CellKind::Odd => return place,
            }
        }
        sum.end(area.many)
    }
}

impl Plan<'_> {
    /// The number of the area that holds a region; none where that is ambiguous.
    #[inline]
    fn number(&self, table: usize, region: i64) -> Option<usize> {
        let number = *self.areas(table).get(usize::try_from(region).ok()?)?;
        (number != AMBIGUOUS).then_some(usize::from(number))
    }
}

impl AreaSlot {
    /// What an area shows, by its number; none where it is ambiguous.
    pub fn of(&self, number: u16) -> Option<Cell> {
        if number == AMBIGUOUS { None } else { self.areas.get(usize::from(number)).copied() }
    }
}

/// What several addresses come to so far.
#[derive(Default)]
struct Sum {
    code: i64,
    nothing: bool,
    missing: bool,
}

impl Sum {
    fn add(&mut self, many: Many, shown: Option<Cell>) {
        match (shown, many) {
            (None, _) => self.missing = true,
            (Some(cell), _) if cell.kind == CellKind::Nothing => self.nothing = true,
            (Some(cell), Many::Best) => self.code = self.code.max(cell.code),
            (Some(cell), Many::Union | Many::One) => self.code |= cell.code,
        }
    }

    fn end(&self, many: Many) -> Cell {
        match many {
            // Nothing can be better than the best.
            Many::Best if self.code == GRAVEST => Cell::known(self.code),
            _ if self.missing && self.code != 0 => Cell { kind: CellKind::Partly, code: self.code },
            _ if self.missing => Cell::of(CellKind::Unknown),
            Many::One if self.nothing => Cell::of(CellKind::Nothing),
            _ => Cell::known(self.code),
        }
    }
}

impl Plan<'_> {
    /// A test of one account told from the values themselves.
    pub(super) fn single(&self, at: usize, account: Snapshot<'_>) -> Result<Truth, MoneyError> {
        self.general(at, &self.facts(account))
    }

    /// A test told from the values themselves.
    pub(super) fn general<'a>(&'a self, at: usize, facts: &Facts<'a>) -> Result<Truth, MoneyError> {
        let Some(test) = self.program.tests.get(at) else { return Ok(Truth::Unknown) };
        let Some(slot) = self.program.slots.get(test.slot) else { return Ok(Truth::Unknown) };
        let mut told = Told::by(test.who);
        let mut failed = None;
        facts.each(slot, |seen| match of_entry(&test.op, &seen, facts) {
            Ok(one) => told.count(one),
            Err(error) => failed = Some(error),
        })?;
        failed.map_or(Ok(told.end().0), Err)
    }
}
