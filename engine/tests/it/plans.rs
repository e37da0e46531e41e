//! Compiled plans, on one account and in columns, against the facts told one by one: policies, declarations and accounts of the
//! kept decisions, each with others than its own too.

use std::collections::BTreeMap;

use forbear_engine::account::{Account, OneSnapshot, Position, Snapshots};
use forbear_engine::cases::Corpus;
use forbear_engine::cases::kept::{Kept, Line, declaration_name, policy_name};
use forbear_engine::decide::eligibility::{Blocks, Columns, Plan, Scratch, Verdict};
use forbear_engine::decide::settle::{Settled, settle};
use forbear_engine::decide::truth::{Sight, Truth};
use forbear_engine::declaration::Declared;
use forbear_engine::facts::Facts;
use forbear_engine::facts::moment::Moment;
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::document::StartBy;
use forbear_engine::region::RegionTree;
use serde_json::json;

use crate::scenario::{World, account, policy, rows};

/// Accounts that a plan is tried on.
const ACCOUNTS: usize = 40;

/// What is told of an account test by test; none where amounts leave their range.
fn told(program: &Program, declared: &Declared<'_>, kept: &Kept, account: &Account) -> Option<(Verdict, Vec<Truth>)> {
    let (history, context, request) = (History::default(), &kept.context, kept.request.as_ref());
    let own = OneSnapshot::of(account).unwrap();
    let position = Position::of(own.snapshot(), context.today);
    let facts = Facts {
        snapshot: own.snapshot(),
        position: Some(&position),
        declared,
        request,
        history: &history,
        context,
        regions: RegionTree::builtin(),
        first_decided_on: context.today,
        relief_end: None,
    };
    let sight = Sight::of(program, &facts).ok()?;
    let takes_part = |rule: &usize| {
        let start = &program.rules[*rule].start;
        let Some(request) = request else { return start.by.contains(&StartBy::Proactive) };
        let last = start.apply_by.as_ref().and_then(|expr| facts.date(expr).unwrap().ok()).and_then(Moment::day);
        start.by.contains(&StartBy::Request) && last.is_none_or(|last| request.requested_on <= last)
    };
    let part: Vec<usize> = (0..program.rules.len()).filter(takes_part).collect();
    let verdict = match settle(program, &part, &sight.truths) {
        Settled::NotEligible => Verdict::NotEligible,
        Settled::NoRule => Verdict::NoRule,
        Settled::Hit { rules, .. } => Verdict::Hit(rules[0]),
        Settled::Unknown => Verdict::Open,
    };
    Some((verdict, sight.truths))
}

/// How often each verdict was met.
fn compare(
    program: &Program,
    declared: &Declared<'_>,
    kept: &Kept,
    accounts: &[&Account],
    met: &mut BTreeMap<String, usize>,
) {
    let plan = Plan::bind(program, declared, kept.request.as_ref(), &kept.context, RegionTree::builtin());
    let (mut lazy, mut whole) = (Scratch::of(&plan), Scratch::of(&plan));
    let mut all = Snapshots::default();
    accounts.iter().for_each(|account| all.add(account).unwrap());
    assert_eq!(all.len(), accounts.len());
    let mut columns = Columns::of(&all);
    columns.load(&plan).unwrap();
    let blocks = Blocks::of(&plan, &columns);
    assert!(!blocks.is_empty() && Blocks::of(&plan, &Columns::of(&Snapshots::default())).is_empty());
    let mut block = blocks.room();
    for at in 0..blocks.len() {
        blocks.tell(at, &mut block).unwrap();
        for row in 0..block.len {
            let (account, snapshot) = (accounts[block.first + row], all.get(block.first + row).unwrap());
            let Some((verdict, truths)) = told(program, declared, kept, account) else { continue };
            let what = || {
                let columns: Vec<Truth> = (0..truths.len()).map(|test| block.told(test, row)).collect();
                format!(
                    "{}, {} with {}: {truths:?}, in columns {columns:?}",
                    kept.name, program.document.policy, account.account
                )
            };
            assert_eq!(plan.screen(snapshot, &mut lazy), Ok(verdict), "one account: {}", what());
            assert_eq!(plan.screen_traced(snapshot, &mut whole), Ok(verdict), "traced: {}", what());
            assert_eq!(block.verdict(row), verdict, "in columns: {}", what());
            for (test, truth) in truths.iter().enumerate() {
                assert!(whole.told(test).is_none_or(|told| told == *truth), "test {test}: {}", what());
                assert_eq!(block.told(test, row), *truth, "test {test} in columns: {}", what());
            }
            let name = format!("{verdict:?}").split('(').next().unwrap().to_owned();
            *met.entry(name).or_default() += 1;
        }
    }
}

#[test]
fn plans_say_what_the_facts_say() {
    let (regions, mut met) = (RegionTree::builtin(), BTreeMap::new());
    for (file, every) in [("books", 12), ("cases", 3), ("generated", 2)] {
        let text = std::fs::read_to_string(format!("tests/kept/{file}.jsonl")).unwrap();
        let corpus = Corpus::read(&text).unwrap();
        let (mut policies, mut declarations) = (BTreeMap::new(), BTreeMap::new());
        for line in corpus.lines() {
            match line {
                Line::Policy(policy) => drop(policies.insert(policy_name(policy), policy)),
                Line::Declaration(document) => drop(declarations.insert(declaration_name(document), document)),
                Line::Decision(_) => {}
            }
        }
        let decisions: Vec<&Kept> = corpus.decisions().collect();
        for (at, kept) in decisions.iter().enumerate().step_by(every) {
            // Its own account, and others from everywhere.
            let others = (0..ACCOUNTS).map(|other| &decisions[(at + other * 17) % decisions.len()].account);
            let accounts: Vec<&Account> = others.collect();
            for (policy, declaration) in kept.policies.iter().zip(kept.declarations.iter().cycle()) {
                let (program, _) = compile(policies[policy].as_ref().clone(), &kept.context.attributes, regions);
                let declared = declarations[declaration].as_of(kept.context.today, regions).unwrap();
                compare(&program.unwrap(), &declared, kept, &accounts, &mut met);
            }
        }
    }
    assert!(met.len() == 4 && met.values().all(|count| *count >= 50), "each verdict is met often: {met:?}");
}

#[test]
fn accounts_are_kept_taken_out_and_added_again() {
    let text = std::fs::read_to_string("tests/kept/books.jsonl").unwrap();
    let corpus = Corpus::read(&text).unwrap();
    let mut all = Snapshots::default();
    let accounts: Vec<&Account> = corpus.decisions().map(|kept| &kept.account).take(30).collect();
    accounts.iter().for_each(|account| all.add(account).unwrap());
    let numbers = |all: &Snapshots| all.iter().map(|one| one.number().to_owned()).collect::<Vec<_>>();
    let own = |of: &[&Account]| of.iter().map(|account| account.account.clone()).collect::<Vec<_>>();
    assert_eq!((all.len(), all.is_empty(), numbers(&all)), (30, false, own(&accounts)));
    let wanted: Vec<&Account> =
        accounts.iter().enumerate().filter(|(at, _)| at % 3 == 0).map(|(_, one)| *one).collect();
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        (at - 1) % 3 == 0
    });
    assert_eq!((all.len(), numbers(&all)), (10, own(&wanted)));
    for (one, account) in all.iter().zip(&wanted) {
        assert_eq!(&&one.to_account(), account, "its parts are its own");
    }
    all.clear();
    assert!(all.is_empty() && all.get(0).is_none());
    all.add(accounts[7]).unwrap();
    assert_eq!(&all.get(0).unwrap().to_account(), accounts[7]);
}

/// What a plan says of an account at a glance, by hand: the disaster is from 1 to 31 May 2024, the home in a county that it hit.
#[test]
fn a_glance_knows_since_when_and_until_when_something_was_so() {
    let regions = RegionTree::builtin();
    let hit = json!({"fact": "area.home.designation", "on": "incident_start", "is": "severe"});
    let on_time = json!({"fact": "account.days_past_due", "on": "incident_start", "at_most": 0});
    let home = |from: &str, until: &str| {
        let own = json!({"role": "home", "region": "CN-410105", "valid_from": from, "valid_until": until});
        account(&json!({"parties": [{"party": "p", "role": "borrower", "addresses": [own]}]}))
    };
    let paid = |on: &str| {
        let mut row = rows(4, &[("100.00", "8.00")]);
        row[0]["paid"] = json!({"principal": "100.00", "interest": "8.00"});
        row[0]["paid_on"] = json!(on);
        account(&json!({"schedules": [{"version": 1, "known_from": "2024-01-01", "rows": row}]}))
    };
    for (condition, account, holds) in [
        (&hit, home("2020-01-01", "2030-01-01"), true),
        (&hit, home("2020-01-01", "2024-05-01"), true),
        (&hit, home("2020-01-01", "2024-04-30"), false),
        (&hit, home("2024-05-01", "2030-01-01"), true),
        (&hit, home("2024-05-02", "2030-01-01"), false),
        // Due on 1 April: 30 days past due when the disaster began, unless it was paid by then.
        (&on_time, paid("2024-05-01"), true),
        (&on_time, paid("2024-05-02"), false),
    ] {
        let waive = json!({"id": "w", "waive": {"charges": ["late_fee"]}});
        let program = policy("p", &json!({"eligible": condition, "rules": [{"id": "r", "benefits": [waive]}]}));
        let world = World::new(Vec::new(), account);
        let declared = world.declarations[0].as_of(world.context.today, regions).unwrap();
        let plan = Plan::bind(&program, &declared, world.request.as_ref(), &world.context, regions);
        let said = plan.screen(world.snapshot().snapshot(), &mut Scratch::of(&plan)).unwrap();
        assert_eq!(said == Verdict::Hit(0), holds, "{condition} {:?}: {said:?}", world.account);
    }
}
