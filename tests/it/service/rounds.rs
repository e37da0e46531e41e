//! Rounds: everybody gets what the policies give without being asked, once, and what an amendment adds.

use std::cell::Cell;

use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::NewRequest;
use forbear::service::relief::round::RoundRow;
use forbear::service::{Served, Service, ServiceError};
use forbear::store::grant::GrantRow;
use forbear_engine::account::Account;
use forbear_engine::declaration::Declaration;
use serde_json::{Value, json};

use super::desk::{account, actor, at, file, put_in_force, service, staff, write};
use super::orders::{later, ordering};
use crate::databases::{Database, on_both};

const FLOOD: &str = "cn-henan-2021-07";

/// The policy in force waives late fees of 65.00 for everybody, with this start, and so many loans of so many borrowers are
/// kept beside the one of the sample.
pub fn giving(database: &Database, start: &Value, benefits: Option<&Value>, loans: usize) -> Service {
    let service = service(database, "2021-07-29");
    write(&service, |conn| service.declare(conn, &actor("lead"), &flood())).unwrap();
    service.take_snapshot(&account("samples/account-zhengzhou.json")).unwrap();
    let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
    policy["start"] = start.clone();
    if let Some(benefits) = benefits {
        policy["rules"][0]["benefits"] = benefits.clone();
    }
    put_in_force(&service, &policy.to_string());
    for number in 0..loans {
        service.take_snapshot(&loan(&format!("L-{number}"), |_| {})).unwrap();
    }
    service
}

/// The floods as they were declared first, when nobody knew their end.
fn flood() -> Declaration {
    let mut declared: Declaration = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
    declared.amendments.clear();
    declared
}

/// The same, and that they ended.
fn ended(said: &str, end: &str) -> Declaration {
    let amendment = json!({"number": 1, "on": said, "incident_end": end});
    Declaration { amendments: vec![serde_json::from_value(amendment).unwrap()], ..flood() }
}

pub fn loan(account: &str, change: impl FnOnce(&mut Value)) -> Account {
    let mut loan: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    loan["account"] = json!(account);
    loan["parties"][0]["party"] = json!(format!("of {account}"));
    change(&mut loan);
    Account::from_json(&loan.to_string()).unwrap()
}

fn proactive() -> Value {
    json!({"by": ["proactive", "request"], "opt_out": {"days": 20}})
}

fn begin(service: &Service) -> Served<RoundRow> {
    write(service, |conn| service.begin_round(conn, &actor("lead"), FLOOD))
}

fn run(service: &Service) -> RoundRow {
    assert!(service.run_round(&|| false).unwrap(), "a round waits");
    service.rounds(0, 100).unwrap().into_iter().max_by_key(|row| row.changed_at.max(row.created_at)).unwrap()
}

pub fn grants(service: &Service) -> Vec<GrantRow> {
    service.grants(None, 0, 500).unwrap()
}

fn counts(row: &RoundRow) -> (&str, i64, i64, i64, i64) {
    (row.state.as_str(), row.passed, row.given, row.referred, row.failed)
}

#[track_caller]
pub fn code<T>(done: Served<T>) -> &'static str {
    match done {
        Err(ServiceError::Conflict { code, .. }) => code,
        Err(other) => panic!("{other}"),
        Ok(_) => "done",
    }
}

#[test]
fn everybody_gets_it_once_and_nothing_is_kept_of_the_others() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 4);
        let elsewhere = |loan: &mut Value| loan["status"] = json!("settled");
        service.take_snapshot(&loan("L-SETTLED", elsewhere)).unwrap();
        let begun = begin(&service).unwrap();
        assert_eq!((begun.state.as_str(), begun.accounts, begun.kind.as_str()), ("waiting", 6, "proactive"));
        assert_eq!(code(begin(&service)), "round_under_way");
        assert_eq!(counts(&run(&service)), ("done", 6, 5, 0, 0));
        let given = grants(&service);
        assert_eq!(given.len(), 5);
        assert!(given.iter().all(|grant| grant.state == "posted" && grant.waived + grant.refunded == 6_500));
        let none = service.account(&staff(), "L-SETTLED").unwrap();
        assert!(none.grants.is_empty());
        assert!(!service.run_round(&|| false).unwrap(), "nothing waits");

        begin(&service).unwrap();
        assert_eq!(counts(&run(&service)), ("done", 6, 0, 0, 0));
        assert_eq!(grants(&service).len(), 5, "a second time there is nothing more to give");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn a_round_that_breaks_off_goes_on_where_it_was() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 230);
        begin(&service).unwrap();
        // It looks up after each hundred.
        let looked = Cell::new(0);
        let stop = || looked.replace(looked.get() + 1) == 1;
        assert!(service.run_round(&stop).unwrap());
        let row = service.rounds(0, 1).unwrap().remove(0);
        assert_eq!(counts(&row), ("waiting", 100, 100, 0, 0));
        assert_eq!(counts(&run(&service)), ("done", 231, 231, 0, 0));
        assert_eq!(grants(&service).len(), 231);
    });
}

#[test]
fn a_round_can_be_ended_and_is_taken_over_from_who_is_gone() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 120);
        let row = begin(&service).unwrap();
        let looked = Cell::new(0);
        let cancel = || {
            if looked.replace(looked.get() + 1) == 1 {
                write(&service, |conn| service.cancel_round(conn, &actor("lead"), row.id)).unwrap();
            }
            false
        };
        assert!(service.run_round(&cancel).unwrap());
        let ended = service.round(row.id).unwrap();
        assert_eq!((ended.state.as_str(), ended.given), ("cancelled", 100));
        // The first account after the look was taken back with its count.
        assert_eq!(grants(&service).len(), 100);
        assert_eq!(code(write(&service, |conn| service.cancel_round(conn, &actor("lead"), row.id))), "done");

        let row = begin(&service).unwrap();
        let left = RoundRow { state: "running".to_owned(), run_until: Some(service.clock.now()), ..row.clone() };
        write(&service, |conn| Ok(forbear::store::round::update(conn, &left)?)).unwrap();
        assert!(!service.run_round(&|| false).unwrap(), "somebody runs it");
        service.clock.set(at("2021-07-29T02:00:01Z"));
        assert_eq!(counts(&run(&service)), ("done", 121, 21, 0, 0));
        assert_eq!(code(write(&service, |conn| service.cancel_round(conn, &actor("lead"), row.id))), "wrong_state");
    });
}

#[test]
fn what_was_taken_back_is_given_again_to_who_asks_only() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 1);
        begin(&service).unwrap();
        assert_eq!(run(&service).given, 2);
        let own = service.account(&staff(), "L-0").unwrap().grants[0].id;
        write(&service, |conn| service.reverse_grant(conn, &actor("li"), own, "the borrower opted out")).unwrap();
        begin(&service).unwrap();
        assert_eq!(run(&service).given, 0);
        let new = NewRequest { account: "L-0".to_owned(), ..NewRequest::default() };
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
        assert_eq!(asked.grants[0].state, "posted");
    });
}

#[test]
fn what_a_person_would_have_to_decide_is_counted_and_nobody_is_flooded() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 2);
        let unknown = |loan: &mut Value| {
            loan.as_object_mut().unwrap().remove("status");
        };
        service.take_snapshot(&loan("L-UNKNOWN", unknown)).unwrap();
        begin(&service).unwrap();
        assert_eq!(counts(&run(&service)), ("done", 4, 3, 1, 0));
        assert!(service.reviews((None, None), 0, 10).unwrap().is_empty());
    });
}

#[test]
fn an_end_that_becomes_known_is_decided_on_again() {
    on_both(|database| {
        let (service, asked) = ordering(database, None);
        // The flood ended on 31 July, which is said on 5 August.
        service.clock.set(at("2021-08-05T02:00:00Z"));
        let declared = ended("2021-08-05", "2021-07-31");
        write(&service, |conn| service.declare(conn, &actor("lead"), &declared)).unwrap();
        let waits = service.rounds(0, 10).unwrap();
        assert_eq!(waits.iter().map(|row| (row.kind.as_str(), row.accounts)).collect::<Vec<_>>(), [("amended", 1)]);
        service.take_snapshot(&loan("L-0", later)).unwrap();
        assert_eq!(grants(&service).iter().map(|grant| grant.waived).sum::<i64>(), 600, "the order has ended");
        assert_eq!(counts(&run(&service)), ("done", 1, 1, 0, 0));
        // 29, 30 and 31 July are further days: 15 in all.
        assert_eq!(grants(&service).iter().map(|grant| grant.waived).sum::<i64>(), 750);
        let own = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(own.steps.last().unwrap().kind, "amended");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn a_declaration_under_which_nobody_has_anything_is_amended_without_a_round() {
    on_both(|database| {
        let service = giving(database, &proactive(), None, 1);
        let declared = ended("2021-07-29", "2021-07-28");
        write(&service, |conn| service.declare(conn, &actor("lead"), &declared)).unwrap();
        assert!(service.rounds(0, 10).unwrap().is_empty());
        write(&service, |conn| service.close_declaration(conn, &actor("lead"), FLOOD, false)).unwrap();
        assert_eq!(code(begin(&service)), "wrong_state");
    });
}

#[test]
fn what_is_offered_unasked_is_agreed_with_by_its_borrower_alone() {
    on_both(|database| {
        let fees = json!({"id": "fees", "consent": true,
            "waive": {"charges": ["late_fee"], "share": "1", "if_paid": "refund"}});
        let service = giving(database, &json!({"by": ["proactive"]}), Some(&json!([fees])), 1);
        begin(&service).unwrap();
        assert_eq!(run(&service).given, 2);
        let grant = service.account(&staff(), "L-0").unwrap().grants.remove(0);
        assert_eq!(grant.state, "offered");
        let accept = |party: &str, shown: &str| {
            let caller = crate::service::evidence::borrower(party);
            write(&service, |conn| service.accept_grant(conn, &caller, grant.id, shown)).map(|agreed| match agreed {
                Agreed::Done(row) => row.state,
                Agreed::DecidedAgain(_) => "decided again".to_owned(),
            })
        };
        assert!(matches!(accept("of L-9", &grant.shown_digest), Err(ServiceError::Missing(_))));
        assert_eq!(code(accept("of L-0", "something else")), "digest_differs");
        assert_eq!(accept("of L-0", &grant.shown_digest).unwrap(), "posted");
        assert_eq!(code(accept("of L-0", &grant.shown_digest)), "nothing_offered");
    });
}
