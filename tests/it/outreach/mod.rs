//! Outreach: who wants to be left in peace, what people are told, and who may be contacted, on both databases.

mod opt_outs;

use forbear::secret::KeyRing;
use forbear::service::Service;

use crate::databases::Database;
use crate::service::desk;

/// A service with keys, on the 1st of July 2026 at ten in Shanghai.
pub fn service(database: &Database) -> Service {
    desk::service(database, "2026-07-01").with_keys(KeyRing::of_memory().unwrap())
}

/// Somebody as the core system reports them.
pub fn person(party: &str, phone: &str, language: &str) -> String {
    format!(r#"{{"party":"{party}","name":"张三","phone":"{phone}","language":"{language}"}}"#)
}
