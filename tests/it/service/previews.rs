//! Previews over the accounts that are kept.

use forbear::service::relief::preview::kept::{NewPreview, PreviewRow};
use forbear::service::{Service, ServiceError};
use forbear::store::preview;
use serde_json::{Value, json};

use super::desk::{account, actor, at, file, write, zhengzhou};
use crate::databases::on_both;

const KEY: (&str, i32) = ("late-fees-at-once", 1);

/// Henan's floods, three loans there and one elsewhere, and a draft.
fn planned(database: &crate::databases::Database) -> Service {
    let service = zhengzhou(database);
    for number in ["ZZ-2", "ZZ-3", "SH-1"] {
        let mut report = account("samples/account-zhengzhou.json");
        number.clone_into(&mut report.account);
        if number == "SH-1" {
            report.status = Some(forbear_engine::account::snapshot::Status::Settled);
        }
        service.take_snapshot(&report).unwrap();
    }
    let text = file("samples/policy-late-fees.json");
    write(&service, |conn| service.draft_policy(conn, &actor("author"), &text)).unwrap();
    service
}

fn asked() -> NewPreview {
    NewPreview { declarations: vec!["cn-henan-2021-07".to_owned()], ..NewPreview::default() }
}

fn ask(service: &Service, who: &str, new: &NewPreview) -> Result<PreviewRow, ServiceError> {
    write(service, |conn| service.ask_preview(conn, &actor(who), KEY, new))
}

fn code(error: ServiceError) -> &'static str {
    let ServiceError::Conflict { code, .. } = error else { panic!("{error}") };
    code
}

/// What a preview came to.
fn result(row: &PreviewRow) -> Value {
    assert_eq!((row.state.as_str(), &row.failure, row.run_until), ("done", &None, None));
    serde_json::from_str(row.result.as_deref().unwrap()).unwrap()
}

#[test]
fn a_draft_is_previewed_over_what_is_kept() {
    on_both(|database| {
        let service = planned(database);
        let row = ask(&service, "author", &asked()).unwrap();
        assert_eq!(service.preview(row.id).unwrap().state, "waiting");
        assert!(service.run_preview(&|| false).unwrap());
        let done = service.preview(row.id).unwrap();
        let came = result(&done);
        assert_eq!((done.accounts, done.decided), (4, 4));
        assert_eq!(came["endings"], json!({"granted_proactively": 3, "declined": 1}));
        // Of each of three loans 30.00 and 25.00 are owed, and 10.00 was paid.
        let total = &came["total"][0];
        assert_eq!((&total["accounts"], &total["waived"]["amount"]), (&json!(3), &json!("165.00")));
        assert_eq!(total["refunded"]["amount"], "30.00");
        let of = |table: &str, key: &str| {
            let [only] = came[table].as_array().unwrap().as_slice() else { panic!("{:#}", came[table]) };
            assert_eq!(only["waived"]["amount"], "165.00", "{table}");
            only[key].clone()
        };
        assert_eq!(of("by_rule", "rule"), "all");
        assert_eq!(of("by_bearer", "bearer"), "lender");
        assert_eq!(of("by_region", "region"), "CN-410105");
        assert_eq!(of("by_benefit", "benefit"), "late-fees");
        assert!(service.grants(None, 0, 10).unwrap().is_empty(), "nothing is done");
        assert!(!service.run_preview(&|| false).unwrap(), "nothing waits any more");
    });
}

#[test]
fn a_preview_that_is_broken_off_is_begun_again() {
    on_both(|database| {
        let service = planned(database);
        let row = ask(&service, "author", &asked()).unwrap();
        // The program is asked to end.
        assert!(service.run_preview(&|| true).unwrap());
        assert_eq!(service.preview(row.id).unwrap().state, "waiting");
        // The program is killed: it still is said to run, and nobody takes it over before a minute is over.
        let mut left = service.preview(row.id).unwrap();
        (left.state, left.decided) = ("running".to_owned(), 2);
        left.run_until = Some(at("2021-07-29T02:01:00Z").naive_utc());
        assert!(write(&service, |conn| Ok(preview::update(conn, &left)?)).unwrap());
        assert!(!service.run_preview(&|| false).unwrap());
        service.clock.set(at("2021-07-29T02:01:01Z"));
        assert!(service.run_preview(&|| false).unwrap());
        let done = service.preview(row.id).unwrap();
        assert_eq!((result(&done)["accounts"].clone(), done.decided), (json!(4), 4), "nobody is counted twice");
    });
}

#[test]
fn a_caller_has_one_preview_and_may_cancel_it() {
    on_both(|database| {
        let service = planned(database);
        let first = ask(&service, "author", &asked()).unwrap();
        assert_eq!(code(ask(&service, "author", &asked()).unwrap_err()), "preview_under_way");
        let other = ask(&service, "finance", &asked()).unwrap();
        let cancel = |who: &str, id: i64| write(&service, |conn| service.cancel_preview(conn, &actor(who), id));
        assert!(matches!(cancel("author", other.id), Err(ServiceError::Missing(_))), "it is somebody else's");
        // Cancelled while it runs: whoever runs it finds out at the next page, and keeps nothing.
        let stop = || {
            cancel("author", first.id).unwrap();
            false
        };
        assert!(service.run_preview(&stop).unwrap());
        let ended = service.preview(first.id).unwrap();
        assert_eq!((ended.state.as_str(), ended.result), ("cancelled", None));
        assert!(service.run_preview(&|| false).unwrap(), "the next one has its turn");
        assert_eq!(code(cancel("finance", other.id).unwrap_err()), "wrong_state");
        ask(&service, "author", &asked()).unwrap();
    });
}

#[test]
fn what_cannot_be_previewed_is_said_at_once() {
    on_both(|database| {
        let service = planned(database);
        let place = |new: &NewPreview| {
            let Err(ServiceError::Invalid(problems)) = ask(&service, "author", new) else { panic!() };
            (problems[0].pointer.clone(), problems[0].message.clone())
        };
        assert_eq!(place(&NewPreview::default()).0, "/declarations");
        let unknown = NewPreview { declarations: vec!["none".to_owned()], ..asked() };
        assert_eq!(place(&unknown), ("/declarations/0".to_owned(), "no declaration none".to_owned()));
        let early = |day: &str| NewPreview { today: Some(day.parse().unwrap()), ..asked() };
        assert!(place(&early("2021-06-30")).1.contains("in force from 2021-07-01"));
        assert!(place(&early("2021-07-20")).1.contains("nothing is declared yet"));
        let nobody = NewPreview { nobody_asks: true, ..asked() };
        let row = ask(&service, "author", &nobody).unwrap();
        assert!(service.run_preview(&|| false).unwrap());
        assert_eq!(result(&service.preview(row.id).unwrap())["assumed"], Value::Null);
    });
}
