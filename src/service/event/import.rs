//! FEMA's list, taken in: new disasters are declared, known ones amended by what the list has more of. What it says
//! otherwise than before is left to a person.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::declaration::{Amendment, Area, Declaration, IncidentEnd, Open};
use forbear_engine::region::RegionTree;

use crate::feed::openfema;
use crate::service::audit::Actor;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, declaration};

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Disasters that were declared, by slug.
    pub declared: Vec<String>,
    /// Disasters that were amended: more areas, or another end.
    pub amended: Vec<String>,
    /// Disasters of which the list says what is known.
    pub unchanged: u64,
    /// Disasters of which it says something else, which stay as they are: which, and what.
    pub differing: Vec<(String, String)>,
    /// Rows of the list.
    pub rows: usize,
    /// Rows that are an area.
    pub areas: usize,
    /// The others, each with its line and why.
    pub exceptions: Vec<String>,
}

impl Service {
    /// Takes a list in, CSV or JSON.
    ///
    /// # Errors
    /// It is no such list, or the store fails: nothing of it is kept.
    pub fn import_openfema(&self, conn: &mut Connection, actor: &Actor, text: &str) -> Served<Imported> {
        let list = openfema::read(text, RegionTree::builtin())
            .map_err(|error| ServiceError::invalid("", error.to_string()))?;
        let mut done = Imported {
            rows: list.rows,
            areas: list.areas,
            exceptions: list.exceptions.iter().map(ToString::to_string).collect(),
            ..Imported::default()
        };
        for new in list.declarations {
            let slug = new.declaration.clone();
            let Some(known) = declaration::find(conn, &slug)? else {
                self.declare(conn, actor, &new)?;
                done.declared.push(slug);
                continue;
            };
            match more(&super::said(conn, &known)?, &new, self.clock.today()) {
                Ok(None) => done.unchanged = done.unchanged.saturating_add(1),
                Ok(Some(amended)) => {
                    self.declare(conn, actor, &amended)?;
                    done.amended.push(slug);
                }
                Err(differs) => done.differing.push((slug, differs)),
            }
        }
        Ok(done)
    }
}

/// What is known with what a list has more of; none when that is nothing.
///
/// # Errors
/// The list says something else than is known.
fn more(known: &Declaration, new: &Declaration, today: NaiveDate) -> Result<Option<Declaration>, String> {
    let heads = [(&known.event, &new.event), (&known.declaration, &new.declaration)];
    if heads.iter().any(|(one, other)| one != other) || known.kind != new.kind {
        return Err("another kind of disaster or another event".to_owned());
    }
    if known.incident.start != new.incident.start {
        return Err(format!("the incident began on {}, not on {}", new.incident.start, known.incident.start));
    }
    let mut areas: BTreeMap<&str, &Area> = known.areas.iter().map(|area| (area.region.as_str(), area)).collect();
    let mut end = known.incident.end;
    for amendment in &known.amendments {
        for region in &amendment.remove {
            areas.remove(region.as_str());
        }
        areas.extend(amendment.add.iter().map(|area| (area.region.as_str(), area)));
        match amendment.incident_end {
            Some(IncidentEnd::On(day)) => end = Some(day),
            Some(IncidentEnd::Open(Open::Open)) => end = None,
            None => {}
        }
    }
    let mut add = Vec::new();
    for area in &new.areas {
        match areas.remove(area.region.as_str()) {
            None => add.push(area.clone()),
            Some(own) if own.programmes == area.programmes => {}
            Some(_) => return Err(format!("{} has other programmes", area.region)),
        }
    }
    if let Some(gone) = areas.keys().next() {
        return Err(format!("{gone} is no longer among the areas"));
    }
    let incident_end =
        (end != new.incident.end).then(|| new.incident.end.map_or(IncidentEnd::Open(Open::Open), IncidentEnd::On));
    if add.is_empty() && incident_end.is_none() {
        return Ok(None);
    }
    let number = known.amendments.last().map_or(1, |last| last.number.saturating_add(1));
    // Amendments stand in the order of their days.
    let on = known.amendments.last().map_or(today, |last| last.on.max(today));
    let amendment = Amendment { number, on, add, remove: Vec::new(), severity: None, incident_end, note: None };
    let mut amended = known.clone();
    amended.amendments.push(amendment);
    Ok(Some(amended))
}
