//! Facts about areas: the address of a role on a day, and what the declaration says of it.

use chrono::NaiveDate;

use super::value::{Gap, Seen, Value};
use super::{Facts, address_window, is_borrower};
use crate::account::snapshot::{Address, Party};
use crate::declaration::Designation;
use crate::declaration::{DeclaredArea, Designated};
use crate::policy::facts::FactId;
use crate::policy::program::Slot;
use crate::region::RegionId;

/// Where somebody was.
enum Place {
    /// In a region, under a code recorded for a day.
    At(RegionId),
    /// It is known that there is no such address.
    Nowhere,
    /// It is not known.
    Unknown(Gap),
}

impl Facts<'_> {
    /// One entry per borrower.
    pub(super) fn area(&self, slot: &Slot, on: NaiveDate) -> Vec<Seen> {
        let roles: Vec<&str> = match &slot.fact.of {
            Some(role) => vec![role.as_str()],
            None => slot.roles.iter().map(String::as_str).collect(),
        };
        let Some(parties) = &self.account.parties else {
            return vec![self.over_roles(slot, None, &roles, on)];
        };
        let borrowers = parties.iter().filter(|party| is_borrower(party));
        borrowers.map(|party| self.over_roles(slot, Some(party), &roles, on)).collect()
    }

    /// The best designation, or all designations, over the roles; for a single role, its own.
    fn over_roles(&self, slot: &Slot, party: Option<&Party>, roles: &[&str], on: NaiveDate) -> Seen {
        let mut best: Option<Designation> = None;
        let mut names: Vec<String> = Vec::new();
        let mut gap: Option<Gap> = None;
        for role in roles {
            match self.of_address(slot.fact.id, self.place(party, role, on), on) {
                Seen::Known(Value::Designation(found)) => best = best.max(found),
                Seen::Known(Value::Names(found)) => names.extend(found),
                Seen::Unknown(found) | Seen::Partly(_, found) => gap = Some(gap.unwrap_or(found)),
                // A region or a day: there is exactly one role.
                seen @ Seen::Known(_) => return seen,
            }
        }
        match (slot.fact.id, gap) {
            // Nothing can be better than the best.
            (FactId::AreaDesignation, _) if best == Some(Designation::Severe) => Seen::Known(Value::Designation(best)),
            (FactId::AreaDesignation, Some(gap)) if best.is_some() => Seen::Partly(Value::Designation(best), gap),
            (FactId::AreaDesignations, Some(gap)) if !names.is_empty() => Seen::Partly(Value::Names(names), gap),
            (_, Some(gap)) => Seen::Unknown(gap),
            (FactId::AreaDesignations, None) => {
                names.sort();
                names.dedup();
                Seen::Known(Value::Names(names))
            }
            (_, None) => Seen::Known(Value::Designation(best)),
        }
    }

    fn of_address(&self, fact: FactId, place: Place, on: NaiveDate) -> Seen {
        let region = match place {
            Place::Unknown(gap) => return Seen::Unknown(gap),
            Place::Nowhere => return outside(fact),
            Place::At(region) => region,
        };
        if fact == FactId::AreaRegion {
            return Seen::Known(Value::Region(region));
        }
        match self.declared.designation(region, on) {
            Designated::Outside => outside(fact),
            Designated::Ambiguous => Seen::Unknown(Gap::absent(format!(
                "the code {} has more than one successor, and they are not designated alike",
                self.regions.code(region)
            ))),
            Designated::Inside(area) => inside(fact, area),
        }
    }

    /// The address of a role on a day: as reported, else as the borrower answered.
    fn place(&self, party: Option<&Party>, role: &str, on: NaiveDate) -> Place {
        let name = format!("area.{role}.region");
        if let Some(json) = self.context.facts.get(&name) {
            return self.answered_place(json);
        }
        let addresses = party.and_then(|party| party.addresses.as_deref());
        let reported = addresses.map(|list| pick(list, role, on));
        match reported {
            Some(Picked::One(address)) => match self.regions.find(&address.region) {
                Ok(region) => Place::At(region),
                Err(error) => Place::Unknown(Gap::absent(error.to_string())),
            },
            Some(Picked::Undated) => {
                Place::Unknown(Gap::absent(format!("which {role} address held on {on} is not reported")))
            }
            Some(Picked::None) | None => {
                let answer = self.request.and_then(|request| request.answers.get(&name));
                // Nobody can be asked where nobody asks: only what the lender knows counts then.
                let unasked = self.request.is_none() && !matches!(role, "home" | "id_card");
                match answer {
                    None if unasked => Place::Nowhere,
                    Some(json) => self.answered_place(json),
                    // A lender knows where its borrower lives; where else they work is for them to say.
                    None if role == "home" || role == "id_card" => {
                        Place::Unknown(Gap::absent(format!("no {role} address is reported for {on}")))
                    }
                    None => Place::Unknown(Gap::Askable { fact: name }),
                }
            }
        }
    }

    fn answered_place(&self, json: &serde_json::Value) -> Place {
        let Some(code) = json.as_str() else { return Place::Nowhere };
        match self.regions.find(code) {
            Ok(region) => Place::At(region),
            Err(error) => Place::Unknown(Gap::absent(error.to_string())),
        }
    }
}

enum Picked<'a> {
    One(&'a Address),
    Undated,
    None,
}

/// The latest address of a role that holds on a day. One without a first day holds since ever, if it is the only
/// one of its role; beside others it cannot be put in order.
fn pick<'a>(addresses: &'a [Address], role: &str, on: NaiveDate) -> Picked<'a> {
    let own: Vec<&Address> = addresses.iter().filter(|address| address.role == role).collect();
    if own.len() > 1 && own.iter().any(|address| address.valid_from.is_none()) {
        return Picked::Undated;
    }
    let holding = own.into_iter().filter(|address| address_window(address).contains(on));
    holding.max_by_key(|address| address.valid_from).map_or(Picked::None, Picked::One)
}

fn outside(fact: FactId) -> Seen {
    Seen::Known(match fact {
        FactId::AreaDesignation => Value::Designation(None),
        FactId::AreaDesignations => Value::Names(Vec::new()),
        _ => Value::Nothing,
    })
}

fn inside(fact: FactId, area: &DeclaredArea) -> Seen {
    Seen::Known(match fact {
        FactId::AreaDesignation => Value::Designation(area.designation),
        FactId::AreaDesignations => {
            let mut names = vec!["designated".to_owned()];
            names.extend(area.designation.map(|found| found.name().to_owned()));
            names.extend(area.programmes.iter().cloned());
            Value::Names(names)
        }
        _ => area.counts_from.map_or(Value::Nothing, Value::Date),
    })
}
