//! Snapshots that come late, twice, grown, contained or not; amendments and withdrawals between proposal and posting:
//! relief is applied once in each.

use chrono::NaiveDate;
use forbear::service::Service;
use forbear::service::account::Taken;
use forbear::service::policy::PolicyAct;
use forbear::service::relief::approve::Agreed;
use forbear::store::grant::GrantRow;
use forbear::store::{self, id};
use forbear_engine::account::Account;
use forbear_engine::declaration::{Amendment, Declaration};
use forbear_engine::money::Amount;

use super::desk::{account, actor, file, put_in_force, write, zhengzhou};
use crate::databases::on_both;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn amount(text: &str) -> Amount {
    Amount(text.parse().unwrap())
}

/// The sample, reported again some days later; penalty interest of 0.50 a day went on.
fn later(until: &str, penalty: &str) -> Account {
    let mut report = account("samples/account-zhengzhou.json");
    report.as_of = day(until);
    let charge = report.charges.iter_mut().flatten().find(|charge| charge.id == "penalty-r4").unwrap();
    charge.amount = amount(penalty);
    charge.accrual.as_mut().unwrap().until = day(until);
    report
}

fn live(service: &Service) -> Vec<GrantRow> {
    let rows = service.grants(None, 0, 500).unwrap();
    rows.into_iter().filter(|row| !matches!(row.state.as_str(), "rejected" | "reversed")).collect()
}

/// Waived and refunded in all, in cents.
fn given(service: &Service) -> i64 {
    live(service).iter().map(|row| row.waived + row.refunded).sum()
}

fn instruction(service: &Service) -> i64 {
    service.store.read(|conn| store::instruction::page(conn, None, 0, 10)).unwrap()[0].0.id
}

/// Something that happens to a service.
type Act = fn(&Service);

/// What happens after relief of 41.00 was posted, and what it comes to in all.
struct Drill {
    name: &'static str,
    act: Act,
    given: i64,
}

const DRILLS: &[Drill] = &[
    Drill {
        name: "the same snapshot twice",
        act: |service| {
            assert_eq!(service.take_snapshot(&account("samples/account-zhengzhou.json")).unwrap(), Taken::Unchanged);
        },
        given: 4_100,
    },
    Drill {
        name: "a later one that does not contain it yet",
        act: |service| {
            service.take_snapshot(&later("2021-07-28", "19.00")).unwrap();
        },
        given: 4_100,
    },
    Drill {
        name: "one that is older than the one decided on",
        act: |service| {
            assert_eq!(service.take_snapshot(&later("2021-07-20", "15.00")).unwrap(), Taken::Late);
        },
        given: 4_100,
    },
    Drill {
        name: "one that contains it",
        act: |service| {
            let mut report = later("2021-07-28", "19.00");
            report.contains = vec![id::outside("instruction", instruction(service))];
            for (charge, waived) in [("late-r4", "0.00"), ("late-r5", "25.00"), ("penalty-r4", "6.00")] {
                report.charges.iter_mut().flatten().find(|one| one.id == charge).unwrap().waived = Some(amount(waived));
            }
            service.take_snapshot(&report).unwrap();
        },
        given: 4_100,
    },
    Drill {
        name: "refused by the core system, then given again",
        act: |service| {
            let first = instruction(service);
            write(service, |conn| {
                service.answer_instruction(conn, &actor("core"), first, Some("closed for the night"))
            })
            .unwrap();
            assert_eq!(given(service), 0);
        },
        given: 4_100,
    },
    // Ten days of 0.50 more, inside the window that ends with September.
    Drill {
        name: "penalty interest that went on",
        act: |service| {
            service.take_snapshot(&later("2021-08-07", "24.00")).unwrap();
            service.take_snapshot(&later("2021-08-07", "24.00")).unwrap();
        },
        given: 4_600,
    },
    Drill {
        name: "in two snapshots, the second of which came first",
        act: |service| {
            service.take_snapshot(&later("2021-08-07", "24.00")).unwrap();
            assert_eq!(service.take_snapshot(&later("2021-08-02", "21.50")).unwrap(), Taken::Late);
        },
        given: 4_600,
    },
    Drill {
        name: "in two snapshots, one after the other",
        act: |service| {
            service.take_snapshot(&later("2021-08-02", "21.50")).unwrap();
            assert_eq!(given(service), 4_350);
            service.take_snapshot(&later("2021-08-07", "24.00")).unwrap();
        },
        given: 4_600,
    },
    // 76 days from 2021-07-17 to 2021-09-30 are 38.00 of the 43.00 until 10 October, with 35.00 of late fees.
    Drill {
        name: "beyond the end of the window",
        act: |service| {
            service.take_snapshot(&later("2021-10-10", "56.00")).unwrap();
        },
        given: 7_300,
    },
];

#[test]
fn relief_is_applied_once_whatever_snapshots_come() {
    for drill in DRILLS {
        on_both(|database| {
            let service = zhengzhou(database);
            write(&service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
            assert_eq!(given(&service), 4_100, "{}: before", drill.name);
            (drill.act)(&service);
            write(&service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
            assert_eq!(given(&service), drill.given, "{}", drill.name);
            assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new(), "{}", drill.name);
        });
    }
}

/// A grant of 60.00 that two people have to approve.
fn pending(service: &Service) -> GrantRow {
    put_in_force(service, &file("tests/fixtures/two-people.json"));
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let given = write(service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
    let [only] = given.grants.try_into().unwrap();
    only
}

#[test]
fn two_people_approve_who_did_not_propose() {
    on_both(|database| {
        let service = zhengzhou(database);
        let grant = pending(&service);
        // 30.00 and 25.00 are owed, 10.00 was paid.
        assert_eq!((grant.waived, grant.refunded, grant.people), (5_500, 1_000, 2));
        let approve = |person: &str, shown: &str| {
            write(&service, |conn| service.approve_grant(conn, &actor(person), grant.id, shown))
        };
        assert!(approve("lead", &grant.shown_digest).is_err(), "who proposed does not approve");
        assert!(approve("li", "something else").is_err(), "what was shown is what is approved");
        let Ok(Agreed::Done(once)) = approve("li", &grant.shown_digest) else { panic!() };
        assert_eq!((once.state.as_str(), once.approvals), ("pending_approval", 1));
        assert!(approve("li", &grant.shown_digest).is_err(), "nobody approves twice");
        let Ok(Agreed::Done(twice)) = approve("wang", &grant.shown_digest) else { panic!() };
        assert_eq!(twice.state, "posted");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

/// What changes between proposal and approval, so that it is decided again.
const CHANGES: &[(&str, Act)] = &[
    ("the account was reported anew", |service| {
        service.take_snapshot(&later("2021-07-30", "20.00")).unwrap();
    }),
    ("the declaration was amended", |service| {
        let mut declaration: Declaration = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
        let number = declaration.amendments.last().map_or(0, |last| last.number) + 1;
        declaration.amendments.push(Amendment {
            number,
            on: day("2022-02-01"),
            add: Vec::new(),
            remove: Vec::new(),
            severity: None,
            incident_end: None,
            note: Some("nothing but a note".to_owned()),
        });
        write(service, |conn| service.declare(conn, &actor("lead"), &declaration)).unwrap();
    }),
    ("the policy was withdrawn", |service| {
        let key = ("two-people", 1);
        write(service, |conn| service.move_policy(conn, &actor("approver"), key, PolicyAct::Withdraw, None)).unwrap();
    }),
];

#[test]
fn what_changed_since_it_was_proposed_is_decided_again() {
    for (name, change) in CHANGES {
        on_both(|database| {
            let service = zhengzhou(database);
            let grant = pending(&service);
            change(&service);
            let approved =
                write(&service, |conn| service.approve_grant(conn, &actor("li"), grant.id, &grant.shown_digest));
            assert!(matches!(approved, Ok(Agreed::DecidedAgain(_))), "{name}");
            let expected = i64::from(*name != "the policy was withdrawn") * 6_500;
            assert_eq!(given(&service), expected, "{name}");
            assert!(live(&service).iter().all(|row| row.id != grant.id && row.state == "pending_approval"), "{name}");
            assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new(), "{name}");
        });
    }
}
