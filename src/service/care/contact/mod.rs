//! Contacts: somebody calls, writes or comes by.
//!
//! ```text
//! opening ─► waiting ─► answered ─► resolved      each in a case
//!               attending: answered, noted, handed over, resolved
//!               acting: an agent asks, answers and agrees for a caller, who said so on record
//! ```
//!
//! What people say is kept sealed ([`words`]); what was read to them is one of the [`script`]s.

pub mod acting;
pub mod attending;
pub mod measuring;
pub mod opening;
pub mod script;
pub mod words;

pub use crate::store::contact::{ConsentRow, ContactRow, Of};

use crate::service::{Served, ServiceError};
use crate::store::{Connection, contact, id};

/// How somebody may get in touch.
pub const VIAS: [&str; 5] = ["hotline", "app", "page", "sms", "branch"];

/// A contact as it is named outside.
pub(in crate::service) fn named(contact: i64) -> String {
    id::outside("contact", contact)
}

pub(in crate::service) fn found(conn: &mut Connection, id: i64) -> Served<ContactRow> {
    contact::find(conn, id)?.ok_or(ServiceError::Missing("contact"))
}
