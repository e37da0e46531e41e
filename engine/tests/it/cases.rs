//! Cases of a policy: what comes out otherwise is named, each thing once, and what no case exercises is too.

use forbear_engine::cases::{CaseFile, Coverage, run};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;
use serde_json::{Value, json};

use crate::scenario::{account, flood, policy, rows};

/// Half of a late fee of 30.00, where it hit hard; an offer to pay 1 June's row later; else nothing.
fn program() -> forbear_engine::policy::Program {
    policy(
        "p",
        &json!({"rules": [
            {"id": "hard", "when": {"fact": "area.designation", "roles": ["home"], "at_least": "severe"}, "benefits": [
                {"id": "fees", "waive": {"charges": ["late_fee"], "share": "0.5"}},
                {"id": "later", "consent": true, "defer": {"which": "due_in", "due": {"until": "2024-06-30"}, "to": "end_of_term",
                    "interest_on_top": "none", "arrears": "cure"}},
            ]},
            {"id": "never", "when": {"fact": "account.product", "is": "mortgage"}, "benefits": [
                {"id": "gift", "goodwill": {"amount": {"amount": "1.00", "currency": "CNY"}}}]},
        ]}),
    )
}

fn file(cases: Value) -> CaseFile {
    let fee = json!([{"id": "c", "kind": "late_fee", "amount": "30.00", "paid": "0.00", "assessed_on": "2024-05-10"}]);
    let account = account(
        &json!({"product": "cash_loan", "charges": fee, "rows": rows(6, &[("100.00", "8.00"), ("100.00", "8.00")])}),
    );
    serde_json::from_value(json!({
        "given": {"today": "2024-05-20", "declaration": flood(), "account": account, "request": {"requested_on": "2024-05-20"}},
        "cases": cases,
    }))
    .unwrap()
}

/// The differences of one case.
fn differences(but: &Value, expect: &Value) -> Vec<String> {
    let file = file(json!([{"name": "one", "but": but, "expect": expect}]));
    let results = run(&file, &[program()], &Attributes::new(), RegionTree::builtin(), &mut Coverage::default());
    let [result] = results.as_slice() else { panic!("{results:?}") };
    result.differences.clone()
}

#[test]
fn what_comes_out_as_expected_differs_in_nothing() {
    let expect = json!({
        "outcome": "granted", "rule": "hard", "rules": ["hard"], "questions": [], "evidence": [], "offers": [], "amendment": 0, "awaiting": [],
        "benefits": {
            // 0.5 × 30.00; the row of 1 June of 108.00 goes to the end.
            "fees": {"outcome": "granted", "waived": "15.00", "refunded": "0.00", "bearer": "lender"},
            "later": {"outcome": "granted", "deferred": "108.00", "added_interest": "0.00"},
            "gift": {"outcome": "absent"},
        },
    });
    assert_eq!(differences(&json!({}), &expect), Vec::<String>::new());
    // Nobody is hit there, and nothing is to be had.
    let elsewhere = json!({"account": {"parties": [{"party": "p", "role": "borrower", "addresses": [
        {"role": "home", "region": "CN-110101", "valid_from": "2020-01-01"}]}]}});
    assert_eq!(differences(&elsewhere, &json!({"outcome": "declined", "because": ["no_rule"]})), Vec::<String>::new());
}

#[test]
fn each_thing_that_comes_out_otherwise_is_named_once() {
    let wrong = [
        (json!({"outcome": "declined"}), "outcome: expected \"declined\", got \"granted\""),
        (json!({"because": ["limit"]}), "because: expected \"limit\" among"),
        (json!({"rule": "never"}), "rule: expected \"never\" among [\"hard\"]"),
        (json!({"rules": []}), "rules: expected [], got [\"hard\"]"),
        (json!({"questions": ["request.hardship"]}), "questions: expected"),
        (json!({"evidence": ["photo"]}), "evidence: expected"),
        (json!({"approval": 3}), "approval: expected"),
        (json!({"offers": ["later"]}), "offers: expected"),
        (json!({"amendment": 1}), "amendment: expected 1, got 0"),
        (json!({"awaiting": ["t"]}), "awaiting: expected"),
        (json!({"benefits": {"gift": {"outcome": "granted"}}}), "gift.outcome: expected \"granted\", got \"absent\""),
        (json!({"benefits": {"fees": {"because": ["limit"]}}}), "fees.because: expected \"limit\" among []"),
        (json!({"benefits": {"fees": {"waived": "15.01"}}}), "fees.waived: expected 15.01, got 15.00"),
        (json!({"benefits": {"fees": {"refunded": "0.01"}}}), "fees.refunded: expected 0.01, got 0.00"),
        (json!({"benefits": {"later": {"deferred": "107.99"}}}), "later.deferred: expected 107.99, got 108.00"),
        (json!({"benefits": {"fees": {"standing_order": true}}}), "fees.standing_order: expected true, got false"),
        (json!({"benefits": {"fees": {"bearer": "guarantor"}}}), "fees.bearer: expected"),
    ];
    for (expect, said) in wrong {
        let found = differences(&json!({}), &expect);
        assert!(found.len() == 1 && found[0].contains(said), "{expect}: {found:?}");
    }
    let found = differences(&json!({"today": "soon"}), &json!({"outcome": "granted"}));
    assert!(found.len() == 1 && found[0].contains("the scenario cannot be read"), "{found:?}");
}

#[test]
fn what_no_case_exercises_is_named() {
    let gaps = |cases: Value| {
        let mut coverage = Coverage::default();
        run(&file(cases), &[program()], &Attributes::new(), RegionTree::builtin(), &mut coverage);
        coverage.gaps(&program())
    };
    let hit = json!({"name": "hit", "expect": {}});
    let home = |region: &str| {
        json!({"account": {"parties": [{"party": "p", "role": "borrower", "addresses": [
        {"role": "home", "region": region, "valid_from": "2020-01-01"}]}]}})
    };
    let missed = json!({"name": "missed", "but": home("CN-110101"), "expect": {}});
    let found = gaps(json!([hit]));
    assert!(found.contains(&"no case in which rule `never` holds".to_owned()), "{found:?}");
    assert!(!found.iter().any(|gap| gap.contains("rule `hard`")), "{found:?}");
    assert!(found.iter().any(|gap| gap.contains("/rules/0/") && gap.ends_with("does not hold")), "{found:?}");
    let found = gaps(json!([hit, missed]));
    assert!(!found.iter().any(|gap| gap.contains("/rules/0/")), "exercised both ways: {found:?}");
    assert_eq!(gaps(json!([])).iter().filter(|gap| gap.starts_with("no case reaches")).count(), 2);
}

#[test]
fn outcomes_are_called_as_documents_write_them() {
    use forbear_engine::decide::Outcome;
    for outcome in [Outcome::Declined, Outcome::Referred, Outcome::NeedsInformation, Outcome::Granted] {
        assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
    }
}
