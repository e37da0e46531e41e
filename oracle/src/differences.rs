//! An engine's decision and the oracle's, laid side by side.

use forbear_engine::decide::Decision;
use forbear_engine::decide::decision::Claim;
use forbear_engine::reason::Reason;
use serde_json::Value;

use crate::naive::decide::Verdict;

/// Every place in which the two differ, with both values; empty when they agree. What is missing is compared, not the
/// sentence that says so; digests and the receipt say nothing about what was decided. Without full detail the engine's
/// decision has no trace, and none is compared.
#[must_use]
pub fn differences(engine: &Decision, naive: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    let traced = engine.receipt.is_some();
    let engine = comparable(engine.clone(), traced);
    let oracle = comparable(naive.decision.clone(), traced);
    if engine != oracle {
        let json = |decision: &Decision| serde_json::to_value(decision).unwrap_or_default();
        compare("", &json(&engine), &json(&oracle), &mut found);
        if found.is_empty() {
            found.push("they differ where JSON does not show it".to_owned());
        }
    }
    let loss = engine.totals.present_value_loss.map(|loss| loss.minor());
    if !naive.loss.fits(loss) {
        found.push(format!("/present_value_loss: engine {loss:?}, oracle {:?}", naive.loss));
    }
    found
}

fn comparable(mut decision: Decision, traced: bool) -> Decision {
    decision.receipt = None;
    for claim in &mut decision.policies {
        plain(claim);
        claim.trace.truncate(if traced { usize::MAX } else { 0 });
    }
    decision
}

fn plain(claim: &mut Claim) {
    claim.digest = String::new();
    claim.would_have_to_change.clear();
    for entry in &mut claim.trace {
        entry.pointer.clear();
        entry.saw.clear();
        entry.unknown = None;
    }
    bare(&mut claim.reasons);
    for benefit in &mut claim.benefits {
        bare(&mut benefit.reasons);
    }
}

/// Each reason once, what is absent without its sentence, and absence last: which gap is told first says nothing.
fn bare(reasons: &mut Vec<Reason>) {
    let mut absent = false;
    let mut kept: Vec<Reason> = Vec::new();
    for reason in reasons.drain(..) {
        match reason {
            Reason::Absent { .. } => absent = true,
            reason if kept.contains(&reason) => {}
            reason => kept.push(reason),
        }
    }
    kept.extend(absent.then(|| Reason::Absent { what: String::new() }));
    *reasons = kept;
}

fn compare(at: &str, engine: &Value, oracle: &Value, found: &mut Vec<String>) {
    match (engine, oracle) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{at}/{key}"), &of(a), &of(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}/{index}"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: engine {a}, oracle {b}")),
    }
}
