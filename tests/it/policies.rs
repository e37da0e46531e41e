//! The shipped policies: every case passes, and every rule and condition is exercised both ways.

use std::path::Path;

use forbear::cli::test::test_policy;
use forbear_engine::policy::facts::Attributes;

#[test]
fn every_case_of_every_shipped_policy_passes() {
    let mut wrong = Vec::new();
    let mut policies = 0;
    for entry in std::fs::read_dir("policies").unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        policies += 1;
        let report = test_policy(Path::new(&folder), &Attributes::new()).unwrap();
        let name = folder.display();
        wrong.extend(
            report.failures.iter().map(|(file, case, what)| format!("{}: {case}: {}", file.display(), what.join("; "))),
        );
        wrong.extend(report.gaps.iter().map(|gap| format!("{name}: {gap}")));
    }
    assert!(policies >= 6);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
