//! What `forbear check` says: about sound policies nothing, about broken ones good advice.

// The functions that the tests share may give up as the tests do.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use forbear::cli::check::{Args, attributes, check_file, run};
use forbear::cli::problems::render;
use forbear_engine::policy::check::{CheckSettings, check};

fn settings() -> CheckSettings {
    CheckSettings { today: Some("2026-11-01".parse().unwrap()), attributes: attributes(None).unwrap() }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

#[test]
fn a_sound_policy_gives_no_alarm() {
    let shipped =
        std::fs::read_dir("policies").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let shipped: Vec<PathBuf> = shipped.flat_map(|folder| listed(&folder)).collect();
    assert!(!shipped.is_empty());
    for file in listed(Path::new("engine/tests/check")).into_iter().chain(shipped) {
        let checked = check_file(&file, &settings()).unwrap();
        assert_eq!(render(&file.display().to_string(), &checked, false), "", "{}", file.display());
        assert!(checked.program.is_some());
    }
}

/// How problems are printed: marks, other places, examples, a text that is cut off. What is said of each broken policy is
/// held by the engine's tests.
#[test]
fn problems_are_printed_with_their_place() {
    for name in ["amounts", "overlap", "syntax", "unclosed", "windows"] {
        let file = Path::new("engine/tests/check/broken").join(name).with_extension("json");
        let checked = check_file(&file, &settings()).unwrap();
        insta::with_settings!({omit_expression => true}, {
            insta::assert_snapshot!(name, render(&format!("{name}.json"), &checked, false));
        });
    }
}

#[test]
fn no_text_makes_it_panic() {
    let flood = std::fs::read_to_string("engine/tests/check/flood.json").unwrap();
    let deep = "[".repeat(100_000);
    let texts = [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "{\"policy\": 1",
        "\u{feff}{}",
        "{\"a\": \"\u{0}\"}",
        "{\"a\": \"\\ud800\"}",
        "{]",
        "{\"a\":1e999}",
        &deep,
    ];
    for text in texts {
        let checked = check(text, &settings());
        assert!(checked.has_errors() && checked.program.is_none(), "{text}");
        assert!(!render("x.json", &checked, true).is_empty());
    }
    // Cut anywhere, and with a member of the wrong kind anywhere.
    for at in (0..flood.len()).step_by(97).filter(|at| flood.is_char_boundary(*at)) {
        let checked = check(&flood[..at], &settings());
        assert!(checked.has_errors(), "cut at {at}");
        let _ = render("x.json", &checked, false);
    }
    for (at, _) in flood.match_indices(": ").step_by(3) {
        for wrong in ["null", "[]", "{}", "-1", "\"\"", "true"] {
            let rest = &flood[at + 2..];
            let end = rest.find([',', '}', ']', '[', '{']).unwrap();
            let text = format!("{}: {wrong}{}", &flood[..at], &rest[end..]);
            let _ = render("x.json", &check(&text, &settings()), false);
        }
    }
}

#[test]
fn the_exit_code_tells() {
    let args = |path: &str| Args { paths: vec![path.into()], today: None, attributes: None, json: true };
    let code = |path: &str| format!("{:?}", run(&args(path)).unwrap());
    assert_eq!(code("engine/tests/check/flood.json"), format!("{:?}", std::process::ExitCode::SUCCESS));
    assert_eq!(code("engine/tests/check/broken/syntax.json"), format!("{:?}", std::process::ExitCode::FAILURE));
    assert!(run(&args("engine/tests/check/none.json")).unwrap_err().to_string().contains("cannot read"));
    assert!(run(&args("tests/it")).unwrap_err().to_string().contains("no policies"));
}

#[test]
fn the_kept_schema_is_the_generated_one() {
    let kept = std::fs::read_to_string("policies/policy.schema.json").unwrap_or_default();
    let same = kept == forbear::cli::schema::text().unwrap();
    assert!(
        same,
        "the types changed: run `cargo run -- schema > policies/policy.schema.json` and look at the difference"
    );
}
