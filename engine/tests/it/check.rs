//! What the checker says of broken policies: every problem with its place, what is wrong, and what would be right.

use std::fmt::Write;

use forbear_engine::policy::check::{CheckSettings, Diagnostic, check};

fn settings() -> CheckSettings {
    CheckSettings { today: Some("2026-11-01".parse().unwrap()), ..CheckSettings::default() }
}

fn said(found: &Diagnostic, text: &str) -> String {
    let problem = &found.problem;
    let mut said =
        format!("{}:{} {:?} {}: {}\n", found.line, found.column, problem.level, problem.code, problem.message);
    let about = text.get(found.span.clone()).unwrap().lines().next().unwrap_or_default();
    let about: String = about.chars().take(60).collect();
    let _ = writeln!(said, "  at {} ({:?}): {about}", problem.pointer, problem.mark);
    let also = problem.also.iter().map(|(pointer, note)| format!("  also {pointer}: {note}\n"));
    let example = problem.example.iter().map(|fact| format!("  for example {fact}\n"));
    let help = problem.help.iter().map(|help| format!("  help: {help}\n"));
    said.extend(also.chain(example).chain(help));
    said
}

#[test]
fn broken_policies_get_good_advice() {
    let mut files: Vec<_> =
        std::fs::read_dir("tests/check/broken").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 30);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let checked = check(&text, &settings());
        let said: String = checked.problems.iter().map(|found| said(found, &text)).collect();
        assert!(!said.is_empty(), "{}", file.display());
        // Whoever has an error has no program, and who has only warnings has one.
        let errors = said.contains(" Error ");
        assert_eq!((checked.has_errors(), checked.program.is_none()), (errors, errors), "{}", file.display());
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../check/said"}, {
            insta::assert_snapshot!(file.file_stem().unwrap().to_str().unwrap(), said);
        });
    }
}

#[test]
fn a_sound_policy_gives_no_alarm() {
    let checked = check(&std::fs::read_to_string("tests/check/flood.json").unwrap(), &settings());
    assert!(checked.problems.is_empty() && checked.program.is_some());
}
