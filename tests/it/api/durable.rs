//! What is acknowledged is on the disk: the kernel is asked to write it there before the answer goes out.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use forbear::service::access::Role;
use forbear::service::audit::Actor;

use super::app::{Caller, hardship};
use super::program::Program;
use crate::databases::sqlite;
use crate::service::desk::zhengzhou;

/// Whether other programs may be looked at here.
fn may_trace() -> bool {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

#[test]
fn an_answer_waits_for_the_disk() {
    if !may_trace() {
        assert!(std::env::var_os("FORBEAR_CI").is_none(), "strace has to be installed here, and allowed");
        eprintln!("strace is not installed, or not allowed: nobody looked at what is written before an answer");
        return;
    }
    let database = sqlite();
    let service = zhengzhou(&database);
    let token = service.make_token(&Actor::system(), "agent", &[Role::CareAgent], None).unwrap();
    let (program, url) = Program::start(&database, &[]);
    let traced = database.folder.path().join("traced");
    let mut strace = Command::new("strace")
        .args(["-f", "-y", "-s", "40", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg", "-o"])
        .arg(&traced)
        .args(["-p", &program.id().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(strace.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("attached"), "{line}");

    let agent = Caller::of(&url, &token);
    for key in ["one", "two", "three"] {
        agent.post_once(key, "/v1/requests", &hardship()).is(201);
    }
    program.kill();
    strace.wait().unwrap();
    let trace = std::fs::read_to_string(&traced).unwrap();
    let mut synced = 0;
    let mut answers = 0;
    for line in trace.lines() {
        // A call that another thread came between ends on a line of its own, without the file.
        let is_sync = line.contains("sync(") || line.contains("sync resumed");
        if is_sync && line.ends_with("= 0") {
            synced += 1;
        }
        if line.contains("HTTP/1.1 201") {
            assert!(synced > 0, "nothing was written to the disk before answer {answers}:\n{trace}");
            (answers, synced) = (answers + 1, 0);
        }
    }
    assert_eq!(answers, 3, "{trace}");
    assert!(trace.contains("forbear.db-wal>"), "{trace}");
}
