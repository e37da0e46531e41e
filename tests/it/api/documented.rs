//! docs/api.md and docs/channels.md, run as they are written.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::databases::on_both;

/// The commands of a document.
fn commands(document: &str) -> String {
    let blocks = document.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}

/// Runs a document's commands over a database: what they said, and the folder that they ran in.
fn run(document: &str, url: &str, (named, listens): (&str, &str)) -> (String, TempDir) {
    let document = std::fs::read_to_string(document).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["samples", "declarations", "calendars"] {
        let from = std::env::current_dir().unwrap().join(name);
        std::os::unix::fs::symlink(from, folder.path().join(name)).unwrap();
    }
    // A free port, and the database of this test, in place of those of the document.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(document.contains(named) && document.contains(listens));
    let script = commands(&document).replace(named, url).replace(listens, &format!("127.0.0.1:{port}"));
    let script = format!("set -eu\ntrap 'kill $(jobs -p)' EXIT\n{script}\n");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_forbear")).parent().unwrap().to_owned();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    // What it waits for may never come.
    let mut command = Command::new("timeout");
    command
        .args(["120", "bash", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("FORBEAR_LOG", "warn");
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    (said, folder)
}

fn json(folder: &TempDir, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.path().join(name)).unwrap()).unwrap()
}

#[test]
fn the_tour_runs_as_it_is_written() {
    on_both(|database| {
        let (said, folder) = run("docs/api.md", &format!("'{}'", database.url), ("sqlite:tour.db", "127.0.0.1:8080"));
        assert!(said.contains("✓ ledger, kept totals, grants, budgets and the audit log agree"), "{said}");
        let confirmed = json(&folder, "confirmed.json");
        let grant = &confirmed["grants"][0];
        // Late fees of 30.00 and 25.00 are owed, 10.00 was paid.
        assert_eq!((&grant["state"], &grant["waived"]["amount"]), (&"confirmed".into(), &"55.00".into()), "{said}");
        assert_eq!(grant["refunded"]["amount"], "10.00");
    });
}

#[test]
fn from_an_alert_to_an_open_channel_as_it_is_written() {
    on_both(|database| {
        let (said, folder) = run("docs/channels.md", &database.url, ("sqlite:channels.db", "127.0.0.1:8081"));
        let (_, opened) = said.rsplit_once("open after ").unwrap();
        assert!(opened.lines().next().unwrap().ends_with(" seconds: open"), "{said}");
        let (_, took) = said.rsplit_once("told after ").unwrap();
        assert!(took.trim_end().ends_with(" seconds: 1"), "{said}");
        eprintln!("told after {took}");
        let told = std::fs::read_to_string(folder.path().join("told.jsonl")).unwrap();
        assert!(told.contains("13812345678") && told.contains("400-800-1234"), "{told}");
        let (shown, opened) = (json(&folder, "shown.json"), json(&folder, "opened.json"));
        // Level IV from 100,000 people on, III from 500,000.
        assert_eq!((&opened["level"], &opened["answering_now"]), (&"IV".into(), &true.into()));
        // The loan in Zhengzhou: late fees of 30.00 and 25.00 are owed, 10.00 was paid.
        let total = &shown["previews"][0]["result"]["total"][0];
        assert_eq!((&total["waived"]["amount"], &total["refunded"]["amount"]), (&"55.00".into(), &"10.00".into()));
        assert!(opened["measures"]["minutes_from_alert"].is_u64(), "{opened:#}");
    });
}
