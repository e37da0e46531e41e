//! What care came to: contacts, cases and complaints of some days, by how people got in touch, by emergency channel or by disaster.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::complaint::ComplaintRow;
use super::contact::measuring::{Figures, Tally};
use crate::service::{Served, Service};
use crate::store::{complaint, contact, id};

/// Rows that are read at once.
const PAGE: i64 = 5_000;

/// How a report is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// All in one.
    All,
    /// By hotline, app, page, SMS, branch.
    Via,
    /// By emergency channel.
    Channel,
    /// By declaration.
    Declaration,
}

/// What a report is of.
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// The first day, in the lender's zone.
    pub from: Option<NaiveDate>,
    /// The last.
    pub until: Option<NaiveDate>,
    /// Of this declaration only.
    pub declaration: Option<String>,
}

/// Figures of some complaints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaints {
    /// How many came.
    pub received: i64,
    /// How many are open.
    pub open: i64,
    /// How many of these should have been answered.
    pub overdue: i64,
    /// How many were answered.
    pub resolved: i64,
    /// How many of these within their clock.
    pub in_time: i64,
    /// How many of these for good: not opened again.
    pub properly: i64,
    /// How many were withdrawn.
    pub withdrawn: i64,
    /// How many were opened again.
    pub reopened: i64,
    /// How many were rated.
    pub rated: i64,
    /// How many of these with 4 or 5.
    pub content: i64,
}

/// A line of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CareLine {
    /// The part.
    pub key: String,
    /// Its contacts and their cases.
    pub contacts: Figures,
    /// Its complaints.
    pub complaints: Complaints,
}

impl Service {
    /// What care came to, by key.
    ///
    /// # Errors
    /// The store fails.
    pub fn care_report(&self, cut: Cut, of: &Days) -> Served<Vec<CareLine>> {
        let from = of.from.map_or_else(earliest, |day| self.first_moment(day));
        let next = of.until.and_then(|day| day.succ_opt());
        let span = (from, next.map_or_else(latest, |day| self.first_moment(day)));
        let wanted = |declaration: &Option<String>| of.declaration.is_none() || *declaration == of.declaration;
        let (now, today) = (self.clock.now(), self.clock.today());
        self.store.snapshot(|conn| {
            let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
            let mut after = 0;
            loop {
                let rows = contact::arrived(conn, span, after, PAGE)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in rows.into_iter().filter(|row| wanted(&row.declaration)) {
                    let key = cut.key(&row.via, row.channel_id, row.declaration.as_deref());
                    tallies.entry(key).or_default().take(row);
                }
            }
            let mut lines: BTreeMap<String, CareLine> = BTreeMap::new();
            for (key, tally) in tallies {
                let contacts = tally.figures(conn, now)?;
                lines.insert(key.clone(), CareLine { key, contacts, ..CareLine::default() });
            }
            after = 0;
            loop {
                let rows = complaint::received(conn, span, after, PAGE)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in rows.into_iter().filter(|row| wanted(&row.declaration)) {
                    let key = cut.key(&row.via, row.channel_id, row.declaration.as_deref());
                    let line = lines.entry(key.clone()).or_insert_with(|| CareLine { key, ..CareLine::default() });
                    line.complaints.count(&row, today, |at| self.clock.day(at));
                }
            }
            Ok(lines.into_values().collect())
        })
    }
}

/// Bounds that both databases can compare with.
fn earliest() -> NaiveDateTime {
    chrono::DateTime::UNIX_EPOCH.naive_utc()
}

fn latest() -> NaiveDateTime {
    let far = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    far.and_time(chrono::NaiveTime::MIN)
}

impl Cut {
    fn key(self, via: &str, channel: Option<i64>, declaration: Option<&str>) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Via => via.to_owned(),
            Self::Channel => channel.map_or_else(|| "none".to_owned(), |channel| id::outside("channel", channel)),
            Self::Declaration => declaration.unwrap_or("none").to_owned(),
        }
    }
}

impl Complaints {
    fn count(&mut self, row: &ComplaintRow, today: NaiveDate, day: impl Fn(NaiveDateTime) -> NaiveDate) {
        let add = |to: &mut i64, yes: bool| *to = to.saturating_add(i64::from(yes));
        let resolved = row.state == "resolved";
        let in_time = resolved && row.ended_at.is_some_and(|at| day(at) <= row.due_on);
        add(&mut self.received, true);
        add(&mut self.open, row.state == "open");
        add(&mut self.overdue, row.state == "open" && row.due_on < today);
        add(&mut self.resolved, resolved);
        add(&mut self.in_time, in_time);
        add(&mut self.properly, in_time && row.reopened == 0);
        add(&mut self.withdrawn, row.state == "withdrawn");
        add(&mut self.reopened, row.reopened > 0);
        add(&mut self.rated, row.score.is_some());
        add(&mut self.content, row.score.is_some_and(|score| score >= 4));
    }
}
