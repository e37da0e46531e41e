//! A declaration as it stands on a day, and what it says of an address.

use chrono::NaiveDate;
use forbear_engine::account::snapshot::{Address, Party};
use forbear_engine::declaration::{Area, Declaration, IncidentEnd, Severity};
use forbear_engine::policy::facts::FactId;
use forbear_engine::region::{RegionId, RegionTree};
use serde_json::Value as Json;

use super::Scene;
use super::value::{Gap, Seen, Value, mark};

/// A declaration after its amendments up to a day.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The document.
    pub document: Declaration,
    /// The amendment it stands at.
    pub amendment: u32,
    /// When it was made as it stands.
    pub made_on: NaiveDate,
    /// How grave.
    pub severity: Option<Severity>,
    /// The last day of the incident.
    pub end: Option<NaiveDate>,
    /// The areas, each with the region its code means.
    pub areas: Vec<(RegionId, Area)>,
}

impl Standing {
    /// Amendment after amendment.
    #[must_use]
    pub fn on(document: &Declaration, day: NaiveDate) -> Self {
        let regions = RegionTree::builtin();
        let (mut areas, mut amendment) = (document.areas.clone(), 0);
        let made_on = document.amendments.iter().map(|one| one.on).rfind(|on| *on <= day);
        let made_on = made_on.unwrap_or(document.declared_on);
        let (mut severity, mut end) = (document.severity, document.incident.end);
        for one in document.amendments.iter().take_while(|one| one.on <= day) {
            areas.retain(|area| !one.remove.contains(&area.region));
            areas.extend(one.add.iter().cloned());
            amendment = one.number;
            severity = one.severity.or(severity);
            match one.incident_end {
                Some(IncidentEnd::On(day)) => end = Some(day),
                Some(IncidentEnd::Open(_)) => end = None,
                None => {}
            }
        }
        let areas = areas.into_iter().map(|area| (regions.find(&area.region).unwrap(), area)).collect();
        Self { document: document.clone(), amendment, made_on, severity, end, areas }
    }

    /// What holds of an address recorded under a code on a day: an area, none, or it cannot be told.
    fn marked(&self, region: RegionId, on: NaiveDate) -> Result<Option<&Area>, Gap> {
        let regions = RegionTree::builtin();
        // A code that means what it means today is looked up as it is; else whatever succeeded it.
        if let Some(area) = self.nearest(region) {
            let was_inside = self.areas.iter().any(|(own, named)| {
                named.region == area.region && !regions.is_current(*own) && regions.is_within(region, *own)
            });
            if regions.has_present_meaning(region, on) || was_inside {
                return Ok(Some(area));
            }
        }
        let places = if regions.has_present_meaning(region, on) && regions.is_current(region) {
            vec![region]
        } else {
            regions.resolve(region, on)
        };
        let mut found: Vec<Result<Option<&Area>, Gap>> = Vec::new();
        for place in places {
            let one = match self.nearest(place) {
                Some(area) => Ok(Some(area)),
                None if self.holds_one(place) => Err(Gap::Absent),
                None => Ok(None),
            };
            found.push(one);
        }
        let Some(first) = found.first().cloned() else {
            return if self.holds_one(region) { Err(Gap::Absent) } else { Ok(None) };
        };
        let alike = |one: &Result<Option<&Area>, Gap>| match (one, &first) {
            (Ok(Some(a)), Ok(Some(b))) => {
                (a.designation, &a.programmes, a.counts_from) == (b.designation, &b.programmes, b.counts_from)
            }
            (Ok(None), Ok(None)) => true,
            _ => false,
        };
        if found.iter().all(alike) { first } else { Err(Gap::Absent) }
    }

    /// The area of the region itself or of the nearest one that holds it.
    fn nearest(&self, region: RegionId) -> Option<&Area> {
        let regions = RegionTree::builtin();
        let mut at = Some(region);
        while let Some(here) = at {
            let own = self.areas.iter().find(|(area, _)| *area == here);
            let succeeded = self.areas.iter().find(|(area, _)| regions.extent(*area).contains(&here));
            if let Some((_, area)) = own.or(succeeded) {
                return Some(area);
            }
            at = regions.parent(here);
        }
        None
    }

    /// Whether an area lies inside the region, or may share land with it.
    fn holds_one(&self, region: RegionId) -> bool {
        let regions = RegionTree::builtin();
        self.areas.iter().any(|(area, _)| {
            let mut covers = regions.extent(*area);
            covers.push(*area);
            covers.iter().any(|own| {
                let shares = regions.overlaps(*own);
                regions.is_within(*own, region)
                    || shares.iter().any(|part| regions.is_within(region, *part) || regions.is_within(*part, region))
            })
        })
    }
}

enum Place {
    At(RegionId),
    Nowhere,
    Unknown(Gap),
}

impl Scene<'_> {
    /// What is seen of an area fact: one entry for each borrower.
    pub fn area(&self, fact: FactId, roles: &[String], on: NaiveDate) -> Vec<Seen> {
        match &self.account.parties {
            None => vec![self.over_roles(fact, None, roles, on)],
            Some(parties) => {
                let borrowers = parties.iter().filter(|party| super::fact::owes(party));
                borrowers.map(|party| self.over_roles(fact, Some(party), roles, on)).collect()
            }
        }
    }

    fn over_roles(&self, fact: FactId, party: Option<&Party>, roles: &[String], on: NaiveDate) -> Seen {
        let each: Vec<Seen> = roles.iter().map(|role| self.of_role(fact, party, role, on)).collect();
        let gap = each.iter().find_map(|seen| seen.gap().cloned());
        match fact {
            FactId::AreaDesignation => {
                let marks = each.iter().filter_map(|seen| match seen {
                    Seen::Known(Value::Mark(mark)) => Some(*mark),
                    _ => None,
                });
                let best = marks.max().unwrap_or(0);
                match gap {
                    None => Seen::Known(Value::Mark(best)),
                    Some(_) if best == 3 => Seen::Known(Value::Mark(3)),
                    Some(gap) if best > 0 => Seen::Partly(Value::Mark(best), gap),
                    Some(gap) => Seen::Unknown(gap),
                }
            }
            FactId::AreaDesignations => {
                let mut names: Vec<String> = Vec::new();
                for seen in &each {
                    if let Seen::Known(Value::Names(more)) = seen {
                        names.extend(more.iter().cloned());
                    }
                }
                match gap {
                    None => Seen::Known(Value::Names(names)),
                    Some(gap) if names.is_empty() => Seen::Unknown(gap),
                    Some(gap) => Seen::Partly(Value::Names(names), gap),
                }
            }
            _ => each.into_iter().next().unwrap(),
        }
    }

    fn of_role(&self, fact: FactId, party: Option<&Party>, role: &str, on: NaiveDate) -> Seen {
        let region = match self.place(party, role, on) {
            Place::Unknown(gap) => return Seen::Unknown(gap),
            Place::Nowhere => None,
            Place::At(region) if fact == FactId::AreaRegion => return Seen::Known(Value::Region(region)),
            Place::At(region) => Some(region),
        };
        let area = match region.map(|region| self.standing.marked(region, on)) {
            None => None,
            Some(Ok(area)) => area,
            Some(Err(gap)) => return Seen::Unknown(gap),
        };
        Seen::Known(match (fact, area) {
            (FactId::AreaDesignation, area) => Value::Mark(mark(area.and_then(|area| area.designation))),
            (FactId::AreaDesignations, None) => Value::Names(Vec::new()),
            (FactId::AreaDesignations, Some(area)) => {
                let mut names = vec!["designated".to_owned()];
                if area.designation.is_some() {
                    names.push(super::value::MARKS[usize::from(mark(area.designation))].to_owned());
                }
                names.extend(area.programmes.iter().cloned());
                Value::Names(names)
            }
            (_, area) => area.and_then(|area| area.counts_from).map_or(Value::Nothing, Value::Day),
        })
    }

    fn place(&self, party: Option<&Party>, role: &str, on: NaiveDate) -> Place {
        let name = format!("area.{role}.region");
        if let Some(json) = self.context.facts.get(&name) {
            return answered(json);
        }
        let own: Vec<&Address> = party
            .and_then(|party| party.addresses.as_deref())
            .unwrap_or_default()
            .iter()
            .filter(|address| address.role == role)
            .collect();
        // Without its first day, one beside others cannot be put in order.
        if own.len() > 1 && own.iter().any(|address| address.valid_from.is_none()) {
            return Place::Unknown(Gap::Absent);
        }
        let mut held: Option<&Address> = None;
        for address in own {
            let holds =
                address.valid_from.is_none_or(|from| from <= on) && address.valid_until.is_none_or(|until| on <= until);
            if holds && held.is_none_or(|other| other.valid_from <= address.valid_from) {
                held = Some(address);
            }
        }
        if let Some(address) = held {
            return known(&address.region);
        }
        if let Some(json) = self.request.and_then(|request| request.answers.get(&name)) {
            return answered(json);
        }
        // Where they live the lender has to know; where else, the borrower can say, if one asks.
        let lender_knows = role == "home" || role == "id_card";
        match (lender_knows, self.request) {
            (true, _) => Place::Unknown(Gap::Absent),
            (false, None) => Place::Nowhere,
            (false, Some(_)) => Place::Unknown(Gap::Ask(name)),
        }
    }
}

fn known(code: &str) -> Place {
    RegionTree::builtin().find(code).map_or(Place::Unknown(Gap::Absent), Place::At)
}

fn answered(json: &Json) -> Place {
    json.as_str().map_or(Place::Nowhere, known)
}
