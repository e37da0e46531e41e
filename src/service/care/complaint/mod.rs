//! Complaints: taken from any contact or online, answered within their clock, traced to what they came from.
//!
//! ```text
//! taking ─► open ─► (extended to 30, to 60 days) ─► resolved ─► rated
//!            ▲          clock: warns, and says when it ran out      │
//!            └──────────────────────── reopened ────────────────────┘   withdrawn
//! ```

pub mod clock;
pub mod resolving;
pub mod taking;

pub use self::taking::NewComplaint;
pub use crate::store::complaint::{ComplaintRow, Of};

use crate::service::{Served, ServiceError};
use crate::store::{Connection, complaint, id};

/// What complaints are about: the name in documents, in Chinese, in English.
pub const CLASSES: [(&str, [&str; 2]); 9] = [
    ("relief", ["纾困申请结果", "what was decided on relief"]),
    ("fees", ["息费争议", "interest and fees"]),
    ("debit", ["扣款争议", "a debit"]),
    ("collections", ["催收行为", "collections"]),
    ("credit_reporting", ["征信报送", "credit reporting"]),
    ("service", ["服务态度与效率", "how somebody was served"]),
    ("reach", ["渠道不通", "a line that cannot be reached"]),
    ("privacy", ["个人信息保护", "personal data"]),
    ("other", ["其他", "something else"]),
];

/// A complaint as it is named outside.
pub(in crate::service) fn named(complaint: i64) -> String {
    id::outside("complaint", complaint)
}

pub(super) fn found(conn: &mut Connection, id: i64) -> Served<ComplaintRow> {
    complaint::find(conn, id)?.ok_or(ServiceError::Missing("complaint"))
}

/// A complaint in one of some states.
pub(super) fn standing(conn: &mut Connection, id: i64, states: &[&str]) -> Served<ComplaintRow> {
    let row = found(conn, id)?;
    if states.contains(&row.state.as_str()) {
        return Ok(row);
    }
    let message = format!("the complaint is {}: this needs one that is {}", row.state, states.join(" or "));
    Err(ServiceError::conflict("wrong_state", message))
}
