//! Entries made by hand for tests of what is kept beside the journal.

use chrono::NaiveDate;
use forbear::service::Service;
use forbear::service::relief::ask::{NewRequest, Said};
use forbear::service::relief::ledger;
use forbear::store::grant::{self, GrantRow};
use forbear::store::journal::{self, EntryRow};
use forbear::store::{Connection, Stored, id};
use serde_json::json;

use super::desk::{actor, write, zhengzhou};
use crate::databases::Database;

/// A service, and a grant of it from which others are made.
pub fn with_a_grant(database: &Database) -> (Service, GrantRow) {
    let service = zhengzhou(database);
    let new = NewRequest {
        account: "ZZ-20210220-01".to_owned(),
        declaration: None,
        via: Some("app".to_owned()),
        said: Said {
            answers: [("request.hardship".to_owned(), json!(true))].into(),
            choices: [("two-instalments".to_owned(), 2)].into(),
            evidence: vec!["self_statement".to_owned()],
            accepts: None,
        },
    };
    let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap();
    let first = asked.grants.into_iter().next().unwrap();
    (service, first)
}

/// A goodwill payment like another grant, posted on a day.
pub fn goodwill(like: &GrantRow, amount: &str) -> GrantRow {
    let adjustments = json!([{"kind": "goodwill", "amount": {"amount": amount, "currency": "CNY"}}]);
    GrantRow {
        id: id::new_id(),
        state: "posted".to_owned(),
        adjustments: adjustments.to_string(),
        present_value_loss: None,
        instruction_id: None,
        ..like.clone()
    }
}

/// Adds a grant with its entry.
pub fn post(conn: &mut Connection, row: &GrantRow, entry: i64, day: NaiveDate) -> Stored<()> {
    grant::add(conn, row)?;
    let entry = entry_of(row, entry, "posting", day);
    journal::add(conn, row, &entry, &ledger::posting(row, entry.id).unwrap())
}

/// Takes it back.
pub fn take_back(conn: &mut Connection, row: &GrantRow, day: NaiveDate) -> Stored<()> {
    let entry = entry_of(row, id::new_id(), "reversal", day);
    let posted = journal::lines(conn, row.id, "posting")?;
    let back = GrantRow { state: "reversed".to_owned(), ..row.clone() };
    assert!(grant::advance(conn, &back, "posted")?);
    journal::add(conn, row, &entry, &ledger::reversal(&posted, entry.id))
}

fn entry_of(row: &GrantRow, id: i64, kind: &str, day: NaiveDate) -> EntryRow {
    EntryRow { id, grant_id: row.id, kind: kind.to_owned(), posted_on: day, at: row.changed_at }
}
