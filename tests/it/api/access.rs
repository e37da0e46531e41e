//! Who may do what, generated from the table of routes: every route with every role, nobody, and an ended token.

use std::collections::BTreeSet;

use forbear::api::rules::RULES;
use forbear::api::serve::openapi;
use forbear::service::access::Role;
use serde_json::Value;

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{service, zhengzhou};

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
    let document: Value = serde_json::from_str(&openapi().to_json().unwrap()).unwrap();
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
                assert!([200, 204, 400].contains(&status), "{path} is for everybody: {status}");
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

/// What a borrower sends where it matters that it can be read.
fn body_of(path: &str) -> Option<&'static str> {
    let path = path.rsplit('/').next().unwrap();
    Some(if path == "accept" { "{\"shown\": \"0\"}" } else { "{}" })
}

#[test]
fn what_is_anothers_answers_exactly_as_what_is_missing() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let (own, other) = (app.caller("P-1", Role::Borrower), app.caller("P-9", Role::Borrower));
        let asked = own.post("/v1/requests", &hardship()).is(201);
        let ids = [
            ("{account}", "ZZ-20210220-01"),
            ("{request}", asked["request"].as_str().unwrap()),
            ("{decision}", asked["decision"].as_str().unwrap()),
            ("{grant}", asked["grants"][0]["grant"].as_str().unwrap()),
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
