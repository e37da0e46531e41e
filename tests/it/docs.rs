//! Every example of docs/policy-language.md holds: whole policies check clean, fragments check clean in a small policy,
//! cases pass.
#![allow(clippy::panic, clippy::indexing_slicing)]

use forbear_engine::cases::{CaseFile, Coverage, run};
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::{Policy, Program, compile::compile};
use forbear_engine::region::RegionTree;
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../docs/policy-language.md");

/// An example: the line where it starts, what it is, its text.
struct Example {
    line: usize,
    tag: String,
    text: String,
}

/// The fenced blocks that begin with `json`.
fn examples() -> Vec<Example> {
    let (mut found, mut open): (Vec<Example>, Option<Example>) = (Vec::new(), None);
    for (at, line) in DOCUMENT.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) if tag.starts_with("json") => {
                let tag = tag.trim_start_matches("json").trim().to_owned();
                open = Some(Example { line: at + 2, tag, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(example), None) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

/// A policy without anything that could be wrong, around a fragment.
fn around(tag: &str, fragment: Value) -> Value {
    let benefit = json!({"id": "example-benefit", "hold": {"what": ["collections"], "from": "decided_on",
                         "until": {"after": "decided_on", "days": 30}}});
    let mut policy = json!({
        "policy": "example", "version": 1, "title": {"zh-CN": "示例", "en": "Example"}, "owner": "documentation",
        "review_by": "2099-12-31", "effective": {"from": "2026-01-01"}, "start": {"by": ["request"]},
        "hit_policy": "first", "rules": [{"id": "example-rule", "benefits": [benefit]}]
    });
    match tag {
        "condition" => policy["eligible"] = fragment,
        "benefit" => policy["rules"][0]["benefits"] = json!([fragment]),
        "rule" => policy["rules"] = json!([fragment]),
        "start" | "limits" | "approval" | "evidence" => policy[tag] = fragment,
        _ => panic!("no place for an example that is tagged `{tag}`"),
    }
    policy
}

#[test]
fn every_policy_and_fragment_checks_clean() {
    let mut wrong = Vec::new();
    let examples: Vec<_> = examples().into_iter().filter(|example| example.tag != "case").collect();
    assert!(examples.len() > 20, "the examples were not found");
    for Example { line, tag, text } in examples {
        let example: Value = match serde_json::from_str(&text) {
            Ok(example) => example,
            Err(error) => {
                wrong.push(format!("line {line}: {error}"));
                continue;
            }
        };
        let policy = if tag.is_empty() { example } else { around(&tag, example) };
        let checked = check(&policy.to_string(), &CheckSettings::default());
        wrong.extend(checked.problems.iter().map(|found| {
            let problem = &found.problem;
            format!("line {line}: {} {} {}", problem.pointer, problem.message, problem.help.as_deref().unwrap_or(""))
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_passes_and_leaves_no_gap() {
    let mut policy: Option<Program> = None;
    let mut ran = 0;
    for Example { line, tag, text } in examples() {
        if tag.is_empty() {
            let document: Policy = serde_json::from_str(&text).unwrap();
            policy = compile(document, &Default::default(), RegionTree::builtin()).0;
        }
        if tag == "case" {
            // Cases are about the policy before them.
            let versions = [policy.clone().unwrap()];
            let file: CaseFile = serde_json::from_str(&text).unwrap();
            let mut coverage = Coverage::default();
            for result in run(&file, &versions, &Default::default(), RegionTree::builtin(), &mut coverage) {
                assert!(result.differences.is_empty(), "line {line}: {}: {:?}", result.name, result.differences);
                ran += 1;
            }
            assert_eq!(coverage.gaps(&versions[0]), [""; 0]);
        }
    }
    assert!(ran > 0, "no case was found");
}
