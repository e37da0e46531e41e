use assert_cmd::Command;

use super::Cap;

#[test]
fn the_command_takes_a_folder_in_and_passes_over_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let alerts = folder.path().join("in");
    std::fs::create_dir(&alerts).unwrap();
    // It expires long after anybody runs this.
    let cap = Cap::new("a-1")
        .sent("2026-07-20T08:00:00+08:00")
        .times("2026-07-20T08:00:00+08:00", "2126-07-20T08:00:00+08:00");
    std::fs::write(alerts.join("a.cap"), cap.text()).unwrap();
    std::fs::write(alerts.join("b.cap"), "<!DOCTYPE a []><a/>").unwrap();
    let run = || {
        let database = format!("sqlite:{}", folder.path().join("forbear.db").display());
        let done = Command::cargo_bin("forbear")
            .unwrap()
            .args(["alerts", "--take", "--database", &database])
            .arg(&alerts)
            .assert();
        String::from_utf8(done.success().get_output().stdout.clone()).unwrap()
    };
    let said = run();
    assert!(said.starts_with("drafted draft_") && said.contains("b.cap: refused, doctype:"), "{said}");
    assert!(said.ends_with("1 alerts taken in (1 drafted); 0 known before; 0 too slight; 1 refused\n"), "{said}");
    assert!(run().ends_with("0 alerts taken in (); 1 known before; 0 too slight; 1 refused\n"));
}
