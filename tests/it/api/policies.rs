//! Policies over HTTP: cases beside a draft, and withdrawal.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{file, service, zhengzhou};

#[test]
fn cases_are_kept_run_and_have_to_pass() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let author = app.caller("zhao", Role::PolicyAuthor);
        let policy = file("policies/cn-natural-disaster/2024-05-01.json");
        author.send("POST", "/v1/policies", Some(&policy), &[]).is(201);
        let path = "/v1/policies/cn-natural-disaster/1";
        let cases = file("policies/cn-natural-disaster/cases/affected.json");
        let put = |name: &str, text: &str| author.send("PUT", &format!("{path}/cases/{name}"), Some(text), &[]);
        let kept = put("affected", &cases).is(200);
        assert_eq!(kept["document"], serde_json::from_str::<Value>(&cases).unwrap());
        assert_eq!(author.get(&format!("{path}/cases")).is(200)["items"][0]["digest"], kept["digest"]);

        let tested = author.post(&format!("{path}/test"), &json!({})).is(200);
        let count = serde_json::from_str::<Value>(&cases).unwrap()["cases"].as_array().unwrap().len();
        assert_eq!((&tested["passed"], &tested["failed"]), (&json!(count), &json!(0)), "{tested:#}");
        assert!(!tested["not_exercised"].as_array().unwrap().is_empty(), "other cases exercise the rest");

        let mut wrong: Value = serde_json::from_str(&cases).unwrap();
        wrong["cases"][0]["expect"] = json!({"outcome": "granted", "because": ["no_such_reason"]});
        put("wrong", &wrong.to_string()).is(200);
        let refused = author.post(&format!("{path}/submit"), &json!({})).is(409);
        assert_eq!(refused["type"], "/problems/cases_fail");
        let tested = author.post(&format!("{path}/test"), &json!({})).is(200);
        let failed = tested["cases"].as_array().unwrap().iter().find(|case| case["passed"] == false).unwrap();
        assert_eq!(
            (&failed["cases"], &failed["differences"][0]["pointer"]),
            (&json!("wrong"), &json!("/cases/0/expect/because"))
        );

        assert_eq!(put("no/name", &cases).status, 404);
        assert_eq!(put("n%C3%B6", &cases).status, 422);
        let left = author.send("DELETE", &format!("{path}/cases/wrong"), None, &[]).is(200);
        assert_eq!(left["items"].as_array().unwrap().len(), 1);
        assert_eq!(author.send("DELETE", &format!("{path}/cases/wrong"), None, &[]).status, 404);
        assert_eq!(author.post(&format!("{path}/submit"), &json!({})).is(200)["state"], "submitted");
        assert_eq!(put("late", &cases).status, 409);
    });
}

#[test]
fn withdrawal_names_the_requests_in_flight() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let mut ask = hardship();
        ask["evidence"] = json!([]);
        let asked = app.caller("P-1", Role::Borrower).post("/v1/requests", &ask).is(201);
        assert_eq!(asked["state"], "needs_information");
        let approver = app.caller("qian", Role::PolicyApprover);
        let path = "/v1/policies/cn-henan-2021-07-consumer-finance/1";
        let before = approver.get(&format!("{path}/in-flight")).is(200);
        let withdrawn = approver.post_once("w-1", &format!("{path}/withdraw"), &json!({})).is(200);
        assert_eq!(withdrawn["state"], "withdrawn");
        assert_eq!(withdrawn["in_flight"]["items"], before["items"]);
        assert_eq!(before["items"][0]["request"], asked["request"]);
        assert_eq!(before["items"][0]["waits_for"], "answer");
        assert_eq!(approver.post_once("w-1", &format!("{path}/withdraw"), &json!({})).is(200), withdrawn);
        assert_eq!(approver.get("/v1/policies/none/1/in-flight").status, 404);
    });
}

#[test]
fn a_preview_is_asked_for_read_and_cancelled() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let author = app.caller("zhao", Role::PolicyAuthor);
        author.send("POST", "/v1/policies", Some(&file("samples/policy-late-fees.json")), &[]).is(201);
        let path = "/v1/policies/late-fees-at-once/1/preview";
        let body = json!({"declarations": ["cn-henan-2021-07"]});
        let asked = author.post_once("p-1", path, &body).is(202);
        assert_eq!(author.post_once("p-1", path, &body).is(202), asked, "asked twice it is one");
        assert_eq!(author.post(path, &body).is(409)["type"], "/problems/preview_under_way");
        let own = format!("/v1/previews/{}", asked["preview"].as_str().unwrap());
        assert_eq!(author.get(&own).is(200)["state"], "waiting");
        app.service.run_preview(&|| false).unwrap();
        let done = author.get(&own).is(200);
        assert_eq!(done["result"]["total"][0]["waived"]["amount"], "55.00");
        let listed = app.caller("wu", Role::Auditor).get("/v1/previews").is(200);
        assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["result"]), (&json!("done"), &Value::Null));
        author.post(path, &body).is(202);
        let second = author.get("/v1/previews").is(200)["items"][1]["preview"].as_str().unwrap().to_owned();
        let cancel = format!("/v1/previews/{second}/cancel");
        assert_eq!(app.caller("li", Role::FinanceReviewer).post(&cancel, &json!({})).status, 404);
        assert_eq!(author.post(&cancel, &json!({})).is(200)["state"], "cancelled");
    });
}
