//! Compiled plans, on one account and on columns, against the tests told one by one from the facts.

use forbear_engine::account::{Account, Position};
use forbear_engine::context::Context;
use forbear_engine::decide::eligibility::{Blocks, Columns, Plan, Scratch, Verdict};
use forbear_engine::decide::settle::{Settled, settle};
use forbear_engine::decide::truth::{Sight, Truth};
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
        let position = Position::of(account, self.context.today).ok()?;
        let facts = Facts {
            account,
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

    fn compare(&self, accounts: &[Account], hits: &mut [usize; 4]) {
        let regions = RegionTree::builtin();
        let plan = Plan::bind(self.program, self.declared, self.request, self.context, regions);
        let (mut lazy, mut whole) = (Scratch::of(&plan), Scratch::of(&plan));
        let mut columns = Columns::of(accounts);
        columns.load(&plan).unwrap();
        let blocks = Blocks::of(&plan, &columns);
        let mut block = blocks.room();
        for at in 0..blocks.len() {
            blocks.tell(at, &mut block).unwrap();
            for row in 0..block.len {
                let account = &accounts[block.first + row];
                let Some((verdict, truths)) = self.told(account) else { continue };
                let what = || format!("{}: {}", serde_json::to_string(account).unwrap(), self.describe());
                assert_eq!(plan.screen(account, &mut lazy).unwrap(), verdict, "one account, {}", what());
                assert_eq!(plan.screen_traced(account, &mut whole).unwrap(), verdict, "traced, {}", what());
                assert_eq!(block.verdict(row), verdict, "columns, {}", what());
                for (test, truth) in truths.iter().enumerate() {
                    let (lazy, whole) = (lazy.told(test), whole.told(test));
                    assert!(lazy.is_none() || lazy == whole, "test {test} in the whole trace, {}", what());
                    assert!(whole.is_none_or(|told| told == *truth), "test {test}, {}", what());
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

    fn describe(&self) -> String {
        let request = serde_json::to_string(&self.request).unwrap();
        let context = serde_json::to_string(self.context).unwrap();
        format!("{request} {context} {}", serde_json::to_string(&self.program.document).unwrap())
    }
}

#[test]
fn plans_say_what_the_facts_say() {
    let (policies, accounts) = wanted();
    let (mut seen, mut hits) = (0, [0; 4]);
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
            Scene { program, declared, request, context: &case.context }.compare(&accounts, &mut hits);
            seen += 1;
        }
    }
    let all: usize = hits.iter().sum();
    assert!(hits.iter().all(|own| own * 100 >= all), "a verdict is hardly ever met: {hits:?}");
}
