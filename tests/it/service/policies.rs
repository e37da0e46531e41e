//! Versions of policies: their cases, which is in force, and what is in flight when one is withdrawn.

use std::collections::BTreeMap;

use forbear::service::policy::PolicyAct;
use forbear::service::policy::flight::Waits;
use forbear::service::relief::ask::{NewRequest, Said};
use forbear::service::relief::budget::NewBudget;
use forbear::service::{Service, ServiceError};
use serde_json::{Value, json};

use super::desk::{actor, at, file, put_in_force, service, write, zhengzhou};
use crate::databases::on_both;

const KEY: (&str, i32) = ("late-fees-at-once", 1);

/// The sample loan in the floods of Henan, and what should become of it.
fn cases(waived: &str) -> Value {
    let read = |path: &str| serde_json::from_str::<Value>(&file(path)).unwrap();
    json!({
        "given": {
            "today": "2021-07-29",
            "declaration": read("declarations/cn-henan-2021-07.json"),
            "account": read("samples/account-zhengzhou.json"),
        },
        "cases": [
            // Late fees of 30.00 and 25.00 are owed, 10.00 was paid.
            {"name": "late fees go", "expect": {"outcome": "granted", "rule": "all",
                "benefits": {"late-fees": {"waived": waived, "refunded": "10.00"}}}},
            {"name": "a loan that is paid off", "but": {"account": {"status": "settled"}}, "expect": {"outcome": "declined"}},
        ],
    })
}

fn drafted(service: &Service) {
    let text = file("samples/policy-late-fees.json");
    write(service, |conn| service.draft_policy(conn, &actor("author"), &text)).unwrap();
}

fn keep(service: &Service, name: &str, cases: &Value) -> Result<(), ServiceError> {
    write(service, |conn| service.keep_cases(conn, &actor("author"), KEY, name, &cases.to_string())).map(|_| ())
}

fn submit(service: &Service) -> Result<(), ServiceError> {
    write(service, |conn| service.move_policy(conn, &actor("author"), KEY, PolicyAct::Submit, None)).map(|_| ())
}

#[test]
fn nothing_is_submitted_whose_cases_come_out_differently() {
    on_both(|database| {
        let service = service(database, "2021-07-29");
        drafted(&service);
        keep(&service, "zhengzhou", &cases("54.99")).unwrap();
        let tested = service.test_policy(KEY.0, KEY.1).unwrap();
        assert_eq!((tested.passed, tested.failed, tested.rules, tested.conditions), (1, 1, 1, 1));
        let [only] = tested.cases[0].differences.as_slice() else { panic!("{:#?}", tested.cases) };
        assert_eq!(only.pointer, "/cases/0/expect/benefits/late-fees/waived");
        assert_eq!(only.message, "expected 54.99, got 55.00");
        let Err(ServiceError::Conflict { code, message }) = submit(&service) else { panic!() };
        assert_eq!(code, "cases_fail");
        assert!(message.contains("1 of 2") && message.contains("late fees go"), "{message}");

        keep(&service, "zhengzhou", &cases("55.00")).unwrap();
        let tested = service.test_policy(KEY.0, KEY.1).unwrap();
        assert_eq!((tested.passed, tested.failed, tested.not_exercised.len()), (2, 0, 0), "{tested:#?}");
        submit(&service).unwrap();
        // What was handed in is what was tested.
        let Err(ServiceError::Conflict { code, .. }) = keep(&service, "more", &cases("55.00")) else { panic!() };
        assert_eq!(code, "not_a_draft");
        assert_eq!(service.cases(KEY.0, KEY.1).unwrap().len(), 1);
    });
}

#[test]
fn coverage_says_what_no_case_exercises() {
    on_both(|database| {
        let service = service(database, "2021-07-29");
        drafted(&service);
        let mut half = cases("55.00");
        half["cases"].as_array_mut().unwrap().remove(0);
        keep(&service, "paid-off", &half).unwrap();
        let tested = service.test_policy(KEY.0, KEY.1).unwrap();
        assert_eq!(tested.not_exercised[0], "no case in which rule `all` holds");
        assert!(tested.not_exercised[1].starts_with("no case in which `active`"), "{:?}", tested.not_exercised);
        assert_eq!(tested.not_exercised.len(), 2);
        for (wrong, pointer) in [
            (json!({"given": {}, "cases": []}), "/cases"),
            (json!({"given": {}, "cases": [{"name": "x", "expect": {"outcom": "granted"}}]}), "/cases/0/expect/outcom"),
        ] {
            let Err(ServiceError::Invalid(problems)) = keep(&service, "wrong", &wrong) else { panic!() };
            assert_eq!(problems[0].pointer, pointer);
        }
        let left = write(&service, |conn| service.remove_cases(conn, &actor("author"), KEY, "paid-off")).unwrap();
        assert!(left.is_empty());
        // What a case decides on can be wrong too: that is of the whole case.
        let mut wrong = cases("55.00");
        wrong["given"]["account"]["currency"] = json!("Yuan");
        keep(&service, "wrong", &wrong).unwrap();
        let tested = service.test_policy(KEY.0, KEY.1).unwrap();
        assert_eq!((tested.failed, tested.cases[1].differences[0].pointer.as_str()), (2, "/cases/1"));
    });
}

/// Another version of the sample policy.
fn version(number: u32, from: &str) -> String {
    let text = file("samples/policy-late-fees.json");
    text.replace("\"version\": 1", &format!("\"version\": {number}")).replace("2021-07-01", from)
}

fn states(service: &Service) -> Vec<String> {
    service.policies(Some(KEY.0)).unwrap().into_iter().map(|row| row.state).collect()
}

#[test]
fn a_later_version_supersedes_an_earlier_one_on_its_first_day() {
    on_both(|database| {
        let service = service(database, "2021-07-29");
        put_in_force(&service, &version(1, "2021-07-01"));
        put_in_force(&service, &version(2, "2021-08-01"));
        assert_eq!(states(&service), ["effective", "approved"]);
        assert_eq!(service.order_policies().unwrap(), 0, "nothing moves before its day");
        service.clock.set(at("2021-08-01T02:00:00Z"));
        assert_eq!(service.order_policies().unwrap(), 2);
        assert_eq!(states(&service), ["superseded", "effective"]);
        put_in_force(&service, &version(3, "2021-08-01"));
        assert_eq!(states(&service), ["superseded", "superseded", "effective"], "of two of one day the later version");
        let key = (KEY.0, 3);
        write(&service, |conn| service.move_policy(conn, &actor("approver"), key, PolicyAct::Withdraw, None)).unwrap();
        assert_eq!(states(&service), ["superseded", "effective", "withdrawn"], "what was before is in force again");
    });
}

fn hardship() -> NewRequest {
    NewRequest {
        account: "ZZ-20210220-01".to_owned(),
        declaration: None,
        via: Some("app".to_owned()),
        said: Said { answers: BTreeMap::from([("request.hardship".to_owned(), json!(true))]), ..Said::default() },
    }
}

#[test]
fn withdrawing_says_what_becomes_of_each_request() {
    on_both(|database| {
        let service = zhengzhou(database);
        put_in_force(&service, &file("tests/fixtures/two-people.json"));
        let henan = ("cn-henan-2021-07-consumer-finance", 1);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let expected = |waits: Waits, key: (&str, i32)| {
            let found = service.in_flight(key.0, key.1, 0, 50).unwrap();
            let [only] = found.items.as_slice() else { panic!("{:#?}", found.items) };
            assert_eq!(only.case_number.as_ref(), Some(&asked.request.case_number));
            assert_eq!(only.waits_for, waits);
            only.clone()
        };
        // The borrower is asked for a statement first: the whole decision waits for it, under both policies.
        assert_eq!(asked.request.state, "needs_information");
        expected(Waits::Answer, henan);
        expected(Waits::Answer, ("two-people", 1));
        let (row, flights) = write(&service, |conn| service.withdraw_policy(conn, &actor("approver"), henan)).unwrap();
        assert_eq!((row.state.as_str(), flights.items.len(), flights.next), ("withdrawn", 1, None));
        assert!(flights.items[0].when_withdrawn.contains("without this version"));

        // Answered, it is decided without the version that is gone, and waits for two people.
        let said = Said { evidence: vec!["self_statement".to_owned()], ..Said::default() };
        let answered =
            write(&service, |conn| service.answer_request(conn, &actor("borrower"), asked.request.id, &said)).unwrap();
        assert!(answered.grants.iter().all(|grant| grant.policy == "two-people"), "{:#?}", answered.grants);
        let waits = expected(Waits::Approval, ("two-people", 1));
        assert_eq!(waits.grants.len(), 1);
        assert!(service.in_flight(henan.0, henan.1, 0, 50).unwrap().items.is_empty(), "nothing of it is in flight");
        // Once it is posted nothing waits any more.
        for person in ["li", "wang"] {
            let grant = &answered.grants[0];
            write(&service, |conn| service.approve_grant(conn, &actor(person), grant.id, &grant.shown_digest)).unwrap();
        }
        assert!(service.in_flight("two-people", 1, 0, 50).unwrap().items.is_empty());
    });
}

#[test]
fn money_that_comes_is_not_for_a_withdrawn_version() {
    on_both(|database| {
        let service = zhengzhou(database);
        put_in_force(&service, &file("samples/policy-late-fees.json"));
        let henan = ("cn-henan-2021-07-consumer-finance", 1);
        write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
            .unwrap();
        let new = NewBudget { declaration: None, policy: None, bearer: None, currency: "CNY".to_owned(), amount: 100 };
        let budget = write(&service, |conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
        let given = write(&service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
        assert_eq!(given.grants[0].state, "proposed", "65.00 wait for money");
        let (_, flights) = write(&service, |conn| service.withdraw_policy(conn, &actor("approver"), KEY)).unwrap();
        assert_eq!((flights.items[0].waits_for, &flights.items[0].request), (Waits::Money, &None));
        let changed = write(&service, |conn| {
            service.change_budget(conn, &actor("finance"), budget.row.id, (budget.row.revision, 10_000, "CNY"))
        })
        .unwrap();
        assert_eq!((changed.taken, changed.waiting), (0, 0), "nothing is posted under what is withdrawn");
        let grant = service.grants(None, 0, 10).unwrap();
        assert!(grant.iter().all(|grant| grant.state == "rejected"), "{grant:#?}");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}
