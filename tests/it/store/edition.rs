//! The mark of what everybody is decided by changes with each of it, in this program or another, and with nothing else.

use std::collections::BTreeSet;

use forbear::service::relief::budget::NewBudget;
use forbear::store::sample::{self, LotteryRow};
use forbear::store::{Store, StoreError, edition, id};
use forbear_engine::declaration::{Amendment, Declaration};
use serde_json::json;

use crate::databases::on_both;
use crate::service::desk::{account, actor, file, put_in_force, service, write};

#[test]
fn a_mark_stands_for_what_everybody_is_decided_by() {
    on_both(|database| {
        let service = service(database, "2021-07-29");
        // As another program sees it.
        let other = Store::open(&database.url, 1).unwrap();
        let mark = || other.read(edition::mark).unwrap();
        let mut marks = vec![mark()];

        put_in_force(&service, &file("samples/policy-late-fees.json"));
        marks.push(mark());
        let mut document: Declaration = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
        write(&service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
        marks.push(mark());
        document
            .amendments
            .push(Amendment { number: document.amendments.last().map_or(1, |last| last.number + 1), ..amendment() });
        write(&service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
        marks.push(mark());
        write(&service, |conn| service.close_declaration(conn, &actor("lead"), &document.declaration, false)).unwrap();
        marks.push(mark());
        let new =
            NewBudget { declaration: None, policy: None, bearer: None, currency: "CNY".to_owned(), amount: 100_000 };
        let made = write(&service, |conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
        marks.push(mark());
        let change = (made.row.revision, 50_000, "CNY");
        write(&service, |conn| service.change_budget(conn, &actor("finance"), made.row.id, change)).unwrap();
        marks.push(mark());
        let lottery =
            LotteryRow { id: id::new_id(), salt: "salt".to_owned(), per_mille: 7, since: service.clock.now() };
        service.store.write(|conn| sample::begin(conn, &lottery)).unwrap();
        marks.push(mark());
        assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), marks.len(), "{marks:?}");

        // What was undone leaves no mark, and its own does not come again.
        let mut undone = String::new();
        let lottery = LotteryRow { id: id::new_id(), ..lottery };
        let failed = service.store.write(|conn| {
            sample::begin(conn, &lottery)?;
            undone = edition::mark(conn)?;
            Err::<(), _>(StoreError::Duplicate("on purpose".to_owned()))
        });
        failed.unwrap_err();
        assert_eq!(Some(&mark()), marks.last());
        service.store.write(|conn| sample::begin(conn, &lottery)).unwrap();
        let next = mark();
        assert!(next != undone && !marks.contains(&next));

        // Accounts, requests and grants are nobody's terms.
        service.take_snapshot(&account("samples/account-zhengzhou.json")).unwrap();
        assert_eq!(mark(), next);
    });
}

fn amendment() -> Amendment {
    let document = json!({"number": 1, "on": "2022-02-01", "incident_end": "2021-07-28"});
    serde_json::from_value(document).unwrap()
}
