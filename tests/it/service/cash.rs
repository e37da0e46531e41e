//! Cash that relief moves from month to month. Expected figures are worked out beside the tests.

use std::collections::BTreeMap;

use diesel::prelude::*;
use forbear::service::Service;
use forbear::service::policy::PolicyAct;
use forbear::service::relief::ask::{Asked, NewRequest, Said};
use forbear::service::relief::cash::{CashCut, CashSum, Moved, Of, moved};
use forbear::store::Connection;
use forbear_engine::account::Account;
use forbear_engine::adjustment::Adjustment;
use serde_json::{Value, json};

use super::desk::{actor, file, put_in_force, write, zhengzhou};
use crate::databases::{Database, on_both};

/// 12 rows of 100.00 due on the first of August 2021 and of the months after it, at 1 % a month; a policy moves up to three
/// of them to the end of the term, and interest runs on.
fn deferred(database: &Database) -> (Service, Asked) {
    let service = zhengzhou(database);
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
    policy["start"] = json!({"by": ["request"]});
    policy["rules"][0]["benefits"] = json!([{
        "id": "later", "title": {"zh-CN": "延期", "en": "Later"},
        "defer": {"which": "due_in", "due": {"from": "incident_start"}, "instalments": {"up_to": 3},
                  "to": "end_of_term", "interest_on_top": "accrue", "arrears": "cure"}
    }]);
    put_in_force(&service, &policy.to_string());
    let mut account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    let row = |at: usize| {
        let due = format!("{}-{:02}-01", 2021 + (at + 7) / 12, (at + 7) % 12 + 1);
        json!({"id": format!("r{}", at + 1), "due_on": due, "principal": "100.00", "interest": "0.00", "paid": {}})
    };
    account["account"] = json!("TWELVE");
    account["schedules"][0]["rows"] = (0..12).map(row).collect();
    account["charges"] = json!([]);
    account["payments"] = json!([]);
    account["credit_reports"] = json!([]);
    service.take_snapshot(&Account::from_json(&account.to_string()).unwrap()).unwrap();
    let new = NewRequest {
        account: "TWELVE".to_owned(),
        declaration: None,
        via: None,
        said: Said { answers: BTreeMap::new(), choices: BTreeMap::new(), evidence: Vec::new(), accepts: None },
    };
    let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
    assert_eq!(asked.grants.len(), 1, "{:#?}", asked.grants);
    if asked.grants[0].state == "offered" {
        assert_eq!(months(&service, &Of::default()), [], "what is only offered moves nothing");
        let (id, shown) = (asked.request.id, asked.grants[0].shown_digest.clone());
        write(&service, |conn| service.accept_offers(conn, &actor("borrower"), id, &shown).map(|_| ())).unwrap();
    }
    (service, asked)
}

fn months(service: &Service, of: &Of) -> Vec<CashSum> {
    service.deferred_cash(CashCut::Month, of).unwrap()
}

/// The rows were due from August 2021 to July 2022, and are from November 2021 to October 2022: 100 × 3 × 1 % = 3.00 are
/// added to each, 12 × 3.00 = 36.00.
fn twelve_moved_by_three(key: Option<&str>) -> Vec<CashSum> {
    let month = |at: i32| format!("{}-{:02}", 2021 + (at + 7) / 12, (at + 7) % 12 + 1);
    let line = |at: i32| CashSum {
        month: month(at),
        key: key.map(str::to_owned),
        currency: "CNY".to_owned(),
        out: [if at < 12 { 10_000 } else { 0 }, 0, 0],
        into: [if at >= 3 { 10_000 } else { 0 }, 0, 0],
        added_interest: if at >= 3 { 300 } else { 0 },
    };
    (0..15).map(line).collect()
}

fn proven(service: &Service) {
    assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
}

#[test]
fn twelve_rows_move_by_three_months_and_back() {
    on_both(|database| {
        let (service, asked) = deferred(database);
        let all = months(&service, &Of::default());
        assert_eq!(all, twelve_moved_by_three(None));
        assert_eq!(all.iter().map(|sum| sum.added_interest).sum::<i64>(), 3_600);
        let by = |cut| service.deferred_cash(cut, &Of::default()).unwrap();
        assert_eq!(by(CashCut::Policy), twelve_moved_by_three(Some("late-fees-at-once")));
        assert_eq!(by(CashCut::Declaration), twelve_moved_by_three(Some("cn-henan-2021-07")));
        let other = Of { declaration: Some("another".to_owned()), ..Of::default() };
        assert_eq!(months(&service, &other), []);
        let later = Of { from: "2021-07-30".parse().ok(), ..Of::default() };
        assert_eq!(months(&service, &later), []);
        proven(&service);

        // Taken back a day later: nothing is moved in all, and the days of each entry keep theirs.
        service.clock.set("2021-07-30T02:00:00Z".parse().unwrap());
        let id = asked.grants[0].id;
        write(&service, |conn| service.reverse_grant(conn, &actor("finance"), id, "by mistake")).unwrap();
        assert_eq!(months(&service, &Of::default()), []);
        let mut negated = twelve_moved_by_three(None);
        for sum in &mut negated {
            (sum.out, sum.into) = (sum.out.map(|part| -part), sum.into.map(|part| -part));
            sum.added_interest = -sum.added_interest;
        }
        assert_eq!(months(&service, &later), negated);
        proven(&service);
    });
}

/// Runs statements of an operator.
fn run(conn: &mut Connection, statements: &[&str]) {
    for statement in statements {
        diesel::sql_query(*statement).execute(conn).unwrap();
    }
}

#[test]
fn an_older_database_is_filled_and_a_changed_one_is_found() {
    let migration = file("migrations/common/2026-11-26-000025_deferred_cash/up.sql");
    let fill = migration.split_once("INSERT INTO deferred_cash_missing").unwrap().1;
    let fill = format!("INSERT INTO deferred_cash_missing{fill}");
    on_both(|database| {
        let (service, _) = deferred(database);
        let open = |conn: &mut Connection| match conn {
            Connection::Postgres(_) => "DROP TRIGGER stay ON deferred_cash",
            Connection::Sqlite(_) => "DROP TRIGGER deferred_cash_last",
        };
        let empty = |conn: &mut Connection| {
            let open = open(conn);
            run(conn, &[open, "DELETE FROM deferred_cash"]);
            Ok(())
        };
        write(&service, empty).unwrap();
        let broken = service.verify_books().unwrap().broken;
        // 15 months, each said once.
        assert_eq!(broken.len(), 15, "{broken:?}");
        assert_eq!(broken[0], "deferred cash of 2021-08 CNY: what is kept is not what grants move");
        write(&service, |conn| {
            run(conn, &[&fill]);
            Ok(())
        })
        .unwrap();
        assert_eq!(months(&service, &Of::default()), twelve_moved_by_three(None));
        proven(&service);
    });
}

fn money(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

fn parts(principal: &str, interest: &str) -> Value {
    json!({"currency": "CNY", "principal": principal, "interest": interest, "fees": "0.00"})
}

fn row(due: &str, principal: &str, interest: &str) -> Value {
    json!({"origin": "r", "due_on": due, "owed": parts(principal, interest), "paid": parts("0.00", "0.00")})
}

fn change(cause: &str, rows: &[(Value, Value)], added: &str, end: Option<&str>) -> Vec<Adjustment> {
    let rows: Vec<Value> =
        rows.iter().map(|(before, after)| json!({"row": "r", "before": before, "after": after})).collect();
    let change = json!([{
        "kind": "schedule", "cause": cause, "changes": rows, "chosen": [], "deferred": parts("0.00", "0.00"),
        "added_interest": money(added), "forgone_interest": money("0.00"), "capitalised": money("0.00"), "relief_end": end,
    }]);
    serde_json::from_value(change).unwrap()
}

#[test]
fn joined_split_and_suspended_rows_are_counted_once() {
    let sum = |out: [i64; 3], into: [i64; 3], added_interest: i64| Moved { out, into, added_interest };
    // June's 100 + 3 are paid together with July's 100 + 2.
    let joined = [
        (row("2024-06-01", "100.00", "3.00"), Value::Null),
        (row("2024-07-01", "100.00", "2.00"), row("2024-07-01", "200.00", "5.00")),
    ];
    let june = sum([10_000, 300, 0], [0; 3], 0);
    let found = moved(&change("deferral", &joined, "0.00", None)).unwrap();
    assert_eq!(found, [("2024-06".into(), june), ("2024-07".into(), sum([0; 3], [10_000, 300, 0], 0))].into());
    // The same in August as a row of its own: 3 moved, and 2 added for two months.
    let split =
        [(row("2024-06-01", "100.00", "3.00"), Value::Null), (Value::Null, row("2024-08-01", "100.00", "5.00"))];
    let found = moved(&change("deferral", &split, "2.00", None)).unwrap();
    assert_eq!(found, [("2024-06".into(), june), ("2024-08".into(), sum([0; 3], [10_000, 300, 0], 200))].into());
    // Payments are suspended until the end of August: due in June, paid on 1 September, with 3 months' interest on 100.
    let suspended = [(row("2024-06-01", "100.00", "3.00"), row("2024-06-01", "100.00", "6.00"))];
    let found = moved(&change("suspension", &suspended, "3.00", Some("2024-08-31"))).unwrap();
    assert_eq!(found, [("2024-06".into(), june), ("2024-09".into(), sum([0; 3], [10_000, 300, 0], 300))].into());
    // Another day of the same month is no other month, and a lower rate moves nothing.
    let same = [(row("2024-06-01", "100.00", "3.00"), row("2024-06-20", "100.00", "3.00"))];
    assert_eq!(moved(&change("deferral", &same, "0.00", None)).unwrap(), [].into());
    let rate = [(row("2024-06-01", "100.00", "3.00"), row("2024-06-01", "100.00", "1.00"))];
    assert_eq!(moved(&change("rate", &rate, "0.00", None)).unwrap(), [].into());
}
