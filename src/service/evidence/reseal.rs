//! What is sealed under an earlier key is sealed anew: contents and names, a few at a time, for a content may be large.

use serde_json::json;

use super::{content_name, file_name, hold};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::Connection;
use crate::store::evidence::{self, ContentRow, EvidenceRow};

/// Contents of one transaction.
const CONTENTS: i64 = 8;

impl Service {
    /// Seals some rows anew that are sealed under an earlier key, of people, of phones that want no messages, of what people showed and
    /// said; says how many. None are left
    /// when it says 0.
    ///
    /// # Errors
    /// A row cannot be opened.
    pub fn reseal(&self, most: i64) -> Served<usize> {
        let people = self.reseal_persons(most)?;
        let phones = self.reseal_opt_outs(most)?;
        let said = self.reseal_words(most)?;
        let others = self.reseal_evidence(most)?.saturating_add(said);
        Ok(people.saturating_add(phones).saturating_add(others))
    }

    fn reseal_evidence(&self, most: i64) -> Served<usize> {
        let keys = self.keys()?;
        let active = i64::from(keys.active());
        let others: Vec<i64> = keys.versions().map(i64::from).filter(|version| *version != active).collect();
        let found = |conn: &mut Connection| {
            let contents = evidence::contents_under(conn, &others, most.min(CONTENTS))?;
            Ok::<_, crate::store::StoreError>((contents, evidence::names_under(conn, &others, most)?))
        };
        let (contents, names) = self.store.read(found)?;
        if contents.is_empty() && names.is_empty() {
            return Ok(0);
        }
        self.store.write(|conn| {
            hold(conn, contents.clone())?;
            for hash in &contents {
                let Some(row) = evidence::content(conn, hash)? else { continue };
                let Some(sealed) = &row.sealed else { continue };
                let content = keys.open_sealed(&content_name(hash), sealed)?;
                let sealed = Some(keys.seal(&content_name(hash), &content)?);
                evidence::reseal(conn, &ContentRow { sealed, key_version: Some(active), ..row })?;
            }
            for row in &names {
                let Some(sealed) = &row.name else { continue };
                let name = keys.open_sealed(&file_name(row.id), sealed)?;
                let name = Some(keys.seal(&file_name(row.id), &name)?);
                // Somebody may have judged or erased it meanwhile: then it is found again, or nothing is left of it.
                evidence::update(conn, &EvidenceRow { name, key_version: Some(active), ..row.clone() })?;
            }
            let rows = contents.len().saturating_add(names.len());
            let detail = json!({"rows": rows, "key": active});
            log(conn, self.clock.now(), &Actor::system(), "evidence.reseal", "evidence", &detail)?;
            Ok(rows)
        })
    }
}
