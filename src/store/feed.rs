//! Feeds: where alerts are read from, and how that goes.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::connection::on_backend;
use super::schema::{feed_files, feeds};
use super::{Connection, Stored};

/// A feed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = feeds, treat_none_as_default_value = false)]
pub struct FeedRow {
    /// Its name.
    pub name: String,
    /// Where it is read from.
    pub source: String,
    /// Whether it is in the configuration.
    pub configured: bool,
    /// The tag of what was read last.
    pub etag: Option<String>,
    /// When that was changed, as its server says.
    pub modified: Option<String>,
    /// The digest of what was read last.
    pub digest: Option<String>,
    /// When it was last read, or tried.
    pub read_at: Option<NaiveDateTime>,
    /// When that last went well.
    pub good_at: Option<NaiveDateTime>,
    /// Why it last did not.
    pub failure: Option<String>,
    /// How often in a row it did not.
    pub failures: i32,
    /// When it is read next.
    pub next_at: NaiveDateTime,
    /// Alerts that were taken in.
    pub taken: i64,
    /// Alerts that were known already.
    pub repeated: i64,
    /// Alerts that were refused.
    pub refused: i64,
    /// Messages that tell of no disaster.
    pub slight: i64,
    /// How often it changed.
    pub revision: i64,
}

/// A file of a folder that was read.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_files, treat_none_as_default_value = false)]
pub struct FileRow {
    /// The feed.
    pub feed: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: i64,
    /// When it was changed.
    pub modified: String,
    /// The digest of what is in it.
    pub digest: String,
    /// When it was read.
    pub read_at: NaiveDateTime,
}

/// Adds a feed, if it is not there.
pub fn make(conn: &mut Connection, row: &FeedRow) -> Stored<()> {
    on_backend!(conn, own => diesel::insert_into(feeds::table).values(row).on_conflict_do_nothing().execute(own))?;
    Ok(())
}

/// A feed.
pub fn find(conn: &mut Connection, name: &str) -> Stored<Option<FeedRow>> {
    Ok(feeds::table.find(name).select(FeedRow::as_select()).first(conn).optional()?)
}

/// All of them, by name.
pub fn list(conn: &mut Connection) -> Stored<Vec<FeedRow>> {
    Ok(feeds::table.order(feeds::name).select(FeedRow::as_select()).load(conn)?)
}

/// Changes a feed, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &FeedRow) -> Stored<bool> {
    let own = feeds::table.find(&row.name).filter(feeds::revision.eq(row.revision));
    let changed = diesel::update(own)
        .set((
            feeds::source.eq(&row.source),
            feeds::configured.eq(row.configured),
            feeds::etag.eq(&row.etag),
            feeds::modified.eq(&row.modified),
            feeds::digest.eq(&row.digest),
            feeds::read_at.eq(row.read_at),
            feeds::good_at.eq(row.good_at),
            feeds::failure.eq(&row.failure),
            feeds::failures.eq(row.failures),
            feeds::next_at.eq(row.next_at),
            (
                feeds::taken.eq(row.taken),
                feeds::repeated.eq(row.repeated),
                feeds::refused.eq(row.refused),
                feeds::slight.eq(row.slight),
            ),
            feeds::revision.eq(row.revision.saturating_add(1)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// A file of a feed.
pub fn file(conn: &mut Connection, feed: &str, name: &str) -> Stored<Option<FileRow>> {
    Ok(feed_files::table.find((feed, name)).select(FileRow::as_select()).first(conn).optional()?)
}

/// Whether a file with this in it was read before, whatever its name.
pub fn known(conn: &mut Connection, feed: &str, digest: &str) -> Stored<bool> {
    let same = feed_files::table.filter(feed_files::feed.eq(feed)).filter(feed_files::digest.eq(digest));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(conn)?)
}

/// Keeps that a file was read, as it is now.
pub fn keep_file(conn: &mut Connection, row: &FileRow) -> Stored<()> {
    let own = feed_files::table.find((&row.feed, &row.name));
    let changed = diesel::update(own)
        .set((
            feed_files::size.eq(row.size),
            feed_files::modified.eq(&row.modified),
            feed_files::digest.eq(&row.digest),
            feed_files::read_at.eq(row.read_at),
        ))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(feed_files::table).values(row).execute(conn)?;
    }
    Ok(())
}
