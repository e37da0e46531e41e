//! Totals kept beside the journal against a plain sum; the order of the journal; an older database.

use std::collections::BTreeMap;
use std::sync::mpsc;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use forbear::service::Service;
use forbear::service::relief::report::{Cut, Of};
use forbear::store::grant::GrantRow;
use forbear::store::{Connection, Store, StoreError, id};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::books::{goodwill, post, take_back, with_a_grant};
use super::desk::{actor, write};
use crate::databases::{on_both, postgres};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a generated grant comes to, in minor units: waived and refunded by bearer, goodwill, loss.
struct Made {
    row: GrantRow,
    bearer: &'static str,
    waived: i64,
    refunded: i64,
    goodwill: i64,
    loss: i64,
}

fn make(dice: &mut StdRng, like: &GrantRow) -> Made {
    let bearer = ["lender", "guarantor", "funder"][dice.random_range(0..3)];
    let (waived, refunded) = (dice.random_range(1..90_000), dice.random_range(0..3) * dice.random_range(1..500));
    let (goodwill, loss) = (dice.random_range(0..2) * dice.random_range(1..9_000), dice.random_range(-5_000..5_000));
    let money = |minor: i64| json!({"amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "CNY"});
    let relieved = |kind: &str, amount: i64| {
        json!({"kind": kind, "target": {"charge": "c1"}, "charge": "late_fee",
        "amount": money(amount), "bearer": bearer})
    };
    let mut adjustments = vec![relieved("waiver", waived)];
    if refunded > 0 {
        adjustments.push(relieved("refund", refunded));
    }
    if goodwill > 0 {
        adjustments.push(json!({"kind": "goodwill", "amount": money(goodwill)}));
    }
    let region = [None, Some("CN-410105"), Some("CN-410102"), Some("CN-410700")][dice.random_range(0..4)];
    let row = GrantRow {
        id: id::new_id(),
        declaration: format!("declaration-{}", dice.random_range(0..2)),
        policy: format!("policy-{}", dice.random_range(0..2)),
        version: dice.random_range(1..3),
        rule: ["severe", "affected"][dice.random_range(0..2)].to_owned(),
        region: region.map(str::to_owned),
        state: "posted".to_owned(),
        adjustments: serde_json::Value::from(adjustments).to_string(),
        present_value_loss: Some(loss),
        instruction_id: None,
        ..like.clone()
    };
    Made { row, bearer, waived, refunded, goodwill, loss }
}

/// Waived, refunded, goodwill, loss.
type Sums = [i64; 4];

/// An entry as the test remembers it: its day, the grant, and 1 for a posting or -1 for a reversal.
type Kept<'a> = (NaiveDate, &'a Made, i64);

/// The parts of an entry for a cut, each with what falls to it.
fn parts((on, made, sign): &Kept<'_>, cut: Cut) -> Vec<(String, Sums)> {
    let row = &made.row;
    let sums = [made.waived, made.refunded, made.goodwill, made.loss].map(|amount| amount * sign);
    let key = match cut {
        Cut::Declaration => row.declaration.clone(),
        Cut::Policy => format!("{} {}", row.policy, row.version),
        Cut::Rule => format!("{}/{}", row.policy, row.rule),
        Cut::Region => row.region.clone().unwrap_or_default(),
        Cut::Day => on.to_string(),
        Cut::Bearer => {
            let [waived, refunded, goodwill, loss] = sums;
            return vec![
                (made.bearer.to_owned(), [waived, refunded, 0, 0]),
                ("lender".to_owned(), [0, 0, goodwill, 0]),
                (String::new(), [0, 0, 0, loss]),
            ];
        }
    };
    vec![(key, sums)]
}

fn naive(kept: &[Kept<'_>], cut: Cut, of: &Of) -> BTreeMap<String, Sums> {
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    let inside = |(on, made, _): &&Kept<'_>| {
        of.from.is_none_or(|from| *on >= from)
            && of.until.is_none_or(|until| *on <= until)
            && of.declaration.as_ref().is_none_or(|name| *name == made.row.declaration)
    };
    for entry in kept.iter().filter(inside) {
        for (key, part) in parts(entry, cut) {
            let sum = sums.entry(key).or_default();
            for (at, amount) in part.into_iter().enumerate() {
                sum[at] += amount;
            }
        }
    }
    sums.retain(|_, sum| *sum != [0; 4]);
    sums
}

fn compare(service: &Service, kept: &[Kept<'_>]) {
    let some = Of { from: Some(day("2021-08-03")), until: Some(day("2021-08-20")), declaration: None };
    let of_one = Of { declaration: Some("declaration-1".to_owned()), ..some.clone() };
    for of in [Of::default(), some, of_one] {
        for cut in [Cut::Declaration, Cut::Policy, Cut::Rule, Cut::Region, Cut::Bearer, Cut::Day] {
            let lines = service.report(cut, &of).unwrap().into_iter();
            let of_sample = |key: &str| key.contains("henan") || key == "2021-07-29";
            let read: BTreeMap<String, Sums> = lines
                .filter(|line| !of_sample(&line.key))
                .map(|line| (line.key, [line.waived, line.refunded, line.goodwill, line.modification_loss]))
                .collect();
            assert_eq!(read, naive(kept, cut, &of), "{cut:?} {of:?}");
        }
    }
}

#[test]
fn kept_totals_are_the_plain_sum_of_postings_and_reversals() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        // The sample's own grants leave the books, so that only what is generated stands in them.
        let own = service.store.read(|conn| forbear::store::grant::of_accounts(conn, &[like.account_id])).unwrap();
        for (row, _) in own.into_iter().rev() {
            write(&service, |conn| service.reverse_grant(conn, &actor("finance"), row.id, "a test")).unwrap();
        }
        let mut dice = StdRng::seed_from_u64(7);
        let mades: Vec<Made> = (0..300).map(|_| make(&mut dice, &like)).collect();
        let mut kept: Vec<Kept<'_>> = Vec::new();
        for (at, made) in mades.iter().enumerate() {
            let on = day("2021-08-01") + chrono::Days::new(dice.random_range(0..30));
            write(&service, |conn| Ok(post(conn, &made.row, id::new_id(), on)?)).unwrap();
            kept.push((on, made, 1));
            if dice.random_range(0..3) == 0 {
                let back = on + chrono::Days::new(dice.random_range(0..9));
                write(&service, |conn| Ok(take_back(conn, &made.row, back)?)).unwrap();
                kept.push((back, made, -1));
            }
            // Before, between and after lanes are put together.
            if dice.random_range(0..40) == 0 {
                service.settle_journal().unwrap();
            }
            if at % 60 == 0 {
                compare(&service, &kept);
            }
        }
        compare(&service, &kept);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        service.settle_journal().unwrap();
        compare(&service, &kept);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        assert_eq!(service.settle_journal().unwrap(), 0, "nothing is left to be settled");
    });
}

/// Statements, run on either database.
fn run(store: &Store, statements: &str) {
    let done = store.read(|conn| {
        let done = match conn {
            Connection::Postgres(own) => own.batch_execute(statements),
            Connection::Sqlite(own) => own.batch_execute(statements),
        };
        done.map_err(StoreError::from)
    });
    done.unwrap();
}

#[test]
fn a_kept_total_that_was_changed_is_found() {
    on_both(|database| {
        let (service, _) = with_a_grant(database);
        run(&service.store, "UPDATE report_totals SET amount = amount + 1 WHERE ledger = 'relief.waived'");
        let broken = service.verify_books().unwrap().broken;
        assert_eq!(broken.len(), 1, "{broken:#?}");
        assert!(
            broken[0].contains("relief.waived") && broken[0].ends_with("differs from the journal by 1"),
            "{broken:?}"
        );
    });
}

#[test]
fn an_older_database_gets_its_totals_and_places() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        let row = goodwill(&like, "12.00");
        write(&service, |conn| Ok(post(conn, &row, id::new_id(), day("2021-08-02"))?)).unwrap();
        service.settle_journal().unwrap();
        let report = |service: &Service| service.report(Cut::Rule, &Of::default()).unwrap();
        let (before, journal) = (report(&service), service.journal((None, None), 0, 500).unwrap().len());
        // As it was before there were kept totals.
        let down = std::fs::read_to_string("migrations/common/2026-11-26-000020_kept_totals/down.sql").unwrap();
        run(&service.store, &down);
        run(&service.store, "DELETE FROM __diesel_schema_migrations WHERE version = '20261126000020'");
        let mut again = service.clone();
        again.store = Store::open(&database.url, 2).unwrap();
        assert_eq!(report(&again), before);
        assert_eq!(again.verify_books().unwrap().broken, Vec::<String>::new());
        assert_eq!(again.journal((None, None), 0, 500).unwrap().len(), journal);
        let next = goodwill(&like, "1.00");
        write(&again, |conn| Ok(post(conn, &next, id::new_id(), day("2021-08-03"))?)).unwrap();
        assert_eq!(again.journal((None, None), 0, 500).unwrap().len(), journal + 1);
    });
}

/// The ids of entries of the journal after one.
fn read_after(service: &Service, after: i64) -> Vec<i64> {
    service.journal((None, None), after, 500).unwrap().into_iter().map(|(entry, _)| entry.id).collect()
}

#[test]
fn an_entry_with_an_earlier_id_that_comes_later_is_read_later() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        let last = *read_after(&service, 0).last().unwrap();
        let (early, late) = (id::new_id(), id::new_id());
        let [one, other] = [goodwill(&like, "1.00"), goodwill(&like, "2.00")];
        write(&service, |conn| Ok(post(conn, &one, late, day("2021-08-02"))?)).unwrap();
        assert_eq!(read_after(&service, last), [late]);
        write(&service, |conn| Ok(post(conn, &other, early, day("2021-08-02"))?)).unwrap();
        assert_eq!(read_after(&service, late), [early]);
        assert_eq!(read_after(&service, last), [late, early]);
    });
}

#[test]
fn an_entry_that_is_written_while_another_is_read_is_not_passed_over() {
    // SQLite has one writer at a time.
    let Some(database) = postgres() else { return };
    let (service, like) = with_a_grant(&database);
    let last = *read_after(&service, 0).last().unwrap();
    let (early, late) = (id::new_id(), id::new_id());
    let [one, other] = [goodwill(&like, "1.00"), goodwill(&like, "2.00")];
    let ((written, wait), (go, held)) = (mpsc::channel(), mpsc::channel());
    std::thread::scope(|scope| {
        let (service, other) = (&service, &other);
        let slow = scope.spawn(move || {
            write(service, |conn| {
                post(conn, other, early, day("2021-08-02"))?;
                written.send(()).unwrap();
                held.recv().unwrap();
                Ok(())
            })
        });
        wait.recv().unwrap();
        write(service, |conn| Ok(post(conn, &one, late, day("2021-08-02"))?)).unwrap();
        assert_eq!(read_after(service, last), [late], "the other is not committed");
        let end = service.journal_end().unwrap();
        go.send(()).unwrap();
        slow.join().unwrap().unwrap();
        assert_eq!(read_after(service, late), [early]);
        assert_eq!(service.journal_end().unwrap(), end + 1);
    });
    assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
}
