//! Standing orders: what accrues after the decision is relieved as it comes, out of money that was set aside for it.

use forbear::service::Service;
use forbear::service::relief::ask::{Asked, NewRequest};
use forbear::service::relief::budget::NewBudget;
use serde_json::{Value, json};

use super::desk::{actor, at, write};
use super::rounds::{code, giving, grants, loan};
use crate::databases::{Database, on_both};

/// Penalty interest accrues daily on 1,000.00 at 18 % (ACT/360), 0.50 a day, from 21 June on; the waiver is of the days from the
/// beginning of the incident, 17 July, until its end, which is open. On 29 July it is asked for.
pub fn ordering(database: &Database, budget: Option<i64>) -> (Service, Asked) {
    let waive = json!({"id": "penalty", "waive": {"charges": ["penalty_interest"], "share": "1", "if_paid": "refund",
            "accrued": {"from": "incident_start", "until": "incident_end"}}});
    let service = giving(database, &json!({"by": ["request"]}), Some(&json!([waive])), 1);
    if let Some(amount) = budget {
        let (declaration, policy, bearer) = (None, None, None);
        let new = NewBudget { declaration, policy, bearer, currency: "CNY".to_owned(), amount };
        write(&service, |conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
    }
    let new = NewRequest { account: "L-0".to_owned(), ..NewRequest::default() };
    let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
    (service, asked)
}

/// The snapshot of 5 August has the days until 4 August: 45 from 21 June.
pub fn later(loan: &mut Value) {
    loan["as_of"] = json!("2021-08-05");
    let charges = loan["charges"].as_array_mut().unwrap();
    let penalty = charges.iter_mut().find(|charge| charge["id"] == "penalty-r4").unwrap();
    penalty["accrual"]["until"] = json!("2021-08-04");
    penalty["amount"] = json!("22.50");
}

#[test]
fn nothing_is_drawn_on_an_order_that_was_released() {
    for (released, sum) in [(false, 950), (true, 600)] {
        on_both(|database| {
            let (service, asked) = ordering(database, None);
            // 17 to 28 July: 12 days.
            assert_eq!(asked.grants.iter().map(|grant| grant.waived).sum::<i64>(), 600);
            let order = asked.grants[0].id;
            if released {
                write(&service, |conn| service.release_hold(conn, &actor("lead"), order, "no longer needed")).unwrap();
                let again = write(&service, |conn| service.release_hold(conn, &actor("lead"), order, "again"));
                assert_eq!(code(again), "released_already");
            }
            service.clock.set(at("2021-08-05T02:00:00Z"));
            // 29 July to 4 August are 7 days more: 3.50.
            service.take_snapshot(&loan("L-0", later)).unwrap();
            assert_eq!(grants(&service).iter().map(|grant| grant.waived).sum::<i64>(), sum);
        });
    }
}

/// Set aside, for the order, taken.
fn standing(service: &Service) -> (i64, i64, i64) {
    let budget = service.budgets().unwrap().remove(0);
    (budget.reserved, budget.expected, budget.taken)
}

fn proven(service: &Service) {
    assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
}

#[test]
fn what_will_accrue_is_set_aside_and_drawn_from() {
    on_both(|database| {
        let (service, asked) = ordering(database, Some(10_000));
        // 17 to 28 July are 12 days: 6.00. The end is open: 29 July to 27 October, 90 days on, are 91 days: 45.50.
        assert_eq!(standing(&service), (4_550, 4_550, 600));
        service.clock.set(at("2021-08-05T02:00:00Z"));
        service.take_snapshot(&loan("L-0", later)).unwrap();
        // 7 days were drawn: 3.50.
        assert_eq!(standing(&service), (4_200, 4_200, 950));
        proven(&service);
        write(&service, |conn| service.release_hold(conn, &actor("lead"), asked.grants[0].id, "not needed")).unwrap();
        assert_eq!(standing(&service), (0, 0, 950));
        proven(&service);
    });
}

#[test]
fn an_order_whose_estimate_is_not_there_waits_and_goes_on_when_it_is() {
    on_both(|database| {
        // 6.00 and 45.50 are more than 50.00.
        let (service, asked) = ordering(database, Some(5_000));
        assert_eq!((asked.grants[0].state.as_str(), standing(&service)), ("proposed", (0, 0, 0)));
        let budget = service.budgets().unwrap().remove(0);
        let seen = (budget.row.revision, 5_150, "CNY");
        write(&service, |conn| service.change_budget(conn, &actor("finance"), budget.row.id, seen)).unwrap();
        assert_eq!(grants(&service)[0].state, "posted");
        assert_eq!(standing(&service), (4_550, 4_550, 600));
        proven(&service);
    });
}

#[test]
fn what_an_order_did_not_need_is_free_for_others() {
    on_both(|database| {
        let (service, asked) = ordering(database, Some(5_150));
        service.take_snapshot(&loan("L-1", |_| {})).unwrap();
        let new = NewRequest { account: "L-1".to_owned(), ..NewRequest::default() };
        let other = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
        assert_eq!(other.grants[0].state, "proposed", "the first order has it all");
        write(&service, |conn| service.reverse_grant(conn, &actor("li"), asked.grants[0].id, "by mistake")).unwrap();
        assert_eq!(service.account(&super::desk::staff(), "L-1").unwrap().grants[0].state, "posted");
        assert_eq!(standing(&service), (4_550, 4_550, 600));
        proven(&service);
    });
}
