//! Policies, declarations, an account, a request and history: a decision or a reason, the same each time.
//!
//! The input is `{"policies": [policy, …], "given": scenario}`, the scenario as the cases of a policy write it.
#![no_main]

use forbear_engine::cases::document::{Case, CaseFile, Expected};
use forbear_engine::cases::run::decide_case;
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(Value::Object(mut input)) = serde_json::from_str::<Value>(text) else { return };
    let given = input.remove("given").unwrap_or_default();
    let attributes: Attributes =
        given.get("attributes").and_then(|own| serde_json::from_value(own.clone()).ok()).unwrap_or_default();
    let settings = CheckSettings { today: None, attributes: attributes.clone() };
    let policies = input.get("policies").and_then(Value::as_array).cloned().unwrap_or_default();
    let programs = policies.iter().take(6).filter_map(|policy| check(&policy.to_string(), &settings).program);
    let programs: Vec<Program> = programs.collect();
    let file = CaseFile { schema: None, given, cases: Vec::new() };
    let case = Case { name: String::new(), why: None, but: None, expect: Expected::default() };
    let decide = |programs: &[Program]| decide_case(&file, &case, programs, &attributes, RegionTree::builtin());
    let decision = match decide(&programs) {
        Ok(decision) => decision,
        Err(reason) => return assert!(!reason.is_empty()),
    };
    whole(&decision);
    let print = |decision: &Decision| serde_json::to_string(&decision.policies).expect("a decision prints");
    let mut turned: Vec<Program> =
        policies.iter().take(6).rev().filter_map(|policy| check(&policy.to_string(), &settings).program).collect();
    assert_eq!(decide(&programs).as_ref().map(print), Ok(print(&decision)), "the same again");
    // Two texts of one version are a mistake that nobody can make through the books.
    turned.dedup_by_key(|program| (program.slug().to_owned(), program.document.version));
    if turned.len() == programs.len() && distinct(&programs) {
        assert_eq!(decide(&turned).as_ref().map(print), Ok(print(&decision)), "in any order");
    }
});

fn distinct(programs: &[Program]) -> bool {
    let mut keys: Vec<_> = programs.iter().map(|program| (program.slug(), program.document.version)).collect();
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}

/// A decision is as good as its best claim; whoever grants says what, whoever asks says what for.
fn whole(decision: &Decision) {
    let best = decision.policies.iter().map(|claim| claim.outcome).max().unwrap_or(Outcome::Declined);
    assert_eq!(decision.outcome, best);
    for claim in &decision.policies {
        assert_eq!(claim.approval.is_some(), claim.outcome == Outcome::Granted, "{claim:?}");
        if claim.outcome == Outcome::NeedsInformation {
            assert!(!claim.questions.is_empty() || !claim.evidence.is_empty(), "{claim:?}");
        }
    }
}
