//! Who is eligible, which rules hold, and which unknown facts would change that: every completion is tried.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forbear_engine::money::Money;
use forbear_engine::policy::document::{Benefit, DateRule, HitPolicy, Operand, Rule, StartBy, Who, Within};
use forbear_engine::policy::facts::FactType;
use forbear_engine::region::RegionTree;
use rust_decimal::Decimal;

use super::condition::{Conditions, Test, Tree, Truth};
use super::moment::Moment;
use super::value::{Gap, Seen, Value};
use super::{Scene, day};

/// The most completions that are tried, as the design says.
const MOST: usize = 4_096;

/// What it comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// Not eligible.
    NotEligible,
    /// Eligible, but no rule holds.
    NoRule,
    /// These rules hold; those cannot be told.
    Hit(Vec<usize>, Vec<usize>),
    /// It cannot be told.
    Unknown,
}

impl Settled {
    /// Whether nothing is left that cannot be told.
    fn is_whole(&self) -> bool {
        !matches!(self, Self::Unknown) && !matches!(self, Self::Hit(_, open) if !open.is_empty())
    }

    /// The rules that hold.
    fn holding(&self) -> Vec<usize> {
        if let Self::Hit(rules, _) = self { rules.clone() } else { Vec::new() }
    }
}

/// What is known while facts are unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// It comes to the same whatever they are.
    Settled(Settled),
    /// These have to be asked for; whether every completion was tried; the rules that hold in any case.
    Ask(Vec<String>, bool, Vec<usize>),
    /// The core system would have to report something; the rules that hold in any case.
    Refer(Vec<usize>),
}

/// Eligibility and rules over the truths of tests.
#[must_use]
pub fn settle(scene: &Scene<'_>, conditions: &Conditions<'_>, part: &[usize], truths: &[Truth]) -> Settled {
    match conditions.eligible.truth(truths) {
        Some(false) => return Settled::NotEligible,
        None => return Settled::Unknown,
        Some(true) => {}
    }
    let of = |at: &usize| conditions.rules[*at].0.truth(truths);
    let holds: Vec<usize> = part.iter().copied().filter(|at| of(at) == Some(true)).collect();
    let unknown: Vec<usize> = part.iter().copied().filter(|at| of(at).is_none()).collect();
    match (scene.policy.hit_policy, holds.first()) {
        (_, None) if unknown.is_empty() => Settled::NoRule,
        (_, None) => Settled::Unknown,
        (HitPolicy::All, Some(_)) => Settled::Hit(holds, unknown),
        // An earlier rule that cannot be told might be the one.
        (_, Some(first)) if unknown.iter().any(|at| at < first) => Settled::Unknown,
        (_, Some(first)) => Settled::Hit(vec![*first], Vec::new()),
    }
}

/// Rules that differ in their names only grant the same.
fn same(scene: &Scene<'_>, a: &Settled, b: &Settled) -> bool {
    let (Settled::Hit(a, unknown), Settled::Hit(b, other)) = (a, b) else { return a == b };
    let nameless = |at: &usize| {
        let rule = &scene.policy.rules[*at];
        let benefits: Vec<Benefit> = rule.benefits.iter().cloned().map(plain).collect();
        (start_of(scene, rule), rule.refer.clone(), benefits)
    };
    unknown == other
        && a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let waits = |at: &usize| scene.policy.rules[*at].awaits.is_some();
            a == b || (!waits(a) && !waits(b) && nameless(a) == nameless(b))
        })
}

/// Without names.
fn plain(benefit: Benefit) -> Benefit {
    Benefit { id: String::new(), title: None, consent: Some(benefit.consent == Some(true)), ..benefit }
}

/// How relief starts under a rule: what it leaves out is the policy's.
#[must_use]
pub fn start_of(scene: &Scene<'_>, rule: &Rule) -> forbear_engine::policy::document::Start {
    let mut start = scene.policy.start.clone();
    if let Some(own) = rule.start.clone() {
        start.by = own.by.unwrap_or(start.by);
        start.apply_by = own.apply_by.or(start.apply_by);
        start.opt_out = own.opt_out.or(start.opt_out);
        start.answer_within = own.answer_within.or(start.answer_within);
    }
    start
}

/// Whether a start is by this.
#[must_use]
pub fn starts(scene: &Scene<'_>, rule: &Rule, by: StartBy) -> bool {
    start_of(scene, rule).by.contains(&by)
}

/// What is unknown and matters: what to ask for, and how its tests can come out.
#[derive(Clone)]
struct Unknown {
    ask: Option<String>,
    cells: Vec<Vec<(usize, Truth)>>,
}

/// Settles in spite of what is unknown, or says what is needed.
#[must_use]
pub fn resolve(
    scene: &Scene<'_>,
    conditions: &Conditions<'_>,
    part: &[usize],
    seen: &[Vec<Seen>],
    truths: &[Truth],
) -> Resolved {
    let settled = settle(scene, conditions, part, truths);
    if settled.is_whole() {
        return Resolved::Settled(settled);
    }
    let mut trees = vec![&conditions.eligible];
    trees.extend(part.iter().map(|at| &conditions.rules[*at].0));
    let open: Vec<&Tree> = trees.iter().copied().filter(|tree| tree.truth(truths).is_none()).collect();
    let narrow = unknowns(scene, conditions, &open, seen, truths);
    // An answer makes a fact known; what tests that may turn what could be told before into what cannot.
    let of = |at: usize| &conditions.tests[at];
    let asked: Vec<&str> = open
        .iter()
        .flat_map(|tree| tree.tests())
        .filter(|at| truths[*at].is_none())
        .map(|at| of(at).key.as_str())
        .collect();
    let turns = trees
        .iter()
        .flat_map(|tree| tree.tests())
        .any(|at| of(at).condition.known.is_some() && asked.contains(&of(at).key.as_str()));
    let wide = if turns { unknowns(scene, conditions, &[open, trees].concat(), seen, truths) } else { narrow.clone() };
    let size = wide.iter().try_fold(1_usize, |size, one| size.checked_mul(one.cells.len()));
    if size.is_none_or(|size| size > MOST) {
        return residual(settled, &narrow);
    }
    exhaust(scene, conditions, part, truths, &wide)
}

/// The unknown facts of these conditions, each once, in their order.
fn unknowns(
    scene: &Scene<'_>,
    conditions: &Conditions<'_>,
    trees: &[&Tree],
    seen: &[Vec<Seen>],
    truths: &[Truth],
) -> Vec<Unknown> {
    let mut keys: Vec<&str> = Vec::new();
    let mut unknowns: Vec<Unknown> = Vec::new();
    for tree in trees {
        for at in tree.tests().into_iter().filter(|at| truths[*at].is_none()) {
            let test = &conditions.tests[at];
            if keys.contains(&test.key.as_str()) {
                continue;
            }
            keys.push(&test.key);
            let ask = seen[at].iter().filter_map(Seen::gap).find_map(|gap| match gap {
                Gap::Ask(fact) => Some(fact.clone()),
                Gap::Absent => None,
            });
            unknowns.push(Unknown { ask, cells: cells(scene, conditions, &test.key, &seen[at]) });
        }
    }
    unknowns
}

fn unique(facts: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for fact in facts {
        if !found.contains(&fact) {
            found.push(fact);
        }
    }
    found
}

fn residual(settled: Settled, unknowns: &[Unknown]) -> Resolved {
    let asked = unique(unknowns.iter().filter_map(|one| one.ask.clone()));
    if asked.is_empty() { Resolved::Refer(settled.holding()) } else { Resolved::Ask(asked, false, settled.holding()) }
}

fn exhaust(
    scene: &Scene<'_>,
    conditions: &Conditions<'_>,
    part: &[usize],
    truths: &[Truth],
    unknowns: &[Unknown],
) -> Resolved {
    let mut effects: Vec<Settled> = Vec::new();
    // By what the borrower could answer, everything that it might come to.
    let mut answers: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
    let mut choice = vec![0; unknowns.len()];
    loop {
        let mut truths = truths.to_vec();
        for (unknown, at) in unknowns.iter().zip(&choice) {
            for (test, truth) in &unknown.cells[*at] {
                truths[*test] = *truth;
            }
        }
        let settled = settle(scene, conditions, part, &truths);
        let effect = effects.iter().position(|known| same(scene, known, &settled)).unwrap_or(effects.len());
        // Of rules that grant alike, the first of the document gives its name.
        let named = match (effects.get(effect), &settled) {
            (Some(Settled::Hit(known, _)), Settled::Hit(rules, _)) => rules < known,
            (known, _) => known.is_none(),
        };
        if named {
            effects.resize(effects.len().max(effect + 1), Settled::Unknown);
            effects[effect] = settled;
        }
        let answer = unknowns.iter().zip(&choice).filter(|(one, _)| one.ask.is_some()).map(|(_, at)| *at).collect();
        answers.entry(answer).or_default().insert(effect);
        let Some(at) = (0..unknowns.len()).find(|at| choice[*at] + 1 < unknowns[*at].cells.len()) else { break };
        choice[at] += 1;
        choice[..at].fill(0);
    }
    let comes_to = |of: &BTreeSet<usize>| whatever(scene, &of.iter().map(|at| &effects[*at]).collect::<Vec<_>>());
    let answers: BTreeMap<Vec<usize>, Settled> = answers.iter().map(|(key, of)| (key.clone(), comes_to(of))).collect();
    let askable: Vec<&String> = unknowns.iter().filter_map(|one| one.ask.as_ref()).collect();
    let matters = |at: usize| {
        answers.iter().any(|(a, one)| {
            answers.iter().any(|(b, other)| {
                let alone = a.iter().zip(b).enumerate().all(|(place, (x, y))| place == at || x == y);
                alone && one != other
            })
        })
    };
    let asked = unique((0..askable.len()).filter(|at| matters(*at)).map(|at| askable[at].clone()));
    if !asked.is_empty() {
        return Resolved::Ask(asked, true, whatever(scene, &effects.iter().collect::<Vec<_>>()).holding());
    }
    let settled = answers.values().next().unwrap().clone();
    if settled.is_whole() { Resolved::Settled(settled) } else { Resolved::Refer(settled.holding()) }
}

/// What can be said when any of some effects may be the true one and nobody can be asked which. Under `all` every rule
/// stands for itself; else they have to agree, or a person looks.
fn whatever(scene: &Scene<'_>, effects: &[&Settled]) -> Settled {
    if effects.iter().all(|one| one == &effects[0]) {
        return effects[0].clone();
    }
    let may_hold: Vec<usize> = (0..scene.policy.rules.len())
        .filter(|rule| {
            effects.iter().any(|one| matches!(one, Settled::Hit(a, b) if a.contains(rule) || b.contains(rule)))
        })
        .collect();
    let (holds, open): (Vec<usize>, Vec<usize>) =
        may_hold.into_iter().partition(|rule| effects.iter().all(|one| one.holding().contains(rule)));
    match scene.policy.hit_policy {
        HitPolicy::All if !holds.is_empty() => Settled::Hit(holds, open),
        _ => Settled::Unknown,
    }
}

/// The ways in which the tests of one fact can come out together, over values at and beside every literal.
fn cells(scene: &Scene<'_>, conditions: &Conditions<'_>, key: &str, seen: &[Seen]) -> Vec<Vec<(usize, Truth)>> {
    let own: Vec<(usize, &Test<'_>)> =
        conditions.tests.iter().enumerate().filter(|(_, test)| test.key == key).collect();
    let mut found: Vec<Vec<(usize, Truth)>> = Vec::new();
    for value in domain(scene, &own) {
        let cell = own.iter().map(|(at, test)| {
            let each: Vec<Truth> = seen
                .iter()
                .map(|one| match (test.condition.known, one.gap()) {
                    // What nobody can be asked for stays unknown, whatever it is.
                    (Some(wanted), Some(Gap::Absent)) => Some(!wanted),
                    _ => scene.compares(test, &completed(one, &value)).ok(),
                })
                .collect();
            let every = test.condition.who == Some(Who::EveryParty);
            let truth = match (each.contains(&Some(!every)), each.contains(&None)) {
                (true, _) => Some(!every),
                (false, true) => None,
                (false, false) => Some(every),
            };
            (*at, truth)
        });
        let cell: Vec<(usize, Truth)> = cell.collect();
        if !found.contains(&cell) {
            found.push(cell);
        }
    }
    found
}

fn completed(seen: &Seen, missing: &Value) -> Value {
    match (seen, missing) {
        (Seen::Known(value), _) => value.clone(),
        (Seen::Partly(Value::Mark(least), _), Value::Mark(other)) => Value::Mark(*least.max(other)),
        (Seen::Partly(Value::Names(names), _), Value::Names(more)) => {
            Value::Names(names.iter().chain(more).cloned().collect())
        }
        _ => missing.clone(),
    }
}

/// Values at, just below and just above everything that the tests of a fact compare it with.
fn domain(scene: &Scene<'_>, own: &[(usize, &Test<'_>)]) -> Vec<Value> {
    let of = own[0].1.of;
    let mut operands: Vec<Operand> = Vec::new();
    let mut days: Vec<DateRule> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut regions: Vec<String> = Vec::new();
    for (_, test) in own {
        let one = test.condition;
        let single = [&one.is, &one.is_not, &one.at_least, &one.at_most, &one.above, &one.below];
        operands.extend(single.into_iter().flatten().cloned());
        operands.extend([&one.is_in, &one.not_in].into_iter().flatten().flatten().cloned());
        names.extend(one.has.iter().flat_map(|names| names.as_slice().to_vec()));
        match &one.within {
            Some(Within::Region(code)) => regions.push(code.clone()),
            Some(Within::Regions(codes)) => regions.extend(codes.clone()),
            Some(Within::Window(window)) => days.extend([&window.from, &window.until].into_iter().flatten().cloned()),
            None => {}
        }
    }
    let texts: Vec<String> = operands
        .iter()
        .filter_map(|one| if let Operand::Text(text) = one { Some(text.clone()) } else { None })
        .collect();
    match of {
        FactType::Bool => vec![Value::Bool(true), Value::Bool(false)],
        FactType::Severity => (1..=4).map(Value::Gravity).collect(),
        FactType::Designation => (0..=3).map(Value::Mark).collect(),
        FactType::Name(closed) if !closed.is_empty() => {
            closed.iter().map(|name| Value::Name((*name).to_owned())).collect()
        }
        FactType::Name(_) => texts.into_iter().chain([String::new()]).map(Value::Name).collect(),
        FactType::Names(_) => subsets(names).into_iter().map(Value::Names).collect(),
        FactType::Count(_) => {
            let counts =
                operands.iter().filter_map(|one| if let Operand::Int(count) = one { Some(*count) } else { None });
            let near = counts.flat_map(|count| [count - 1, count, count + 1]).filter(|count| *count >= 0);
            near.chain([0]).map(Value::Count).collect()
        }
        FactType::Amount => {
            let zero = Value::Amount(Money::zero(scene.account.currency));
            let amounts =
                operands.iter().filter_map(|one| if let Operand::Money(money) = one { Some(*money) } else { None });
            let near =
                amounts.flat_map(|money| [-1, 0, 1].map(|step| Money::new(money.minor() + step, money.currency())));
            near.filter(|money| money.minor() >= 0).map(Value::Amount).chain([zero]).collect()
        }
        FactType::Rate => {
            let rates = texts.iter().map(|text| text.parse::<Decimal>().unwrap());
            let step = Decimal::new(1, 12);
            let near = rates.flat_map(|rate| [rate - step, rate, rate + step]);
            near.chain([Decimal::ZERO]).map(Value::Rate).collect()
        }
        FactType::Date => {
            days.extend(operands.into_iter().map(|one| match one {
                Operand::Text(text) => DateRule::Text(text),
                Operand::Date(object) => DateRule::Object(object),
                other => panic!("{other:?} is no date"),
            }));
            let near = days.iter().filter_map(|rule| scene.moment(rule, None).ok().and_then(Moment::day));
            let near = near.flat_map(|at| [-1, 0, 1].into_iter().filter_map(move |step| day::plus(at, step)));
            near.map(Value::Day).chain([Value::Nothing, Value::NotYet]).collect()
        }
        FactType::Region => {
            let codes = regions.iter().chain(&texts);
            let named = codes.map(|code| Value::Region(RegionTree::builtin().find(code).unwrap()));
            named.chain([Value::Nothing]).collect()
        }
    }
}

fn subsets(mut names: Vec<String>) -> Vec<Vec<String>> {
    names.sort();
    names.dedup();
    let all = 0..1_u32 << names.len();
    all.map(|bits| {
        names.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, name)| name.clone()).collect()
    })
    .collect()
}

/// The last day for a request under a rule, when it is over.
pub fn too_late(scene: &Scene<'_>, rule: &Rule) -> Option<NaiveDate> {
    let last = scene.moment(start_of(scene, rule).apply_by.as_ref()?, None).ok()?.day()?;
    (scene.request?.requested_on > last).then_some(last)
}
