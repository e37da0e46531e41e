//! How relief starts: what is given unasked must be free, or the borrower can undo it.

use chrono::NaiveDate;

use crate::policy::document::{DeferTo, InterestOnTop, StartBy};
use crate::policy::problem::{At, Problem};
use crate::policy::program::{BenefitKind, BenefitProgram, DateExpr, DeferProgram, Program, RuleProgram};

pub(super) fn start(program: &Program) -> Vec<Problem> {
    let mut problems = Vec::new();
    settings(program, &mut problems);
    for (index, rule) in program.rules.iter().enumerate() {
        if !rule.start.by.contains(&StartBy::Proactive) || rule.start.opt_out.is_some() {
            continue;
        }
        for (at, benefit) in rule.benefits.iter().enumerate().filter(|(_, benefit)| !benefit.consent) {
            let Some(why) = burden(benefit, rule) else { continue };
            let at = At::root().key("rules").index(index).key("benefits").index(at);
            let message = format!("\"{}\" is given without being asked for, yet it {why}", benefit.id);
            let problem = Problem::error("proactive-without-opt-out", &at, message);
            problems.push(problem.help(
                "add \"opt_out\": {\"days\": 20} to `start`, so that the borrower can undo it, or \"consent\": true to the benefit",
            ));
        }
    }
    problems
}

/// What a benefit costs a borrower who did not ask for it.
fn burden(benefit: &BenefitProgram, rule: &RuleProgram) -> Option<&'static str> {
    match &benefit.kind {
        BenefitKind::Defer(defer) => deferral(defer),
        BenefitKind::Suspend(suspend) => {
            let then = suspend.then.as_ref().and_then(|id| rule.benefits.iter().find(|other| other.id == *id));
            match then.map(|then| &then.kind) {
                _ if suspend.interest_on_top != InterestOnTop::None => Some("adds interest"),
                Some(BenefitKind::Defer(defer)) => deferral(defer),
                _ => None,
            }
        }
        _ => None,
    }
}

fn deferral(defer: &DeferProgram) -> Option<&'static str> {
    if defer.interest_on_top != InterestOnTop::None {
        return Some("adds interest");
    }
    match defer.to {
        DeferTo::EndOfTerm | DeferTo::Maturity | DeferTo::LaterDate => {
            Some("moves payments to a later end of the loan")
        }
        DeferTo::Spread if defer.extra_terms.is_some() => Some("makes the loan longer"),
        DeferTo::Spread | DeferTo::NextDue => None,
    }
}

/// Settings that have nothing to work on.
fn settings(program: &Program, problems: &mut Vec<Problem>) {
    let root = At::root().key("start");
    let starts = |by: StartBy| program.rules.iter().any(|rule| rule.start.by.contains(&by));
    if program.document.start.opt_out.is_some() && !starts(StartBy::Proactive) {
        let problem = Problem::warning(
            "unused-opt-out",
            &root.key("opt_out"),
            "nothing starts proactively, so there is nothing to opt out of",
        );
        problems.push(problem.help("leave it out, or add \"proactive\" to `by`").on_name());
    }
    if program.document.start.apply_by.is_some() && !starts(StartBy::Request) {
        let problem =
            Problem::warning("unused-apply-by", &root.key("apply_by"), "nothing starts on request, so nobody applies");
        problems.push(problem.help("leave it out, or add \"request\" to `by`").on_name());
    }
    let effective = &program.document.effective;
    let rules = program
        .document
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.start.as_ref().is_some_and(|start| start.apply_by.is_some()));
    let own = rules.map(|(index, _)| {
        (At::root().key("rules").index(index).key("start"), program.rules.get(index).map(|rule| &rule.start))
    });
    let policy = program
        .rules
        .iter()
        .zip(&program.document.rules)
        .find(|(_, rule)| rule.start.as_ref().is_none_or(|start| start.apply_by.is_none()));
    let policy = program.document.start.apply_by.is_some().then_some((root, policy.map(|(rule, _)| &rule.start)));
    for (at, start) in policy.into_iter().chain(own) {
        let Some(DateExpr::Day(last)) = start.and_then(|start| start.apply_by.as_ref()) else { continue };
        if *last < effective.from {
            let message = format!(
                "nobody can apply in time: the last day is {last}, and the policy begins on {}",
                effective.from
            );
            let problem = Problem::error("apply-by-before-effective", &at.key("apply_by"), message);
            problems.push(problem.also(&At::root().key("effective").key("from"), "the policy begins here"));
        }
    }
}

/// The review date, seen from today.
pub(super) fn review(program: &Program, today: Option<NaiveDate>) -> Option<Problem> {
    let (review_by, at) = (program.document.review_by, At::root().key("review_by"));
    let effective = &program.document.effective;
    if review_by < effective.from {
        let message = format!("the review is due on {review_by}, before the policy begins on {}", effective.from);
        return Some(Problem::warning("review-before-effective", &at, message));
    }
    let today = today.filter(|today| *today > review_by)?;
    let message = format!("the review was due on {review_by}; today is {today}");
    let help = format!("ask {} whether the policy still holds, then set the next date", program.document.owner);
    Some(Problem::warning("review-overdue", &at, message).help(help))
}
