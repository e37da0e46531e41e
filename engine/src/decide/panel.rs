//! Many accounts under the same policies: what is the same for all of them is worked out once, and full decisions are
//! made only where there may be something to give.

use std::collections::{BTreeMap, HashMap};

use super::claim::open;
use super::decision::{Claim, Decision, Outcome};
use super::eligibility::{BLOCK, Block, Blocks, Columns, Plan, Scratch, Verdict};
use super::truth::Truth;
use super::{Detail, Inputs, decide, in_force, is_for, totals};
use crate::account::{Position, Snapshot, Snapshots};
use crate::benefit::EngineError;
use crate::context::Context;
use crate::declaration::Declared;
use crate::history::History;
use crate::money::Currency;
use crate::policy::Program;
use crate::region::RegionTree;
use crate::request::Request;

/// Policies bound to declarations, a day and a request or none, for accounts without earlier relief.
pub struct Panel<'p> {
    policies: &'p [Program],
    declarations: &'p [Declared<'p>],
    request: Option<&'p Request>,
    context: &'p Context,
    regions: &'p RegionTree,
    detail: Detail,
    /// Each policy of each event, bound to the event's declarations.
    groups: Vec<Vec<Plan<'p>>>,
}

/// What is kept from one account to the next: declines that were explained already.
#[derive(Default)]
pub struct Memory {
    scratches: Vec<Scratch>,
    /// By group and currency: what the tests came to, and the claim.
    declined: HashMap<(usize, Currency), HashMap<Vec<u64>, Claim>>,
    /// What the tests came to, two bits each.
    told: Vec<u64>,
}

static NOTHING: History = History { grants: Vec::new(), awaiting: Vec::new() };

/// Tests that one word holds.
const TESTS: usize = 32;

/// Plans from which on accounts are read into columns, which all of them share.
const COLUMNS: usize = 4;

impl<'p> Panel<'p> {
    /// Binds policies. With [`Detail::Full`] every decision is made from the beginning.
    #[must_use]
    pub fn bind(
        policies: &'p [Program],
        declarations: &'p [Declared<'p>],
        request: Option<&'p Request>,
        context: &'p Context,
        regions: &'p RegionTree,
        detail: Detail,
    ) -> Self {
        let mut groups: BTreeMap<(&str, &str), Vec<Plan<'p>>> = BTreeMap::new();
        for declared in declarations.iter().filter(|declared| declared.declared_on <= context.today) {
            for program in in_force(policies, context.today, request).filter(|program| is_for(program, declared)) {
                let plan = Plan::bind(program, declared, request, context, regions);
                groups.entry((&declared.event, program.slug())).or_default().push(plan);
            }
        }
        let groups = groups.into_values().collect();
        Self { policies, declarations, request, context, regions, detail, groups }
    }

    /// The decision on an account without earlier relief: the same that [`decide`] makes.
    ///
    /// # Errors
    /// Amounts or dates of the account leave their range.
    pub fn decide(&self, account: Snapshot<'_>, memory: &mut Memory) -> Result<Decision, EngineError> {
        if self.detail == Detail::Full {
            return decide(&self.inputs(account));
        }
        if memory.scratches.is_empty() {
            memory.scratches.extend(self.groups.iter().flatten().map(Scratch::of));
        }
        let mut claims = Vec::with_capacity(self.groups.len());
        let mut first = 0;
        for (at, group) in self.groups.iter().enumerate() {
            for (plan, scratch) in group.iter().zip(memory.scratches.iter_mut().skip(first)) {
                if matches!(plan.screen(account, scratch)?, Verdict::Hit(_) | Verdict::Open) {
                    return decide(&self.inputs(account));
                }
            }
            // Of several declarations that all decline, the first one speaks.
            if let (Some(plan), Some(scratch)) = (group.first(), memory.scratches.get_mut(first)) {
                plan.tell_all(account, scratch)?;
                let told = |test: usize| scratch.told(test);
                pack(plan.program(), told, &mut memory.told);
                claims.push(self.declined(at, plan, account, &memory.told, &mut memory.declined)?);
            }
            first += group.len();
        }
        self.nothing(account, claims)
    }

    /// Decides accounts without earlier relief, many at a time as far as nothing is given; results come in order.
    pub fn decide_all(
        &self,
        accounts: &Snapshots,
        memory: &mut Memory,
        mut show: impl FnMut(Snapshot<'_>, Result<Decision, EngineError>),
    ) {
        if self.takes_columns() {
            self.decide_in_columns(accounts, memory, show);
        } else {
            // What a few plans read is not worth a column.
            accounts.iter().for_each(|account| show(account, self.decide(account, memory)));
        }
    }

    /// Whether accounts are read into columns: many plans share them. Full detail is made for each account by itself.
    #[must_use]
    pub fn takes_columns(&self) -> bool {
        self.detail != Detail::Full && self.groups.iter().flatten().count() >= COLUMNS
    }

    fn decide_in_columns(
        &self,
        accounts: &Snapshots,
        memory: &mut Memory,
        mut show: impl FnMut(Snapshot<'_>, Result<Decision, EngineError>),
    ) {
        let told = self.tell(accounts).ok();
        for (row, account) in accounts.iter().enumerate() {
            let block = told.as_ref().and_then(|told| told.get(row / BLOCK));
            let decision = match block {
                Some(plans) => self.row(account, row % BLOCK, plans, memory),
                // Some account's figures leave their range: each speaks for itself.
                None => decide(&self.inputs(account)),
            };
            show(account, decision);
        }
    }

    /// The verdicts block by block, each of every plan.
    fn tell(&self, accounts: &Snapshots) -> Result<Vec<Vec<Block>>, EngineError> {
        let plans = || self.groups.iter().flatten();
        let mut columns = Columns::of(accounts);
        plans().try_for_each(|plan| columns.load(plan))?;
        let all: Vec<Blocks<'_>> = plans().map(|plan| Blocks::of(plan, &columns)).collect();
        let tell = |at: usize, blocks: &Blocks<'_>| {
            let mut block = blocks.room();
            blocks.tell(at, &mut block)?;
            Ok(block)
        };
        (0..accounts.len().div_ceil(BLOCK)).map(|at| all.iter().map(|blocks| tell(at, blocks)).collect()).collect()
    }

    fn row(
        &self,
        account: Snapshot<'_>,
        row: usize,
        told: &[Block],
        memory: &mut Memory,
    ) -> Result<Decision, EngineError> {
        if told.iter().any(|block| matches!(block.verdict(row), Verdict::Hit(_) | Verdict::Open)) {
            return decide(&self.inputs(account));
        }
        let mut claims = Vec::with_capacity(self.groups.len());
        let mut first = 0;
        for (at, group) in self.groups.iter().enumerate() {
            if let (Some(plan), Some(block)) = (group.first(), told.get(first)) {
                pack(plan.program(), |test| (!plan.is_settled(test)).then(|| block.told(test, row)), &mut memory.told);
                claims.push(self.declined(at, plan, account, &memory.told, &mut memory.declined)?);
            }
            first += group.len();
        }
        self.nothing(account, claims)
    }

    /// A decline, explained once for all accounts whose tests came out alike.
    fn declined(
        &self,
        group: usize,
        plan: &Plan<'p>,
        account: Snapshot<'_>,
        told: &[u64],
        known: &mut HashMap<(usize, Currency), HashMap<Vec<u64>, Claim>>,
    ) -> Result<Claim, EngineError> {
        let known = known.entry((group, account.currency())).or_default();
        if let (false, Some(claim)) = (plan.is_particular(), known.get(told)) {
            return Ok(claim.clone());
        }
        let claim = open(&self.inputs(account), plan.program(), plan.facts(account))?.claim;
        if !plan.is_particular() {
            known.insert(told.to_vec(), claim.clone());
        }
        Ok(claim)
    }

    /// A decision that gives nothing.
    fn nothing(&self, account: Snapshot<'_>, policies: Vec<Claim>) -> Result<Decision, EngineError> {
        let today = self.context.today;
        let position = Position::of(account, today);
        let owed = totals::owed(&position, today)?;
        Ok(Decision {
            account: account.number().to_owned(),
            decided_on: today,
            outcome: Outcome::Declined,
            policies,
            offers: Vec::new(),
            totals: totals::totals(account, &[], &position, &position, today)?,
            before: owed.clone(),
            after: owed,
            receipt: None,
        })
    }

    fn inputs<'a>(&'a self, account: Snapshot<'a>) -> Inputs<'a> {
        Inputs {
            policies: self.policies,
            declarations: self.declarations,
            account,
            request: self.request,
            history: &NOTHING,
            context: self.context,
            regions: self.regions,
            detail: self.detail,
        }
    }
}

/// What the tests of a program came to, two bits each.
fn pack(program: &Program, told: impl Fn(usize) -> Option<Truth>, into: &mut Vec<u64>) {
    into.clear();
    into.resize(program.tests.len().div_ceil(TESTS), 0);
    for test in 0..program.tests.len() {
        let code = match told(test) {
            None => 0,
            Some(Truth::True) => 1,
            Some(Truth::False) => 2,
            Some(Truth::Unknown) => 3,
        };
        if let Some(word) = into.get_mut(test / TESTS) {
            *word |= code << (2 * (test % TESTS));
        }
    }
}
