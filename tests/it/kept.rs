//! Kept decisions: what the corpus holds, the command that decides it again, and the word on whose relief changes. That
//! they are all made again is a test of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use assert_cmd::Command;
use forbear::cli::replay::load;
use forbear::service::relief::replay::seal;
use forbear_engine::cases::Corpus;
use forbear_engine::cases::kept::Line;
use forbear_engine::digest::digest;
use forbear_engine::policy::Policy;
use serde_json::Value;

fn corpora() -> Vec<(PathBuf, Corpus)> {
    load(&[PathBuf::from("engine/tests/kept")]).unwrap()
}

#[test]
fn the_changelog_names_the_corpus_as_it_is() {
    let all = corpora();
    let seal = seal(all.iter().map(|(_, corpus)| corpus)).unwrap();
    let changelog = std::fs::read_to_string("CHANGELOG.md").unwrap();
    let mut lines = changelog.lines().skip_while(|line| *line != "### Kept decisions").skip(1);
    let entries: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with('#')).collect();
    let head = format!("- `{seal}`: ");
    let entry = entries.iter().find_map(|line| line.strip_prefix(&head));
    // A word or two do not say whose relief changes.
    assert!(
        entry.is_some_and(|entry| entry.split_whitespace().count() >= 4),
        "the kept decisions changed: CHANGELOG.md needs under \"### Kept decisions\" an entry \"{head}whose relief changes, and why\""
    );
}

/// The benefits of a policy by their ids, each with the name of its kind.
fn kinds(policy: &Value) -> BTreeMap<String, String> {
    let rules = policy["rules"].as_array().unwrap().iter();
    // A rule that only refers has none.
    let benefits = rules.flat_map(|rule| rule.get("benefits").and_then(Value::as_array).into_iter().flatten());
    let kind = |benefit: &Value| {
        let mut keys = benefit.as_object().unwrap().keys();
        keys.find(|key| BENEFITS.contains(&key.as_str())).cloned().unwrap()
    };
    benefits.map(|benefit| (benefit["id"].as_str().unwrap().to_owned(), kind(benefit))).collect()
}

const BENEFITS: [&str; 8] =
    ["waive", "defer", "suspend", "pause_interest", "reduce_rate", "hold", "goodwill", "extend_window"];

#[test]
fn the_corpus_holds_something_of_everything() {
    let (mut outcomes, mut granted, mut policies) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut all, mut stacked, mut histories, mut offers) = (0, 0, 0, 0);
    let mut currencies = BTreeMap::new();
    for (_, corpus) in corpora() {
        let mut known: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for line in corpus.lines() {
            if let Line::Policy(policy) = line {
                // As a claim names it: where its schema lies is no part of what it says.
                let own = Policy { schema: None, ..(**policy).clone() };
                known.insert(digest(&own).unwrap(), kinds(&serde_json::to_value(policy).unwrap()));
            }
        }
        for kept in corpus.decisions() {
            all += 1;
            let decision = &kept.decision;
            let claims = decision["policies"].as_array().unwrap();
            stacked += usize::from(claims.iter().filter(|claim| claim["outcome"] == "granted").count() > 1);
            histories += usize::from(!kept.history.grants.is_empty());
            offers += usize::from(decision.get("offers").is_some());
            *outcomes.entry(decision["outcome"].as_str().unwrap().to_owned()).or_insert(0) += 1;
            *currencies.entry(decision["before"]["principal"]["currency"].as_str().unwrap().to_owned()).or_insert(0) +=
                1;
            for claim in claims {
                let slug = claim["policy"].as_str().unwrap();
                *policies.entry(slug.to_owned()).or_insert(0) += 1;
                let benefits = claim.get("benefits").and_then(Value::as_array).into_iter().flatten();
                for benefit in benefits.filter(|benefit| benefit["outcome"] == "granted") {
                    let kind = &known[claim["digest"].as_str().unwrap()][benefit["benefit"].as_str().unwrap()];
                    *granted.entry(kind.clone()).or_insert(0) += 1;
                }
            }
        }
    }
    let shipped: BTreeSet<String> = std::fs::read_dir("policies")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let at_least = |what: &BTreeMap<String, i32>, name: &str, least: i32| {
        assert!(what.get(name).copied().unwrap_or(0) >= least, "{name}: {what:?}");
    };
    assert!(all >= 300, "{all} decisions");
    for outcome in ["granted", "declined", "referred", "needs_information"] {
        at_least(&outcomes, outcome, 20);
    }
    for kind in BENEFITS {
        at_least(&granted, kind, 5);
    }
    for slug in &shipped {
        at_least(&policies, slug, 10);
    }
    at_least(&currencies, "CNY", 50);
    at_least(&currencies, "USD", 50);
    assert!(stacked >= 10 && histories >= 10 && offers >= 10, "{stacked} {histories} {offers}");
}

#[test]
fn replaying_names_each_difference_and_renewing_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("one.jsonl");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
        command.args(arguments).arg(&corpus).assert().get_output().clone()
    };
    let kept = run(&[
        "decide",
        "--policies",
        "policies/cn-henan-2021-07-consumer-finance",
        "--declaration",
        "declarations/cn-henan-2021-07.json",
        "--account",
        "samples/account-zhengzhou.json",
        "--request",
        "samples/request-hardship.json",
        "--today",
        "2021-07-29",
        "--name",
        "zhengzhou",
        "--keep",
    ]);
    assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
    let written = std::fs::read_to_string(&corpus).unwrap();
    assert!(run(&["replay"]).status.success());

    // Waived: 25.00 of a late fee and 6.00 of penalty interest, as in `decide::granted_with_a_deferral`.
    let other = written.replace(r#""waived":{"amount":"31.00""#, r#""waived":{"amount":"30.00""#);
    assert_ne!(other, written);
    std::fs::write(&corpus, &other).unwrap();
    let output = run(&["replay"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("zhengzhou") && said.contains("totals.waived.amount: \"30.00\" → \"31.00\""), "{said}");
    assert!(said.contains("1 kept decision, 0 made the same, 1 differ"), "{said}");

    assert!(run(&["replay", "--renew"]).status.success());
    assert_eq!(std::fs::read_to_string(&corpus).unwrap(), written);

    // The second decision of one name is refused, and nothing is lost.
    std::fs::write(&corpus, format!("{written}{}", written.lines().last().unwrap())).unwrap();
    let output = run(&["replay"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("two decisions called zhengzhou"));
}
