//! `forbear serve --demo`: what a newcomer gets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::app::Caller;
use super::program::Program;
use crate::databases::on_both;

/// Somebody who signed in; the cookie is what they send from then on.
struct Signed {
    caller: Caller,
    cookie: String,
}

impl Signed {
    fn get(&self, path: &str) -> Value {
        self.caller.send("GET", path, None, &[("Cookie", &self.cookie)]).is(200)
    }

    fn count(&self, path: &str) -> usize {
        self.get(path)["items"].as_array().unwrap().len()
    }
}

fn sign_in(url: &str, path: &str, body: &Value) -> Signed {
    let caller = Caller::nobody(url);
    let answer = caller.post(path, body);
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    let cookie = answer.cookie.unwrap().split(';').next().unwrap().to_owned();
    Signed { caller, cookie }
}

#[test]
fn a_newcomer_finds_every_role_and_relief_that_happens() {
    on_both(|database| {
        let (program, url) = Program::start(database, &["--demo"]);
        let password = program.said.split("password ").nth(1).unwrap().split(',').next().unwrap().to_owned();
        let by_name = |name: &str| sign_in(&url, "/v1/session", &json!({"name": name, "password": password}));
        for name in ["care_agent", "care_lead", "policy_author", "policy_approver", "finance_reviewer", "auditor"] {
            assert_eq!(by_name(name).get("/v1/me")["roles"], json!([name]));
        }
        let finance = by_name("finance_approver");
        let until = Instant::now() + Duration::from_secs(60);
        while finance.count("/v1/instructions?state=pending&limit=500") > 0 {
            assert!(Instant::now() < until, "the core system answers everything in the end");
        }
        let confirmed = finance.count("/v1/grants?state=confirmed&limit=500");
        assert!(confirmed > 5 && finance.count("/v1/reviews?limit=500") > 2, "{confirmed}");
        assert_eq!(finance.count("/v1/grants?state=posted&limit=500"), 0);

        // A borrower gets in by the code that was sent to their phone, and sees their own loan alone.
        let phone = program.said.split("phone ").nth(1).unwrap().split(':').next().unwrap();
        let sent = Caller::nobody(&url).post("/v1/session/codes", &json!({"phone": phone}));
        assert_eq!(sent.status, 202, "{:#}", sent.body);
        let codes = database
            .folder
            .path()
            .join(program.said.trim().split("written to ").nth(1).unwrap().split('\n').next().unwrap());
        let code = std::fs::read_to_string(codes).unwrap().trim().split(' ').nth(1).unwrap().to_owned();
        let borrower = sign_in(&url, "/v1/session/code", &json!({"phone": phone, "code": code}));
        assert_eq!(borrower.get("/v1/me")["roles"], json!(["borrower"]));
        assert_eq!(borrower.caller.send("GET", "/v1/grants", None, &[("Cookie", &borrower.cookie)]).status, 403);
        program.kill();

        // Started again it has what it had.
        let (program, url) = Program::start(database, &["--demo"]);
        let again = sign_in(&url, "/v1/session", &json!({"name": "finance_approver", "password": password}));
        assert_eq!(again.count("/v1/grants?state=confirmed&limit=500"), confirmed);
        program.kill();
    });
}

#[test]
fn the_demonstration_is_for_this_machine_alone() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_forbear"));
    let done = command.args(["serve", "--demo", "--listen", "0.0.0.0:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && said.contains("it listens on 127.0.0.1 or [::1] alone"), "{said}");
}
