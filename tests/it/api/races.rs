//! Many at once: what may happen once happens once.

use std::sync::Barrier;

use forbear::service::access::Role;
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::app::{Answer, App, Caller, hardship};
use crate::databases::on_both;
use crate::service::desk::{account, zhengzhou};

/// Threads that call at the same time.
const AT_ONCE: usize = 25;

/// Calls `count` times from many threads that begin together.
fn together(count: usize, call: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|thread| {
                let (barrier, call) = (&barrier, &call);
                scope.spawn(move || {
                    barrier.wait();
                    (thread..count).step_by(AT_ONCE).map(call).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn borrower(app: &App, account: &Account) -> Caller {
    app.caller(&account.parties.as_ref().unwrap()[0].party, Role::Borrower)
}

fn proven(app: &App) {
    assert_eq!(app.service.verify_books().unwrap().broken, Vec::<String>::new());
}

#[test]
fn a_thousand_requests_with_one_key_make_one() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let own = borrower(&app, &account("samples/account-zhengzhou.json"));
        let answers = together(1_000, |_| own.post_once("k-1", "/v1/requests", &hardship()));
        let first = answers[0].body.clone();
        assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == first));
        let grants = app.service.grants(None, 0, 500).unwrap();
        assert_eq!(grants.len(), first["grants"].as_array().unwrap().len());
        // The same key with another body, and of another caller.
        let mut other = hardship();
        other["via"] = json!("page");
        assert_eq!(own.post_once("k-1", "/v1/requests", &other).status, 422);
        let agent = app.caller("agent", Role::CareAgent);
        let own_answer = agent.post_once("k-1", "/v1/requests", &hardship()).is(201);
        assert_ne!(own_answer["request"], first["request"]);
        proven(&app);
    });
}

/// As many accounts like the sample's, each of a borrower of its own.
fn copies(app: &App, count: usize) -> Vec<Account> {
    let sample = account("samples/account-zhengzhou.json");
    let copies = (0..count).map(|at| {
        let mut copy = sample.clone();
        copy.account = format!("C-{at}");
        for party in copy.parties.iter_mut().flatten() {
            party.party = format!("{}-{at}", party.party);
        }
        copy
    });
    let copies: Vec<Account> = copies.collect();
    for copy in &copies {
        app.service.take_snapshot(copy).unwrap();
    }
    copies
}

fn ask_for(account: &str) -> Value {
    let mut body = hardship();
    body["account"] = json!(account);
    body
}

#[test]
fn a_budget_for_137_of_200_gives_137() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let finance = app.caller("finance", Role::FinanceApprover);
        // Each account is given 25.00 + 6.00 + 10.00; 5.00 more than 137 times that.
        let body = json!({"amount": {"amount": "5622.00", "currency": "CNY"}});
        let budget = finance.post("/v1/budgets", &body).is(201);
        let accounts = copies(&app, 200);
        let agent = app.caller("agent", Role::CareAgent);
        let answers = together(200, |at| agent.post("/v1/requests", &ask_for(&accounts[at].account)));
        assert!(answers.iter().all(|answer| answer.status == 201));
        let posted =
            |answer: &&Answer| answer.body["grants"].as_array().unwrap().iter().all(|one| one["state"] == "posted");
        assert_eq!(answers.iter().filter(posted).count(), 137);
        let path = format!("/v1/budgets/{}", budget["budget"].as_str().unwrap());
        let standing = finance.get(&path).is(200);
        assert_eq!(standing["taken"]["amount"], "5617.00");
        assert_eq!((&standing["left"]["amount"], &standing["waiting"]), (&json!("5.00"), &json!(63)));
        proven(&app);
    });
}
