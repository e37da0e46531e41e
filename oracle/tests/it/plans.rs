//! Compiled plans, on one account and on columns, against the tests told one by one from the facts.

use forbear_engine::account::{Account, OneSnapshot, Position, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::decide::eligibility::{Blocks, Columns, Plan, Scratch, Verdict};
use forbear_engine::decide::panel::{Memory, Panel};
use forbear_engine::decide::settle::{Settled, settle};
use forbear_engine::decide::truth::{Sight, Truth};
use forbear_engine::decide::{Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::facts::Facts;
use forbear_engine::facts::moment::Moment;
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::policy::document::StartBy;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use forbear_oracle::generate::{CASES_PER_WORLD, World};

/// Accounts and policies: by default a few; `FORBEAR_PLANS=200,5000` for 200 policies and 5,000 accounts under each.
fn wanted() -> (usize, u64) {
    let text = std::env::var("FORBEAR_PLANS").unwrap_or_else(|_| "40,250".to_owned());
    let (policies, accounts) = text.split_once(',').expect("FORBEAR_PLANS=policies,accounts");
    (policies.parse().unwrap(), accounts.parse().unwrap())
}

struct Scene<'a> {
    program: &'a Program,
    declared: &'a Declared<'a>,
    request: Option<&'a Request>,
    context: &'a Context,
}

impl Scene<'_> {
    /// The verdict, told test by test from a position that was worked out first; none where amounts leave their range.
    fn told(&self, account: &Account) -> Option<(Verdict, Vec<Truth>)> {
        let history = History::default();
        let own = OneSnapshot::of(account).unwrap();
        let position = Position::of(own.snapshot(), self.context.today);
        let facts = Facts {
            snapshot: own.snapshot(),
            position: Some(&position),
            declared: self.declared,
            request: self.request,
            history: &history,
            context: self.context,
            regions: RegionTree::builtin(),
            first_decided_on: self.context.today,
            relief_end: None,
        };
        let sight = Sight::of(self.program, &facts).ok()?;
        let part: Vec<usize> = (0..self.program.rules.len()).filter(|at| self.takes_part(*at, &facts)).collect();
        let verdict = match settle(self.program, &part, &sight.truths) {
            Settled::NotEligible => Verdict::NotEligible,
            Settled::NoRule => Verdict::NoRule,
            Settled::Hit { rules, .. } => Verdict::Hit(rules[0]),
            Settled::Unknown => Verdict::Open,
        };
        Some((verdict, sight.truths))
    }

    fn takes_part(&self, rule: usize, facts: &Facts<'_>) -> bool {
        let start = &self.program.rules[rule].start;
        let Some(request) = self.request else { return start.by.contains(&StartBy::Proactive) };
        let last = start.apply_by.as_ref().and_then(|expr| facts.date(expr).unwrap().ok()).and_then(Moment::day);
        start.by.contains(&StartBy::Request) && last.is_none_or(|last| request.requested_on <= last)
    }

    fn compare(&self, accounts: &[Account], hits: &mut [usize; 4], free: &mut [usize; 2]) {
        let regions = RegionTree::builtin();
        let plan = Plan::bind(self.program, self.declared, self.request, self.context, regions);
        let (mut lazy, mut whole) = (Scratch::of(&plan), Scratch::of(&plan));
        let mut all = Snapshots::default();
        accounts.iter().for_each(|account| all.add(account).unwrap());
        let mut columns = Columns::of(&all);
        columns.load(&plan).unwrap();
        let blocks = Blocks::of(&plan, &columns);
        let mut block = blocks.room();
        for at in 0..blocks.len() {
            blocks.tell(at, &mut block).unwrap();
            for row in 0..block.len {
                let account = &accounts[block.first + row];
                let snapshot = all.get(block.first + row).unwrap();
                let Some((verdict, truths)) = self.told(account) else { continue };
                let what = || format!("{}: {}", serde_json::to_string(account).unwrap(), self.describe());
                let mut screened = None;
                let used = allocation_counter::measure(|| screened = Some(plan.screen(snapshot, &mut lazy)));
                assert_eq!(screened, Some(Ok(verdict)), "one account, {}", what());
                let allowed = self.looks_up_names() || has_abolished_codes(account, self.context.today);
                assert!(allowed || used.count_total == 0, "{} allocations, {}", used.count_total, what());
                if !allowed {
                    free[usize::from(matches!(verdict, Verdict::Hit(_)))] += 1;
                }
                assert_eq!(plan.screen_traced(snapshot, &mut whole).unwrap(), verdict, "traced, {}", what());
                assert_eq!(block.verdict(row), verdict, "columns, {}", what());
                for (test, truth) in truths.iter().enumerate() {
                    assert!(whole.told(test).is_none_or(|told| told == *truth), "test {test}, {}", what());
                    assert_eq!(block.told(test, row), *truth, "test {test} in columns, {}", what());
                }
                hits[match verdict {
                    Verdict::NotEligible => 0,
                    Verdict::NoRule => 1,
                    Verdict::Hit(_) => 2,
                    Verdict::Open => 3,
                }] += 1;
            }
        }
    }

    /// Facts set by hand and answers are looked up by their names, which have to be made.
    fn looks_up_names(&self) -> bool {
        !self.context.facts.is_empty() || self.request.is_some_and(|one| !one.answers.is_empty())
    }

    fn describe(&self) -> String {
        let request = serde_json::to_string(&self.request).unwrap();
        let context = serde_json::to_string(self.context).unwrap();
        format!("{request} {context} {}", serde_json::to_string(&self.program.document).unwrap())
    }
}

/// What an abolished code means today is looked up in the history of regions.
fn has_abolished_codes(account: &Account, today: chrono::NaiveDate) -> bool {
    let regions = RegionTree::builtin();
    let addresses = account.parties.iter().flatten().flat_map(|party| party.addresses.iter().flatten());
    let mut codes = addresses.filter_map(|address| regions.known(&address.region));
    codes.any(|region| !regions.is_settled(region, chrono::NaiveDate::MIN) || !regions.is_settled(region, today))
}

#[test]
fn plans_say_what_the_facts_say() {
    let (policies, accounts) = wanted();
    let (mut seen, mut hits, mut free) = (0, [0; 4], [0; 2]);
    for number in 0.. {
        if seen >= policies {
            break;
        }
        let world = World::of(number);
        let case = world.case(number * CASES_PER_WORLD);
        let today = case.context.today;
        let accounts = world.accounts(accounts, today);
        let declared = world.declared(today);
        for program in &world.programs {
            let declared = &declared[seen % declared.len()];
            // Half of them proactively.
            let request = case.request.as_ref().filter(|_| seen % 2 == 0);
            Scene { program, declared, request, context: &case.context }.compare(&accounts, &mut hits, &mut free);
            seen += 1;
        }
    }
    let all: usize = hits.iter().sum();
    assert!(
        free.iter().all(|own| own * 20 >= all),
        "hardly any decision is known to allocate nothing: {free:?} of {all}"
    );
    assert!(hits.iter().all(|own| own * 100 >= all), "a verdict is hardly ever met: {hits:?}");
}

#[test]
fn a_panel_decides_as_each_account_by_itself() {
    let mut declined = 0;
    let mut seen = 0;
    let mut ways = [0, 0];
    for number in 0..16 {
        let world = World::of(number);
        let case = world.case(number * CASES_PER_WORLD);
        let mut accounts = Snapshots::default();
        let made = world.accounts(60, case.context.today);
        made.iter().for_each(|account| accounts.add(account).unwrap());
        let declared = world.declared(case.context.today);
        let (request, context) = (case.request.as_ref(), &case.context);
        let panel = Panel::bind(&world.programs, &declared, request, context, RegionTree::builtin(), Detail::Reasons);
        ways[usize::from(panel.takes_columns())] += 1;
        let (mut memory, mut single) = (Memory::default(), Memory::default());
        panel.decide_all(&accounts, &mut memory, |account, decision| {
            let inputs = Inputs {
                policies: &world.programs,
                declarations: &declared,
                account,
                request,
                history: &History::default(),
                context,
                regions: RegionTree::builtin(),
                detail: Detail::Reasons,
            };
            let wanted = decide(&inputs);
            assert_eq!(panel.decide(account, &mut single), wanted, "one by one, world {number}");
            declined += usize::from(wanted.as_ref().is_ok_and(|decision| decision.outcome == Outcome::Declined));
            seen += 1;
            assert_eq!(decision, wanted, "together, world {number}");
        });
    }
    assert!(ways.iter().all(|way| *way >= 2), "straight and in columns: {ways:?}");
    assert!(declined * 10 > seen && declined * 10 < seen * 9, "{declined} of {seen} are declined");
}
