//! `forbear preview` and `forbear import`: figures that agree with each other, whatever the order and the threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

fn forbear(args: &[&str]) -> Output {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::cargo_bin("forbear").unwrap().current_dir(root).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const HUNAN: [&str; 7] = [
    "preview",
    "--policies",
    "policies/cn-natural-disaster",
    "--declaration",
    "declarations/cn-hunan-2024-06.json",
    "--today",
    "2024-08-05",
];

fn summary(book: &Path, more: &[&str]) -> Value {
    let book = book.to_str().unwrap();
    let args = [&HUNAN[..], &["--book", book, "--json"], more].concat();
    serde_json::from_slice(&forbear(&args).stdout).unwrap()
}

/// A book of 300 accounts in Hunan, of which some are reported twice.
fn book(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("book.jsonl");
    let out = path.to_str().unwrap();
    forbear(&["sample", "--size", "300", "--as-of", "2024-08-05", "--around", "CN-430600", "--out", out]);
    path
}

#[test]
fn totals_do_not_depend_on_order_or_threads() {
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    let whole = summary(&book, &[]);
    // Every account ends in exactly one way.
    let endings: u64 = whole["endings"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((whole["accounts"].as_u64(), endings), (Some(300), 300));
    assert!(whole["endings"]["granted_proactively"].as_u64() > Some(0), "{}", whole["endings"]);
    assert!(whole["endings"]["granted_on_request"].as_u64() > Some(0), "{}", whole["endings"]);
    assert!(whole["superseded"].as_u64() > Some(0));

    let one = [&HUNAN[..], &["--book", book.to_str().unwrap(), "--json"]].concat();
    let mut command = Command::cargo_bin("forbear").unwrap();
    let command = command.current_dir(env!("CARGO_MANIFEST_DIR")).env("RAYON_NUM_THREADS", "1").args(one);
    assert_eq!(serde_json::from_slice::<Value>(&command.output().unwrap().stdout).unwrap(), whole);

    // Backwards; of two snapshots of the same day the one further down counts, so they keep their order.
    let lines = fs::read_to_string(&book).unwrap();
    let account = |line: &str| serde_json::from_str::<Value>(line).unwrap()["account"].as_str().unwrap().to_owned();
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for line in lines.lines() {
        let name = account(line);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(line),
            None => groups.push((name, vec![line])),
        }
    }
    let backwards: Vec<&str> = groups.iter().rev().flat_map(|(_, group)| group.iter().copied()).collect();
    let path = folder.path().join("backwards.jsonl");
    fs::write(&path, backwards.join("\n")).unwrap();
    assert_eq!(summary(&path, &[]), whole);
}

#[test]
fn the_lines_add_up_to_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    let (lines, decisions) = (folder.path().join("lines.csv"), folder.path().join("decisions.jsonl"));
    let whole = summary(&book, &["--csv", lines.to_str().unwrap(), "--out", decisions.to_str().unwrap()]);
    let mut reader = csv::Reader::from_path(&lines).unwrap();
    let head = reader.headers().unwrap().clone();
    // By part, policy, rule and benefit: accounts, and each kind of money in hundredths.
    let mut sums: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let mut counted = std::collections::BTreeSet::new();
    let kinds = ["waived", "refunded", "deferred", "added_interest", "present_value_loss"];
    let hundredths = |amount: &str| amount.replace('.', "").parse::<i64>().unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let of = |name: &str| record.get(head.iter().position(|own| own == name).unwrap()).unwrap();
        if of("outcome") != "granted" || of("benefit").is_empty() {
            continue;
        }
        let key = [of("part"), of("policy"), of("rule"), of("benefit")].join(" ");
        let row = sums.entry(key.clone()).or_default();
        *row.entry("accounts".into()).or_default() += i64::from(counted.insert((key, of("account").to_owned())));
        for kind in kinds {
            *row.entry(kind.into()).or_default() += hundredths(of(kind));
        }
    }
    let mut tables: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in whole["by_benefit"].as_array().unwrap() {
        let key = ["part", "policy", "rule", "benefit"].map(|name| row[name].as_str().unwrap()).join(" ");
        let mut figures = BTreeMap::from([("accounts".to_owned(), row["accounts"].as_i64().unwrap())]);
        figures.extend(kinds.map(|kind| (kind.to_owned(), hundredths(row[kind]["amount"].as_str().unwrap()))));
        tables.insert(key, figures);
    }
    assert!(tables.len() > 4);
    assert_eq!(sums, tables);
    // The tables by rule, bearer and region are cuts of the same money.
    for table in ["by_bearer", "by_region", "by_benefit"] {
        let waived = |name: &str| -> i64 {
            let rows = whole[name].as_array().unwrap().iter();
            rows.map(|row| hundredths(row["waived"]["amount"].as_str().unwrap())).sum()
        };
        assert_eq!(waived(table), waived("total"), "{table}");
    }
    let written = fs::read_to_string(&decisions).unwrap().lines().count();
    let decided: u64 = whole["decided"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(u64::try_from(written).unwrap(), decided);
}

#[test]
fn bad_lines_are_counted_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    let mut lines = fs::read_to_string(&book).unwrap();
    lines.push_str("{\"account\": 1}\nnot json\n");
    fs::write(&book, &lines).unwrap();
    let args = [&HUNAN[..], &["--book", book.to_str().unwrap(), "--json", "--assume", "none"]].concat();
    let output = forbear(&args);
    let whole: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((whole["accounts"].as_u64(), whole["bad_lines"].as_u64()), (Some(300), Some(2)));
    assert!(whole["decided"].get("request").is_none());
    let last = lines.lines().count();
    let errors = text(&output.stderr);
    for expected in [format!("line {last}: "), "2 lines could not be read".into(), "300 accounts in ".into()] {
        assert!(errors.contains(&expected), "{errors}");
    }
}

#[test]
fn an_import_accounts_for_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let output = forbear(&["import", "tests/fixtures/openfema-newer.csv", "--out", out]);
    let report = text(&output.stderr);
    // 12 rows: 2 areas of the flood, 1 of the fire, 2 of the hurricane; the exceptions are listed in the test of
    // the format.
    let rows = fs::read_to_string("tests/fixtures/openfema-newer.csv").unwrap().lines().count() - 1;
    assert!(report.contains(&format!("{rows} rows = 5 areas + {} exceptions; 3 disasters", rows - 5)), "{report}");
    assert_eq!(report.matches("exception: line ").count(), rows - 5, "{report}");
    let written: Vec<String> =
        ["dr-9001-al", "fm-9002-ca", "dr-9003-fl"].map(|name| format!("{out}/{name}.json")).into();
    let files: Vec<&str> = written.iter().map(String::as_str).collect();
    let checked = forbear(&[&["declaration", "check"], &files[..]].concat());
    assert_eq!(text(&checked.stdout), "3 declarations, 0 problems\n");
    let one = forbear(&["import", "tests/fixtures/openfema-newer.csv", "--disaster", "dr-9001-al"]);
    assert_eq!(text(&one.stdout).lines().count(), 1);
}

#[test]
fn problems_of_a_declaration_have_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.json");
    fs::write(
        &path,
        "{\"declaration\": \"d-1\", \"event\": \"e-1\", \"kind\": \"flood\", \"title\": {\"en\": \"Test\"},\n\
         \"declared_on\": \"2026-06-12\", \"incident\": {\"start\": \"2026-06-10\"},\n\
         \"areas\": [{\"region\": \"CN-410100\"},\n  {\"region\": \"CN-419999\"}]}\n",
    )
    .unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let path = path.to_str().unwrap();
    let output =
        Command::cargo_bin("forbear").unwrap().current_dir(root).args(["declaration", "check", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    assert!(
        report.starts_with(&format!("{path}:4:14: /areas/1/region: no region has the code \"CN-419999\"")),
        "{report}"
    );
}
