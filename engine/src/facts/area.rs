//! Facts about areas: the address of a role on a day, and what the declaration says of it.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Asked, Missing, Names, Seen, Value};
use crate::account::snapshots::Snapshot;
use crate::account::snapshots::records::{Address, Party, Word};
use crate::dates::Window;
use crate::declaration::Designation;
use crate::declaration::{DeclaredArea, Designated};
use crate::policy::facts::FactId;
use crate::policy::program::Slot;
use crate::region::RegionId;

/// Where somebody was.
enum Place<'a> {
    /// In a region, under a code recorded for a day.
    At(RegionId),
    /// It is known that there is no such address.
    Nowhere,
    /// It is not known.
    Unknown(Missing<'a>),
}

impl<'a> Facts<'a> {
    /// Shows one entry per borrower.
    pub(super) fn area(&self, slot: &'a Slot, on: NaiveDate, mut show: impl FnMut(Seen<'a>)) {
        let Some(parties) = self.snapshot.parties() else {
            show(self.over_roles(slot, None, on));
            return;
        };
        parties
            .iter()
            .filter(|party| party.is_borrower())
            .for_each(|party| show(self.over_roles(slot, Some(party), on)));
    }

    /// The best designation, or all designations, over the roles; for a single role, its own.
    fn over_roles(&self, slot: &'a Slot, party: Option<&'a Party>, on: NaiveDate) -> Seen<'a> {
        let mut best: Option<Designation> = None;
        let mut marks = self.declared.marks(None);
        let mut missing: Option<Missing<'a>> = None;
        for role in slot.fact.of.iter().chain(&slot.roles) {
            match self.of_address(slot.fact.id, self.place(party, role, on), on) {
                Seen::Known(Value::Designation(found)) => best = best.max(found),
                Seen::Known(Value::Names(Names::Marks(found))) => marks = marks.with(found),
                Seen::Unknown(found) | Seen::Partly(_, found) => missing = Some(missing.unwrap_or(found)),
                // A region or a day: there is exactly one role.
                seen @ Seen::Known(_) => return seen,
            }
        }
        let names = Value::Names(Names::Marks(marks));
        match (slot.fact.id, missing) {
            // Nothing can be better than the best.
            (FactId::AreaDesignation, _) if best == Some(Designation::Severe) => Seen::Known(Value::Designation(best)),
            (FactId::AreaDesignation, Some(gap)) if best.is_some() => Seen::Partly(Value::Designation(best), gap),
            (FactId::AreaDesignations, Some(gap)) if !marks.is_empty() => Seen::Partly(names, gap),
            (_, Some(gap)) => Seen::Unknown(gap),
            (FactId::AreaDesignations, None) => Seen::Known(names),
            (_, None) => Seen::Known(Value::Designation(best)),
        }
    }

    fn of_address(&self, fact: FactId, place: Place<'a>, on: NaiveDate) -> Seen<'a> {
        let region = match place {
            Place::Unknown(missing) => return Seen::Unknown(missing),
            Place::Nowhere => return self.declared_of(fact, None),
            Place::At(region) => region,
        };
        if fact == FactId::AreaRegion {
            return Seen::Known(Value::Region(region));
        }
        match self.declared.designation(region, on) {
            Designated::Outside => self.declared_of(fact, None),
            Designated::Ambiguous => Seen::Unknown(Missing::Successors(region)),
            Designated::Inside(area) => self.declared_of(fact, Some(area)),
        }
    }

    /// What is declared of an area; without one, of a place outside all of them.
    fn declared_of(&self, fact: FactId, area: Option<&'a DeclaredArea>) -> Seen<'a> {
        Seen::Known(match fact {
            FactId::AreaDesignation => Value::Designation(area.and_then(|area| area.designation)),
            FactId::AreaDesignations => Value::Names(Names::Marks(self.declared.marks(area))),
            _ => area.and_then(|area| area.counts_from).map_or(Value::Nothing, Value::Date),
        })
    }

    /// The address of a role on a day: as reported, else as the borrower answered.
    fn place(&self, party: Option<&'a Party>, role: &'a str, on: NaiveDate) -> Place<'a> {
        let asked = Asked::Address(role);
        if !self.context.facts.is_empty()
            && let Some(json) = self.context.facts.get(&asked.to_string())
        {
            return self.answered_place(json);
        }
        let addresses = party.and_then(|party| self.snapshot.addresses(party));
        let reported = addresses.map_or(Picked::None, |list| pick(self.snapshot, list, role, on));
        match reported {
            Picked::One(address) => match address.lies_in {
                Some(region) => Place::At(region),
                None => Place::Unknown(Missing::Code(self.snapshot.text(address.region).unwrap_or_default())),
            },
            Picked::Undated => Place::Unknown(Missing::Undated(role, on)),
            Picked::None => {
                let answers = self.request.map(|request| &request.answers).filter(|answers| !answers.is_empty());
                let answer = answers.and_then(|answers| answers.get(&asked.to_string()));
                match answer {
                    Some(json) => self.answered_place(json),
                    // A lender knows where its borrower lives; where else they work is for them to say.
                    None if role == "home" || role == "id_card" => Place::Unknown(Missing::Address(role, on)),
                    // Nobody can be asked where nobody asks: only what the lender knows counts then.
                    None if self.request.is_none() => Place::Nowhere,
                    None => Place::Unknown(Missing::Askable(asked)),
                }
            }
        }
    }

    fn answered_place(&self, json: &'a serde_json::Value) -> Place<'a> {
        let Some(code) = json.as_str() else { return Place::Nowhere };
        self.regions.known(code).map_or(Place::Unknown(Missing::Code(code)), Place::At)
    }
}

enum Picked<'a> {
    One(&'a Address),
    Undated,
    None,
}

/// The latest address of a role that holds on a day. One without a first day holds since ever, if it is the only
/// one of its role; beside others it cannot be put in order.
fn pick<'a>(snapshot: Snapshot<'a>, addresses: &'a [Address], role: &str, on: NaiveDate) -> Picked<'a> {
    let word = Word::of(role);
    let (mut count, mut undated, mut latest) = (0_usize, false, None);
    for address in addresses.iter().filter(|address| snapshot.is(address.role, word, role)) {
        count = count.saturating_add(1);
        undated |= address.valid_from.is_none();
        let window = Window { from: address.valid_from, until: address.valid_until };
        let later = latest.is_none_or(|latest: &Address| latest.valid_from <= address.valid_from);
        if window.contains(on) && later {
            latest = Some(address);
        }
    }
    match latest {
        _ if undated && count > 1 => Picked::Undated,
        Some(address) => Picked::One(address),
        None => Picked::None,
    }
}

/// The one address of a role that holds on a day; none where there is none, or they cannot be put in order.
#[inline]
pub(crate) fn holding_address<'a>(
    snapshot: Snapshot<'a>,
    addresses: &'a [Address],
    role: &str,
    on: NaiveDate,
) -> Option<&'a Address> {
    if let Picked::One(address) = pick(snapshot, addresses, role, on) { Some(address) } else { None }
}
