//! Who gets in, and who people are, on both databases.

mod borrowers;
mod issuers;
mod keys;
mod persons;
mod tokens;
mod users;

use forbear::core_system::person::{Reported, parse_with_persons};
use forbear::secret::{Hidden, KeyRing};
use forbear::service::Service;
use forbear::service::access::Credentials;
use forbear::store::audit::{EntryRow, Filter};

use crate::databases::Database;
use crate::service::desk;

/// A service with keys, on the 1st of July 2026 at ten in Shanghai.
pub fn service(database: &Database) -> Service {
    desk::service(database, "2026-07-01").with_keys(KeyRing::of_memory().unwrap())
}

/// Some minutes and seconds after that.
pub fn later(service: &Service, seconds: i64) {
    service.clock.set(service.clock.now().and_utc() + chrono::TimeDelta::seconds(seconds));
}

pub fn hidden(text: &str) -> Hidden<String> {
    Hidden::text(text)
}

/// A snapshot with one borrower.
pub fn reported(account: &str, as_of: &str, party: &str, person: &str) -> Reported {
    let text = format!(
        r#"{{"account":"{account}","as_of":"{as_of}","currency":"CNY","parties":[{{"party":"{party}","role":"borrower"}}],"person":{{"parties":[{person}]}}}}"#
    );
    parse_with_persons(1, &text).unwrap()
}

/// Everything that is in the log.
pub fn logged(service: &Service) -> Vec<EntryRow> {
    service.store.read(|conn| forbear::store::audit::page(conn, &Filter::default(), 0, 10_000)).unwrap()
}

pub fn verbs(service: &Service) -> Vec<String> {
    logged(service).into_iter().map(|entry| entry.verb).collect()
}

pub fn cookie(value: &str) -> Credentials {
    Credentials { session: Some(value.to_owned()), bearer: None }
}

pub fn bearer(token: &str) -> Credentials {
    Credentials { bearer: Some(token.to_owned()), session: None }
}
