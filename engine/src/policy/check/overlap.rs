//! Rules against each other: `unique` ones that overlap, and under `first` those that an earlier one covers.

use super::satisfy::{Found, Space};
use crate::policy::document::{HitPolicy, StartBy};
use crate::policy::facts::{FactId, FactType};
use crate::policy::partition::{CellValue, date_text};
use crate::policy::problem::{At, Problem};
use crate::policy::program::{Expr, RuleProgram, Slot};

pub(super) fn overlap(space: &Space<'_>, never: &[usize]) -> Vec<Problem> {
    match space.program.hit_policy {
        HitPolicy::First => unreached(space, never),
        HitPolicy::Unique => overlapping(space, never),
        HitPolicy::All => Vec::new(),
    }
}

fn rule_at(index: usize) -> At {
    At::root().key("rules").index(index)
}

fn shares_start(a: &RuleProgram, b: &RuleProgram) -> bool {
    a.start.by.iter().any(|by| b.start.by.contains(by))
}

fn covers_start(earlier: &RuleProgram, later: &RuleProgram) -> bool {
    later.start.by.iter().all(|by: &StartBy| earlier.start.by.contains(by))
}

/// Rules that an earlier one always takes the place of.
fn unreached(space: &Space<'_>, never: &[usize]) -> Vec<Problem> {
    let program = space.program;
    let mut problems = Vec::new();
    for (index, rule) in program.rules.iter().enumerate().filter(|(index, _)| !never.contains(index)) {
        let earlier = program.rules.iter().enumerate().take(index);
        let earlier: Vec<(usize, &RuleProgram)> = earlier.filter(|(_, other)| covers_start(other, rule)).collect();
        let misses: Vec<Expr> = earlier.iter().map(|(_, other)| Expr::Not(Box::new(other.when.clone()))).collect();
        let mut wanted = vec![&program.eligible, &rule.when];
        let alone = earlier
            .iter()
            .zip(&misses)
            .find(|(_, miss)| space.can_hold(&[&program.eligible, &rule.when, miss]) == Found::No);
        if let Some(((at, other), _)) = alone {
            let message = format!("the rule \"{}\" can never be reached", rule.id);
            let help = format!(
                "whenever it holds, \"{}\" does too, and under \"first\" that one is taken: move it up, or narrow the other",
                other.id
            );
            let problem = Problem::error("never-reached", &rule_at(index), message).help(help);
            problems.push(problem.also(&rule_at(*at), "this rule is taken first"));
            continue;
        }
        wanted.extend(&misses);
        let message = match space.can_hold(&wanted) {
            Found::Yes(_) => continue,
            Found::No => {
                format!("the rule \"{}\" can never be reached: the rules before it cover it together", rule.id)
            }
            Found::TooMany => {
                let message = format!("whether the rule \"{}\" can be reached takes too long to tell", rule.id);
                problems.push(Problem::warning("undecided", &rule_at(index), message));
                continue;
            }
        };
        let problem = Problem::error("never-reached", &rule_at(index), message);
        problems.push(problem.help("move it up, or narrow one of the others"));
    }
    problems
}

/// Pairs of rules that one account can meet.
fn overlapping(space: &Space<'_>, never: &[usize]) -> Vec<Problem> {
    let program = space.program;
    let mut problems = Vec::new();
    let rules: Vec<(usize, &RuleProgram)> =
        program.rules.iter().enumerate().filter(|(index, _)| !never.contains(index)).collect();
    for (at, (second, later)) in rules.iter().enumerate() {
        for (first, earlier) in rules.iter().take(at).filter(|(_, earlier)| shares_start(earlier, later)) {
            let found = space.can_hold(&[&program.eligible, &earlier.when, &later.when]);
            let (a, b) = (&earlier.id, &later.id);
            let problem = match found {
                Found::No => continue,
                Found::TooMany => {
                    let message = format!("whether \"{a}\" and \"{b}\" can both hold takes too long to tell");
                    Problem::error("unique-undecided", &rule_at(*second), message)
                        .help("under \"unique\" that has to be plain: test the same few facts in both, or write \"hit_policy\": \"first\"")
                }
                Found::Yes(values) if is_certain(space, &values) => {
                    let message = format!("the rules \"{a}\" and \"{b}\" overlap: an account can meet both");
                    let several = values.iter().any(|(_, value)| matches!(value, CellValue::Several(_)));
                    let help = if several {
                        "a loan can have two borrowers: add a `not` of the other rule's condition, or write \"hit_policy\": \"first\""
                    } else {
                        "under \"unique\" at most one rule may hold: move the bound of one of them, or write \"hit_policy\": \"first\""
                    };
                    let problem = Problem::error("rules-overlap", &rule_at(*second), message).help(help);
                    Problem { example: example(space, &values), ..problem }
                }
                Found::Yes(values) => {
                    let message = format!("it cannot be ruled out that \"{a}\" and \"{b}\" both hold");
                    let help = "under \"unique\" that has to be plain: add a `not` of the other rule's condition, or write \"hit_policy\": \"first\"";
                    let problem = Problem::error("unique-undecided", &rule_at(*second), message).help(help);
                    Problem { example: example(space, &values), ..problem }
                }
            };
            problems.push(problem.also(&rule_at(*first), "the other rule"));
        }
    }
    problems
}

/// Facts that say something about each other, by a number for each family.
fn family(slot: &Slot) -> Option<u8> {
    use FactId as F;
    Some(match slot.fact.id {
        F::AreaRegion | F::AreaDesignation | F::AreaDesignations | F::AreaCountsFrom => 0,
        F::AccountDaysPastDue
        | F::AccountMonthsPastDue
        | F::AccountInstalmentsOverdue
        | F::AccountArrears
        | F::AccountOldestUnpaidDueOn => 1,
        F::AccountInstalmentsTotal | F::AccountInstalmentsLeft | F::HistoryDeferredInstalments => 2,
        F::HistoryGrants | F::HistoryGrantsForEvent | F::HistoryDeferralsForEvent => 3,
        F::RequestMade | F::RequestVia => 4,
        F::AccountPrincipal | F::AccountPrincipalOutstanding | F::AccountNextPayment => 5,
        _ if slot.of == FactType::Date => 6,
        _ => return None,
    })
}

/// Whether an account can have all these values: each can be had, and no two say something about each other.
fn is_certain(space: &Space<'_>, values: &[(usize, CellValue)]) -> bool {
    let slots: Vec<&Slot> = values.iter().filter_map(|(slot, _)| space.program.slots.get(*slot)).collect();
    let exact = values.iter().all(|(slot, _)| space.partition(*slot).is_some_and(|cut| cut.exact));
    let apart = slots.iter().enumerate().all(|(at, slot)| {
        slots
            .iter()
            .take(at)
            .all(|other| other.fact != slot.fact && family(slot).is_none_or(|own| family(other) != Some(own)))
    });
    exact && apart
}

/// One fact a line.
fn example(space: &Space<'_>, values: &[(usize, CellValue)]) -> Vec<String> {
    let line = |(slot, value): &(usize, CellValue)| {
        let slot = space.program.slots.get(*slot)?;
        let mut name = slot.fact.name();
        if !slot.roles.is_empty() {
            name.push_str(&format!(" ({})", slot.roles.join(", ")));
        }
        if let Some(on) = &slot.on {
            name.push_str(&format!(" on {}", date_text(on)));
        }
        Some(format!("{name} = {value}"))
    };
    values.iter().filter_map(line).collect()
}
