//! From a snapshot to a confirmed waiver and a balanced journal, as the people do it.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{file, service};

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} of {value:#}")).to_owned()
}

#[test]
fn from_a_snapshot_to_a_confirmed_waiver_and_a_balanced_journal() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let (author, approver) = (app.caller("zhao", Role::PolicyAuthor), app.caller("qian", Role::PolicyApprover));
        let (lead, core) = (app.caller("sun", Role::CareLead), app.caller("core", Role::Service));
        let policy: Value =
            serde_json::from_str(&file("policies/cn-henan-2021-07-consumer-finance/2021-07-22.json")).unwrap();
        let drafted = author.post("/v1/policies", &policy).is(201);
        let version = "/v1/policies/cn-henan-2021-07-consumer-finance/1";
        author.post(&format!("{version}/submit"), &json!({})).is(200);
        let approved = json!({"digest": text(&drafted, "/digest")});
        assert_eq!(approver.post(&format!("{version}/approve"), &json!({"digest": "0"})).status, 409);
        approver.post(&format!("{version}/approve"), &approved).is(200);

        let declaration: Value = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
        lead.post("/v1/declarations", &declaration).is(201);
        let account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        let taken = core.send("POST", "/v1/accounts", Some(&format!("{account}\nno account\n")), &[]).is(200);
        assert_eq!((taken["new"].as_u64(), taken["bad_lines"][0]["line"].as_u64()), (Some(1), Some(2)));
        let again = core.send("POST", "/v1/accounts", Some(&account.to_string()), &[]).is(200);
        assert_eq!((again["new"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(1)));

        let borrower = app.caller("ZZ-P1", Role::Borrower);
        let party = account["parties"][0]["party"].as_str().unwrap();
        let own = app.caller(party, Role::Borrower);
        assert_eq!(borrower.post("/v1/requests", &hardship()).status, 404, "somebody else's account is not there");
        let asked = own.post("/v1/requests", &hardship()).is(201);
        assert_eq!(text(&asked, "/outcome"), "granted");
        let request = format!("/v1/requests/{}", text(&asked, "/request"));
        assert_eq!(own.get(&request).is(200)["state"], "decided");
        assert_eq!(borrower.get(&request).status, 404);

        let seen = own.get("/v1/accounts/ZZ-20210220-01").is(200);
        assert_eq!((&seen["history"][0]["as_of"], &seen["requests"][0]), (&json!("2021-07-28"), &asked["request"]));
        assert_eq!(seen["open_instructions"].as_array().unwrap().len(), 1);

        let finance = app.caller("li", Role::FinanceReviewer);
        let pending = core.get("/v1/instructions?state=pending").is(200);
        let instruction = text(&pending, "/items/0/instruction");
        core.post(&format!("/v1/instructions/{instruction}/confirm"), &json!({})).is(200);
        assert_eq!(own.get(&request).is(200)["grants"][0]["state"], "confirmed");
        let balances = finance.get("/v1/journal/balances").is(200);
        let waived = balances["items"].as_array().unwrap().iter().find(|one| one["ledger"] == "relief.waived").unwrap();
        // 25.00 of late fee and 6.00 of penalty interest, as the sample's account has them.
        assert_eq!(waived["amount"], json!({"amount": "31.00", "currency": "CNY"}));
        assert_eq!(app.service.verify_books().unwrap().broken, Vec::<String>::new());

        for by in ["declaration", "policy", "rule", "region", "bearer", "day"] {
            let report = finance.get(&format!("/v1/reports/relief?by={by}")).is(200);
            let cents =
                |line: &Value| line["waived"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
            let sum: i64 = report["items"].as_array().unwrap().iter().map(cents).sum();
            assert_eq!(sum, 3_100, "{by}: {report:#}");
        }
        let table = finance.get("/v1/reports/relief?by=bearer&format=csv");
        assert!(table.body.as_str().unwrap().contains("\nlender,CNY,31.00,10.00,"), "{:#}", table.body);
        let none = finance.get("/v1/reports/relief?until=2021-07-28").is(200);
        assert_eq!(none["items"], json!([]));

        let auditor = app.caller("zhou", Role::Auditor);
        let decision = text(&asked, "/decision");
        assert_eq!(auditor.post(&format!("/v1/decisions/{decision}/replay"), &json!({})).is(200)["same"], true);
        assert!(auditor.get("/v1/audit?verb=grant.post").is(200)["items"].as_array().unwrap().len() > 2);
    });
}

#[test]
fn problems_say_where_and_what_would_be_right() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let finance = app.caller("wu", Role::FinanceApprover);
        let wrong = finance.post("/v1/budgets", &json!({"amount": {"amount": "1.001", "currency": "CNY"}}));
        assert_eq!((wrong.status, wrong.kind.as_str()), (400, "application/problem+json"));
        assert_eq!(wrong.body["errors"][0]["pointer"], "/amount/amount", "{:#}", wrong.body);
        let unknown = finance.post("/v1/budgets", &json!({"amount": {"amount": "1.00", "currency": "CNY"}, "sum": 1}));
        assert_eq!(unknown.status, 400);
        assert!(unknown.body["errors"][0]["detail"].as_str().unwrap().contains("sum"), "{:#}", unknown.body);
        let made = finance.post("/v1/budgets", &json!({"amount": {"amount": "10.00", "currency": "CNY"}}));
        let (etag, made) = (made.etag.clone().unwrap(), made.is(201));
        let path = format!("/v1/budgets/{}", text(&made, "/budget"));
        let body = json!({"amount": {"amount": "20.00", "currency": "CNY"}}).to_string();
        assert_eq!(finance.send("PUT", &path, Some(&body), &[]).status, 428);
        finance.send("PUT", &path, Some(&body), &[("If-Match", &etag)]).is(200);
        assert_eq!(finance.send("PUT", &path, Some(&body), &[("If-Match", &etag)]).status, 409);
        assert_eq!(finance.get("/v1/nothing").status, 404);
        assert_eq!(finance.get("/v1/grants?limit=0").status, 400);
    });
}
