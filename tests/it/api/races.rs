//! Many at once: what may happen once happens once.

use std::sync::Barrier;

use forbear::service::access::Role;
use forbear::service::policy::PolicyAct;
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::app::{Answer, App, Caller, hardship};
use crate::databases::on_both;
use crate::service::desk::{account, actor, file, put_in_force, write, zhengzhou};

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
        assert_eq!(app.service.forget_answers().unwrap(), 0, "they are kept for a week");
        app.service.clock.set("2021-08-05T02:00:01Z".parse().unwrap());
        assert_eq!(app.service.forget_answers().unwrap(), 2);
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
        // Each account is given 25.00 + 6.00 + 10.00, and 64 days of 0.50 are to come; 5.00 more than 137 times that.
        let body = json!({"amount": {"amount": "10006.00", "currency": "CNY"}});
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
        assert_eq!(
            (&standing["taken"]["amount"], &standing["expected"]["amount"]),
            (&json!("5617.00"), &json!("4384.00"))
        );
        assert_eq!((&standing["left"]["amount"], &standing["waiting"]), (&json!("5.00"), &json!(63)));
        proven(&app);
    });
}

fn withdraw_henan(app: &App) {
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&app.service, |conn| app.service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
        .unwrap();
}

/// The only policy in force asks for two people.
fn only_two_people(app: &App) {
    withdraw_henan(app);
    put_in_force(&app.service, &file("tests/fixtures/two-people.json"));
}

#[test]
fn a_hundred_approvers_make_one_posting() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        only_two_people(&app);
        let own = borrower(&app, &account("samples/account-zhengzhou.json"));
        let asked = own.post("/v1/requests", &hardship()).is(201);
        let waits = &asked["grants"][0];
        let path = format!("/v1/grants/{}/approve", waits["grant"].as_str().unwrap());
        let body = json!({"shown": waits["shown"]});
        let approvers: Vec<Caller> =
            (0..100).map(|at| app.caller(&format!("finance-{at}"), Role::FinanceApprover)).collect();
        let answers = together(100, |at| approvers[at].post(&path, &body));
        let accepted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(accepted, 2, "two approve, the others come too late");
        assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)));
        let grant = approvers[0].get(path.trim_end_matches("/approve")).is(200);
        assert_eq!((&grant["state"], &grant["approvals"]), (&json!("posted"), &json!(2)));
        let entries = approvers[0].get("/v1/journal").is(200);
        let of = |entry: &&Value| entry["grant"] == grant["grant"];
        assert_eq!(entries["items"].as_array().unwrap().iter().filter(of).count(), 1);
        proven(&app);
    });
}

#[test]
fn approval_refusal_reversal_and_a_cut_budget_end_in_one_state() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        only_two_people(&app);
        let finance = app.caller("finance", Role::FinanceApprover);
        let made = finance.post("/v1/budgets", &json!({"amount": {"amount": "500.00", "currency": "CNY"}})).is(201);
        let budget = format!("/v1/budgets/{}", made["budget"].as_str().unwrap());
        let own = borrower(&app, &account("samples/account-zhengzhou.json"));
        let asked = own.post("/v1/requests", &hardship()).is(201);
        let waits = &asked["grants"][0];
        let grant = format!("/v1/grants/{}", waits["grant"].as_str().unwrap());
        let (shown, why) = (json!({"shown": waits["shown"]}), json!({"reason": "a race"}));
        let people: Vec<Caller> =
            (0..AT_ONCE).map(|at| app.caller(&format!("finance-{at}"), Role::FinanceApprover)).collect();
        let cut = json!({"amount": {"amount": "66.00", "currency": "CNY"}}).to_string();
        let answers = together(AT_ONCE, |at| match at % 4 {
            0 => people[at].post(&format!("{grant}/approve"), &shown),
            1 => people[at].post(&format!("{grant}/refuse"), &why),
            2 => people[at].post(&format!("{grant}/reverse"), &why),
            _ => people[at].send("PUT", &budget, Some(&cut), &[("If-Match", "\"0\"")]),
        });
        assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:#?}");
        let state = finance.get(&grant).is(200)["state"].clone();
        let ends = ["pending_approval", "posted", "rejected", "reversed"];
        assert!(ends.iter().any(|end| state == *end), "{state}");
        let refusals = answers.iter().enumerate().filter(|(at, answer)| at % 4 == 1 && answer.status == 200).count();
        assert!(refusals <= 1, "it ends once");
        proven(&app);
    });
}

#[test]
fn two_accounts_of_one_borrower_never_pass_their_limit_together() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        withdraw_henan(&app);
        // 65.00 of late fees on each account, 100.00 for a borrower and event.
        let policy = file("samples/policy-late-fees.json").replace(
            "\"approval\":",
            "\"limits\": [{\"amount\": \"100.00\", \"currency\": \"CNY\", \"per\": \"borrower\", \"scope\": \"event\"}], \"approval\":",
        );
        put_in_force(&app.service, &policy);
        let mut other = account("samples/account-zhengzhou.json");
        other.account = "ZZ-2".to_owned();
        app.service.take_snapshot(&other).unwrap();
        let own = borrower(&app, &other);
        let answers = together(AT_ONCE, |at| {
            own.post("/v1/requests", &ask_for(if at % 2 == 0 { "ZZ-2" } else { "ZZ-20210220-01" }))
        });
        assert!(answers.iter().all(|answer| answer.status == 201));
        let given: i64 = app.service.grants(None, 0, 500).unwrap().iter().map(|row| row.waived + row.refunded).sum();
        assert_eq!(given, 10_000);
        proven(&app);
    });
}
