//! Files as they are shown: to those who may see their request, and into the log.

use serde_json::json;

use super::{EvidenceRow, Media, content_name, file_name};
use crate::secret::{Hidden, Zeroizing};
use crate::service::access::Principal;
use crate::service::audit::log;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, evidence, id};

/// A file in full. It does not print.
pub struct Shown {
    /// What it is.
    pub media: Media,
    /// What its sender called it.
    pub name: Option<Hidden<String>>,
    /// It.
    pub content: Zeroizing<Vec<u8>>,
}

impl Service {
    /// The files of a request, the first first, each with its name.
    ///
    /// # Errors
    /// There is no such request for this caller, or a name cannot be opened.
    #[allow(clippy::type_complexity, reason = "a row, what it is, and what it is called")]
    pub fn evidence(
        &self,
        caller: &Principal,
        request: i64,
    ) -> Served<Vec<(EvidenceRow, Media, Option<Hidden<String>>)>> {
        let rows = self.store.read(|conn| {
            self.may_see_request(conn, caller, request)?;
            Ok::<_, ServiceError>(evidence::of_request(conn, request)?)
        })?;
        rows.into_iter().map(|(row, media)| Ok((self.named(&row)?, row, media))).map(arranged).collect()
    }

    /// A file in full; that it was shown, and to whom, is in the log.
    ///
    /// # Errors
    /// There is none for this caller, or it was erased.
    pub fn show_evidence(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<Shown> {
        let row = evidence::find(conn, id)?.ok_or(ServiceError::Missing("evidence"))?;
        caller.may_see(conn, row.account_id)?;
        let kept = evidence::content(conn, &row.hash)?.filter(|_| row.erased_at.is_none());
        let kept = kept.ok_or(ServiceError::Missing("evidence"))?;
        let sealed = kept.sealed.as_deref().ok_or(ServiceError::Missing("evidence"))?;
        let content = self.keys()?.open_sealed(&content_name(&row.hash), sealed)?;
        let detail = json!({"request": id::outside("request", row.request_id), "hash": row.hash});
        log(conn, self.clock.now(), &caller.actor, "evidence.show", &id::outside("evidence", id), &detail)?;
        Ok(Shown { media: Media { media_type: kept.media_type, bytes: kept.bytes }, name: self.named(&row)?, content })
    }

    fn named(&self, row: &EvidenceRow) -> Served<Option<Hidden<String>>> {
        let Some(sealed) = &row.name else { return Ok(None) };
        let opened = self.keys()?.open_sealed(&file_name(row.id), sealed)?;
        let name = std::str::from_utf8(&opened).map_err(|_| ServiceError::unknown("what is sealed is no name"))?;
        Ok(Some(Hidden::text(name)))
    }
}

type Named = (Option<Hidden<String>>, EvidenceRow, Media);

fn arranged(read: Served<Named>) -> Served<(EvidenceRow, Media, Option<Hidden<String>>)> {
    read.map(|(name, row, media)| (row, media, name))
}
