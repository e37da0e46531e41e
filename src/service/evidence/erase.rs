//! Erasure: with a person go their files, and every content that nobody else showed too.

use chrono::NaiveDateTime;

use super::hold;
use crate::service::{Served, Service};
use crate::store::Connection;
use crate::store::evidence::{self, ContentRow, EvidenceRow};

impl Service {
    /// Erases what somebody showed; says how many files it was. That they were there, of what kind and judged how, stays: decisions
    /// rest on it. The person's guard has to be taken.
    pub(in crate::service) fn erase_evidence(
        &self,
        conn: &mut Connection,
        party: &str,
        now: NaiveDateTime,
    ) -> Served<usize> {
        let files = evidence::of_party(conn, party)?;
        hold(conn, files.iter().map(|row| row.hash.clone()).collect())?;
        for row in &files {
            let erased =
                EvidenceRow { name: None, key_version: None, changed_at: now, erased_at: Some(now), ..row.clone() };
            crate::service::policy::changed(evidence::update(conn, &erased)?)?;
        }
        for row in &files {
            if evidence::is_used(conn, &row.hash)? {
                continue;
            }
            if let Some(kept) = evidence::content(conn, &row.hash)? {
                let erased = ContentRow { sealed: None, key_version: None, erased_at: Some(now), ..kept };
                evidence::reseal(conn, &erased)?;
            }
        }
        Ok(files.len())
    }
}
