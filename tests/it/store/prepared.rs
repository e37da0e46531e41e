//! What is written often is parsed and planned once on each connection.

use std::sync::{Arc, Mutex};

use diesel::Connection as _;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use forbear::store::audit::{self, EntryRow};
use forbear::store::{Connection, Store, StoreError, guard, id};

use crate::databases::on_both;

/// Takes note of every statement that is prepared to be kept.
struct Kept(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Kept {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::CacheQuery { sql, .. } = event {
            self.0.lock().unwrap().push(sql.to_owned());
        }
    }
}

#[test]
fn writes_stay_prepared() {
    on_both(|database| {
        let store = Store::open(&database.url, 1).unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        store
            .write(|conn| {
                let watch = Kept(Arc::clone(&kept));
                match &mut *conn {
                    Connection::Postgres(own) => own.set_instrumentation(watch),
                    Connection::Sqlite(own) => own.set_instrumentation(watch),
                }
                guard::make(conn, &["a".to_owned()])?;
                for _ in 0..3 {
                    let row = EntryRow {
                        id: id::new_id(),
                        at: "2024-06-01T08:00:00".parse().unwrap(),
                        actor: "system".to_owned(),
                        verb: "test".to_owned(),
                        object: "nothing".to_owned(),
                        detail: "{}".to_owned(),
                        seal: None,
                    };
                    audit::add(conn, &row)?;
                    guard::take(conn, &mut vec!["a".to_owned()])?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let kept = kept.lock().unwrap();
        for start in ["INSERT INTO ", "UPDATE "] {
            let many = |table: &str| kept.iter().filter(|sql| sql.starts_with(start) && sql.contains(table)).count();
            let table = if start == "UPDATE " { "guards" } else { "audit_entries" };
            assert_eq!(many(table), 1, "{start}{table} is prepared once and kept: {kept:?}");
        }
    });
}
