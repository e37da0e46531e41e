//! A file of snapshots, taken in as it comes: some hundred lines to a transaction, which also keeps how far the file is. What
//! is known already is passed over without a write. A file that breaks off is sent again: where its sender says what its
//! content is (SHA-256), it goes on behind what is taken in, else what is known is passed over.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, Cursor, Read};

use forbear_engine::digest::digest;
use serde_json::json;

use super::{Said, Taken, hold, names};
use crate::core_system::counted::{At, Counted, Place};
use crate::core_system::person::Reported;
use crate::core_system::{BadLine, csv, jsonl};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, id, import};

pub use crate::store::import::{ImportLineRow, ImportRow};

/// Lines and bytes of a transaction, at most.
const BATCH: (usize, u64) = (256, 4 << 20);

/// Lines of which it is kept what is to be said of them; all are counted.
const LINES_KEPT: i64 = 10_000;

/// The longest head of a CSV file.
const LONGEST_HEAD: u64 = 1 << 20;

/// The form of a file of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotFormat {
    /// One account a line.
    Jsonl,
    /// One record a line.
    Csv,
}

impl SnapshotFormat {
    /// By its name outside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// A file that is sent.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Its form.
    pub format: SnapshotFormat,
    /// SHA-256 of its content in hexadecimal, where its sender says it.
    pub content_digest: Option<String>,
}

/// Snapshots that are taken in together.
#[derive(Default)]
struct Batch {
    lines: Vec<Line>,
    bad: Vec<BadLine>,
}

struct Line {
    line: u64,
    reported: Reported,
    body: String,
    digest: String,
}

type Reads<'a> = Box<dyn Iterator<Item = Result<Reported, BadLine>> + 'a>;

impl Service {
    /// Takes a file of snapshots in while it comes. What could not be read is named and left out. Who the people are is taken
    /// where keys are open, and else dropped.
    ///
    /// # Errors
    /// The store fails, or the same content is sent anew meanwhile: what came before is kept.
    pub fn take_stream(&self, actor: &Actor, new: &NewImport, source: impl BufRead) -> Served<ImportRow> {
        let mut at = self.store.write(|conn| self.begin_import(conn, actor, new))?;
        let done = self.take_lines(actor, new, &mut at, source);
        if done.is_err() && at.state == "running" {
            // So that it is seen; who sends it again goes on all the same.
            let broken = ImportRow { state: "broken".to_owned(), ..at.clone() };
            self.store.write(|conn| import::update(conn, &broken))?;
        }
        done?;
        Ok(at)
    }

    fn take_lines(&self, actor: &Actor, new: &NewImport, at: &mut ImportRow, source: impl BufRead) -> Served<()> {
        let mut counted = Counted::new(source);
        let place = counted.place();
        let (from, before) = (count(at.bytes)?, count(at.lines)?);
        let mut head = Vec::new();
        if from > 0 && new.format == SnapshotFormat::Csv {
            let read = counted.by_ref().take(LONGEST_HEAD).read_until(b'\n', &mut head);
            read.map_err(ServiceError::unknown)?;
        }
        let whole = counted.pass(from.saturating_sub(place.after().bytes)).unwrap_or(false);
        // Lines are counted from the beginning of the file, of which the reader sees the head and the rest.
        let shift = before.saturating_sub(u64::from(!head.is_empty()));
        let reads: Reads<'_> =
            if whole { self.reads(new.format, Cursor::new(head).chain(counted)) } else { Box::new(std::iter::empty()) };
        let mut batch = Batch::default();
        // Behind the last account that was read whole.
        let mut held = At { bytes: from, lines: before };
        for read in reads {
            if place.is_broken() {
                break;
            }
            held = here(&place, new.format);
            match read {
                Err(bad) => batch.bad.push(BadLine { line: bad.line.saturating_add(shift), ..bad }),
                Ok(reported) => batch.lines.push(Line::of(held.lines, reported)?),
            }
            if batch.lines.len().saturating_add(batch.bad.len()) >= BATCH.0
                || held.bytes.saturating_sub(count(at.bytes)?) >= BATCH.1
            {
                *at = self.take_batch(at, std::mem::take(&mut batch), held)?;
            }
        }
        let mut end = at.clone();
        end.state = "broken".to_owned();
        if !place.is_broken() {
            held = if whole { place.after() } else { held };
            let digest = place.digest();
            let differs = new.content_digest.as_ref().is_some_and(|said| *said != digest);
            end.state = if differs || !whole { "differs" } else { "done" }.to_owned();
            end.digest = Some(digest);
        }
        *at = self.take_batch(&end, batch, held)?;
        let detail = json!({"state": at.state, "new": at.added, "changed": at.changed, "unchanged": at.unchanged,
            "late": at.late, "bad": at.bad, "digest": at.digest});
        self.store
            .write(|conn| Ok(log(conn, self.clock.now(), actor, "import.end", &id::outside("import", at.id), &detail)?))
    }

    /// A file, from its beginning or behind what is taken in of it.
    fn begin_import(&self, conn: &mut Connection, actor: &Actor, new: &NewImport) -> Served<ImportRow> {
        let now = self.clock.now();
        if let Some(content) = &new.content_digest
            && let Some(left) = import::left(conn, &actor.id, new.format.name(), content)?
        {
            // Whoever still takes it in finds out with the next transaction, and stops.
            return kept(conn, ImportRow { state: "running".to_owned(), changed_at: now, ..left });
        }
        let row = ImportRow {
            id: id::new_id(),
            caller: actor.id.clone(),
            made_by: actor.person.clone(),
            format: new.format.name().to_owned(),
            content_digest: new.content_digest.clone(),
            state: "running".to_owned(),
            bytes: 0,
            lines: 0,
            added: 0,
            changed: 0,
            unchanged: 0,
            late: 0,
            repeated: 0,
            bad: 0,
            digest: None,
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        import::add(conn, &row)?;
        Ok(row)
    }

    fn reads<'a>(&self, format: SnapshotFormat, source: impl BufRead + 'a) -> Reads<'a> {
        let alone = |account| Reported { account, persons: Vec::new() };
        match format {
            SnapshotFormat::Jsonl if self.keys.is_some() => Box::new(jsonl::Reader::new(source).with_persons()),
            SnapshotFormat::Jsonl => Box::new(jsonl::Reader::new(source).map(move |read| read.map(alone))),
            SnapshotFormat::Csv => Box::new(csv::Reader::new(source).map(move |read| read.map(alone))),
        }
    }

    /// Takes some lines in, and keeps how far the file is, in one transaction.
    fn take_batch(&self, at: &ImportRow, batch: Batch, held: At) -> Served<ImportRow> {
        let known = self.store.read(|conn| self.known(conn, at.id, &batch.lines))?;
        self.store.write(|conn| {
            let mut row = at.clone();
            let mut named: Vec<ImportLineRow> = batch.bad.iter().map(|bad| bad_line(at.id, bad)).collect();
            row.bad = row.bad.saturating_add(signed(batch.bad.len())?);
            let mut guards: Vec<String> = Vec::new();
            for (line, _) in batch.lines.iter().zip(&known).filter(|(_, known)| known.is_none()) {
                guards.extend(names(&line.reported.account, &line.reported.persons));
            }
            hold(conn, &mut guards)?;
            for (line, known) in batch.lines.iter().zip(&known) {
                let (taken, repeated) = match known {
                    Some(repeated) => (Taken::Unchanged, *repeated),
                    None => self.take_line(conn, at.id, line)?,
                };
                row.count(taken, repeated);
                named.extend(line.named(at.id, taken, repeated));
            }
            let said = at.bad.saturating_add(at.late).saturating_add(at.repeated);
            named.truncate(usize::try_from(LINES_KEPT.saturating_sub(said)).unwrap_or_default());
            import::add_lines(conn, &named)?;
            row.bytes = i64::try_from(held.bytes).map_err(ServiceError::unknown)?;
            row.lines = i64::try_from(held.lines).map_err(ServiceError::unknown)?;
            row.changed_at = self.clock.now();
            kept(conn, row)
        })
    }

    fn take_line(&self, conn: &mut Connection, by: i64, line: &Line) -> Served<(Taken, bool)> {
        let Reported { account, persons } = &line.reported;
        let said = Said { report: account, body: &line.body, digest: &line.digest, by: Some(by) };
        let (taken, repeated) = self.take(conn, &said)?;
        if taken != Taken::Late && !persons.is_empty() {
            self.keep_persons(conn, account.as_of, persons)?;
        }
        Ok((taken, repeated))
    }

    /// Of each line whether it says what is known, so that nothing is to be written: then, whether the same file said it.
    fn known(&self, conn: &mut Connection, own: i64, lines: &[Line]) -> Served<Vec<Option<bool>>> {
        let numbers: Vec<&str> = lines.iter().map(|line| line.reported.account.account.as_str()).collect();
        let in_force = account::in_force(conn, &numbers)?;
        let in_force: HashMap<String, (String, Option<i64>)> =
            in_force.into_iter().map(|(number, digest, by)| (number, (digest, by))).collect();
        let mut seen = HashSet::new();
        let mut known = Vec::new();
        for line in lines {
            let report = &line.reported.account;
            // What comes twice here is told in its order.
            let first = seen.insert(report.account.as_str());
            let same = in_force.get(&report.account).filter(|(digest, _)| first && *digest == line.digest);
            known.push(match same {
                Some((_, by)) if self.knows_persons(conn, report.as_of, &line.reported.persons)? => {
                    Some(*by == Some(own))
                }
                _ => None,
            });
        }
        Ok(known)
    }

    /// A file that is, or was, taken in.
    ///
    /// # Errors
    /// There is none.
    pub fn import(&self, id: i64) -> Served<ImportRow> {
        self.store.read(|conn| import::find(conn, id)?.ok_or(ServiceError::Missing("import")))
    }

    /// Files in the order in which they began, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn imports(&self, after: i64, most: i64) -> Served<Vec<ImportRow>> {
        Ok(self.store.read(|conn| import::page(conn, after, most))?)
    }

    /// The files that began last, the last first.
    ///
    /// # Errors
    /// The store fails.
    pub fn last_imports(&self, most: i64) -> Served<Vec<ImportRow>> {
        Ok(self.store.read(|conn| import::last(conn, most))?)
    }

    /// Lines of a file with something to say of them, after one: bad, late or repeated ones, or all of these.
    ///
    /// # Errors
    /// There is no such file.
    pub fn import_lines(&self, id: i64, kind: Option<&str>, after: i64, most: i64) -> Served<Vec<ImportLineRow>> {
        self.store.read(|conn| {
            import::find(conn, id)?.ok_or(ServiceError::Missing("import"))?;
            Ok(import::lines(conn, id, kind, after, most)?)
        })
    }
}

impl Line {
    fn of(line: u64, reported: Reported) -> Served<Self> {
        let body = serde_json::to_string(&reported.account).map_err(ServiceError::unknown)?;
        let digest =
            digest(&reported.account).ok_or_else(|| ServiceError::unknown("a snapshot has no canonical form"))?;
        Ok(Self { line, reported, body, digest })
    }

    /// What is to be said of it.
    fn named(&self, import: i64, taken: Taken, repeated: bool) -> Option<ImportLineRow> {
        let account = &self.reported.account;
        let (kind, reason) = match (taken, repeated) {
            (Taken::Late, _) => {
                ("late", format!("it is of {}, and a later snapshot is in force: it is left out", account.as_of))
            }
            (Taken::Unchanged, true) => {
                ("repeated", "the account came before in this file and says the same".to_owned())
            }
            (_, true) => ("repeated", "the account came before in this file: this one took its place".to_owned()),
            (_, false) => return None,
        };
        let account = Some(account.account.clone());
        Some(ImportLineRow { import_id: import, line: line_number(self.line), kind: kind.to_owned(), account, reason })
    }
}

impl ImportRow {
    fn count(&mut self, taken: Taken, repeated: bool) {
        let count = match taken {
            Taken::New => &mut self.added,
            Taken::Changed => &mut self.changed,
            Taken::Unchanged => &mut self.unchanged,
            Taken::Late => &mut self.late,
        };
        *count = count.saturating_add(1);
        // A late one is named as late.
        if repeated && taken != Taken::Late {
            self.repeated = self.repeated.saturating_add(1);
        }
    }
}

/// How far the file is with what was read last. An account of a CSV file is read once the first row of the next one is: that
/// row is read again.
fn here(place: &Place, format: SnapshotFormat) -> At {
    match format {
        SnapshotFormat::Jsonl => place.after(),
        SnapshotFormat::Csv => place.before_last(),
    }
}

fn bad_line(import: i64, bad: &BadLine) -> ImportLineRow {
    let (line, reason) = (line_number(bad.line), bad.reason.clone());
    ImportLineRow { import_id: import, line, kind: "bad".to_owned(), account: None, reason }
}

fn line_number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

fn count(kept: i64) -> Served<u64> {
    u64::try_from(kept).map_err(ServiceError::unknown)
}

fn signed(count: usize) -> Served<i64> {
    i64::try_from(count).map_err(ServiceError::unknown)
}

/// Keeps how far a file is.
fn kept(conn: &mut Connection, mut row: ImportRow) -> Served<ImportRow> {
    if !import::update(conn, &row)? {
        let message = "the same content is sent anew: that sending goes on where this one is";
        return Err(ServiceError::conflict("sent_anew", message));
    }
    row.revision = row.revision.saturating_add(1);
    Ok(row)
}
