//! What people said or wrote, sealed: it may name anybody.

use chrono::NaiveDateTime;
use serde_json::json;

use crate::secret::Hidden;
use crate::service::audit::{Actor, log};
use crate::service::care::case::named;
use crate::service::{Served, Service, ServiceError};
use crate::store::words::{self, WordsRow};
use crate::store::{Connection, id};

/// The longest text.
const LONGEST: usize = 4_000;

/// Rows of one transaction that are sealed anew.
const TOGETHER: i64 = 50;

/// Words as whoever works on the case reads them. They do not print.
#[derive(Debug, Clone)]
pub struct Said {
    /// What they are about.
    pub about: String,
    /// note, hand_over, outcome, complaint, …
    pub kind: String,
    /// They; none once they are erased.
    pub text: Option<Hidden<String>>,
    /// Who wrote them down.
    pub written_by: String,
    /// When.
    pub at: NaiveDateTime,
}

/// Where words belong.
pub(in crate::service) struct Place<'a> {
    /// The case.
    pub case: i64,
    /// What they are about, as it is named outside.
    pub about: &'a str,
    /// What kind they are.
    pub kind: &'a str,
    /// Whose loan it is about.
    pub party: Option<&'a str>,
}

impl Service {
    /// Keeps words.
    pub(in crate::service) fn keep_words(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        place: &Place<'_>,
        (pointer, text): (&str, &Hidden<String>),
    ) -> Served<i64> {
        let text = text.show().trim();
        if !(1..=LONGEST).contains(&text.chars().count()) {
            return Err(ServiceError::invalid(pointer, format!("a text of 1 to {LONGEST} characters")));
        }
        let (keys, id) = (self.keys()?, id::new_id());
        let row = WordsRow {
            id,
            case_id: place.case,
            about: place.about.to_owned(),
            kind: place.kind.to_owned(),
            party: place.party.map(str::to_owned),
            sealed: Some(keys.seal(&row_name(id), text.as_bytes())?),
            key_version: Some(i64::from(keys.active())),
            written_by: actor.person.clone(),
            at: self.clock.now(),
            erased_at: None,
        };
        words::add(conn, &row)?;
        Ok(id)
    }

    /// The words of a case, or those about one thing in it. That they were read, by whom and how many, is in the log; they are not.
    ///
    /// # Errors
    /// They cannot be opened.
    pub fn words_of(&self, actor: &Actor, case: i64, about: Option<&str>) -> Served<Vec<Said>> {
        let mut rows = self.store.read(|conn| words::of_case(conn, case))?;
        rows.retain(|row| about.is_none_or(|about| row.about == about));
        let read: Vec<Said> = rows.into_iter().map(|row| self.read_words(row)).collect::<Served<_>>()?;
        let open = read.iter().filter(|said| said.text.is_some()).count();
        if open > 0 {
            let detail = json!({"words": open});
            self.store.write(|conn| log(conn, self.clock.now(), actor, "words.read", &named(case), &detail))?;
        }
        Ok(read)
    }

    fn read_words(&self, row: WordsRow) -> Served<Said> {
        let text = match &row.sealed {
            Some(sealed) => {
                let open = self.keys()?.open_sealed(&row_name(row.id), sealed)?;
                let text = std::str::from_utf8(&open).map_err(|_| ServiceError::unknown("sealed words are no text"))?;
                Some(Hidden::text(text))
            }
            None => None,
        };
        Ok(Said { about: row.about, kind: row.kind, text, written_by: row.written_by, at: row.at })
    }

    /// Seals some words anew that are sealed under an earlier key; says how many.
    pub(in crate::service) fn reseal_words(&self, most: i64) -> Served<usize> {
        let keys = self.keys()?;
        let active = i64::from(keys.active());
        let others: Vec<i64> = keys.versions().map(i64::from).filter(|version| *version != active).collect();
        if others.is_empty() {
            return Ok(0);
        }
        self.store.write(|conn| {
            let rows = words::under(conn, &others, most.min(TOGETHER))?;
            for row in &rows {
                let Some(sealed) = &row.sealed else { continue };
                let text = keys.open_sealed(&row_name(row.id), sealed)?;
                words::reseal(conn, row.id, &keys.seal(&row_name(row.id), &text)?, active)?;
            }
            if !rows.is_empty() {
                let detail = json!({"rows": rows.len(), "key": active});
                log(conn, self.clock.now(), &Actor::system(), "words.reseal", "words", &detail)?;
            }
            Ok(rows.len())
        })
    }
}

/// What sealed words are bound to.
fn row_name(id: i64) -> String {
    format!("words/{id}")
}
