//! Who has to approve: measured over everything that a borrower was given for the event, so that nobody gets under a threshold in parts.

use forbear::service::policy::PolicyAct;
use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::{Asked, NewRequest};
use forbear::service::review::ReviewRow;
use forbear::service::{Served, Service, ServiceError};
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::desk::{actor, file, put_in_force, staff, write, zhengzhou};
use crate::databases::{Database, on_both};

/// Late fees of 30.00 and 25.00 and 10.00 that was paid: 65.00. Penalty interest of 38 days: 1,000.00 × 18 % × 38 / 360 = 19.00.
const LATE: i64 = 6_500;
const PENALTY: i64 = 1_900;

/// A policy that waives a kind of charge, with these bounds.
fn policy(name: &str, charge: &str, approval: &Value) -> String {
    let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
    policy["policy"] = json!(name);
    policy["rules"][0]["benefits"][0]["waive"]["charges"] = json!([charge]);
    policy["approval"] = approval.clone();
    if approval.is_null() {
        policy.as_object_mut().unwrap().remove("approval");
    }
    policy.to_string()
}

fn bounds(alone: &str, two: &str) -> Value {
    let money = |amount: &str| json!({"amount": amount, "currency": "CNY"});
    json!({"automatic_up_to": money(alone), "two_people_above": money(two)})
}

/// Only these policies, and three loans: A and B of P-1, C of P-2.
fn under(database: &Database, policies: &[String]) -> Service {
    let service = zhengzhou(database);
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    for text in policies {
        put_in_force(&service, text);
    }
    for (account, party) in [("A", "P-1"), ("B", "P-1"), ("D", "P-1"), ("C", "P-2")] {
        let mut loan: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        loan["account"] = json!(account);
        loan["parties"][0]["party"] = json!(party);
        service.take_snapshot(&Account::from_json(&loan.to_string()).unwrap()).unwrap();
    }
    service
}

fn ask(service: &Service, account: &str) -> Asked {
    let new = NewRequest { account: account.to_owned(), ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

/// How many people each grant needs, and where it stands.
fn standing(asked: &Asked) -> Vec<(i16, &str)> {
    asked.grants.iter().map(|grant| (grant.people, grant.state.as_str())).collect()
}

fn open(service: &Service) -> Vec<ReviewRow> {
    service.reviews((Some("open"), None), 0, 100).unwrap()
}

fn approve(service: &Service, person: &str, asked: &Asked) -> Served<String> {
    let grant = &asked.grants[0];
    let done = write(service, |conn| service.approve_grant(conn, &actor(person), grant.id, &grant.shown_digest));
    done.map(|agreed| match agreed {
        Agreed::Done(row) => row.state,
        Agreed::DecidedAgain(decision) => panic!("decided again: {decision}"),
    })
}

#[test]
fn two_loans_of_one_borrower_are_measured_together() {
    on_both(|database| {
        // 65.00 goes by itself, 130.00 needs one person, 195.00 two.
        let service = under(database, &[policy("fees", "late_fee", &bounds("100.00", "150.00"))]);
        assert_eq!(standing(&ask(&service, "A")), [(0, "posted")]);
        assert_eq!(standing(&ask(&service, "B")), [(1, "pending_approval")]);
        // What still waits counts as well.
        let third = ask(&service, "D");
        assert_eq!(standing(&third), [(2, "pending_approval")]);
        assert_eq!(open(&service).iter().map(|row| row.amount).collect::<Vec<_>>(), [2 * LATE, 3 * LATE]);
        assert_eq!(standing(&ask(&service, "C")), [(0, "posted")], "somebody else's counts apart");
    });
}

#[test]
fn two_requests_for_one_loan_are_measured_together() {
    on_both(|database| {
        let service = under(database, &[policy("fees", "late_fee", &bounds("70.00", "500.00"))]);
        assert_eq!(standing(&ask(&service, "A")), [(0, "posted")]);
        // 19.00 alone would go by itself; with the 65.00 before it is 84.00.
        put_in_force(&service, &policy("penalty", "penalty_interest", &bounds("70.00", "500.00")));
        assert_eq!(standing(&ask(&service, "A")), [(1, "pending_approval")]);
        assert_eq!(open(&service)[0].amount, LATE + PENALTY);
    });
}

#[test]
fn what_was_turned_down_or_taken_back_no_longer_counts() {
    on_both(|database| {
        let service = under(database, &[policy("fees", "late_fee", &bounds("100.00", "500.00"))]);
        let first = ask(&service, "A");
        let second = ask(&service, "B");
        assert_eq!(standing(&second), [(1, "pending_approval")]);
        write(&service, |conn| service.refuse(conn, &actor("li"), second.grants[0].id, "not now")).unwrap();
        write(&service, |conn| service.reverse_grant(conn, &actor("li"), first.grants[0].id, "by mistake")).unwrap();
        assert_eq!(standing(&ask(&service, "D")), [(0, "posted")]);
    });
}

#[test]
fn of_stacked_policies_the_strictest_binds_everything() {
    on_both(|database| {
        // Together 84.00: the one asks nobody, the other two people from 30.00 on.
        let lax = policy("fees", "late_fee", &bounds("1000.00", "5000.00"));
        let strict = policy("penalty", "penalty_interest", &bounds("10.00", "30.00"));
        let service = under(database, &[lax.clone(), strict]);
        assert_eq!(standing(&ask(&service, "A")), [(2, "pending_approval"), (2, "pending_approval")]);
        assert_eq!(open(&service).iter().map(|row| row.amount).collect::<Vec<_>>(), [LATE + PENALTY; 2]);
        // A policy that says nothing of approval wants one person.
        let silent = under(&crate::databases::sqlite(), &[lax, policy("penalty", "penalty_interest", &Value::Null)]);
        assert_eq!(standing(&ask(&silent, "A")), [(1, "pending_approval"), (1, "pending_approval")]);
    });
}

#[test]
fn where_two_people_are_asked_two_different_ones_approve() {
    on_both(|database| {
        let service = under(database, &[policy("fees", "late_fee", &bounds("10.00", "30.00"))]);
        let new = NewRequest { account: "A".to_owned(), ..NewRequest::default() };
        let asked = write(&service, |conn| service.ask(conn, &actor("agent"), &new)).unwrap();
        assert_eq!(standing(&asked), [(2, "pending_approval")]);
        assert!(matches!(approve(&service, "agent", &asked), Err(ServiceError::Forbidden(_))), "who asked for it");
        assert_eq!(approve(&service, "li", &asked).unwrap(), "pending_approval");
        let twice = approve(&service, "li", &asked);
        assert!(matches!(twice, Err(ServiceError::Conflict { code: "approved_already", .. })));
        assert_eq!(approve(&service, "wang", &asked).unwrap(), "posted");
        assert_eq!(standing(&service.request(&staff(), asked.request.id).unwrap()), [(2, "posted")]);
    });
}
