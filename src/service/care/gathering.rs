//! Which alerts and declarations are of one catastrophe.
//!
//! The rule: they are of one kind; one has a region in, around or next to a region of the other (`feed::place::near`); no more
//! than a day lies between the end of one and the beginning of the other; and all that is gathered begins within the hours that
//! insurers count as one loss occurrence: 168 for what comes slowly or over a wide area, 72 for the rest. A name that says which
//! catastrophe it is (VTEC, an earthquake's id, FEMA's number) comes before all that. What fits several joins the oldest.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use forbear_engine::declaration::{Declaration, Kind};
use forbear_engine::region::{Level, RegionId, RegionTree};

use crate::feed::place::near::near;
use crate::service::{Served, Service};
use crate::store::event::{self, EventRow, Sought};
use crate::store::{Connection, id};

/// What is gathered: what happened, when, and where.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// What happened.
    pub kind: Kind,
    /// When it begins.
    pub starts: NaiveDateTime,
    /// When it ends.
    pub ends: NaiveDateTime,
    /// Where, by code.
    pub regions: Vec<&'a str>,
}

/// What may lie between the end of one and the beginning of the other.
const GAP: TimeDelta = TimeDelta::hours(24);

/// What has no end yet.
const OPEN: TimeDelta = TimeDelta::days(36_500);

/// How far apart what is of one catastrophe may begin.
const fn hours(kind: Kind) -> i64 {
    match kind {
        Kind::Storm | Kind::Tornado | Kind::Tsunami | Kind::Landslide | Kind::Accident | Kind::Other => 72,
        Kind::Drought | Kind::Epidemic => 24 * 365,
        _ => 168,
    }
}

impl Service {
    /// The event that something belongs to, which from now on holds it too.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn gather(&self, conn: &mut Connection, gathered: &Gathered<'_>) -> Served<String> {
        let tree = RegionTree::builtin();
        let known: Vec<RegionId> = gathered.regions.iter().filter_map(|code| tree.known(code)).collect();
        let mut whole: BTreeSet<RegionId> = known.iter().copied().collect();
        for region in &known {
            whole.extend(near(*region));
            whole.extend(above(*region));
        }
        let sought = Sought {
            kind: gathered.kind.name(),
            ends_from: gathered.starts.checked_sub_signed(GAP).unwrap_or(gathered.starts),
            starts_by: gathered.ends.checked_add_signed(GAP).unwrap_or(gathered.ends),
            whole: whole.iter().map(|region| tree.code(*region)).collect(),
            around: gathered.regions.clone(),
        };
        let within = TimeDelta::hours(hours(gathered.kind));
        let fits = |one: &EventRow| {
            let (first, last) = (one.first_start.min(gathered.starts), one.last_start.max(gathered.starts));
            last.signed_duration_since(first) <= within
        };
        let found = event::search(conn, &sought)?.into_iter().find(fits);
        let slug = match found {
            Some(found) => found.slug,
            None => self.new_event(conn, gathered)?,
        };
        self.hold(conn, &slug, gathered)?;
        Ok(slug)
    }

    /// Keeps that an event holds this too.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn hold(&self, conn: &mut Connection, slug: &str, gathered: &Gathered<'_>) -> Served<()> {
        match event::find(conn, slug)? {
            Some(mut row) => {
                row.first_start = row.first_start.min(gathered.starts);
                row.last_start = row.last_start.max(gathered.starts);
                row.last_end = row.last_end.max(gathered.ends);
                event::stretch(conn, &row)?;
            }
            None => event::add(
                conn,
                &EventRow {
                    slug: slug.to_owned(),
                    kind: gathered.kind.name().to_owned(),
                    first_start: gathered.starts,
                    last_start: gathered.starts,
                    last_end: gathered.ends,
                    made_at: self.clock.now(),
                },
            )?,
        }
        let tree = RegionTree::builtin();
        let own: BTreeSet<&str> = gathered.regions.iter().copied().collect();
        let holders = own.iter().filter_map(|code| tree.known(code)).flat_map(above);
        let holders: BTreeSet<&str> = holders.map(|region| tree.code(region)).collect();
        event::add_regions(conn, slug, &own, true)?;
        Ok(event::add_regions(conn, slug, &holders, false)?)
    }

    /// A name that no event has.
    fn new_event(&self, conn: &mut Connection, gathered: &Gathered<'_>) -> Served<String> {
        let day = self.day_of(gathered.starts);
        let region = gathered.regions.first().map(|code| format!("-{}", code.to_lowercase())).unwrap_or_default();
        let slug = format!("{}-{day}{region}", gathered.kind.name().replace('_', "-"));
        Ok(if event::find(conn, &slug)?.is_none() { slug } else { format!("{slug}-{}", mark()) })
    }

    /// Keeps what a declaration is about, so that alerts find its event.
    ///
    /// # Errors
    /// The store fails.
    pub(in crate::service) fn hold_declaration(&self, conn: &mut Connection, document: &Declaration) -> Served<()> {
        let added = document.amendments.iter().flat_map(|amendment| &amendment.add);
        let starts = self.first_moment(document.incident.start);
        let ends = document.incident.end.map(|day| self.first_moment(day).checked_add_signed(TimeDelta::days(1)));
        let gathered = Gathered {
            kind: document.kind,
            starts,
            ends: ends.unwrap_or_else(|| starts.checked_add_signed(OPEN)).unwrap_or(starts),
            regions: document.areas.iter().chain(added).map(|area| area.region.as_str()).collect(),
        };
        self.hold(conn, &document.event, &gathered)
    }

    /// The lender's day of a moment.
    pub(in crate::service) fn day_of(&self, at: NaiveDateTime) -> NaiveDate {
        at.and_utc().with_timezone(&self.clock.zone()).date_naive()
    }

    /// The first moment of a day of the lender's.
    pub(in crate::service) fn first_moment(&self, day: NaiveDate) -> NaiveDateTime {
        let midnight = day.and_time(NaiveTime::MIN);
        let local = self.clock.zone().from_local_datetime(&midnight).earliest();
        local.map_or(midnight, |local| local.with_timezone(&Utc).naive_utc())
    }
}

/// What sets a name apart.
pub(super) fn mark() -> String {
    id::outside("", id::new_id()).trim_start_matches('_').to_owned()
}

/// The regions that hold one, but for the country: all of a country is next to nothing.
fn above(region: RegionId) -> Vec<RegionId> {
    let tree = RegionTree::builtin();
    let up = std::iter::successors(tree.parent(region), |above| tree.parent(*above));
    up.filter(|above| tree.level(*above) != Level::Country).collect()
}
