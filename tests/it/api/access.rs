//! Who may do what, generated from the table of routes: every route with every role, nobody, and an ended token.

use std::collections::BTreeSet;

use forbear::api::rules::RULES;
use forbear::api::serve::openapi;
use forbear::secret::{Hidden, KeyRing};
use forbear::service::access::Role;
use forbear::service::access::token::NewToken;
use forbear::service::audit::Actor;

use super::app::{App, hardship};
use crate::databases::{on_both, sqlite};
use crate::service::desk::{service, write, zhengzhou};

/// A path with ids that are of nothing.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{version}" => "1".to_owned(),
        "{slug}" | "{declaration}" | "{account}" => "none".to_owned(),
        part if part.starts_with('{') => format!("{}_0000000000001", part.trim_matches(['{', '}'])),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let document = openapi();
    let mut routes = BTreeSet::from([("GET".to_owned(), "/openapi.json".to_owned())]);
    for (path, methods) in document["paths"].as_object().unwrap() {
        routes.extend(methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    let rows: BTreeSet<_> = RULES.iter().map(|rule| (rule.method.to_owned(), rule.path.to_owned())).collect();
    assert_eq!(routes, rows);
    assert_eq!(rows.len(), RULES.len(), "a route has one row");
}

#[test]
fn every_role_meets_every_route() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let nobody = app.nobody();
        let wrong = app.with_token("fbt_wrong");
        let callers: Vec<_> = Role::ALL.into_iter().map(|role| (role, app.caller(role.name(), role))).collect();
        for rule in RULES {
            let path = filled(rule.path);
            let body = (rule.method != "GET").then_some("{}");
            if rule.may.is_empty() {
                let status = nobody.send(rule.method, &path, body, &[]).status;
                // What another program signs is refused where it is not signed.
                let signed = rule.path == "/v1/messages/receipts";
                assert!(
                    [200, 204, 400].contains(&status) || (signed && status == 401),
                    "{path} is for everybody: {status}"
                );
                continue;
            }
            for caller in [&nobody, &wrong] {
                // A body that cannot be read is refused before anything else is looked at.
                let status = caller.send(rule.method, &path, body, &[]).status;
                assert!([401, 400].contains(&status), "{} {path}: {status}", rule.method);
            }
            for (role, caller) in &callers {
                let status = caller.send(rule.method, &path, body, &[]).status;
                let may = rule.may.contains(role);
                assert_ne!(status, 401, "{} {path} as {role}", rule.method);
                assert_ne!(status, 500, "{} {path} as {role}", rule.method);
                if may {
                    assert_ne!(status, 403, "{} {path} as {role}", rule.method);
                } else {
                    assert!([403, 400].contains(&status), "{} {path} as {role}: {status}", rule.method);
                }
            }
        }
    });
}

#[test]
fn no_two_shapes_have_one_name() {
    let mut folders = vec![std::path::PathBuf::from("src/api")];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(entry).unwrap();
            let shapes = text.split("ToSchema)]").skip(1).filter_map(|rest| {
                let (_, named) = rest.split_once("pub struct ").or_else(|| rest.split_once("pub enum "))?;
                named.split([' ', '<', '(']).next().map(str::to_owned)
            });
            names.extend(shapes);
        }
    }
    names.retain(|name| !name.is_empty());
    let once: BTreeSet<&String> = names.iter().collect();
    let twice: Vec<_> = once.iter().filter(|name| names.iter().filter(|other| *other == **name).count() > 1).collect();
    // In the document one would stand for the other.
    assert!(names.len() > 30 && twice.is_empty(), "{twice:?}");
}

#[test]
fn a_route_says_which_methods_it_takes() {
    let app = App::start(service(&sqlite(), "2021-07-29"));
    let nobody = app.nobody();
    let answer = nobody.send("DELETE", "/v1/budgets/budget_0000000000001", None, &[]);
    assert_eq!((answer.status, &answer.body["detail"]), (405, &"this takes GET, PUT".into()));
    assert_eq!(nobody.send("DELETE", "/v1/budgets/a/b", None, &[]).status, 404);
    assert_eq!(nobody.get("/v1/nothing").status, 404);
}

#[test]
fn what_has_ended_opens_nothing() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let (service, clock) = (&app.service, app.service.clock.clone());
        let chief = Actor::system();
        let hour = clock.now() + chrono::TimeDelta::hours(1);
        let token = |role: Role| {
            let (name, person) = (role.name().to_owned(), format!("of-{role}"));
            let new = NewToken { name, person, roles: vec![role], expires_at: Some(hour) };
            let (_, text) = write(service, |conn| service.issue_token(conn, &chief, &new)).unwrap();
            app.with_token(text.show())
        };
        let tokens: Vec<_> = Role::ALL.into_iter().map(|role| (role, token(role))).collect();
        // One person who may do whatever anybody of the lender's may.
        let staff: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Borrower).collect();
        let password = Hidden::text("a long enough password");
        service.ensure_user("chief", "chief", &staff, &password).unwrap();
        let signed_in = service.sign_in("chief", &password).unwrap().unwrap();
        let cookie = format!("forbear_session={}", signed_in.token.show());
        let nobody = app.nobody();
        let with_cookie = |method: &str, path: &str, body| nobody.send(method, path, body, &[("Cookie", &cookie)]);

        for (role, caller) in &tokens {
            assert_eq!(caller.get("/v1/me").status, 200, "{role}");
        }
        with_cookie("GET", "/v1/me", None).is(200);
        // A session lasts twelve hours at most, and half an hour unused.
        clock.set(clock.now().and_utc() + chrono::TimeDelta::hours(13));
        for rule in RULES.iter().filter(|rule| !rule.may.is_empty()) {
            let path = filled(rule.path);
            let body = (rule.method != "GET").then_some("{}");
            let by_token =
                tokens.iter().map(|(role, caller)| (role.name(), caller.send(rule.method, &path, body, &[])));
            for (who, answer) in by_token.chain([("session", with_cookie(rule.method, &path, body))]) {
                // A body that cannot be read is refused before anything else is looked at.
                assert!([401, 400].contains(&answer.status), "{} {path} by {who}: {}", rule.method, answer.status);
            }
        }
    });
}

/// What a borrower sends where it matters that it can be read.
fn body_of(path: &str) -> Option<&'static str> {
    let path = path.rsplit('/').next().unwrap();
    Some(match path {
        "accept" => "{\"shown\": \"0\"}",
        "appeal" | "reopen" => "{\"reason\": \"no\"}",
        "rate" => "{\"score\": 1}",
        _ => "{}",
    })
}

#[test]
fn what_is_anothers_answers_exactly_as_what_is_missing() {
    on_both(|database| {
        let app = App::start(zhengzhou(database).with_keys(KeyRing::of_memory().unwrap()));
        let (own, other) = (app.caller("P-1", Role::Borrower), app.caller("P-9", Role::Borrower));
        let asked = own.post("/v1/requests", &hardship()).is(201);
        let path = format!("/v1/requests/{}/evidence?kind=other", asked["request"].as_str().unwrap());
        let shown = own.send("POST", &path, Some("%PDF-1.7 a letter"), &[]).is(201);
        let contact = own.post("/v1/contacts", &serde_json::json!({"via": "app"})).is(201);
        let complaint = own.post("/v1/complaints", &serde_json::json!({"class": "fees", "words": "罚息"})).is(201);
        let ids = [
            ("{complaint}", complaint["complaint"].as_str().unwrap()),
            ("{contact}", contact["contact"].as_str().unwrap()),
            ("{account}", "ZZ-20210220-01"),
            ("{request}", asked["request"].as_str().unwrap()),
            ("{decision}", asked["decision"].as_str().unwrap()),
            ("{grant}", asked["grants"][0]["grant"].as_str().unwrap()),
            ("{evidence}", shown["evidence"].as_str().unwrap()),
        ];
        let routes = RULES.iter().filter(|rule| rule.may.contains(&Role::Borrower) && rule.path.contains('{'));
        let mut tried = 0;
        for rule in routes {
            let real = ids.iter().fold(rule.path.to_owned(), |path, (name, id)| path.replace(name, id));
            assert!(!real.contains('{'), "{real}: say which object of the borrower's that is");
            let body = (rule.method != "GET").then(|| body_of(rule.path)).flatten();
            let (of_other, missing) =
                (other.send(rule.method, &real, body, &[]), other.send(rule.method, &filled(rule.path), body, &[]));
            assert_eq!((of_other.status, &of_other.body), (404, &missing.body), "{} {real}", rule.method);
            if rule.method == "GET" {
                own.get(&real).is(200);
            }
            tried += 1;
        }
        assert!(tried >= 8, "{tried} routes were tried");
    });
}
