//! What a policy can never do, although every part of it is sound.

use chrono::NaiveDate;

use super::satisfy::{Found, Space};
use super::{overlap, start, windows};
use crate::policy::facts::FactId;
use crate::policy::partition::CellValue;
use crate::policy::problem::{At, Problem};
use crate::policy::program::{Expr, Op, Program};

/// Problems of the whole. What cannot be told is a warning; for `unique` rules it is an error.
pub(super) fn analyse(program: &Program, today: Option<NaiveDate>) -> Vec<Problem> {
    let space = Space::new(program);
    let mut problems = windows::windows(program);
    problems.extend(start::start(program));
    problems.extend(start::review(program, today));
    let at = At::root().key("eligible");
    match space.can_hold(&[&program.eligible]) {
        Found::No => {
            let problem = Problem::error("never-eligible", &at, "nobody can ever be eligible");
            add_unless_window(&mut problems, blame(&space, &[&program.eligible], problem), &at);
            return problems;
        }
        Found::TooMany => {
            let message = "whether anybody can be eligible takes too long to tell";
            problems.push(Problem::warning("undecided", &at, message));
        }
        Found::Yes(_) => {}
    }
    let never = never_held(&space, &mut problems);
    problems.extend(overlap::overlap(&space, &never));
    dead_tests(&space, &never, &mut problems);
    problems
}

/// Rules that cannot hold for anybody who is eligible.
fn never_held(space: &Space<'_>, problems: &mut Vec<Problem>) -> Vec<usize> {
    let mut never = Vec::new();
    for (index, rule) in space.program.rules.iter().enumerate() {
        let at = At::root().key("rules").index(index);
        match space.can_hold(&[&space.program.eligible, &rule.when]) {
            Found::Yes(_) => {}
            Found::TooMany => {
                let message = format!("whether the rule \"{}\" can hold takes too long to tell", rule.id);
                problems.push(Problem::warning("undecided", &at, message));
            }
            Found::No => {
                never.push(index);
                let alone = space.can_hold(&[&rule.when]) == Found::No;
                let why = if alone { "" } else { ": nobody who is eligible meets it" };
                let message = format!("the rule \"{}\" can never hold{why}", rule.id);
                let problem = Problem::error("never-holds", &at.key("when"), message);
                let both: &[&Expr] = if alone { &[&rule.when] } else { &[&space.program.eligible, &rule.when] };
                add_unless_window(problems, blame(space, both, problem), &at.key("when"));
            }
        }
    }
    never
}

/// A window that ends before it begins already says why nothing can be in it.
fn add_unless_window(problems: &mut Vec<Problem>, problem: Problem, at: &At) {
    let place = at.to_string();
    if !problems.iter().any(|other| other.code == "window-ends-early" && other.pointer.starts_with(&place)) {
        problems.push(problem);
    }
}

/// Says which fact is to blame, where one alone is: no value of it meets all the tests that have to hold.
fn blame(space: &Space<'_>, conditions: &[&Expr], problem: Problem) -> Problem {
    let program = space.program;
    let tests: Vec<usize> = conditions.iter().flat_map(|condition| top_tests(condition)).collect();
    let slot_of = |test: &usize| program.tests.get(*test).map(|test| test.slot);
    for slot in tests.iter().filter_map(slot_of) {
        let own: Vec<usize> = tests.iter().copied().filter(|test| slot_of(test) == Some(slot)).collect();
        let all = Expr::All(own.iter().map(|test| Expr::Test(*test)).collect());
        let Some(place) = program.slots.get(slot) else { continue };
        if space.can_hold(&[&all]) != Found::No {
            continue;
        }
        let name = place.fact.name();
        let help = match (place.fact.id, own.len()) {
            (FactId::DeclarationSeverity | FactId::DeclarationKind, _) => {
                format!("`disaster` lets only some disasters in, and none of them has such a `{name}`")
            }
            (_, 1) => format!("no value of `{name}` meets this: look at the bound"),
            _ => format!("no value of `{name}` meets all of these: look at the bounds"),
        };
        let problem = problem.help(help);
        let tests =
            own.iter().filter_map(|test| program.tests.get(*test)).filter(|test| test.pointer != problem.pointer);
        let pointers: Vec<String> = tests.map(|test| test.pointer.clone()).collect();
        return pointers.iter().fold(problem, |problem, pointer| problem.also(pointer, "asks this"));
    }
    problem.help("its conditions exclude each other: look at what every part of it asks")
}

/// Tests that have to hold for the condition to hold.
fn top_tests(condition: &Expr) -> Vec<usize> {
    match condition {
        Expr::Test(test) => vec![*test],
        Expr::All(parts) => parts.iter().flat_map(top_tests).collect(),
        _ => Vec::new(),
    }
}

/// Tests that always come out alike, whatever the account.
fn dead_tests(space: &Space<'_>, never: &[usize], problems: &mut Vec<Problem>) {
    let reported: Vec<String> = never.iter().map(|rule| format!("/rules/{rule}/")).collect();
    for (index, test) in space.program.tests.iter().enumerate() {
        let Some(cut) = space.partition(test.slot).filter(|cut| cut.exact) else { continue };
        if matches!(test.op, Op::Known(_)) || reported.iter().any(|rule| test.pointer.starts_with(rule)) {
            continue;
        }
        let known = cut.cells.iter().filter(|cell| cell.value != CellValue::Unknown);
        let of = |truths: &[(usize, bool)]| truths.iter().find(|(at, _)| *at == index).map(|(_, truth)| *truth);
        let outcomes: Vec<Option<bool>> = known.map(|cell| of(&cell.truths)).collect();
        let Some(Some(first)) = outcomes.first().copied() else { continue };
        if outcomes.iter().any(|outcome| *outcome != Some(first)) {
            continue;
        }
        let name = space.program.slots.get(test.slot).map(|slot| slot.fact.name()).unwrap_or_default();
        let (code, message) = if first {
            ("test-always-holds", format!("every value of `{name}` meets this, so it tests nothing"))
        } else {
            ("test-never-holds", format!("no value of `{name}` meets this"))
        };
        let parts = test.pointer.split('/').skip(1);
        let at = parts.fold(At::root(), |at, part| at.key(part));
        problems.push(Problem::warning(code, &at, message).help("look at the bound, or leave the test out"));
    }
}
