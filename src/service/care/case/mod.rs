//! Cases: one for a loan and a disaster, under one number that its borrower knows, with one progress.
//!
//! ```text
//! a request, a contact, a complaint ─► joining ─► open ─► resolved, by an agent, or by itself when nothing is left to do
//!                                                  ▲         │
//!                                                  └─────────┘ whoever writes again opens it again
//! ```
//!
//! | part | what it does |
//! |---|---|
//! | `joining` | finds the case that something belongs to, or opens one |
//! | `moving` | given to an agent, resolved, opened again; what happens to relief becomes a step |
//! | [`progress`] | the steps of everything in a case, in order, in words |
//! | [`lookup`] | progress for whoever has the number and the end of the phone, and for nobody else |

pub mod joining;
pub mod lookup;
pub mod moving;
pub mod progress;

pub use crate::store::case::{CaseRow, Of};

use crate::service::{Served, ServiceError};
use crate::store::{Connection, case, id};

/// A case as it is named outside.
pub(in crate::service) fn named(case: i64) -> String {
    id::outside("case", case)
}

pub(in crate::service) fn found(conn: &mut Connection, id: i64) -> Served<CaseRow> {
    case::find(conn, id)?.ok_or(ServiceError::Missing("case"))
}
