//! Flags: set once, seen by everybody who deals with the person, kept, and over on their day.

use forbear::service::ServiceError;
use forbear::service::access::Role;
use forbear::store::flag::FlagRow;
use serde_json::json;

use super::{at, hit, outreach, telling};
use crate::access::verbs;
use crate::api::app::App;
use crate::databases::{on_both, sqlite};
use crate::service::desk::{actor, write};

#[test]
fn a_flag_is_set_once_and_over_on_its_day() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        let set = |flag: &str, reason: &str, until: Option<&str>| {
            let until = until.map(|day| day.parse().unwrap());
            write(&service, |conn| service.set_flag(conn, &actor("li"), "A", (flag, reason, until)))
        };
        let first = set("hospitalised", "told", Some("2021-08-10")).unwrap();
        assert_eq!(
            set("hospitalised", "told", Some("2021-08-10")).unwrap().id,
            first.id,
            "said again it changes nothing"
        );
        let longer = set("hospitalised", "document", Some("2021-08-20")).unwrap();
        set("bereaved", "told_by_relative", None).unwrap();
        let held = || {
            let rows = service.flags("A").unwrap().into_iter().filter(|row| service.holds(row));
            rows.map(|row| row.flag).collect::<Vec<_>>()
        };
        assert_eq!(held(), ["hospitalised", "bereaved"]);
        at(&service, "2021-08-20T15:59:59Z");
        assert_eq!(held(), ["hospitalised", "bereaved"], "its last day in Shanghai");
        at(&service, "2021-08-20T16:00:00Z");
        assert_eq!(held(), ["bereaved"]);
        write(&service, |conn| service.lift_flag(conn, &actor("li"), "A", ("bereaved", "told"))).unwrap();
        assert!(held().is_empty());
        let history: Vec<(String, Option<String>)> =
            service.flags("A").unwrap().into_iter().map(|row: FlagRow| (row.flag, row.lifted_reason)).collect();
        let of = |flag: &str, why: Option<&str>| (flag.to_owned(), why.map(str::to_owned));
        assert_eq!(
            history,
            [of("hospitalised", Some("set_anew")), of("hospitalised", None), of("bereaved", Some("told"))]
        );
        assert_ne!(first.id, longer.id);
        let logged = verbs(&service);
        assert_eq!(logged.iter().filter(|verb| *verb == "flag.set").count(), 3);
        assert_eq!(logged.iter().filter(|verb| *verb == "flag.lift").count(), 2);

        let place = |error: ServiceError| match error {
            ServiceError::Invalid(problems) => problems[0].pointer.clone(),
            error => panic!("{error}"),
        };
        assert_eq!(place(set("tired", "told", None).unwrap_err()), "/flag");
        assert_eq!(place(set("vulnerable", "he has an illness", None).unwrap_err()), "/reason");
        assert_eq!(place(set("vulnerable", "told", Some("2021-08-20")).unwrap_err()), "/until", "it is past");
        assert_eq!(place(set("vulnerable", "told", Some("2024-01-01")).unwrap_err()), "/until", "two years at most");
        let nobody = write(&service, |conn| service.set_flag(conn, &actor("li"), "Z", ("vulnerable", "told", None)));
        assert!(matches!(nobody, Err(ServiceError::Missing("person"))));
        let none = write(&service, |conn| service.lift_flag(conn, &actor("li"), "A", ("deceased", "mistake")));
        assert!(matches!(none, Err(ServiceError::Missing("flag"))));
    });
}

#[test]
fn who_may_see_a_person_sees_what_to_mind() {
    let service = telling(&sqlite(), outreach());
    hit(&service, "A-1", "A", "13800000001", "zh-CN");
    hit(&service, "B-1", "B", "13800000002", "zh-CN");
    let app = App::start(service);
    let (own, other, agent) =
        (app.caller("A", Role::Borrower), app.caller("B", Role::Borrower), app.caller("li", Role::CareAgent));
    let body = json!({"flag": "hospitalised", "reason": "told", "until": "2021-09-30"});
    let set = own.post("/v1/me/flags", &body).is(200);
    assert_eq!(
        (&set["flag"], &set["holds"], &set["until"]),
        (&json!("hospitalised"), &json!(true), &json!("2021-09-30"))
    );
    for flags in [
        agent.get("/v1/persons/A").is(200)["flags"].clone(),
        agent.get("/v1/accounts/A-1").is(200)["flags"].clone(),
        own.get("/v1/accounts/A-1").is(200)["flags"].clone(),
        agent.get("/v1/persons/A/flags").is(200)["items"].clone(),
        own.get("/v1/me/flags").is(200)["items"].clone(),
    ] {
        assert_eq!(flags, json!([set]));
    }
    assert_eq!(other.get("/v1/accounts/A-1").status, 404);
    assert_eq!(other.get("/v1/me/flags").is(200)["items"], json!([]));
    let lifted = agent.post("/v1/persons/A/flags/lift", &json!({"flag": "hospitalised", "reason": "over"})).is(200);
    assert_eq!((&lifted["holds"], &lifted["lifted_reason"]), (&json!(false), &json!("over")));
    assert_eq!(agent.get("/v1/persons/A").is(200).get("flags"), None);
}
