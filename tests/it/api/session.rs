//! Signing in over HTTP, and people masked and in full.

use forbear::secret::token;
use forbear::secret::{Hidden, KeyRing};
use forbear::service::access::Role;
use forbear::store::session::{self, SessionRow};
use serde_json::{Value, json};

use super::app::App;
use crate::databases::on_both;
use crate::service::desk::{file, write, zhengzhou};

#[test]
fn somebody_signs_in_with_a_cookie_and_out_again() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let password = Hidden::new("a long enough password".to_owned());
        app.service.ensure_user("li", "li", &[Role::Auditor], &password).unwrap();
        let nobody = app.nobody();
        let wrong = nobody.post("/v1/session", &json!({"name": "li", "password": "not the password"}));
        let unknown = nobody.post("/v1/session", &json!({"name": "lo", "password": "not the password"}));
        assert_eq!((wrong.status, &wrong.body), (401, &unknown.body), "nobody learns which it was");
        let signed_in = nobody.post("/v1/session", &json!({"name": "li", "password": "a long enough password"}));
        let cookie = signed_in.cookie.clone().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        assert_eq!(signed_in.is(201)["roles"], json!(["auditor"]));
        let own = cookie.split(';').next().unwrap();
        let with = |method: &str, path: &str| nobody.send(method, path, None, &[("Cookie", own)]);
        assert_eq!(with("GET", "/v1/me").is(200)["person"], "li");
        let replay = "/v1/decisions/decision_0000000000001/replay";
        let from = |origin: &str| nobody.send("POST", replay, None, &[("Cookie", own), ("Origin", origin)]).status;
        assert_eq!(from("https://elsewhere.example"), 403, "another site changes nothing with the cookie");
        assert_eq!(from("null"), 403);
        assert_eq!(from(&app.url), 404, "this site may ask");
        assert_eq!(with("DELETE", "/v1/session").status, 204);
        assert_eq!(with("GET", "/v1/me").status, 401);
    });
}

#[test]
fn a_person_is_masked_and_shown_for_a_reason_that_is_logged() {
    on_both(|database| {
        let service = zhengzhou(database).with_keys(KeyRing::of_memory().unwrap());
        let app = App::start(service);
        let mut account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        account["as_of"] = json!("2021-07-29");
        account["person"] = json!({"parties": [{"party": "P-1", "name": "张三丰", "phone": "13812345678"}]});
        let core = app.caller("core", Role::Service);
        let taken = core.send("POST", "/v1/accounts", Some(&account.to_string()), &[]).is(200);
        assert_eq!(taken["bad_lines"], json!([]));
        let agent = app.caller("agent", Role::CareAgent);
        let masked = agent.get("/v1/persons/P-1").is(200);
        assert_eq!((&masked["name"], &masked["phone"]), (&json!("张**"), &json!("138****5678")));
        let reason = json!({"reason": "the caller asked to be called back"});
        let shown = agent.post_once("k", "/v1/persons/P-1/reveal", &reason).is(200);
        assert_eq!(shown["phone"], "13812345678");
        let log = app.caller("auditor", Role::Auditor).get("/v1/audit?verb=person.reveal").is(200);
        assert_eq!(log["items"].as_array().unwrap().len(), 1);
        assert!(!log.to_string().contains("13812345678"));
    });
}

#[test]
fn care_signs_a_borrower_out_everywhere() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let now = app.service.clock.now();
        let session = |cookie: &str, party: &str| SessionRow {
            token_hash: token::hash(cookie),
            user_id: None,
            party: Some(party.to_owned()),
            created_at: now,
            used_at: now,
            expires_at: now + chrono::TimeDelta::hours(2),
        };
        for (cookie, party) in [("phone", "P-1"), ("browser", "P-1"), ("another", "P-9")] {
            write(&app.service, |conn| Ok(session::begin(conn, &session(cookie, party))?)).unwrap();
        }
        let status = |cookie: &str| {
            let cookie = format!("forbear_session={cookie}");
            app.nobody().send("GET", "/v1/me", None, &[("Cookie", &cookie)]).status
        };
        assert_eq!(["phone", "browser", "another"].map(status), [200, 200, 200]);
        let agent = app.caller("agent", Role::CareAgent);
        let out = agent.send("DELETE", "/v1/persons/P-1/sessions", None, &[]).is(200);
        assert_eq!(out["sessions"], 2);
        assert_eq!(["phone", "browser", "another"].map(status), [401, 401, 200]);
        assert_eq!(agent.send("DELETE", "/v1/persons/P-1/sessions", None, &[]).is(200)["sessions"], 0);
        assert_eq!(agent.send("DELETE", "/v1/persons/nobody/sessions", None, &[]).status, 404);
        let log = app.caller("auditor", Role::Auditor).get("/v1/audit?verb=session.end").is(200);
        assert_eq!(log["items"][0]["detail"]["sessions"], 2);
    });
}
