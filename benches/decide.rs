//! One account, a hit and a decline: screened by a plan and decided wholly, without and with trace, from a loaded
//! account and from JSON text; and each benefit on its own.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use forbear_engine::account::snapshots::Beside;
use forbear_engine::account::{Account, OneSnapshot, Snapshot, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::decide::eligibility::{Plan, Scratch};
use forbear_engine::decide::{Decision, Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use serde_json::{Value, json};

const FLAGSHIP: &str = include_str!("../policies/cn-natural-disaster/2024-05-01.json");
const SEVERE: &str = include_str!("../policies/cn-natural-disaster/cases/severe.json");

/// The situation of the flagship policy's first cases: a loan of six instalments in a severely affected district.
struct World {
    policies: Vec<Program>,
    declared: Vec<Declared<'static>>,
    account: Account,
    own: OneSnapshot,
    request: Option<Request>,
    history: History,
    context: Context,
}

impl World {
    fn new(policy: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut given = serde_json::from_str::<Value>(SEVERE).unwrap()["given"].take();
        change(&mut given["account"]);
        let declaration: Declaration = serde_json::from_value(given["declaration"].take()).unwrap();
        let context = Context::on(serde_json::from_value(given["today"].take()).unwrap());
        let request = given.get("request").map(|request| serde_json::from_value(request.clone()).unwrap());
        let checked = check(policy, &CheckSettings::default());
        let account = Account::from_json(&given["account"].to_string()).unwrap();
        Self {
            policies: vec![checked.program.unwrap_or_else(|| panic!("{:?}", checked.problems))],
            declared: vec![declaration.as_of(context.today, RegionTree::builtin()).unwrap()],
            own: OneSnapshot::of(&account).unwrap(),
            account,
            request,
            history: History::default(),
            context,
        }
    }

    fn decide(&self, account: Snapshot<'_>, detail: Detail) -> Decision {
        decide(&Inputs {
            policies: &self.policies,
            declarations: &self.declared,
            account,
            request: self.request.as_ref(),
            history: &self.history,
            context: &self.context,
            regions: RegionTree::builtin(),
            detail,
        })
        .unwrap()
    }
}

/// The home and the workplace are elsewhere.
fn move_away(account: &mut Value) {
    for address in account["parties"][0]["addresses"].as_array_mut().unwrap() {
        address["region"] = json!("CN-310115");
    }
}

fn screen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("screen one account");
    for (ending, world) in [("granted", World::new(FLAGSHIP, |_| {})), ("declined", World::new(FLAGSHIP, move_away))] {
        let text = serde_json::to_string(&world.account).unwrap();
        let plan = Plan::bind(
            &world.policies[0],
            &world.declared[0],
            world.request.as_ref(),
            &world.context,
            RegionTree::builtin(),
        );
        let mut scratch = Scratch::of(&plan);
        group.bench_function(format!("{ending}, loaded"), |bench| {
            bench.iter(|| plan.screen(black_box(world.own.snapshot()), &mut scratch));
        });
        group.bench_function(format!("{ending}, with trace"), |bench| {
            bench.iter(|| plan.screen_traced(black_box(world.own.snapshot()), &mut scratch));
        });
        group.bench_function(format!("{ending}, from JSON text"), |bench| {
            let mut read = Snapshots::default();
            bench.iter(|| {
                read.clear();
                assert!(read.read_plain(black_box(&text), Beside::Nothing));
                plan.screen(read.get(0).unwrap(), &mut scratch)
            });
        });
    }
    group.finish();
}

fn one_account(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide one account");
    let hit = World::new(FLAGSHIP, |_| {});
    let decline = World::new(FLAGSHIP, move_away);
    assert_eq!(hit.decide(hit.own.snapshot(), Detail::Lean).outcome, Outcome::Granted);
    assert_eq!(decline.decide(decline.own.snapshot(), Detail::Lean).outcome, Outcome::Declined);
    for (ending, world) in [("granted", &hit), ("declined", &decline)] {
        let text = serde_json::to_string(&world.account).unwrap();
        group.bench_function(format!("{ending}, loaded"), |bench| {
            bench.iter(|| world.decide(black_box(world.own.snapshot()), Detail::Lean));
        });
        group.bench_function(format!("{ending}, with trace"), |bench| {
            bench.iter(|| world.decide(black_box(world.own.snapshot()), Detail::Full));
        });
        group.bench_function(format!("{ending}, from JSON text"), |bench| {
            let mut read = Snapshots::default();
            bench.iter(|| {
                read.clear();
                assert!(read.read_plain(black_box(&text), Beside::Nothing));
                world.decide(read.get(0).unwrap(), Detail::Lean)
            });
        });
    }
    group.bench_function("read the account from JSON text", |bench| {
        let text = serde_json::to_string(&hit.account).unwrap();
        bench.iter(|| Account::from_json(black_box(&text)).unwrap());
    });
    group.finish();
}

/// Each benefit on its own, granted to everybody.
fn benefits(criterion: &mut Criterion) {
    let since = json!({"from": "incident_start"});
    let defer = |to: Value| {
        let mut defer = json!({"which": ["overdue", "due_in"], "due": {"from": "incident_start"}, "instalments": 2,
                               "interest_on_top": "accrue", "arrears": "cure"});
        defer.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        json!({ "defer": defer })
    };
    let all = [
        (
            "waive charges",
            json!({"waive": {"charges": ["late_fee", "penalty_interest"], "accrued": since, "share": "0.8",
            "if_paid": "refund", "cap": {"amount": "500.00", "currency": "CNY", "per": "account"}}}),
        ),
        (
            "waive interest",
            json!({"waive": {"interest": {"which": "due_in", "due": since, "instalments": 2}, "share": "1"}}),
        ),
        ("defer to the end of the term", defer(json!({"to": "end_of_term"}))),
        ("defer to maturity", defer(json!({"to": "maturity"}))),
        ("defer and spread", defer(json!({"to": "spread", "extra_terms": 3}))),
        ("defer to the next due date", defer(json!({"to": "next_due"}))),
        ("defer to a later date", defer(json!({"to": "later_date", "date": {"after": "due", "days": 60}}))),
        (
            "suspend",
            json!({"suspend": {"from": "incident_start", "for": {"days": 60}, "interest_on_top": "accrue",
            "arrears": "freeze", "then": "due_at_end"}}),
        ),
        (
            "pause interest",
            json!({"pause_interest": {"from": "incident_start", "until": {"after": "incident_start", "months": 2}}}),
        ),
        (
            "reduce the rate",
            json!({"reduce_rate": {"from": "decided_on", "until": {"after": "decided_on", "months": 3}, "to": "0.04"}}),
        ),
        (
            "hold",
            json!({"hold": {"what": ["collections", "credit_reporting"], "from": "incident_start",
            "until": {"after": "incident_end", "days": 90}, "report_as": "not_overdue", "correct_past": true}}),
        ),
        ("goodwill", json!({"goodwill": {"amount": {"amount": "200.00", "currency": "CNY"}}})),
        ("extend a window", json!({"extend_window": {"window": "grace", "by": {"days": 7}}})),
    ];
    let mut group = criterion.benchmark_group("benefit");
    for (name, mut benefit) in all {
        benefit["id"] = json!("b");
        let policy = json!({
            "policy": "one-benefit", "version": 1, "title": {"zh-CN": "测", "en": "Bench"}, "owner": "benches",
            "review_by": "2030-01-01", "effective": {"from": "2020-01-01"},
            "start": {"by": ["proactive", "request"], "opt_out": {"days": 20}},
            "hit_policy": "first", "rules": [{"id": "r", "benefits": [benefit]}]
        });
        let world = World::new(&policy.to_string(), |_| {});
        let decision = world.decide(world.own.snapshot(), Detail::Lean);
        assert_eq!(decision.outcome, Outcome::Granted, "{name}: {decision:#?}");
        group.bench_function(name, |bench| bench.iter(|| world.decide(black_box(world.own.snapshot()), Detail::Lean)));
    }
    group.finish();
}

criterion_group!(benches, screen, one_account, benefits);
criterion_main!(benches);
