//! What waits for people, and the engine alone.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{actor, file, put_in_force, write, zhengzhou};
use crate::service::referrals::referring;
use forbear::service::policy::PolicyAct;
use forbear::service::relief::settings::ReliefSettings;

/// A service whose only policy asks for two people, and a request that waits for them.
fn waiting(app: &App) -> Value {
    put_in_force(&app.service, &file("tests/fixtures/two-people.json"));
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&app.service, |conn| app.service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
        .unwrap();
    app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201)
}

fn first(list: &Value, key: &str) -> String {
    list["items"][0][key].as_str().unwrap().to_owned()
}

#[test]
fn a_review_is_approved_by_two_people_and_posted() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let asked = waiting(&app);
        let (li, wang) = (app.caller("li", Role::FinanceReviewer), app.caller("wang", Role::FinanceApprover));
        let queue = li.get("/v1/reviews?state=open").is(200);
        // 30.00 and 25.00 owed, 10.00 paid.
        assert_eq!(queue["items"][0]["amount"], json!({"amount": "65.00", "currency": "CNY"}));
        let review = first(&queue, "review");
        let shown = asked["grants"][0]["shown"].as_str().unwrap();
        let path = format!("/v1/reviews/{review}/judge");
        let approve = json!({"verdict": "approve", "shown": shown});
        assert_eq!(li.post(&path, &json!({"verdict": "approve", "shown": "0"})).status, 409);
        assert_eq!(li.post(&path, &approve).is(200)["state"], "open");
        assert_eq!(li.post(&path, &approve).status, 409, "nobody approves twice");
        let many = json!({"reviews": [{"review": review, "shown": shown}, {"review": "review_0", "shown": shown}]});
        let judged = wang.post("/v1/reviews/approve", &many).is(200);
        assert_eq!(judged["items"][0]["state"], "approved");
        assert_eq!(judged["items"][1]["problem"]["status"], 404);
        let request = format!("/v1/requests/{}", asked["request"].as_str().unwrap());
        assert_eq!(wang.get(&request).is(200)["grants"][0]["state"], "posted");
    });
}

#[test]
fn a_question_back_outdates_what_was_proposed() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let asked = waiting(&app);
        let li = app.caller("li", Role::FinanceReviewer);
        let review = first(&li.get("/v1/reviews").is(200), "review");
        let back = json!({"verdict": "return", "reason": "Since when do you not live there?"});
        assert_eq!(li.post(&format!("/v1/reviews/{review}/judge"), &back).is(200)["state"], "returned");
        let request = format!("/v1/requests/{}", asked["request"].as_str().unwrap());
        let own = app.caller("P-1", Role::Borrower);
        assert_eq!(own.get(&request).is(200)["state"], "needs_information");
        let again = own.post(&format!("{request}/answers"), &json!({})).is(200);
        assert_eq!(again["state"], "decided");
        assert_ne!(again["decision"], asked["decision"]);
        assert_eq!(again["grants"][0]["state"], "pending_approval");
        let grants = li.get("/v1/grants?state=rejected").is(200);
        assert_eq!(grants["items"].as_array().unwrap().len(), 1, "what was proposed before has ended");
        let open = li.get("/v1/reviews?state=open").is(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
        let reject = json!({"verdict": "reject", "reason": "not there any longer"});
        li.post(&format!("/v1/reviews/{}/judge", first(&open, "review")), &reject).is(200);
        assert_eq!(li.get("/v1/grants?state=rejected").is(200)["items"].as_array().unwrap().len(), 2);
        assert_eq!(app.service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn the_engine_alone_keeps_nothing() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let core = app.caller("core", Role::Service);
        let account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        let request: Value = serde_json::from_str(&file("samples/request-hardship.json")).unwrap();
        let question = json!({"account": account, "request": request, "today": "2021-07-29", "detail": "lean"});
        let decided = core.post("/v1/decisions", &question).is(200);
        assert_eq!(decided["outcome"], "granted");
        assert_eq!(decided["totals"]["waived"], json!({"amount": "31.00", "currency": "CNY"}));
        assert_eq!(app.service.grants(None, 0, 10).unwrap().len(), 0);
        let mut wrong = question.clone();
        wrong["account"]["charges"][0]["amount"] = json!("-1.00");
        let problem = core.post("/v1/decisions", &wrong);
        assert_eq!((problem.status, &problem.body["errors"][0]["pointer"]), (422, &json!("/account/charges/0/amount")));
        let lines = format!("{question}\n{wrong}\nno json\n");
        let answers = core.send("POST", "/v1/decisions/batch", Some(&lines), &[]).body;
        let answers: Vec<Value> =
            answers.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0]["decision"]["outcome"], "granted");
        assert_eq!((&answers[1]["problem"]["status"], &answers[2]["problem"]["status"]), (&json!(422), &json!(400)));
    });
}

#[test]
fn a_borrower_sees_why_a_referral_was_turned_down() {
    on_both(|database| {
        let app = App::start(referring(database));
        let (own, li) = (app.caller("P-1", Role::Borrower), app.caller("li", Role::FinanceReviewer));
        let asked = own.post("/v1/requests", &json!({"account": "ZZ-20210220-01"})).is(201);
        assert_eq!(asked["outcome"], "referred");
        let path = format!("/v1/reviews/{}/judge", first(&li.get("/v1/reviews").is(200), "review"));
        let found = json!({"verdict": "decide", "reason": "by letter", "facts": {"account.status": "active"}});
        assert_eq!(li.post(&path, &found).status, 422, "the core system reports it");
        assert_eq!(own.post(&path, &found).status, 403);
        li.post(&path, &json!({"verdict": "reject", "reason": "not a cash loan"})).is(200);
        let ended = own.get(&format!("/v1/requests/{}", asked["request"].as_str().unwrap())).is(200);
        assert_eq!((&ended["state"], &ended["outcome"]), (&json!("closed"), &json!("declined")));
        assert_eq!(ended["steps"].as_array().unwrap().last().unwrap()["note"], "not a cash loan");
    });
}

#[test]
fn a_finding_comes_in_over_http() {
    on_both(|database| {
        let app = App::start(referring(database));
        let (own, li) = (app.caller("P-1", Role::Borrower), app.caller("li", Role::FinanceReviewer));
        let asked = own.post("/v1/requests", &json!({"account": "ZZ-20210220-01"})).is(201);
        let path = format!("/v1/reviews/{}/judge", first(&li.get("/v1/reviews").is(200), "review"));
        let found = json!({"verdict": "decide", "reason": "by letter",
            "facts": {"account.product": "cash_loan"}, "choices": {"later": 2}});
        assert_eq!(li.post(&path, &found).is(200)["state"], "approved");
        let again = own.get(&format!("/v1/requests/{}", asked["request"].as_str().unwrap())).is(200);
        assert_eq!(again["outcome"], "granted");
        assert_eq!(again["grants"][0]["state"], "pending_approval");
    });
}

#[test]
fn a_borrower_appeals_and_sees_both() {
    on_both(|database| {
        let app = App::start(referring(database));
        let (own, li) = (app.caller("P-1", Role::Borrower), app.caller("li", Role::FinanceReviewer));
        let first = own.post("/v1/requests", &json!({"account": "ZZ-20210220-01"})).is(201);
        let path = format!("/v1/requests/{}", first["request"].as_str().unwrap());
        let because = json!({"reason": "It is a cash loan.", "answers": {"request.hardship": true}});
        assert_eq!(own.post(&format!("{path}/appeal"), &because).body["type"], "/problems/nothing_declined");
        let review = first_open(&li);
        li.post(&format!("/v1/reviews/{review}/judge"), &json!({"verdict": "reject", "reason": "no"})).is(200);
        assert_eq!(own.get(&path).is(200)["appeal_by"], "2021-08-28");
        assert_eq!(app.caller("P-9", Role::Borrower).post(&format!("{path}/appeal"), &because).status, 404);
        let second = own.post_once("once", &format!("{path}/appeal"), &because).is(201);
        assert_eq!(own.post_once("once", &format!("{path}/appeal"), &because).is(201), second);
        assert_eq!(second["appeal_of"]["request"], first["request"]);
        assert_eq!(second["appeal_of"]["case_number"], first["case_number"]);
        let shown = own.get(&path).is(200);
        assert_eq!((&shown["appeal"]["request"], &shown["appeal_by"]), (&second["request"], &Value::Null));
        let heard = format!("/v1/reviews/{}/judge", first_open(&li));
        assert_eq!(li.post(&heard, &json!({"verdict": "reject", "reason": "no"})).status, 403);
        let wang = app.caller("wang", Role::FinanceReviewer);
        wang.post(&heard, &json!({"verdict": "reject", "reason": "not one"})).is(200);
        let ended = own.get(&format!("/v1/requests/{}", second["request"].as_str().unwrap())).is(200);
        assert_eq!((&ended["state"], &ended["outcome"]), (&json!("closed"), &json!("declined")));
    });
}

fn first_open(caller: &super::app::Caller) -> String {
    first(&caller.get("/v1/reviews?state=open").is(200), "review")
}

#[test]
fn a_sample_is_agreed_with_and_counted() {
    on_both(|database| {
        let all = ReliefSettings { sample_per_mille: 1_000, ..ReliefSettings::default() };
        let service = zhengzhou(database).with_relief(all);
        let app = App::start(service);
        let asked = app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let li = app.caller("li", Role::FinanceReviewer);
        let queue = li.get("/v1/reviews?kind=sample").is(200);
        let items = queue["items"].as_array().unwrap();
        assert_eq!(items.len(), asked["grants"].as_array().unwrap().len());
        assert_eq!(items[0]["grant"], asked["grants"][0]["grant"]);
        let judge = |at: usize, body: &Value| {
            li.post(&format!("/v1/reviews/{}/judge", items[at]["review"].as_str().unwrap()), body)
        };
        assert_eq!(judge(0, &json!({"verdict": "agree"})).is(200)["state"], "approved");
        assert_eq!(judge(1, &json!({"verdict": "disagree"})).status, 400, "say why");
        assert_eq!(judge(1, &json!({"verdict": "disagree", "reason": "too much"})).is(200)["state"], "rejected");
        let line = &li.get("/v1/reports/agreement").is(200)["items"][0];
        assert_eq!((&line["agreed"], &line["disagreed"], &line["agreement"]), (&json!(1), &json!(1), &json!("0.5000")));
        assert_eq!(line["drawn"], items.len());
    });
}
