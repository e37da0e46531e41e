//! Who may do what, generated from the table of routes: every route with every role, nobody, and an ended token.

use std::collections::BTreeSet;

use forbear::api::rules::RULES;
use forbear::api::serve::openapi;
use forbear::service::access::Role;
use serde_json::Value;

use super::app::App;
use crate::databases::on_both;
use crate::service::desk::service;

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
