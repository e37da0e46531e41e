//! From a request to a confirmed grant, and back.

use std::collections::BTreeMap;

use forbear::service::access::{Principal, Role};
use forbear::service::policy::PolicyAct;
use forbear::service::relief::ask::{Asked, NewRequest, Said};
use forbear::service::relief::budget::NewBudget;
use forbear::service::{Service, ServiceError};
use forbear::store::grant::GrantRow;
use forbear::store::{self, id};
use serde_json::json;

use super::desk::{account, actor, file, put_in_force, staff, write, zhengzhou};
use crate::databases::on_both;

/// What the borrower of the sample says: hardship, two instalments.
fn hardship() -> NewRequest {
    NewRequest {
        account: "ZZ-20210220-01".to_owned(),
        declaration: None,
        via: Some("app".to_owned()),
        said: Said {
            answers: BTreeMap::from([("request.hardship".to_owned(), json!(true))]),
            choices: BTreeMap::from([("two-instalments".to_owned(), 2)]),
            evidence: vec!["self_statement".to_owned()],
            accepts: None,
        },
    }
}

fn sum(grants: &[GrantRow], of: impl Fn(&GrantRow) -> i64) -> i64 {
    grants.iter().map(of).sum()
}

fn instructions(service: &Service) -> Vec<store::instruction::InstructionRow> {
    service
        .store
        .read(|conn| store::instruction::page(conn, None, 0, 100))
        .unwrap()
        .into_iter()
        .map(|(row, _)| row)
        .collect()
}

fn proven(service: &Service) {
    let books = service.verify_books().unwrap();
    assert_eq!(books.broken, Vec::<String>::new());
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, currency, sum) in &books.balances {
        *sums.entry(currency).or_default() += sum;
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
}

fn code(error: ServiceError) -> &'static str {
    match error {
        ServiceError::Conflict { code, .. } => code,
        other => panic!("{other}"),
    }
}

#[test]
fn a_request_is_granted_posted_and_confirmed_once() {
    on_both(|database| {
        let service = zhengzhou(database);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        assert_eq!(asked.request.state, "decided");
        assert!(asked.grants.iter().all(|grant| grant.state == "posted"), "{:#?}", asked.grants);
        // The sample's account: late fees of 25.00 and penalty interest of 6.00 are owed, 10.00 was paid.
        assert_eq!(sum(&asked.grants, |grant| grant.waived), 3_100);
        assert_eq!(sum(&asked.grants, |grant| grant.refunded), 1_000);
        // Two rows of 1,000 principal with 90 and 80 interest.
        assert_eq!(sum(&asked.grants, |grant| grant.deferred_principal), 200_000);
        proven(&service);

        let again = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        assert_eq!(again.grants.len(), 0, "{:#?}", again.grants);

        let [only] = instructions(&service).try_into().unwrap();
        let answered = write(&service, |conn| service.answer_instruction(conn, &actor("core"), only.id, None)).unwrap();
        assert_eq!(answered.state, "confirmed");
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), only.id, None)).unwrap();
        let wrong =
            write(&service, |conn| service.answer_instruction(conn, &actor("core"), only.id, Some("no such loan")))
                .unwrap_err();
        assert_eq!(code(wrong), "answered_differently");
        let Asked { grants, .. } = service.request(&staff(), asked.request.id).unwrap();
        assert!(grants.iter().all(|grant| grant.state == "confirmed"));
        proven(&service);
    });
}

#[test]
fn what_the_core_system_refuses_is_taken_back() {
    on_both(|database| {
        let service = zhengzhou(database);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let [only] = instructions(&service).try_into().unwrap();
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), only.id, Some("no such loan")))
            .unwrap();
        let Asked { grants, .. } = service.request(&staff(), asked.request.id).unwrap();
        assert!(grants.iter().all(|grant| grant.state == "rejected"));
        let books = service.verify_books().unwrap();
        assert!(books.balances.iter().all(|(_, _, sum)| *sum == 0), "{books:?}");
        proven(&service);
        // What was refused may be given again.
        let again = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        assert_eq!(again.grants.len(), asked.grants.len());
        proven(&service);
    });
}

#[test]
fn a_reversal_that_the_core_system_refuses_is_seen_and_told_again() {
    on_both(|database| {
        let service = zhengzhou(database);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let applied = instructions(&service)[0].id;
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), applied, None)).unwrap();
        let last = asked.grants.last().unwrap().id;
        let reverse = || write(&service, |conn| service.reverse_grant(conn, &actor("finance"), last, "by mistake"));
        let answer = |instruction: i64, refused: Option<&str>| {
            write(&service, |conn| service.answer_instruction(conn, &actor("core"), instruction, refused)).unwrap();
        };
        let held = || service.verify_books().unwrap().refused;
        reverse().unwrap();
        let sums = service.verify_books().unwrap().balances;
        assert_eq!(held(), []);

        answer(instructions(&service)[1].id, Some("paid off"));
        let [refused] = held().try_into().unwrap();
        assert_eq!((refused.grant, refused.reason.as_str()), (id::outside("grant", last), "paid off"));
        let told = service.tell_grant(&staff(), last, forbear_engine::text::Language::English).unwrap();
        assert_eq!(told.still_held.as_deref(), Some("paid off"));

        // Once more: the core system is told anew, the books stay as they are.
        assert_eq!(reverse().unwrap().state, "reversed");
        assert_eq!(held(), []);
        assert_eq!(code(reverse().unwrap_err()), "wrong_state");
        let [_, first, second] = instructions(&service).try_into().unwrap();
        assert_eq!((first.state.as_str(), second.state.as_str()), ("rejected", "pending"));
        assert_eq!(second.kind, "reverse");
        answer(second.id, None);
        assert_eq!(held(), []);
        assert_eq!(service.verify_books().unwrap().balances, sums);
        proven(&service);
    });
}

#[test]
fn nothing_is_held_that_the_core_system_never_did() {
    on_both(|database| {
        let service = zhengzhou(database);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let last = asked.grants.last().unwrap().id;
        write(&service, |conn| service.reverse_grant(conn, &actor("finance"), last, "by mistake")).unwrap();
        for told in instructions(&service) {
            write(&service, |conn| service.answer_instruction(conn, &actor("core"), told.id, Some("no such loan")))
                .unwrap();
        }
        assert_eq!(service.verify_books().unwrap().refused, []);
        proven(&service);
    });
}

#[test]
fn a_reversal_gives_everything_back() {
    on_both(|database| {
        let service = zhengzhou(database);
        let new = NewBudget {
            declaration: Some("cn-henan-2021-07".to_owned()),
            policy: None,
            bearer: None,
            currency: "CNY".to_owned(),
            amount: 10_000,
        };
        let budget = write(&service, |conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let standing = service.budget(budget.row.id).unwrap();
        // Penalty interest of 0.50 a day goes on until 30 September: 3 + 31 + 30 days from 29 July on.
        assert_eq!((standing.taken, standing.reserved, standing.left()), (4_100, 3_200, 2_700));
        for grant in asked.grants.iter().rev() {
            write(&service, |conn| service.reverse_grant(conn, &actor("finance"), grant.id, "granted by mistake"))
                .unwrap();
            let twice =
                write(&service, |conn| service.reverse_grant(conn, &actor("finance"), grant.id, "again")).unwrap_err();
            assert_eq!(code(twice), "wrong_state");
        }
        let standing = service.budget(budget.row.id).unwrap();
        assert_eq!((standing.taken, standing.reserved, standing.left()), (0, 0, 10_000));
        let books = service.verify_books().unwrap();
        assert!(books.balances.iter().all(|(_, _, sum)| *sum == 0), "{books:?}");
        proven(&service);
        let sequence: Vec<i64> = instructions(&service).iter().map(|row| row.sequence).collect();
        assert_eq!(sequence, (1..=i64::try_from(asked.grants.len() + 1).unwrap()).collect::<Vec<_>>());
    });
}

#[test]
fn what_finds_a_budget_empty_waits_until_there_is_money() {
    on_both(|database| {
        let service = zhengzhou(database);
        let new =
            NewBudget { declaration: None, policy: None, bearer: None, currency: "CNY".to_owned(), amount: 7_299 };
        let budget = write(&service, |conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let waiting: Vec<_> = asked.grants.iter().filter(|grant| grant.state == "proposed").collect();
        assert_eq!(waiting.len(), 1, "the waiver of 41.00, with 32.00 that are to come, waits: {:#?}", asked.grants);
        assert!(asked.grants.iter().all(|grant| grant.instruction_id.is_none()), "nothing goes before the waiver");
        proven(&service);
        let changed = write(&service, |conn| {
            service.change_budget(conn, &actor("finance"), budget.row.id, (budget.row.revision, 7_300, "CNY"))
        })
        .unwrap();
        assert_eq!((changed.taken, changed.expected, changed.waiting, changed.left()), (4_100, 3_200, 0, 0));
        let Asked { grants, .. } = service.request(&staff(), asked.request.id).unwrap();
        assert!(grants.iter().all(|grant| grant.state == "posted"), "{grants:#?}");
        proven(&service);
    });
}

#[test]
fn kept_decisions_come_out_the_same_again() {
    on_both(|database| {
        let service = zhengzhou(database);
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let decision = asked.decision.unwrap();
        let replayed = service.replay_decision(decision.id).unwrap();
        assert!(replayed.same, "{replayed:?}");
        // Another snapshot, an amendment, a further day: none of them is what was decided on.
        let mut later = account("samples/account-zhengzhou.json");
        later.as_of = later.as_of.succ_opt().unwrap();
        service.take_snapshot(&later).unwrap();
        service.clock.set("2021-08-20T02:00:00Z".parse().unwrap());
        assert!(service.replay_decision(decision.id).unwrap().same);
    });
}

#[test]
fn the_log_shows_what_was_changed_in_it() {
    on_both(|database| {
        let service = zhengzhou(database);
        write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let sealed = service.seal_audit().unwrap();
        assert!(sealed > 10, "{sealed}");
        assert_eq!(service.seal_audit().unwrap(), 0);
        let verified = service.verify_audit().unwrap();
        assert_eq!(verified.broken, Vec::<String>::new());
        assert_eq!(usize::try_from(verified.sealed).unwrap(), sealed);
    });
}

#[test]
fn relief_that_was_not_asked_for_can_be_undone_in_time() {
    let borrower = Principal { actor: actor("borrower"), roles: vec![Role::Borrower], party: Some("P-1".to_owned()) };
    for (day, ends) in [("2021-08-18T02:00:00Z", None), ("2021-08-19T02:00:00Z", Some("too_late"))] {
        on_both(|database| {
            let service = zhengzhou(database);
            let henan = ("cn-henan-2021-07-consumer-finance", 1);
            write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
                .unwrap();
            let policy = file("samples/policy-late-fees.json")
                .replace("[\"proactive\", \"request\"]}", "[\"proactive\", \"request\"], \"opt_out\": {\"days\": 20}}");
            put_in_force(&service, &policy);
            let given = write(&service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
            service.clock.set(day.parse().unwrap());
            // Decided on 29 July: 20 days later is 18 August.
            let undone = write(&service, |conn| service.opt_out(conn, &borrower, given.grants[0].id));
            match ends {
                None => assert_eq!(undone.unwrap().state, "reversed"),
                Some(reason) => assert_eq!(code(undone.unwrap_err()), reason),
            }
            proven(&service);
        });
    }
}
