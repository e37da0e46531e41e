//! Eligibility and the choice of rules, over the truths of a policy's tests.

use super::truth::{Truth, fold};
use crate::policy::document::HitPolicy;
use crate::policy::program::{Program, RuleProgram};

/// What a policy says of an account when every test that matters is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The account is not eligible.
    NotEligible,
    /// It is, but no rule holds.
    NoRule,
    /// These rules hold, by their place in the program; `unknown` ones (under `all`) cannot be told.
    Hit {
        /// Rules that hold.
        rules: Vec<usize>,
        /// Rules that cannot be told.
        unknown: Vec<usize>,
    },
    /// It cannot be told.
    Unknown,
}

/// Settles a policy over its rules that take part.
#[must_use]
pub fn settle(program: &Program, part: &[usize], truths: &[Truth]) -> Settled {
    match fold(&program.eligible, truths) {
        Truth::False => return Settled::NotEligible,
        Truth::Unknown => return Settled::Unknown,
        Truth::True => {}
    }
    let (mut hits, mut unknown) = (Vec::new(), Vec::new());
    for (at, rule) in part.iter().filter_map(|at| Some((*at, program.rules.get(*at)?))) {
        match (fold(&rule.when, truths), program.hit_policy) {
            (Truth::False, _) => {}
            (Truth::True, HitPolicy::All) => hits.push(at),
            (Truth::True, HitPolicy::First | HitPolicy::Unique) => {
                return if unknown.is_empty() { Settled::Hit { rules: vec![at], unknown } } else { Settled::Unknown };
            }
            (Truth::Unknown, _) => unknown.push(at),
        }
    }
    match (hits.is_empty(), unknown.is_empty()) {
        (true, true) => Settled::NoRule,
        (true, false) => Settled::Unknown,
        (false, _) => Settled::Hit { rules: hits, unknown },
    }
}

/// Whether two outcomes grant the same: rules that differ in name only are equal.
#[must_use]
pub fn same_effect(program: &Program, a: &Settled, b: &Settled) -> bool {
    if a == b {
        return true;
    }
    let (Settled::Hit { rules: a, unknown: ua }, Settled::Hit { rules: b, unknown: ub }) = (a, b) else { return false };
    let rule = |at: &usize| program.rules.get(*at);
    ua == ub
        && a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a == b || matches!((rule(a), rule(b)), (Some(a), Some(b)) if grants_alike(a, b)))
}

fn grants_alike(a: &RuleProgram, b: &RuleProgram) -> bool {
    let kinds =
        |rule: &RuleProgram| rule.benefits.iter().map(|one| (one.consent, one.kind.clone())).collect::<Vec<_>>();
    (&a.start, &a.refer, &a.awaits) == (&b.start, &b.refer, &b.awaits) && kinds(a) == kinds(b)
}
