//! Appeals: once, in time, before somebody who did not decide the first.

use std::collections::BTreeMap;

use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::{Asked, NewRequest, Said};
use forbear::service::relief::settings::ReliefSettings;
use forbear::service::review::{ReviewRow, Verdict};
use forbear::service::{Served, Service, ServiceError};
use serde_json::json;

use super::desk::{actor, at, file, put_in_force, staff, write};
use super::referrals::{loan, referring};
use crate::databases::on_both;

fn ask(service: &Service, said: Said) -> Asked {
    let new = NewRequest { account: "ZZ-20210220-01".to_owned(), said, ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

fn appeal(service: &Service, request: i64, said: &Said) -> Served<Asked> {
    write(service, |conn| service.appeal(conn, &actor("borrower"), request, ("It is a cash loan.", said)))
}

fn open(service: &Service) -> Vec<ReviewRow> {
    service.reviews((Some("open"), None), 0, 100).unwrap()
}

fn judge(service: &Service, person: &str, review: i64, verdict: &Verdict) -> Served<ReviewRow> {
    write(service, |conn| service.judge_review(conn, &actor(person), review, verdict)).map(|judged| match judged {
        Agreed::Done(row) => row,
        Agreed::DecidedAgain(decision) => panic!("decided again: {decision}"),
    })
}

fn reject(reason: &str) -> Verdict {
    Verdict::Reject { reason: reason.to_owned() }
}

/// A request that li turned down.
fn turned_down(service: &Service) -> Asked {
    let asked = ask(service, Said::default());
    judge(service, "li", open(service)[0].id, &reject("not a cash loan")).unwrap();
    asked
}

#[track_caller]
fn code<T>(done: Served<T>) -> &'static str {
    match done {
        Err(ServiceError::Conflict { code, .. }) => code,
        Err(ServiceError::Forbidden(_)) => "forbidden",
        Err(other) => panic!("{other}"),
        Ok(_) => "done",
    }
}

#[test]
fn an_appeal_goes_to_somebody_else_and_is_approved_by_a_third() {
    on_both(|database| {
        let service = referring(database);
        let first = turned_down(&service);
        let second = appeal(&service, first.request.id, &Said::default()).unwrap();
        assert_eq!(second.case.number, first.case.number, "an appeal belongs to the case of what it is against");
        assert_eq!(second.request.requested_on, first.request.requested_on);
        assert_eq!((second.request.state.as_str(), second.outcome.as_deref()), ("decided", Some("referred")));
        let kinds: Vec<_> = second.steps.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["received", "appeal", "under_review"]);
        assert_eq!(second.steps[1].note.as_deref(), Some("It is a cash loan."));

        let [heard] = open(&service).try_into().unwrap();
        assert_eq!((heard.kind.as_str(), heard.request_id), ("appeal", Some(second.request.id)));
        let claimed = write(&service, |conn| service.claim_review(conn, &actor("li"), heard.id));
        assert_eq!(code(claimed), "forbidden");
        let found = Verdict::Decide {
            facts: BTreeMap::from([("account.product".to_owned(), json!("cash_loan"))]),
            choices: BTreeMap::from([("later".to_owned(), 2)]),
            reason: "read in the contract".to_owned(),
        };
        assert_eq!(code(judge(&service, "li", heard.id, &found)), "forbidden");
        assert_eq!(judge(&service, "wang", heard.id, &found).unwrap().state, "approved");

        let second = service.request(&staff(), second.request.id).unwrap();
        let shown = second.grants[0].shown_digest.clone();
        let [waits] = open(&service).try_into().unwrap();
        let approve = Verdict::Approve { shown: shown.clone() };
        for barred in ["li", "wang"] {
            assert_eq!(code(judge(&service, barred, waits.id, &approve)), "forbidden");
            let grant = second.grants[0].id;
            let alone = write(&service, |conn| service.approve_grant(conn, &actor(barred), grant, &shown));
            assert_eq!(code(alone), "forbidden", "{barred}");
        }
        assert_eq!(judge(&service, "zhou", waits.id, &approve).unwrap().state, "approved");
        let second = service.request(&staff(), second.request.id).unwrap();
        assert!(second.grants.iter().all(|grant| grant.state == "posted"), "{:#?}", second.grants);
        assert_eq!(
            (second.outcome.as_deref(), second.steps.last().unwrap().kind.as_str()),
            (Some("granted"), "granted")
        );
        // Late fees of 25.00 and 30.00 are owed, 10.00 of them was paid.
        assert_eq!(second.grants.iter().map(|grant| grant.waived + grant.refunded).sum::<i64>(), 6_500);
        assert!(service.replay_decision(second.request.decision_id.unwrap()).unwrap().same);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn both_requests_show_each_other_and_there_is_no_second_appeal() {
    on_both(|database| {
        let service = referring(database);
        let first = turned_down(&service);
        assert_eq!(service.request(&staff(), first.request.id).unwrap().appeal_by.unwrap().to_string(), "2021-08-28");
        let second = appeal(&service, first.request.id, &Said::default()).unwrap();
        let first = service.request(&staff(), first.request.id).unwrap();
        assert_eq!(first.appeal.unwrap().id, second.request.id);
        assert_eq!(second.appeal_of.unwrap().id, first.request.id);
        assert_eq!((first.outcome.as_deref(), first.appeal_by), (Some("declined"), None));
        assert_eq!(first.steps.last().unwrap().kind, "appealed");

        assert_eq!(code(appeal(&service, first.request.id, &Said::default())), "appealed_already");
        judge(&service, "wang", open(&service)[0].id, &reject("still not one")).unwrap();
        let second = service.request(&staff(), second.request.id).unwrap();
        assert_eq!((second.request.state.as_str(), second.outcome.as_deref()), ("closed", Some("declined")));
        assert_eq!(second.steps.last().unwrap().note.as_deref(), Some("still not one"));
        assert_eq!(code(appeal(&service, second.request.id, &Said::default())), "appeal_of_appeal");
    });
}

#[test]
fn an_appeal_is_made_within_the_lenders_days() {
    for (days, moment, ends) in [
        // 29 July and 30 days; the last minute of the day in Shanghai, and the minute after.
        (30, "2021-08-28T15:59:00Z", "done"),
        (30, "2021-08-28T16:00:00Z", "too_late"),
        (0, "2021-07-29T15:59:00Z", "done"),
        (0, "2021-07-29T16:00:00Z", "too_late"),
    ] {
        on_both(|database| {
            let service =
                referring(database).with_relief(ReliefSettings { appeal_days: days, ..ReliefSettings::default() });
            let first = turned_down(&service);
            service.clock.set(at(moment));
            assert_eq!(code(appeal(&service, first.request.id, &Said::default())), ends, "{days} {moment}");
        });
    }
}

#[test]
fn what_the_rules_decline_again_is_looked_at_by_a_person() {
    on_both(|database| {
        let service = referring(database);
        service.take_snapshot(&loan(Some("car_loan"), "2021-07-29")).unwrap();
        let first = ask(&service, Said::default());
        assert_eq!(first.outcome.as_deref(), Some("declined"));
        assert!(open(&service).is_empty(), "nobody was asked about the first");
        let second = appeal(&service, first.request.id, &Said::default()).unwrap();
        assert_eq!(second.outcome.as_deref(), Some("referred"));
        let [heard] = open(&service).try_into().unwrap();
        let approve = Verdict::Approve { shown: second.decision.unwrap().body_digest };
        assert_eq!(code(judge(&service, "li", heard.id, &approve)), "nothing_to_approve");
        judge(&service, "li", heard.id, &reject("the contract says car")).unwrap();
        let second = service.request(&staff(), second.request.id).unwrap();
        assert_eq!((second.request.state.as_str(), second.outcome.as_deref()), ("closed", Some("declined")));
        assert!(open(&service).is_empty());
    });
}

#[test]
fn new_answers_are_decided_on_and_approved() {
    on_both(|database| {
        let service = referring(database);
        let policy = file("samples/policy-late-fees.json")
            .replace(r#""policy": "late-fees-at-once""#, r#""policy": "hardship""#)
            .replace(r#""fact": "account.status", "is": "active""#, r#""fact": "request.hardship", "is": true"#)
            .replace(r#"["proactive", "request"]"#, r#"["request"]"#);
        put_in_force(&service, &policy);
        service.take_snapshot(&loan(Some("car_loan"), "2021-07-29")).unwrap();
        let hardship = |is: bool| Said {
            answers: BTreeMap::from([("request.hardship".to_owned(), json!(is))]),
            ..Said::default()
        };
        let first = ask(&service, hardship(false));
        assert_eq!(first.outcome.as_deref(), Some("declined"));
        let second = appeal(&service, first.request.id, &hardship(true)).unwrap();
        // The policy grants up to 1,000.00 by itself; an appeal is looked at in any case.
        assert!(second.grants.iter().all(|grant| grant.state == "pending_approval" && grant.people == 1));
        let [heard] = open(&service).try_into().unwrap();
        // 30.00 and 25.00, waived and refunded.
        assert_eq!((heard.kind.as_str(), heard.amount), ("appeal", 6_500));
        let approve = Verdict::Approve { shown: second.grants[0].shown_digest.clone() };
        assert_eq!(judge(&service, "li", heard.id, &approve).unwrap().state, "approved");
        let second = service.request(&staff(), second.request.id).unwrap();
        assert!(second.grants.iter().all(|grant| grant.state == "posted"));
        assert_eq!(code(appeal(&service, second.request.id, &Said::default())), "appeal_of_appeal");
    });
}

#[test]
fn what_was_granted_withdrawn_or_waits_is_not_appealed_against() {
    on_both(|database| {
        let service = referring(database);
        let waits = ask(&service, Said::default());
        assert_eq!(code(appeal(&service, waits.request.id, &Said::default())), "nothing_declined");
        write(&service, |conn| service.withdraw_request(conn, &actor("borrower"), waits.request.id)).unwrap();
        assert_eq!(code(appeal(&service, waits.request.id, &Said::default())), "nothing_declined");
        service.take_snapshot(&loan(Some("cash_loan"), "2021-07-29")).unwrap();
        let given = ask(&service, Said::default());
        assert_eq!(given.outcome.as_deref(), Some("granted"));
        assert_eq!(code(appeal(&service, given.request.id, &Said::default())), "nothing_declined");
        let first = turned_down_car(&service);
        let wordless =
            write(&service, |conn| service.appeal(conn, &actor("borrower"), first.request.id, (" ", &Said::default())));
        assert!(matches!(wordless, Err(ServiceError::Invalid(_))));
    });
}

fn turned_down_car(service: &Service) -> Asked {
    service.take_snapshot(&loan(Some("car_loan"), "2021-07-30")).unwrap();
    ask(service, Said::default())
}

#[test]
fn a_grant_that_is_refused_alone_ends_its_review_and_its_request() {
    on_both(|database| {
        let service = referring(database);
        let first = turned_down_car(&service);
        let second = appeal(&service, first.request.id, &Said::default()).unwrap();
        assert!(second.grants.is_empty());
        let policy = file("tests/fixtures/two-people.json");
        put_in_force(&service, &policy);
        let asked = ask(&service, Said::default());
        let [grant] = asked.grants.try_into().unwrap();
        assert_eq!(grant.state, "pending_approval");
        let refused = write(&service, |conn| service.refuse(conn, &actor("li"), grant.id, "given elsewhere")).unwrap();
        assert_eq!(refused.state, "rejected");
        assert!(open(&service).iter().all(|row| row.request_id == Some(second.request.id)), "the appeal alone is left");
        let ended = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!((ended.request.state.as_str(), ended.outcome.as_deref()), ("closed", Some("declined")));
        assert_eq!(ended.steps.last().unwrap().note.as_deref(), Some("given elsewhere"));
        // li turned it down, so that somebody else hears the appeal.
        let again = appeal(&service, ended.request.id, &Said::default()).unwrap();
        let heard = open(&service).into_iter().find(|row| row.request_id == Some(again.request.id)).unwrap();
        let claimed = write(&service, |conn| service.claim_review(conn, &actor("li"), heard.id));
        assert_eq!(code(claimed), "forbidden");
    });
}
