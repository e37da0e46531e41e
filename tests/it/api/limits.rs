//! Who calls too often waits; what happens is counted.

use std::num::NonZeroU32;

use forbear::api::limits::Rates;
use forbear::api::serve::Bounds;
use forbear::service::access::Role;
use serde_json::json;

use super::app::App;
use crate::databases::on_both;
use crate::service::desk::zhengzhou;

#[test]
fn who_calls_too_often_waits() {
    on_both(|database| {
        let number = |number| NonZeroU32::new(number).unwrap();
        let rates = Rates { caller: number(20), borrower: number(2), sign_in: number(3) };
        let app = App::bounded(zhengzhou(database), Bounds { rates, workers: 2, ..Bounds::default() });
        let (borrower, agent) = (app.caller("P-1", Role::Borrower), app.caller("agent", Role::CareAgent));
        let calls = |count| (0..count).map(|_| borrower.get("/v1/me").status).collect::<Vec<_>>();
        assert_eq!(calls(4), [200, 200, 429, 429]);
        assert_eq!(agent.get("/v1/me").status, 200, "others go on");
        let wrong = json!({"name": "li", "password": "not the password"});
        let tries: Vec<u16> = (0..4).map(|_| app.nobody().post("/v1/session", &wrong).status).collect();
        assert_eq!(tries, [401, 401, 401, 429]);
        let refused = app.nobody().post("/v1/session", &wrong);
        assert_eq!((refused.status, &refused.body["type"]), (429, &json!("/problems/too_many")));
    });
}

#[test]
fn figures_count_what_happens_and_name_nobody() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("agent", Role::CareAgent).get("/v1/accounts/ZZ-20210220-01").is(200);
        app.caller("agent", Role::CareAgent).get("/v1/accounts/nobody-has-this-one").is(404);
        assert_eq!(app.caller("agent", Role::CareAgent).get("/metrics").status, 403);
        let figures = app.caller("watch", Role::Service).get("/metrics").is(200);
        let text = figures.as_str().unwrap();
        let route = "route=\"/v1/accounts/{account}\"";
        for status in ["200", "404"] {
            let line = text.lines().find(|line| {
                line.starts_with("forbear_requests_total") && line.contains(route) && line.contains(status)
            });
            assert!(line.is_some(), "{status}: {text}");
        }
        assert!(text.contains("forbear_request_seconds_bucket"), "{text}");
        assert!(text.contains("forbear_states_age_seconds{of=\"ended\"}"), "{text}");
        assert!(!text.contains("nobody-has-this-one") && !text.contains("ZZ-20210220-01"), "{text}");
    });
}
