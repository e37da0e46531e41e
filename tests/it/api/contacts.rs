//! Contacts, cases and progress over HTTP.

use std::time::{Duration, Instant};

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, hardship};
use crate::contact::{LOAN, PHONE, known};
use crate::databases::on_both;

#[test]
fn a_caller_is_helped_from_the_first_ring_to_the_last_step() {
    on_both(|database| {
        let app = App::start(known(database));
        let (agent, own) = (app.caller("sun", Role::CareAgent), app.caller("P-1", Role::Borrower));
        let body = json!({"via": "hotline", "phone": PHONE, "question": "relief.apply", "note": "房子淹了"});
        let contact = agent.post_once("ring", "/v1/contacts", &body).is(201);
        assert_eq!(agent.post_once("ring", "/v1/contacts", &body).is(201), contact);
        let other = json!({"via": "hotline", "phone": PHONE, "question": "relief.apply", "note": "别的"});
        assert_eq!(agent.post_once("ring", "/v1/contacts", &other).status, 422, "another note is another body");
        assert_eq!((&contact["state"], &contact["waited_seconds"]), (&json!("answered"), &json!(0)));
        let path = format!("/v1/contacts/{}", contact["contact"].as_str().unwrap());
        let scripts = agent.get("/v1/scripts").is(200);
        let script = scripts["items"].as_array().unwrap().iter().find(|one| one["for"] == "apply").unwrap().clone();
        let consent = json!({
            "party": "P-1", "script": script["script"], "script_digest": script["digest"], "recording": "rec-1",
        });
        let ask = json!({
            "answers": {"request.hardship": true}, "choices": {"two-instalments": 2}, "evidence": ["self_statement"],
            "consent": consent,
        });
        let asked = agent.post_once("ask", &format!("{path}/requests"), &ask).is(201);
        assert_eq!((&asked["case"], &asked["outcome"]), (&contact["case"], &json!("granted")));
        let request = format!("/v1/requests/{}", asked["request"].as_str().unwrap());
        let consents = own.get(&format!("{request}/consents")).is(200);
        assert_eq!(
            (&consents["items"][0]["kind"], &consents["items"][0]["recording"]),
            (&json!("apply"), &json!("rec-1"))
        );
        agent.post(&format!("{path}/resolve"), &json!({"outcome": "relief_asked"})).is(200);

        let file = agent.get(&format!("/v1/cases/{}", contact["case"].as_str().unwrap())).is(200);
        assert_eq!((&file["words"][0]["text"], &file["account"]), (&json!("房子淹了"), &json!(LOAN)));
        let mine = own.get("/v1/me/cases").is(200);
        assert_eq!(
            (&mine["items"][0]["case_number"], &mine["items"][0]["requests"][0]),
            (&asked["case_number"], &asked["request"])
        );
        let steps: Vec<_> =
            mine["items"][0]["steps"].as_array().unwrap().iter().map(|step| step["kind"].clone()).collect();
        assert_eq!(steps, ["contacted", "attended", "received", "posted", "granted"]);
        assert_eq!(mine["items"][0]["steps"][3]["en"], "done, and sent to the loan system");
    });
}

#[test]
fn progress_is_told_by_number_and_digits_and_guessers_learn_nothing() {
    on_both(|database| {
        let app = App::start(known(database));
        let (nobody, own) = (app.nobody(), app.caller("P-1", Role::Borrower));
        let number = own.post("/v1/requests", &hardship()).is(201)["case_number"].clone();
        let look = |case: &Value, last4: &str| nobody.post("/v1/progress", &json!({"case": case, "last4": last4}));
        let shown = look(&number, "5678").is(200);
        assert_eq!((&shown["case_number"], &shown["steps"][0]["zh"]), (&number, &json!("已收到")));
        assert!(shown.get("account").is_none() && shown["steps"][0].get("note").is_none());
        let began = Instant::now();
        let (missing, wrong) = (look(&json!("00000-0000-0000"), "5678"), look(&number, "0000"));
        assert!(began.elapsed() >= Duration::from_millis(400), "each answer takes the same time at least");
        assert_eq!((missing.status, &missing.body), (404, &wrong.body));
        assert_eq!(missing.body["type"], "/problems/no_such_case");
    });
}

#[test]
fn a_borrower_opens_a_contact_of_their_own_only() {
    on_both(|database| {
        let app = App::start(known(database));
        let (own, other) = (app.caller("P-1", Role::Borrower), app.caller("P-9", Role::Borrower));
        let contact = own.post("/v1/contacts", &json!({"via": "app", "note": "想问一下进度"})).is(201);
        assert_eq!(contact["state"], "waiting");
        let path = format!("/v1/contacts/{}", contact["contact"].as_str().unwrap());
        assert_eq!((own.get(&path).status, other.get(&path).status), (200, 404));
        for (body, pointer) in [
            (json!({"via": "hotline"}), "/via"),
            (json!({"via": "fax"}), "/via"),
            (json!({"via": "app", "phone": PHONE}), ""),
            (json!({"via": "app", "question": "relief.none"}), "/question"),
        ] {
            assert_eq!(own.post("/v1/contacts", &body).is(422)["errors"][0]["pointer"], pointer, "{body}");
        }
        assert_eq!(own.post("/v1/contacts", &json!({"via": "app", "account": "ZZ-9"})).status, 404);
        let agent = app.caller("sun", Role::CareAgent);
        assert_eq!(
            agent.post(&format!("{path}/resolve"), &json!({"outcome": "informed"})).is(409)["type"],
            "/problems/wrong_state"
        );
        agent.post(&format!("{path}/answer"), &json!({})).is(200);
        let waits = agent.get("/v1/contacts?state=answered").is(200);
        assert_eq!(waits["items"][0]["answered_by"], "sun");
    });
}
