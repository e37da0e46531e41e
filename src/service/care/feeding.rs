//! Feeds, read on a schedule: what is new is taken in, what fails is tried again, later each time.

use chrono::TimeDelta;
use forbear_engine::digest::hex;
use sha2::{Digest, Sha256};

use super::reading::Trust;
use super::taking::{Origin, Taken};
use crate::feed::source::Source;
use crate::feed::source::folder::{self, Lying};
use crate::feed::source::web::{Fetched, Web};
use crate::service::audit::Actor;
use crate::service::{Served, Service};
use crate::store::feed::{self, FeedRow, FileRow};

/// A feed as it is set.
pub struct Feed {
    /// Its name.
    pub name: String,
    /// Where it is read from.
    pub source: Source,
    /// How often.
    pub every: TimeDelta,
    /// What is taken from it.
    pub trust: Trust,
    /// What reads from addresses.
    pub web: Web,
}

/// The longest wait after failures.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// How long whoever reads a feed has before somebody else may.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Files of a folder that are read at once; the rest is read right after.
const FILES: usize = 200;

/// What a reading came to.
#[derive(Default)]
struct Read {
    taken: u64,
    repeated: u64,
    refused: u64,
    slight: u64,
    more: bool,
}

impl Read {
    fn add(&mut self, taken: &Taken) {
        let count = |list: usize| u64::try_from(list).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(count(taken.taken.len()));
        self.refused = self.refused.saturating_add(count(taken.refused.len()));
        self.repeated = self.repeated.saturating_add(taken.repeated);
        self.slight = self.slight.saturating_add(taken.slight);
    }
}

impl Service {
    /// Keeps which feeds are set; others stay as they were, without being read.
    ///
    /// # Errors
    /// The store fails.
    pub fn set_feeds(&self, feeds: &[Feed]) -> Served<()> {
        self.store.write(|conn| {
            for feed in feeds {
                feed::make(conn, &self.unread(feed))?;
            }
            for row in feed::list(conn)? {
                let set = feeds.iter().find(|feed| feed.name == row.name);
                let source = set.map_or_else(|| row.source.clone(), |feed| feed.source.name());
                if (row.configured, &row.source) == (set.is_some(), &source) {
                    continue;
                }
                // What was read of another source says nothing of this one.
                let same = row.source == source;
                let (etag, modified, digest) =
                    if same { (row.etag, row.modified, row.digest) } else { (None, None, None) };
                let row = FeedRow { configured: set.is_some(), source, etag, modified, digest, ..row };
                feed::update(conn, &row)?;
            }
            Ok(())
        })
    }

    fn unread(&self, feed: &Feed) -> FeedRow {
        FeedRow {
            name: feed.name.clone(),
            source: feed.source.name(),
            configured: true,
            etag: None,
            modified: None,
            digest: None,
            read_at: None,
            good_at: None,
            failure: None,
            failures: 0,
            next_at: self.clock.now(),
            taken: 0,
            repeated: 0,
            refused: 0,
            slight: 0,
            revision: 0,
        }
    }

    /// How feeds are doing, by name.
    ///
    /// # Errors
    /// The store fails.
    pub fn feeds(&self) -> Served<Vec<FeedRow>> {
        Ok(self.store.read(feed::list)?)
    }

    /// Reads a feed, if it is due; says whether there may be more to read at once.
    ///
    /// # Errors
    /// The store fails. What fails in the feed itself is kept with it.
    pub fn read_feed(&self, feed: &Feed) -> Served<bool> {
        let Some(mut row) = self.claim(feed)? else { return Ok(false) };
        let read = self.read_source(feed, &mut row);
        let now = self.clock.now();
        row.read_at = Some(now);
        let wait = match &read {
            Ok(read) => {
                row.good_at = Some(now);
                (row.failure, row.failures) = (None, 0);
                for (count, more) in [
                    (&mut row.taken, read.taken),
                    (&mut row.repeated, read.repeated),
                    (&mut row.refused, read.refused),
                    (&mut row.slight, read.slight),
                ] {
                    *count = count.saturating_add(i64::try_from(more).unwrap_or(i64::MAX));
                }
                if read.more { TimeDelta::zero() } else { feed.every }
            }
            Err(reason) => {
                tracing::warn!(feed = feed.name, reason, "a feed cannot be read");
                row.failures = row.failures.saturating_add(1);
                row.failure = Some(reason.chars().take(500).collect());
                wait(feed.every, row.failures)
            }
        };
        row.next_at = now.checked_add_signed(wait).unwrap_or(now);
        self.store.write(|conn| feed::update(conn, &row))?;
        Ok(read.is_ok_and(|read| read.more))
    }

    /// Takes a feed that is due, so that no other program reads it meanwhile.
    fn claim(&self, feed: &Feed) -> Served<Option<FeedRow>> {
        self.store.write(|conn| {
            let now = self.clock.now();
            let Some(mut row) = feed::find(conn, &feed.name)?.filter(|row| row.next_at <= now) else { return Ok(None) };
            row.next_at = now.checked_add_signed(LEASE).unwrap_or(now);
            if !feed::update(conn, &row)? {
                return Ok(None);
            }
            row.revision = row.revision.saturating_add(1);
            Ok(Some(row))
        })
    }

    fn read_source(&self, feed: &Feed, row: &mut FeedRow) -> Result<Read, String> {
        let mut read = Read::default();
        match &feed.source {
            Source::Web(url) => {
                let fetched = feed.web.fetch(url, row.etag.as_deref(), row.modified.as_deref())?;
                let Fetched::New { body, etag, modified } = fetched else { return Ok(read) };
                self.take_body(feed, row, &body, &mut read)?;
                (row.etag, row.modified) = (etag, modified);
            }
            Source::File(path) => {
                let body = folder::read(&folder::file(path)?)?;
                self.take_body(feed, row, &body, &mut read)?;
            }
            Source::Folder(path) => {
                let mut files = 0_usize;
                for lying in folder::files(path)? {
                    if files >= FILES {
                        read.more = true;
                        break;
                    }
                    files = files.saturating_add(usize::from(self.take_lying(feed, &lying, &mut read)?));
                }
            }
        }
        Ok(read)
    }

    /// Takes in what a file or an address says, unless it said the same before.
    fn take_body(&self, feed: &Feed, row: &mut FeedRow, body: &[u8], read: &mut Read) -> Result<(), String> {
        let digest = fingerprint(body);
        if row.digest.as_ref() != Some(&digest) {
            read.add(&self.take_of_feed(feed, body)?);
            row.digest = Some(digest);
        }
        Ok(())
    }

    /// Takes in a file of a folder that was not read yet; says whether it had to be opened.
    fn take_lying(&self, feed: &Feed, lying: &Lying, read: &mut Read) -> Result<bool, String> {
        let size = i64::try_from(lying.size).unwrap_or(i64::MAX);
        let modified = lying.modified.to_string();
        let known = self.store.read(|conn| feed::file(conn, &feed.name, &lying.name)).map_err(failed)?;
        if known.is_some_and(|known| known.size == size && known.modified == modified) {
            return Ok(false);
        }
        // One that went away meanwhile, or may not be read, must not keep the others from being read.
        let bytes = match folder::read(lying) {
            Ok(bytes) => bytes,
            Err(reason) => {
                tracing::warn!(feed = feed.name, reason, "a file of a feed is passed over");
                return Ok(false);
            }
        };
        let digest = fingerprint(&bytes);
        let seen = self.store.read(|conn| feed::known(conn, &feed.name, &digest)).map_err(failed)?;
        if !seen {
            read.add(&self.take_of_feed(feed, &bytes)?);
        }
        let row = FileRow {
            feed: feed.name.clone(),
            name: lying.name.clone(),
            size,
            modified,
            digest,
            read_at: self.clock.now(),
        };
        self.store.write(|conn| feed::keep_file(conn, &row)).map_err(failed)?;
        Ok(true)
    }

    fn take_of_feed(&self, feed: &Feed, bytes: &[u8]) -> Result<Taken, String> {
        let name = format!("feed:{}", feed.name);
        let actor = Actor { id: name.clone(), person: "system".to_owned() };
        self.take_file(&Origin { actor: &actor, via: &name }, bytes, &feed.trust).map_err(failed)
    }
}

/// What is kept of a failure of ours: the log has the rest.
fn failed(error: impl std::fmt::Display) -> String {
    tracing::error!(%error, "what a feed says cannot be kept");
    "what it says could not be kept: it has been logged".to_owned()
}

/// The wait after so many failures in a row: twice as long each time.
fn wait(every: TimeDelta, failures: i32) -> TimeDelta {
    let times = 1_i32.checked_shl(u32::try_from(failures).unwrap_or(0).min(16)).unwrap_or(1);
    every.checked_mul(times).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT.max(every))
}

fn fingerprint(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let minutes = |every: i64, failures| wait(TimeDelta::minutes(every), failures).num_minutes();
        assert_eq!([1, 2, 3, 5, 6, 100].map(|failures| minutes(1, failures)), [2, 4, 8, 32, 60, 60]);
        // A feed that is read twice a day is not read more often because it fails.
        assert_eq!(minutes(720, 3), 720);
    }
}
