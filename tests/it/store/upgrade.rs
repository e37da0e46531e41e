//! A database of the first program that was released, with data in it, is brought up to date and goes on.
//!
//! `tests/fixtures/database` holds it as that program left it (migrations 2026-11-25-000001 and 000002): the sample loan,
//! which asked, was granted and confirmed, with a budget and a sealed log. It is never made again.

use forbear::service::relief::ask::NewRequest;

use crate::databases::{filled, on_both_empty};
use crate::service::desk::{actor, service, staff, write};

#[test]
fn a_database_of_the_first_program_is_brought_up_to_date_and_goes_on() {
    on_both_empty(|database| {
        let kind = database.url.split(':').next().unwrap();
        filled(database, &format!("tests/fixtures/database/{kind}.sql"));
        let service = service(database, "2021-07-30");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        let log = service.verify_audit().unwrap();
        assert!(log.broken.is_empty() && log.sealed > 10, "{log:?}");

        let row = service.grants(Some("confirmed"), 0, 100).unwrap().into_iter().find(|row| row.waived > 0).unwrap();
        let read = service.grant(&staff(), row.id).unwrap();
        // Late fees of 25.00 and penalty interest of 6.00 were owed, 10.00 was paid.
        assert_eq!((read.waived, read.refunded, read.benefit.as_str()), (3_100, 1_000, "waive-all"));
        let [budget] = service.budgets().unwrap().try_into().unwrap();
        assert_eq!((budget.row.amount, budget.taken, budget.reserved), (100_000, 4_100, 0));

        // It is written to as well: asked again, there is nothing left to give.
        let new = NewRequest { account: "ZZ-20210220-01".to_owned(), ..NewRequest::default() };
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
        assert!(asked.grants.is_empty(), "{:#?}", asked.grants);
        let back = write(&service, |conn| service.reverse_grant(conn, &actor("finance"), row.id, "a mistake")).unwrap();
        assert_eq!(back.state, "reversed");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}
