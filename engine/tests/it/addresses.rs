//! A test over several addresses asks for those that are not reported only where they could change it.

use forbear_engine::cases::{CaseFile, Coverage, run};
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::{Policy, Program};
use forbear_engine::region::RegionTree;
use serde_json::{Value, json};

/// A policy for those who meet a test over home and workplace.
fn policy(test: &Value) -> Program {
    let mut eligible = test.clone();
    eligible["id"] = json!("area");
    eligible["roles"] = json!(["home", "work"]);
    let policy: Policy = serde_json::from_value(json!({
        "policy": "roles", "version": 1, "title": {"zh-CN": "地址", "en": "Addresses"}, "owner": "tests",
        "review_by": "2099-12-31", "effective": {"from": "2026-01-01"}, "start": {"by": ["request"]},
        "eligible": eligible, "hit_policy": "first",
        "rules": [{"id": "calm", "benefits": [{"id": "hold", "hold": {"what": ["collections"], "from": "decided_on",
                   "until": {"after": "decided_on", "days": 30}}}]}]
    }))
    .unwrap();
    let (program, problems) = compile(policy, &Attributes::new(), RegionTree::builtin());
    program.unwrap_or_else(|| panic!("{problems:?}"))
}

/// Somebody whose home is known and whose workplace is not.
fn home_in(region: &str, expect: &str) -> CaseFile {
    serde_json::from_value(json!({
        "given": {
            "today": "2026-06-20",
            "declaration": {
                "declaration": "roles", "event": "roles", "kind": "flood", "title": {"zh-CN": "洪涝", "en": "Flood"},
                "declared_on": "2026-06-02", "incident": {"start": "2026-06-01", "end": "2026-06-05"},
                "areas": [{"region": "CN-440300", "designation": "affected", "programmes": ["IA"]},
                          {"region": "CN-440400", "designation": "severe"}]
            },
            "account": {"account": "A-1", "as_of": "2026-06-20", "currency": "CNY", "status": "active",
                "parties": [{"party": "p1", "role": "borrower",
                             "addresses": [{"role": "home", "region": region, "valid_from": "2020-01-01"}]}]},
            "request": {"requested_on": "2026-06-20"}
        },
        "cases": [{"name": "home only", "expect": {"outcome": expect}}]
    }))
    .unwrap()
}

#[test]
fn a_missing_address_is_asked_for_where_it_matters() {
    let (affected, severe, outside) = ("CN-440305", "CN-440402", "CN-310115");
    let table = [
        // The workplace can only make the best designation graver.
        (json!({"fact": "area.designation", "at_least": "affected"}), affected, "granted"),
        (json!({"fact": "area.designation", "above": "affected"}), affected, "needs_information"),
        (json!({"fact": "area.designation", "in": ["affected", "severe"]}), affected, "granted"),
        (json!({"fact": "area.designation", "is": "affected"}), affected, "needs_information"),
        (json!({"fact": "area.designation", "is": "adjacent"}), affected, "declined"),
        (json!({"fact": "area.designation", "at_most": "adjacent"}), affected, "declined"),
        (json!({"fact": "area.designation", "at_most": "severe"}), outside, "granted"),
        (json!({"fact": "area.designation", "at_least": "affected"}), outside, "needs_information"),
        (json!({"fact": "area.designation", "is": "severe"}), severe, "granted"),
        // A set of names only grows.
        (json!({"fact": "area.designations", "has": "IA"}), affected, "granted"),
        (json!({"fact": "area.designations", "has": "PA"}), affected, "needs_information"),
    ];
    for (test, home, expect) in table {
        let mut coverage = Coverage::default();
        let file = home_in(home, expect);
        for result in run(&file, &[policy(&test)], &Attributes::new(), RegionTree::builtin(), &mut coverage) {
            assert!(result.differences.is_empty(), "{test} for {home}: {:?}", result.differences);
        }
    }
}
