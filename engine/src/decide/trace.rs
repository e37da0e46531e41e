//! The trace: every test of a policy, what it came to and what it saw.

use super::decision::{TraceEntry, TraceResult};
use super::truth::{Sight, Truth, fold};
use crate::facts::value::Seen;
use crate::policy::document::HitPolicy;
use crate::policy::program::Program;
use crate::region::RegionTree;

/// One entry for every test of the eligibility and the rules, in document order. Tests of rules after the first one
/// that holds (under `first`), or of any rule when the account is not eligible, are not evaluated.
#[must_use]
pub fn trace(program: &Program, part: &[usize], sight: &Sight<'_>, regions: &RegionTree) -> Vec<TraceEntry> {
    let truths = sight.truths.as_slice();
    let mut evaluated: Vec<usize> = program.eligible.tests();
    let eligible = fold(&program.eligible, truths);
    for at in part.iter().filter(|_| eligible != Truth::False) {
        let Some(rule) = program.rules.get(*at) else { continue };
        evaluated.extend(rule.when.tests());
        evaluated.extend(rule.awaits.iter().flat_map(|(tests, _)| tests.tests()));
        if program.hit_policy == HitPolicy::First && fold(&rule.when, truths) == Truth::True {
            break;
        }
    }
    if eligible != Truth::False {
        evaluated.extend(program.evidence.iter().flat_map(|evidence| evidence.when.tests()));
    }
    let entry = |(at, test): (usize, &crate::policy::program::Test)| {
        let ran = evaluated.contains(&at);
        let result = match truths.get(at) {
            _ if !ran => TraceResult::NotEvaluated,
            Some(Truth::True) => TraceResult::True,
            Some(Truth::False) => TraceResult::False,
            Some(Truth::Unknown) | None => TraceResult::Unknown,
        };
        let missing = sight.missing.get(at).copied().flatten();
        let entries = sight.seen.get(test.slot).map(Vec::as_slice).unwrap_or_default();
        let saw = entries.iter().filter(|_| ran).map(|one| match one {
            Seen::Known(value) => value.to_json(regions),
            Seen::Unknown(_) | Seen::Partly(..) if missing.is_some() => serde_json::Value::String("unknown".to_owned()),
            Seen::Partly(value, _) => value.to_json(regions),
            Seen::Unknown(_) => serde_json::Value::String("unknown".to_owned()),
        });
        TraceEntry {
            test: test.id.clone(),
            pointer: test.pointer.clone(),
            result,
            saw: saw.collect(),
            unknown: missing.filter(|_| ran).map(|missing| missing.gap(regions)),
        }
    };
    program.tests.iter().enumerate().map(entry).collect()
}
