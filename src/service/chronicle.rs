//! What became of a disaster, or of a year: what was declared, which channels were open, whom it reached, what was given and
//! refused, how soon people were answered, what they complained of. Nobody is named in it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use forbear_engine::declaration::Declaration;
use serde_json::Value;

use super::care::channel::ChannelRow;
use super::care::outreach::progress::Progress;
use super::care::reporting::{CareLine, Cut as CareCut, Days};
use super::event::DeclarationRow;
use super::relief::report::{Cut, Line, Of};
use super::{Served, Service, ServiceError};
use crate::store::channel::Of as ChannelOf;
use crate::store::request::{self, RequestRow};
use crate::store::{Connection, channel, decision};

/// What it is about.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// One declaration; all of the days when there is none.
    pub declaration: Option<String>,
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub until: Option<NaiveDate>,
}

/// Requests, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// How many came.
    pub received: i64,
    /// By how they came.
    pub via: BTreeMap<String, i64>,
    /// By how they end, or stand.
    pub outcomes: BTreeMap<String, i64>,
    /// Seconds from the request to the first answer, of those that have one, in order.
    pub answered_after: Vec<i64>,
    /// What would have to be otherwise for those that were declined: the policy and its tests, and how often.
    pub refused_for: BTreeMap<(String, String), i64>,
}

/// All of it.
pub struct Chronicle {
    /// What it is about.
    pub about: About,
    /// The declarations, with what they say.
    pub declarations: Vec<(DeclarationRow, Declaration)>,
    /// The channels, each with what people were told.
    pub channels: Vec<(ChannelRow, Vec<Progress>)>,
    /// Requests.
    pub asked: Asked,
    /// What was given, in all (by declaration), by policy, by area, by who bears it.
    pub given: [(Cut, Vec<Line>); 4],
    /// Contacts and complaints in all, and by how people got in touch.
    pub care: [(CareCut, Vec<CareLine>); 2],
}

/// Rows that are read at once.
const PAGE: i64 = 2_000;

impl Asked {
    /// Seconds after which so many in a hundred had their answer.
    #[must_use]
    pub fn answered_within(&self, percent: usize) -> Option<i64> {
        let last = self.answered_after.len().checked_sub(1)?;
        let at = last.checked_mul(percent)?.div_ceil(100);
        self.answered_after.get(at).copied()
    }

    /// How many were answered within a day, of how many that were answered.
    #[must_use]
    pub fn within_a_day(&self) -> (usize, usize) {
        let soon = self.answered_after.iter().filter(|seconds| **seconds <= 86_400).count();
        (soon, self.answered_after.len())
    }
}

impl Service {
    /// Tells what became of a disaster, or of some days.
    ///
    /// # Errors
    /// There is no such declaration, or the store fails.
    pub fn chronicle(&self, about: About) -> Served<Chronicle> {
        let slug = about.declaration.as_deref();
        let mut declarations = Vec::new();
        for row in self.declarations(None)? {
            let (row, document) = self.declaration(&row.slug)?;
            let wanted = match slug {
                Some(slug) => row.slug == slug,
                None => touches(&document, &about),
            };
            if wanted {
                declarations.push((row, document));
            }
        }
        if declarations.is_empty() && slug.is_some() {
            return Err(ServiceError::Missing("declaration"));
        }
        let of = Of { from: about.from, until: about.until, declaration: about.declaration.clone() };
        let given = |cut: Cut| Ok::<_, ServiceError>((cut, self.report(cut, &of)?));
        let days = Days { from: about.from, until: about.until, declaration: about.declaration.clone() };
        let care = |cut: CareCut| Ok::<_, ServiceError>((cut, self.care_report(cut, &days)?));
        Ok(Chronicle {
            channels: self.store.read(|conn| self.told_by(conn, &declarations))?,
            asked: self.store.snapshot(|conn| asked(conn, &about))?,
            given: [given(Cut::Declaration)?, given(Cut::Policy)?, given(Cut::Region)?, given(Cut::Bearer)?],
            care: [care(CareCut::All)?, care(CareCut::Via)?],
            declarations,
            about,
        })
    }

    fn told_by(
        &self,
        conn: &mut Connection,
        declarations: &[(DeclarationRow, Declaration)],
    ) -> Served<Vec<(ChannelRow, Vec<Progress>)>> {
        let mut channels = Vec::new();
        for (row, _) in declarations {
            let of = ChannelOf { state: None, declaration: Some(row.slug.clone()) };
            for row in channel::page(conn, &of, 0, PAGE)? {
                let told = self.outreach_in(conn, row.id)?;
                channels.push((row, told));
            }
        }
        Ok(channels)
    }
}

/// Whether a disaster went on in these days.
fn touches(document: &Declaration, about: &About) -> bool {
    let (began, ended) = (document.incident.start, document.incident.end);
    about.until.is_none_or(|until| began <= until) && about.from.is_none_or(|from| ended.is_none_or(|end| end >= from))
}

fn asked(conn: &mut Connection, about: &About) -> Served<Asked> {
    let days = (about.from.unwrap_or(NaiveDate::MIN), about.until.unwrap_or(NaiveDate::MAX));
    let far = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(days.0);
    let days = (days.0.max(far(1970)), days.1.min(far(9999)));
    let (mut found, mut after) = (Asked::default(), 0);
    loop {
        let rows = request::asked(conn, about.declaration.as_deref(), days, (after, PAGE))?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            found.count(conn, row)?;
        }
    }
    found.answered_after.sort_unstable();
    Ok(found)
}

impl Asked {
    fn count(&mut self, conn: &mut Connection, row: &RequestRow) -> Served<()> {
        let add = |count: &mut i64| *count = count.saturating_add(1);
        add(&mut self.received);
        let body: Value = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
        add(self.via.entry(body.get("via").and_then(Value::as_str).unwrap_or("none").to_owned()).or_default());
        let steps = request::steps(conn, row.id)?;
        let answer = ["granted", "declined", "partly_declined"];
        let first = steps.iter().find(|step| answer.contains(&step.kind.as_str())).map(|step| step.at);
        self.answered_after
            .extend(first.map(|at: NaiveDateTime| at.signed_duration_since(row.created_at).num_seconds()));
        let withdrawn = steps.last().is_some_and(|step| step.kind == "withdrawn");
        let made = row.decision_id.map(|id| decision::find(conn, id)).transpose()?.flatten();
        let outcome = match &made {
            _ if withdrawn => "withdrawn",
            Some(made) => made.outcome.as_str(),
            None => "received",
        };
        add(self.outcomes.entry(outcome.to_owned()).or_default());
        let Some(made) = made.filter(|made| made.outcome == "declined" && !withdrawn) else { return Ok(()) };
        let made: Value = serde_json::from_str(&made.body).map_err(ServiceError::unknown)?;
        if let Some(why) = nearest(&made) {
            add(self.refused_for.entry(why).or_default());
        }
        Ok(())
    }
}

/// Of a decision that declines: the policy that is nearest, and the fewest tests that would have to come out otherwise.
fn nearest(made: &Value) -> Option<(String, String)> {
    let claims = made.get("policies")?.as_array()?;
    let ways = claims.iter().filter_map(|claim| {
        let shortest = claim
            .get("would_have_to_change")?
            .as_array()?
            .iter()
            .filter_map(Value::as_array)
            .min_by_key(|way| way.len())?;
        let tests: Vec<&str> = shortest.iter().filter_map(Value::as_str).collect();
        Some((tests.len(), claim.get("policy")?.as_str()?.to_owned(), tests.join(" + ")))
    });
    let other = || {
        let claim = claims.first()?;
        let reason = claim.pointer("/reasons/0/reason")?.as_str()?.to_owned();
        Some((claim.get("policy")?.as_str()?.to_owned(), reason))
    };
    ways.min().map(|(_, policy, tests)| (policy, tests)).or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_nearest_way_is_named() {
        let made = json!({"policies": [
            {"policy": "far", "would_have_to_change": [["a", "b", "c"], ["a", "d", "e"]]},
            {"policy": "near", "would_have_to_change": [["active", "in-severe"], ["dpd"]]},
        ]});
        assert_eq!(nearest(&made), Some(("near".to_owned(), "dpd".to_owned())));
        let made = json!({"policies": [{"policy": "one", "reasons": [{"reason": "too_late"}]}]});
        assert_eq!(nearest(&made), Some(("one".to_owned(), "too_late".to_owned())));
    }

    #[test]
    fn answers_are_counted_by_their_seconds() {
        let asked = Asked { answered_after: vec![1, 2, 60, 90_000], ..Asked::default() };
        // Four answers: half are there by the third at the latest, all by the fourth.
        assert_eq!((asked.answered_within(50), asked.answered_within(100)), (Some(60), Some(90_000)));
        assert_eq!(asked.within_a_day(), (3, 4));
        assert_eq!(Asked::default().answered_within(50), None);
    }
}
