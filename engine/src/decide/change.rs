//! What would have to change for a declined account to be eligible: the smallest set of tests, tried out.

use super::partition::{Cell, cells};
use super::truth::{Truth, fold};
use crate::facts::Facts;
use crate::facts::value::{Asked, Missing, Seen};
use crate::money::MoneyError;
use crate::policy::program::{Expr, Program};

/// The most alternatives that are kept while sets are put together.
const MOST_ALTERNATIVES: usize = 16;

/// The smallest sets of tests that would have to come out differently, each enough by itself and in document order;
/// none when nothing could help.
pub fn would_have_to_change<'a>(
    program: &'a Program,
    part: &[usize],
    truths: &[Truth],
    facts: &Facts<'a>,
) -> Result<Vec<Vec<usize>>, MoneyError> {
    let rules = part.iter().filter_map(|at| program.rules.get(*at)).map(|rule| rule.when.clone());
    let goal = Expr::All(vec![program.eligible.clone(), Expr::Any(rules.collect())]);
    let mut found: Vec<Vec<usize>> = Vec::new();
    for mut candidate in flips(&goal, true, truths) {
        // It would hold as things are known, and no answer leaves them so: a test that something is not known.
        if candidate.is_empty() {
            continue;
        }
        candidate.sort_unstable();
        let larger = found.first().is_some_and(|least| candidate.len() > least.len());
        if !larger && !found.contains(&candidate) && does_change(program, &goal, &candidate, truths, facts)? {
            found.push(candidate);
        }
    }
    found.sort();
    Ok(found)
}

/// Sets of tests to turn so that a condition comes out as wanted, the smallest first.
fn flips(expr: &Expr, wanted: bool, truths: &[Truth]) -> Vec<Vec<usize>> {
    if fold(expr, truths) == Truth::from(wanted) {
        return vec![Vec::new()];
    }
    match expr {
        Expr::Test(test) => vec![vec![*test]],
        Expr::Not(part) => flips(part, !wanted, truths),
        Expr::All(parts) if wanted => every(parts, wanted, truths),
        Expr::Any(parts) if !wanted => every(parts, wanted, truths),
        Expr::All(parts) | Expr::Any(parts) => {
            let mut sets: Vec<Vec<usize>> = parts.iter().flat_map(|part| flips(part, wanted, truths)).collect();
            trim(&mut sets);
            sets
        }
    }
}

fn every(parts: &[Expr], wanted: bool, truths: &[Truth]) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for part in parts {
        let own = flips(part, wanted, truths);
        let mut joined: Vec<Vec<usize>> = Vec::new();
        for set in &sets {
            for more in &own {
                let mut union = set.clone();
                union.extend(more.iter().filter(|test| !set.contains(test)));
                joined.push(union);
            }
        }
        sets = joined;
        trim(&mut sets);
    }
    sets
}

fn trim(sets: &mut Vec<Vec<usize>>) {
    sets.sort_by_key(Vec::len);
    sets.dedup();
    sets.truncate(MOST_ALTERNATIVES);
}

/// Whether there are values of the facts concerned that turn these tests and make the goal true.
fn does_change<'a>(
    program: &'a Program,
    goal: &Expr,
    candidate: &[usize],
    truths: &[Truth],
    facts: &Facts<'a>,
) -> Result<bool, MoneyError> {
    let mut slots: Vec<usize> = Vec::new();
    for test in candidate.iter().filter_map(|at| program.tests.get(*at)) {
        if !slots.contains(&test.slot) {
            slots.push(test.slot);
        }
    }
    // As if it could be asked for: any value may be told, and none.
    let unknown = [Seen::Unknown(Missing::Askable(Asked::Fact("")))];
    let mut choices: Vec<Vec<Cell>> = Vec::new();
    for slot in slots {
        let fits = |cell: &Cell| {
            let own = cell.iter().filter(|(test, _)| candidate.contains(test));
            own.clone().count() > 0
                && own.into_iter().all(|(test, truth)| *truth != Truth::Unknown && truths.get(*test) != Some(truth))
        };
        choices.push(cells(program, slot, &unknown, facts)?.into_iter().filter(fits).collect());
    }
    Ok(search(&choices, goal, truths))
}

fn search(choices: &[Vec<Cell>], goal: &Expr, truths: &[Truth]) -> bool {
    let Some((first, rest)) = choices.split_first() else { return fold(goal, truths) == Truth::True };
    first.iter().take(64).any(|cell| {
        let mut truths = truths.to_vec();
        for (test, truth) in cell {
            if let Some(slot) = truths.get_mut(*test) {
                *slot = *truth;
            }
        }
        search(rest, goal, &truths)
    })
}
