//! Catastrophes, found by kind, time and place.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::connection::on_backend;
use super::schema::{event_regions, events};
use super::{Connection, Stored};

/// A catastrophe.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct EventRow {
    /// Its name.
    pub slug: String,
    /// What happened.
    pub kind: String,
    /// The first beginning of what it gathers.
    pub first_start: NaiveDateTime,
    /// The last beginning.
    pub last_start: NaiveDateTime,
    /// The last end.
    pub last_end: NaiveDateTime,
    /// When it was first heard of.
    pub made_at: NaiveDateTime,
}

/// Parameters of one query: both databases take more.
const AT_ONCE: usize = 500;

/// An event.
pub fn find(conn: &mut Connection, slug: &str) -> Stored<Option<EventRow>> {
    Ok(events::table.find(slug).select(EventRow::as_select()).first(conn).optional()?)
}

/// Adds an event.
pub fn add(conn: &mut Connection, row: &EventRow) -> Stored<()> {
    diesel::insert_into(events::table).values(row).execute(conn)?;
    Ok(())
}

/// Keeps how long it lasts.
pub fn stretch(conn: &mut Connection, row: &EventRow) -> Stored<()> {
    let times = (
        events::first_start.eq(row.first_start),
        events::last_start.eq(row.last_start),
        events::last_end.eq(row.last_end),
    );
    diesel::update(events::table.find(&row.slug)).set(times).execute(conn)?;
    Ok(())
}

/// Adds regions; with `whole` false such that hold one of its regions. Those that it has stay.
pub fn add_regions(conn: &mut Connection, slug: &str, regions: &BTreeSet<&str>, whole: bool) -> Stored<()> {
    for region in regions {
        let row = (event_regions::event.eq(slug), event_regions::region.eq(*region), event_regions::whole.eq(whole));
        on_backend!(conn, own => diesel::insert_into(event_regions::table).values(row).on_conflict_do_nothing().execute(own))?;
    }
    Ok(())
}

/// What is looked for: a kind, a time, and a place.
#[derive(Debug)]
pub struct Sought<'a> {
    /// The kind.
    pub kind: &'a str,
    /// It ended on this moment or later.
    pub ends_from: NaiveDateTime,
    /// It began by this moment.
    pub starts_by: NaiveDateTime,
    /// It has one of these regions,
    pub whole: Vec<&'a str>,
    /// or one inside one of these.
    pub around: Vec<&'a str>,
}

/// Events that fit, the oldest first.
pub fn search(conn: &mut Connection, sought: &Sought<'_>) -> Stored<Vec<EventRow>> {
    let mut found: Vec<EventRow> = Vec::new();
    for (whole, regions) in [(true, &sought.whole), (false, &sought.around)] {
        for some in regions.chunks(AT_ONCE) {
            let there = event_regions::table
                .filter(event_regions::region.eq_any(some))
                .filter(event_regions::whole.eq(whole))
                .select(event_regions::event);
            let fits = events::table
                .filter(events::kind.eq(sought.kind))
                .filter(events::last_end.ge(sought.ends_from))
                .filter(events::first_start.le(sought.starts_by))
                .filter(events::slug.eq_any(there));
            found.extend(fits.select(EventRow::as_select()).load::<EventRow>(conn)?);
        }
    }
    found.sort_by(|one, other| (one.made_at, &one.slug).cmp(&(other.made_at, &other.slug)));
    found.dedup();
    Ok(found)
}
