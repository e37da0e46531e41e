//! One account against a plan: a verdict, and what each test came to. Nothing is allocated.

use super::cell::GRAVEST;
use super::cell::{Cell, CellKind};
use super::check::Check;
use super::plan::{AMBIGUOUS, AreaSlot, BoundSlot, Many, Node, Plan};
use crate::account::Snapshot;
use crate::decide::truth::{Told, Truth, of_entry};
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::history::History;
use crate::money::MoneyError;
use crate::policy::document::HitPolicy;

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

/// What is kept while one account after another is screened; made once for a plan.
#[derive(Debug, Clone)]
pub struct Scratch {
    cells: Vec<Option<Cell>>,
    trace: Vec<u64>,
}

/// Tests whose result one word holds, two bits each.
const TESTS: usize = 32;

impl Scratch {
    /// Room for a plan.
    #[must_use]
    pub fn of(plan: &Plan<'_>) -> Self {
        Self { cells: vec![None; plan.sources.len()], trace: vec![0; plan.checks.len().div_ceil(TESTS)] }
    }

    /// What a test of the program came to for the last account; none if it was not needed.
    #[must_use]
    pub fn told(&self, test: usize) -> Option<Truth> {
        let word = self.trace.get(test / TESTS).copied().unwrap_or(0);
        match (word >> (2 * (test % TESTS))) & 3 {
            0 => None,
            1 => Some(Truth::True),
            2 => Some(Truth::False),
            _ => Some(Truth::Unknown),
        }
    }

    fn tell(&mut self, test: usize, truth: Truth) {
        if let Some(word) = self.trace.get_mut(test / TESTS) {
            let code = match truth {
                Truth::True => 1,
                Truth::False => 2,
                Truth::Unknown => 3,
            };
            *word |= code << (2 * (test % TESTS));
        }
    }

    fn clear(&mut self) {
        self.cells.fill(None);
        self.trace.fill(0);
    }
}

/// Nothing was granted before.
static NOTHING: History = History { grants: Vec::new(), awaiting: Vec::new() };

/// One account on its way through a plan.
struct Run<'a, 's> {
    plan: &'a Plan<'a>,
    facts: Facts<'a>,
    scratch: &'s mut Scratch,
    /// Every test of a condition is told, whatever the others say.
    whole: bool,
}

impl Plan<'_> {
    /// The verdict on an account without earlier relief. Tests are told only as far as they matter.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn screen(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<Verdict, MoneyError> {
        self.run(account, scratch, false)
    }

    /// The same with the whole trace: every test of the eligibility, and of the rules up to the one that holds.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn screen_traced(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<Verdict, MoneyError> {
        self.run(account, scratch, true)
    }

    /// Tells every test that is not settled, after a screening of the same account.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn tell_all(&self, account: Snapshot<'_>, scratch: &mut Scratch) -> Result<(), MoneyError> {
        let mut run = Run { plan: self, facts: self.facts(account), scratch, whole: true };
        (0..self.checks.len()).filter(|test| !self.is_settled(*test)).try_for_each(|test| run.told(test).map(|_| ()))
    }

    fn run(&self, account: Snapshot<'_>, scratch: &mut Scratch, whole: bool) -> Result<Verdict, MoneyError> {
        scratch.clear();
        Run { plan: self, facts: self.facts(account), scratch, whole }.verdict()
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

impl<'a> Run<'a, '_> {
    fn verdict(&mut self) -> Result<Verdict, MoneyError> {
        let plan = self.plan;
        match self.fold(&plan.eligible)? {
            Truth::False => return Ok(Verdict::NotEligible),
            Truth::Unknown => return Ok(Verdict::Open),
            Truth::True => {}
        }
        let all = plan.program.hit_policy == HitPolicy::All;
        let (mut hit, mut open) = (None, false);
        for rule in &plan.rules {
            if let (Some(request), Some(expr)) = (plan.request, rule.apply_by) {
                let last = self.facts.moment(expr, None)?.ok().and_then(Moment::day);
                if last.is_some_and(|last| request.requested_on > last) {
                    continue;
                }
            }
            match self.fold(&rule.when)? {
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
        Ok(match hit {
            Some(rule) if all || !open => Verdict::Hit(rule),
            None if !open => Verdict::NoRule,
            _ => Verdict::Open,
        })
    }

    fn fold(&mut self, node: &'a Node) -> Result<Truth, MoneyError> {
        match node {
            Node::Fixed(truth) => Ok(*truth),
            Node::Test(test) => self.told(*test),
            Node::Not(part) => Ok(self.fold(part)?.negate()),
            Node::All(parts) => self.group(parts, Truth::False),
            Node::Any(parts) => self.group(parts, Truth::True),
        }
    }

    /// `all`, which one false part decides, or `any`, which one true part does.
    fn group(&mut self, parts: &'a [Node], decisive: Truth) -> Result<Truth, MoneyError> {
        let mut sum = decisive.negate();
        for part in parts {
            let truth = self.fold(part)?;
            if truth == decisive {
                sum = decisive;
                if !self.whole {
                    break;
                }
            } else if truth == Truth::Unknown && sum != decisive {
                sum = Truth::Unknown;
            }
        }
        Ok(sum)
    }

    fn told(&mut self, test: usize) -> Result<Truth, MoneyError> {
        if let Some(truth) = self.scratch.told(test) {
            return Ok(truth);
        }
        let truth = self.test(test)?;
        self.scratch.tell(test, truth);
        Ok(truth)
    }

    fn test(&mut self, at: usize) -> Result<Truth, MoneyError> {
        let plan = self.plan;
        let (Some(check), Some(test)) = (plan.checks.get(at), plan.program.tests.get(at)) else {
            return Ok(Truth::Unknown);
        };
        if *check != Check::General {
            let cell = self.cell(test.slot)?;
            if cell.kind != CellKind::Odd {
                return Ok(check.truth(cell));
            }
        }
        plan.general(at, &self.facts)
    }

    fn cell(&mut self, slot: usize) -> Result<Cell, MoneyError> {
        let plan = self.plan;
        match plan.slots.get(slot) {
            Some(BoundSlot::Fixed(cell)) => Ok(*cell),
            Some(BoundSlot::Read { source, .. }) => self.source(*source, slot),
            Some(BoundSlot::Area(area)) => self.area(area, slot),
            Some(BoundSlot::General) | None => Ok(Cell::of(CellKind::Odd)),
        }
    }

    /// What an account shows in a source, coded for a slot.
    fn source(&mut self, source: usize, slot: usize) -> Result<Cell, MoneyError> {
        if let Some(Some(cell)) = self.scratch.cells.get(source) {
            return Ok(*cell);
        }
        let plan = self.plan;
        let Some(own) = plan.sources.get(source) else { return Ok(Cell::of(CellKind::Odd)) };
        let coding = match plan.slots.get(slot) {
            Some(BoundSlot::Read { coding, .. }) => coding,
            _ => &plan.plain,
        };
        let mut cell = Cell::of(CellKind::Nobody);
        self.facts.each_on(&own.slot, Ok(own.on), |seen| {
            // Several borrowers have no one code.
            cell = if cell.kind == CellKind::Nobody { coding.cell(&seen) } else { Cell::of(CellKind::Odd) };
        })?;
        if let Some(kept) = self.scratch.cells.get_mut(source) {
            *kept = Some(cell);
        }
        Ok(cell)
    }

    fn area(&mut self, area: &'a AreaSlot, slot: usize) -> Result<Cell, MoneyError> {
        let table = self.plan.areas(area.table);
        let mut sum = Sum::default();
        for source in &area.sources {
            let place = self.source(*source, slot)?;
            match place.kind {
                CellKind::Known => {
                    let number = usize::try_from(place.code).ok().and_then(|at| table.get(at)).copied();
                    sum.add(area.many, number.and_then(|number| area.of(number)));
                }
                CellKind::Nothing => sum.add(area.many, area.areas.first().copied()),
                CellKind::Unknown | CellKind::Partly => sum.missing = true,
                CellKind::Nobody | CellKind::Odd => return Ok(place),
            }
        }
        Ok(sum.end(area.many))
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
