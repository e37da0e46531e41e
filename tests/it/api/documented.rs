//! docs/api.md, run as it is written.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::databases::on_both;

/// The commands of a document.
fn commands(document: &str) -> String {
    let blocks = document.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tour_runs_as_it_is_written() {
    let document = std::fs::read_to_string("docs/api.md").unwrap();
    on_both(|database| {
        let folder = tempfile::tempdir().unwrap();
        for name in ["samples", "declarations"] {
            let from = std::env::current_dir().unwrap().join(name);
            std::os::unix::fs::symlink(from, folder.path().join(name)).unwrap();
        }
        // A free port, and the database of this test, in place of those of the document.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = commands(&document)
            .replace("sqlite:tour.db", &format!("'{}'", database.url))
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
        let script = format!("set -eu\ntrap 'kill $(jobs -p)' EXIT\n{script}\n");
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_forbear")).parent().unwrap().to_owned();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["-c", &script]).current_dir(folder.path()).env("PATH", path).env("FORBEAR_LOG", "warn");
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
        assert!(said.contains("✓ ledger, kept totals, grants, budgets and the audit log agree"), "{said}");
        let confirmed = std::fs::read_to_string(folder.path().join("confirmed.json")).unwrap();
        let confirmed: Value = serde_json::from_str(&confirmed).unwrap();
        let grant = &confirmed["grants"][0];
        // Late fees of 30.00 and 25.00 are owed, 10.00 was paid.
        assert_eq!((&grant["state"], &grant["waived"]["amount"]), (&"confirmed".into(), &"55.00".into()), "{said}");
        assert_eq!(grant["refunded"]["amount"], "10.00");
    });
}
