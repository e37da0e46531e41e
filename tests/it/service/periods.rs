//! Closed months.

use std::sync::mpsc;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use forbear::service::relief::period::Month;
use forbear::service::relief::report::{Cut, Line, Of};
use forbear::service::{Service, ServiceError};
use forbear::store::{Connection, StoreError, id};

use super::books::{goodwill, post, with_a_grant};
use super::desk::{actor, at, write};
use crate::databases::{on_both, postgres};

fn close(service: &Service, month: &str) -> Result<i64, &'static str> {
    let month = Month::parse(month).unwrap();
    match write(service, |conn| service.close_period(conn, &actor("finance"), month)) {
        Ok(closed) => Ok(closed.entries),
        Err(ServiceError::Conflict { code, .. }) => Err(code),
        Err(other) => panic!("{other}"),
    }
}

fn report(service: &Service, month: &str) -> Vec<Line> {
    let month = Month::parse(month).unwrap();
    let of = Of { from: Some(month.first()), until: Some(month.last()), declaration: None };
    service.report(Cut::Rule, &of).unwrap()
}

fn july() -> NaiveDate {
    "2021-07-31".parse().unwrap()
}

#[test]
fn a_closed_month_stays_as_it_is() {
    on_both(|database| {
        // Decided and posted on 29 July.
        let (service, like) = with_a_grant(database);
        let grants = service.store.read(|conn| forbear::store::grant::of_accounts(conn, &[like.account_id])).unwrap();
        assert_eq!(close(&service, "2021-07"), Err("not_over"));
        service.clock.set(at("2021-07-31T15:59:59Z"));
        assert_eq!(close(&service, "2021-07"), Err("not_over"), "in Shanghai it is a second before August");
        service.clock.set(at("2021-07-31T16:00:00Z"));
        assert_eq!(service.periods().unwrap().open.to_string(), "2021-07");
        assert_eq!(close(&service, "2021-08"), Err("out_of_order"));
        assert_eq!(close(&service, "2021-06"), Err("out_of_order"));
        assert_eq!(close(&service, "2021-07"), Ok(i64::try_from(grants.len()).unwrap()));
        assert_eq!(close(&service, "2021-07"), Err("closed_already"));
        assert_eq!(close(&service, "2021-06"), Err("closed_already"));
        assert_eq!(service.periods().unwrap().open.to_string(), "2021-08");

        let before = report(&service, "2021-07");
        // The sample's account: late fees of 25.00, penalty interest of 6.00, and 10.00 that was paid.
        assert_eq!((before[0].waived, before[0].refunded), (3_100, 1_000));
        // A program whose clock is behind writes in the open month all the same.
        service.clock.set(at("2021-07-30T02:00:00Z"));
        for (row, _) in grants.iter().rev() {
            write(&service, |conn| service.reverse_grant(conn, &actor("finance"), row.id, "by mistake")).unwrap();
        }
        assert_eq!(report(&service, "2021-07"), before);
        let august = report(&service, "2021-08");
        assert_eq!((august[0].waived, august[0].refunded), (-3_100, -1_000));
        let first_of_august: NaiveDate = "2021-08-01".parse().unwrap();
        let days = (Some(first_of_august), Some(first_of_august));
        assert_eq!(service.journal(days, 0, 500).unwrap().len(), grants.len());

        service.settle_journal().unwrap();
        assert_eq!(report(&service, "2021-07"), before);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        let filter =
            forbear::service::audit::Filter { object: Some("period_2021-07".to_owned()), ..Default::default() };
        let logged = service.audit(&filter, 0, 10).unwrap();
        assert_eq!(logged.len(), 1);
        assert_eq!(logged[0].verb, "period.close");
    });
}

/// A statement, refused or not.
fn run(service: &Service, statement: &str) -> Result<(), StoreError> {
    service.store.write(|conn| {
        let done = match conn {
            Connection::Postgres(own) => own.batch_execute(statement),
            Connection::Sqlite(own) => own.batch_execute(statement),
        };
        done.map_err(StoreError::from)
    })
}

#[test]
fn the_database_itself_refuses_what_a_closed_month_excludes() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        service.clock.set(at("2021-08-02T02:00:00Z"));
        close(&service, "2021-07").unwrap();
        let row = goodwill(&like, "1.00");
        let refused = write(&service, |conn| Ok(post(conn, &row, id::new_id(), july())?)).unwrap_err().to_string();
        assert!(refused.contains("closed"), "{refused}");
        let early = "2021-06-30".parse().unwrap();
        write(&service, |conn| Ok(post(conn, &row, id::new_id(), early)?)).unwrap_err();
        for statement in ["DELETE FROM periods", "UPDATE periods SET last_day = '2021-07-30'"] {
            run(&service, statement).unwrap_err();
        }
        write(&service, |conn| Ok(post(conn, &row, id::new_id(), "2021-08-01".parse().unwrap())?)).unwrap();
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        // A total that is changed behind its back is found.
        run(&service, "UPDATE report_totals SET amount = amount + 1 WHERE ledger = 'relief.waived'").unwrap();
        let broken = service.verify_books().unwrap().broken;
        assert!(broken.iter().any(|said| said.starts_with("2021-07 was closed")), "{broken:#?}");
    });
}

#[test]
fn closing_waits_for_what_is_being_written() {
    let Some(database) = postgres() else { return };
    let (service, like) = with_a_grant(&database);
    let before = service.journal((None, None), 0, 500).unwrap().len();
    let row = goodwill(&like, "1.00");
    let ((written, wait), (go, held)) = (mpsc::channel(), mpsc::channel());
    std::thread::scope(|scope| {
        let (service, row) = (&service, &row);
        let slow = scope.spawn(move || {
            write(service, |conn| {
                forbear::store::period::hold_open(conn)?;
                post(conn, row, id::new_id(), july())?;
                written.send(()).unwrap();
                held.recv().unwrap();
                Ok(())
            })
        });
        wait.recv().unwrap();
        service.clock.set(at("2021-08-02T02:00:00Z"));
        let closing = scope.spawn(move || close(service, "2021-07"));
        go.send(()).unwrap();
        slow.join().unwrap().unwrap();
        assert_eq!(closing.join().unwrap(), Ok(i64::try_from(before + 1).unwrap()));
    });
    assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
}
