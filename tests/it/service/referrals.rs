//! What a policy refers to a person: decided with what the person found, or turned down.

use std::collections::BTreeMap;

use forbear::service::policy::PolicyAct;
use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::{Asked, NewRequest};
use forbear::service::review::{ReviewRow, Verdict};
use forbear::service::{Served, Service, ServiceError};
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::desk::{actor, file, put_in_force, staff, write, zhengzhou};
use crate::databases::{Database, on_both};

/// The loan in Zhengzhou, of which no product is reported, or another.
pub fn loan(product: Option<&str>, as_of: &str) -> Account {
    let mut account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    let fields = account.as_object_mut().unwrap();
    fields.remove("product");
    fields.insert("as_of".to_owned(), json!(as_of));
    if let Some(product) = product {
        fields.insert("product".to_owned(), json!(product));
    }
    Account::from_json(&account.to_string()).unwrap()
}

/// The only policy is for cash loans, waives late fees, and lets the reviewer say how many payments move.
pub fn referring(database: &Database) -> Service {
    let service = zhengzhou(database);
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let later = r#""if_paid": "refund"}},
      {"id": "later", "title": {"zh-CN": "延期", "en": "Later"},
       "defer": {"which": ["overdue"], "instalments": {"choose": {"from": 1, "up_to": 2, "by": "reviewer", "default": 1}},
                 "to": "end_of_term", "interest_on_top": "none", "arrears": "cure"}}"#;
    let policy = file("samples/policy-late-fees.json")
        .replace(r#""fact": "account.status", "is": "active""#, r#""fact": "account.product", "is": "cash_loan""#)
        .replace(r#"["proactive", "request"]"#, r#"["request"]"#)
        .replace(r#""if_paid": "refund"}}"#, later);
    put_in_force(&service, &policy);
    service.take_snapshot(&loan(None, "2021-07-29")).unwrap();
    service
}

fn ask(service: &Service) -> Asked {
    let new = NewRequest { account: "ZZ-20210220-01".to_owned(), ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

fn open(service: &Service) -> Vec<ReviewRow> {
    service.reviews((Some("open"), None), 0, 100).unwrap()
}

fn found(facts: &Value, choices: &[(&str, u32)]) -> Verdict {
    Verdict::Decide {
        facts: serde_json::from_value(facts.clone()).unwrap(),
        choices: choices.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<BTreeMap<_, _>>(),
        reason: "read in the contract".to_owned(),
    }
}

fn judge(service: &Service, person: &str, review: i64, verdict: &Verdict) -> Served<Agreed<ReviewRow>> {
    write(service, |conn| service.judge_review(conn, &actor(person), review, verdict))
}

fn done(judged: Served<Agreed<ReviewRow>>) -> ReviewRow {
    match judged.unwrap() {
        Agreed::Done(row) => row,
        Agreed::DecidedAgain(decision) => panic!("decided again: {decision}"),
    }
}

fn decided(service: &Service) -> (Asked, ReviewRow) {
    let asked = ask(service);
    assert_eq!(asked.outcome.as_deref(), Some("referred"), "{:?}", asked.decision.map(|row| row.body));
    let referral = open(service).remove(0);
    assert_eq!(referral.kind, "referral");
    let verdict = found(&json!({"account.product": "cash_loan"}), &[("later", 2)]);
    let judged = done(judge(service, "li", referral.id, &verdict));
    assert_eq!((judged.state.as_str(), judged.closed_by.as_deref()), ("approved", Some("li")));
    let asked = service.request(&staff(), asked.request.id).unwrap();
    let waits = open(service).remove(0);
    assert_eq!(waits.kind, "threshold");
    (asked, waits)
}

#[test]
fn a_referral_is_decided_with_what_the_reviewer_found_and_approved_by_another() {
    on_both(|database| {
        let service = referring(database);
        let (asked, waits) = decided(&service);
        // The policy grants up to 1,000.00 by itself; what rests on a finding waits for somebody else all the same.
        assert!(asked.grants.iter().all(|grant| grant.state == "pending_approval" && grant.people == 1));
        let shown = asked.grants[0].shown_digest.clone();
        let approve = Verdict::Approve { shown };
        let own = judge(&service, "li", waits.id, &approve);
        assert!(matches!(own, Err(ServiceError::Forbidden(_))), "who found it approves it");
        assert_eq!(done(judge(&service, "wang", waits.id, &approve)).state, "approved");
        let asked = service.request(&staff(), asked.request.id).unwrap();
        assert!(asked.grants.iter().all(|grant| grant.state == "posted"), "{:#?}", asked.grants);
        // Late fees of 25.00 and 30.00: 10.00 of them paid. Two overdue payments of 1,000.00 principal, by choice.
        let sum = |of: fn(&forbear::store::grant::GrantRow) -> i64| asked.grants.iter().map(of).sum::<i64>();
        assert_eq!(sum(|grant| grant.waived + grant.refunded), 6_500);
        assert_eq!(sum(|grant| grant.deferred_principal), 200_000);
        assert!(service.replay_decision(asked.request.decision_id.unwrap()).unwrap().same);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn who_found_it_stays_a_maker_when_others_have_it_decided_again() {
    on_both(|database| {
        let service = referring(database);
        let (asked, waits) = decided(&service);
        let approve = Verdict::Approve { shown: asked.grants[0].shown_digest.clone() };
        service.take_snapshot(&loan(None, "2021-07-30")).unwrap();
        assert!(matches!(judge(&service, "wang", waits.id, &approve).unwrap(), Agreed::DecidedAgain(_)));
        let again = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(again.outcome.as_deref(), Some("granted"), "what was found goes along");
        let approve = Verdict::Approve { shown: again.grants[0].shown_digest.clone() };
        let waits = open(&service).remove(0);
        let own = judge(&service, "li", waits.id, &approve);
        assert!(matches!(own, Err(ServiceError::Forbidden(_))));
    });
}

#[test]
fn what_the_core_system_reports_counts_before_what_was_found() {
    on_both(|database| {
        let service = referring(database);
        let (asked, waits) = decided(&service);
        let approve = Verdict::Approve { shown: asked.grants[0].shown_digest.clone() };
        service.take_snapshot(&loan(Some("car_loan"), "2021-07-30")).unwrap();
        assert!(matches!(judge(&service, "wang", waits.id, &approve).unwrap(), Agreed::DecidedAgain(_)));
        let again = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(again.outcome.as_deref(), Some("declined"));
        assert!(again.grants.is_empty());
    });
}

#[test]
fn a_finding_that_cannot_be_one_is_refused_and_changes_nothing() {
    on_both(|database| {
        let service = referring(database);
        let asked = ask(&service);
        let referral = open(&service).remove(0);
        for (facts, choices, at) in [
            (json!({"account.status": "active"}), &[][..], "/facts/account.status"),
            (json!({"request.hardship": true}), &[], "/facts/request.hardship"),
            (json!({"account.colour": "red"}), &[], "/facts/account.colour"),
            (json!({"account.product": 7}), &[], "/facts/account.product"),
            (json!({"account.product": null}), &[], "/facts/account.product"),
            (json!({}), &[("later", 3)], "/choices/later"),
            (json!({}), &[("late-fees", 1)], "/choices/late-fees"),
            (json!({}), &[], "/facts"),
        ] {
            match judge(&service, "li", referral.id, &found(&facts, choices)) {
                Err(ServiceError::Invalid(problems)) => assert_eq!(problems[0].pointer, at),
                Err(other) => panic!("{facts}: {other}"),
                Ok(_) => panic!("{facts} was taken"),
            }
        }
        let still = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(still.request.decision_id, asked.request.decision_id);
        assert_eq!(open(&service).len(), 1);
    });
}

#[test]
fn a_referral_that_is_turned_down_ends_its_request_with_the_reason() {
    on_both(|database| {
        let service = referring(database);
        let asked = ask(&service);
        let referral = open(&service).remove(0);
        let verdict = Verdict::Reject { reason: "The contract is not for a cash loan.".to_owned() };
        assert_eq!(done(judge(&service, "li", referral.id, &verdict)).state, "rejected");
        let ended = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!((ended.request.state.as_str(), ended.outcome.as_deref()), ("closed", Some("declined")));
        let last = ended.steps.last().unwrap();
        assert_eq!(last.kind, "declined");
        assert_eq!(last.note.as_deref(), Some("The contract is not for a cash loan."));
    });
}
