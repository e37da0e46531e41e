//! Many writers at once, and many grants: kept totals stay exact and reports are read at once.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use forbear::service::Service;
use forbear::service::relief::report::{Cut, Of};
use forbear::store::{Backend, Connection, Store, StoreError, id};

use super::books::{goodwill, post, take_back, with_a_grant};
use super::desk::write;
use crate::databases::on_both;

const CUTS: [Cut; 6] = [Cut::Declaration, Cut::Policy, Cut::Rule, Cut::Region, Cut::Bearer, Cut::Day];

fn goodwill_of(service: &Service, cut: Cut) -> i64 {
    service.report(cut, &Of::default()).unwrap().iter().map(|line| line.goodwill).sum()
}

#[test]
fn writers_at_once_keep_totals_exact_while_lanes_are_put_together() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        let day = "2021-08-02".parse().unwrap();
        std::thread::scope(|scope| {
            let (service, like) = (&service, &like);
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(move || {
                        for at in 0..25 {
                            let row = goodwill(like, "1.00");
                            write(service, |conn| Ok(post(conn, &row, id::new_id(), day)?)).unwrap();
                            if at % 5 == 0 {
                                write(service, |conn| Ok(take_back(conn, &row, day)?)).unwrap();
                            }
                        }
                    })
                })
                .collect();
            let settlers: Vec<_> = (0..2)
                .map(|_| scope.spawn(move || (0..40).map(|_| service.settle_journal().unwrap()).sum::<usize>()))
                .collect();
            for _ in 0..20 {
                // Whatever is under way, every reader sees whole entries: none of them has gone, none is there twice.
                let books = service.verify_books().unwrap();
                assert_eq!(books.broken, Vec::<String>::new());
            }
            for writer in writers {
                writer.join().unwrap();
            }
            for settler in settlers {
                settler.join().unwrap();
            }
        });
        // Four writers gave 25 times 1.00 and took five of them back.
        assert_eq!(goodwill_of(&service, Cut::Rule), 4 * (25 - 5) * 100);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        let places = service.journal_part(&Default::default(), 10_000).unwrap();
        service.settle_journal().unwrap();
        let all = service.journal_part(&Default::default(), 10_000).unwrap();
        assert!(all.iter().zip(1..).all(|((place, ..), at)| *place == at), "places are given without a gap");
        assert!(places.iter().zip(&all).all(|(one, other)| one.0 == other.0 && one.1.id == other.1.id));
    });
}

/// Statements, run on either database.
pub fn run(store: &Store, statements: &str) {
    let done = store.read(|conn| {
        let done = match conn {
            Connection::Postgres(own) => own.batch_execute(statements),
            Connection::Sqlite(own) => own.batch_execute(statements),
        };
        done.map_err(StoreError::from)
    });
    done.unwrap();
}

/// How many grants: `FORBEAR_GRANTS=1000000` measures.
fn wanted() -> i64 {
    std::env::var("FORBEAR_GRANTS").map_or(3_000, |count| count.parse().unwrap())
}

/// Grants of 1.00 each over 3 declarations, 4 policies, 150 regions and 90 days, 27,000 parts where there are as many
/// grants and more, in a database that has no totals yet.
fn load(service: &Service, like: i64, count: i64) {
    let columns = "account_id, event, benefit, decided_on, state, people, approvals, consent, shown_digest, currency, waived, \
        refunded, goodwill, deferred, deferred_principal, added_interest, forgone_interest, capitalised, \
        present_value_loss, adjustments, opt_out_by, instruction_id, waits_for, changed_at, revision";
    let days: Vec<String> = (0..90)
        .map(|at| {
            let day = chrono::NaiveDate::from_ymd_opt(2021, 8, 1).unwrap() + chrono::Days::new(at);
            format!("({at}, '{day}')")
        })
        .collect();
    run(
        &service.store,
        &format!(
            "CREATE TABLE days (n BIGINT PRIMARY KEY, day DATE NOT NULL);
             INSERT INTO days VALUES {};
             INSERT INTO grants (id, decision_id, declaration, policy, version, rule, region, {columns})
             WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
             SELECT n, decision_id, 'declaration-' || (n % 3), 'policy-' || (n % 4), 1, 'rule-' || (n % 2),
                    'CN-41' || (1000 + (n / 90) % 150), {columns}
             FROM numbers, grants WHERE grants.id = {like};
             INSERT INTO journal_entries (id, grant_id, kind, posted_on, at)
             SELECT g.id, g.id, 'posting', d.day, g.changed_at FROM grants g JOIN days d ON d.n = g.id % 90
             WHERE g.id <= {count};
             INSERT INTO journal_lines (entry_id, line, ledger, currency, amount, bearer)
             SELECT id, 1, 'relief.goodwill', 'CNY', 100, 'lender' FROM journal_entries WHERE id <= {count};
             INSERT INTO journal_lines (entry_id, line, ledger, currency, amount, bearer)
             SELECT id, 2, 'payable.borrower', 'CNY', -100, 'lender' FROM journal_entries WHERE id <= {count};
             DROP TABLE days;",
            days.join(", ")
        ),
    );
}

#[test]
fn reports_over_many_grants_are_read_at_once() {
    let count = wanted();
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        let row = goodwill(&like, "1.00");
        write(&service, |conn| Ok(post(conn, &row, id::new_id(), "2021-08-01".parse().unwrap())?)).unwrap();
        // As a database that is older than the totals has them.
        let down = std::fs::read_to_string("migrations/common/2026-11-26-000020_kept_totals/down.sql").unwrap();
        run(&service.store, &down);
        run(&service.store, "DELETE FROM __diesel_schema_migrations WHERE version = '20261126000020'");
        load(&service, row.id, count);
        let mut service = service;
        service.store = Store::open(&database.url, 2).unwrap();
        for cut in CUTS {
            let begun = Instant::now();
            assert_eq!(goodwill_of(&service, cut), (count + 1) * 100, "{cut:?}");
            let took = begun.elapsed();
            println!("{:?} {cut:?}: {took:?}", service.store.backend());
            if count >= 1_000_000 {
                let bound = service.store.backend() == Backend::Postgres;
                assert!(!bound || took <= Duration::from_millis(300), "{cut:?} took {took:?}");
            }
        }
        // Grant n counts on day n modulo 90 and has one of three declarations.
        let first = Of {
            from: Some("2021-08-01".parse().unwrap()),
            until: Some("2021-08-10".parse().unwrap()),
            declaration: Some("declaration-1".to_owned()),
        };
        let inside = (1..=count).filter(|n| n % 90 < 10 && n % 3 == 1).count();
        let sum: i64 = service.report(Cut::Region, &first).unwrap().iter().map(|line| line.goodwill).sum();
        assert_eq!(sum, i64::try_from(inside).unwrap() * 100);
        if count < 1_000_000 {
            assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        }
    });
}
