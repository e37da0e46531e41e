//! What is declared on a day: the document after its amendments, ready for look-ups.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;

use super::{Area, Declaration, Designation, Kind, Severity};
use crate::dates::Window;
use crate::digest::digest;
use crate::region::{RegionId, RegionTree, UnknownRegion};
use crate::text::Text;

/// A declaration after the last amendment of a day.
pub struct Declared<'t> {
    /// The declaration's slug.
    pub declaration: String,
    /// The event's slug.
    pub event: String,
    /// The amendment it stands at; 0 is the original.
    pub amendment: u32,
    /// SHA-256 of the document's canonical JSON.
    pub digest: String,
    /// What happened.
    pub kind: Kind,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// What people call it.
    pub title: Text,
    /// The day of the first declaration.
    pub declared_on: NaiveDate,
    /// The day since which it stands as it does: that of the last amendment, or of the first declaration.
    pub stands_since: NaiveDate,
    /// The incident period; without `until` it goes on. `from` is always there.
    pub incident: Window,
    /// The designated areas.
    pub areas: Vec<DeclaredArea>,
    /// Every name that an area is marked with, in order.
    marks: Vec<String>,
    tree: &'t RegionTree,
    /// For each region by its number.
    table: Vec<Slot>,
}

/// An area as it stands designated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredArea {
    /// The region, in force or abolished.
    pub region: RegionId,
    /// How it is marked.
    pub designation: Option<Designation>,
    /// The programmes it was designated for.
    pub programmes: Vec<String>,
    /// The day from which it counts.
    pub counts_from: Option<NaiveDate>,
    /// The names with which it is marked, by their places in the declaration's list.
    own: u128,
}

/// The most names with which the areas of a declaration can be marked.
pub const MOST_MARKS: usize = 128;

/// Names with which areas are marked: `designated`, the designation, the programmes.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    all: &'a [String],
    own: u128,
}

impl<'a> Marks<'a> {
    /// Whether a name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.all.iter().position(|mark| mark == name).is_some_and(|at| self.has(at))
    }

    /// The names, in order.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        self.all.iter().enumerate().filter(move |(at, _)| self.has(*at)).map(|(_, name)| name.as_str())
    }

    /// These and others of the same declaration.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self { all: self.all, own: self.own | others.own }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.own == 0
    }

    const fn has(&self, at: usize) -> bool {
        at < MOST_MARKS && self.own & (1 << at) != 0
    }
}

impl fmt::Debug for Marks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl PartialEq for Marks<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.names().eq(other.names())
    }
}

impl DeclaredArea {
    /// The names with which it is marked.
    fn names(&self) -> impl Iterator<Item = &str> {
        let designation = self.designation.map(Designation::name);
        std::iter::once("designated").chain(designation).chain(self.programmes.iter().map(String::as_str))
    }

    /// Whether two areas mean the same for those who live in them.
    fn means_the_same(&self, other: &Self) -> bool {
        (self.designation, &self.programmes, self.counts_from)
            == (other.designation, &other.programmes, other.counts_from)
    }
}

/// What a declaration says about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Designated<'a> {
    /// It lies in no designated area.
    Outside,
    /// Its code may mean places of which some are designated, or are designated differently.
    Ambiguous,
    /// It lies in this area, the most specific one.
    Inside(&'a DeclaredArea),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Slot {
    /// No area.
    #[default]
    Outside,
    /// No area, but one lies within, or a zone may.
    Holds,
    /// An area, by its place in `areas`.
    Area(usize),
}

impl Declaration {
    /// The declaration as it stands on a day: after the last amendment whose `on` is not after it.
    ///
    /// # Errors
    /// An area's code is in no pack.
    pub fn as_of<'t>(&self, day: NaiveDate, tree: &'t RegionTree) -> Result<Declared<'t>, UnknownRegion> {
        let mut areas: Vec<&Area> = self.areas.iter().collect();
        let (mut amendment, mut severity, mut end) = (0, self.severity, self.incident.end);
        let mut stands_since = self.declared_on;
        for next in self.amendments.iter().filter(|next| next.on <= day) {
            areas.retain(|area| !next.remove.contains(&area.region));
            areas.extend(&next.add);
            amendment = next.number;
            stands_since = next.on;
            severity = next.severity.or(severity);
            end = next.incident_end.map_or(end, super::IncidentEnd::day);
        }
        let areas = areas.into_iter().map(|area| {
            Ok(DeclaredArea {
                region: tree.find(&area.region)?,
                designation: area.designation,
                programmes: area.programmes.clone(),
                counts_from: area.counts_from,
                own: 0,
            })
        });
        let mut areas = areas.collect::<Result<Vec<_>, UnknownRegion>>()?;
        let marks = mark(&mut areas);
        Ok(Declared {
            declaration: self.declaration.clone(),
            event: self.event.clone(),
            amendment,
            // Nothing in a declaration is without a canonical form.
            digest: digest(self).unwrap_or_default(),
            kind: self.kind,
            severity,
            title: self.title.clone(),
            declared_on: self.declared_on,
            stands_since,
            incident: Window { from: Some(self.incident.start), until: end },
            marks,
            table: table(&areas, tree),
            areas,
            tree,
        })
    }
}

/// Lists the names with which areas are marked, and notes for each area which are its own.
fn mark(areas: &mut [DeclaredArea]) -> Vec<String> {
    let all: BTreeSet<String> = areas.iter().flat_map(DeclaredArea::names).map(str::to_owned).collect();
    let all: Vec<String> = all.into_iter().take(MOST_MARKS).collect();
    for area in areas {
        let own = area.names().filter_map(|name| all.iter().position(|mark| mark == name));
        area.own = own.fold(0, |own, at| own | (1 << at));
    }
    all
}

/// Marks every region with its most specific area: ranges by their start, the outer before the inner.
fn table(areas: &[DeclaredArea], tree: &RegionTree) -> Vec<Slot> {
    let mut table = vec![Slot::Outside; tree.len()];
    let mut ranges = Vec::new();
    for (at, area) in areas.iter().enumerate() {
        let by_itself = tree.is_current(area.region);
        let extent = tree.extent(area.region);
        for region in extent.into_iter().chain((!by_itself).then_some(area.region)) {
            let range = tree.within(region);
            // Named itself, a region wins over being what succeeded an abolished one.
            ranges.push((range.start, Reverse(range.end), by_itself, at));
            // What holds the area, or may share land with it.
            let parts = tree.overlaps(region).iter().flat_map(|part| tree.within(*part));
            let near = std::iter::once(region).chain(tree.overlaps(region).iter().copied());
            let above = near.flat_map(|part| std::iter::successors(tree.parent(part), |id| tree.parent(*id)));
            for index in parts.chain(above.map(RegionId::index)) {
                if let Some(slot) = table.get_mut(index) {
                    *slot = Slot::Holds;
                }
            }
        }
    }
    ranges.sort_unstable();
    for (start, Reverse(end), _, at) in ranges {
        table.get_mut(start..end).unwrap_or_default().fill(Slot::Area(at));
    }
    table
}

impl Declared<'_> {
    /// The names with which an area is marked; none for no area.
    #[must_use]
    pub fn marks(&self, area: Option<&DeclaredArea>) -> Marks<'_> {
        Marks { all: &self.marks, own: area.map_or(0, |area| area.own) }
    }

    /// What is declared about an address that was recorded under a region's code on a day.
    ///
    /// Constant time for a code that has kept its meaning; an abolished one is looked up by what succeeded it.
    #[must_use]
    pub fn designation(&self, region: RegionId, on: NaiveDate) -> Designated<'_> {
        let own = self.slot(region);
        if let Slot::Area(at) = own
            && (self.tree.has_present_meaning(region, on) || self.was_within(region, at))
        {
            return self.inside(at);
        }
        if self.tree.is_settled(region, on) {
            return if own == Slot::Holds { Designated::Ambiguous } else { Designated::Outside };
        }
        let places = self.tree.resolve(region, on);
        let mut slots = places.iter().map(|place| self.slot(*place));
        let first = slots.next().unwrap_or(own);
        match first {
            Slot::Area(at) if slots.all(|slot| self.same(at, slot)) => self.inside(at),
            Slot::Outside if slots.all(|slot| slot == Slot::Outside) => Designated::Outside,
            _ => Designated::Ambiguous,
        }
    }

    fn slot(&self, region: RegionId) -> Slot {
        self.table.get(region.index()).copied().unwrap_or_default()
    }

    fn inside(&self, at: usize) -> Designated<'_> {
        self.areas.get(at).map_or(Designated::Outside, Designated::Inside)
    }

    /// Whether an abolished area held the region while both were in force.
    fn was_within(&self, region: RegionId, at: usize) -> bool {
        let area = self.areas.get(at).map(|area| area.region);
        area.is_some_and(|area| !self.tree.is_current(area) && self.tree.is_within(region, area))
    }

    fn same(&self, at: usize, slot: Slot) -> bool {
        let Slot::Area(other) = slot else { return false };
        match (self.areas.get(at), self.areas.get(other)) {
            (Some(a), Some(b)) => a.means_the_same(b),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Henan with Zhengzhou severe; Laiwu by its abolished code; one county added, removed and added again.
    const DOCUMENT: &str = r#"{
        "declaration": "d-1", "event": "e-1", "kind": "flood", "severity": "III", "title": {"en": "Test"},
        "declared_on": "2021-07-21", "incident": {"start": "2021-07-17"},
        "areas": [{"region": "CN-410000", "designation": "affected"}, {"region": "CN-410100", "designation": "severe"},
                  {"region": "CN-371200", "designation": "adjacent"}, {"region": "CN-130306", "programmes": ["IA"]}],
        "amendments": [
            {"number": 1, "on": "2021-07-25", "severity": "II", "add": [{"region": "CN-140502"}], "incident_end": "2021-07-24"},
            {"number": 2, "on": "2021-08-01", "remove": ["CN-140502"], "incident_end": "open"},
            {"number": 3, "on": "2021-08-05", "add": [{"region": "CN-140502", "counts_from": "2021-08-05"}]}]
    }"#;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn declaration() -> Declaration {
        serde_json::from_str(DOCUMENT).unwrap()
    }

    #[test]
    fn the_most_specific_area_wins() {
        let tree = RegionTree::builtin();
        let declared = declaration().as_of(d("2021-07-21"), tree).unwrap();
        for (region, on, expected) in [
            ("CN-410105", "2020-01-01", "CN-410100"),
            ("CN-410100", "2020-01-01", "CN-410100"),
            ("CN-410702", "2020-01-01", "CN-410000"),
            ("CN-419001", "2020-01-01", "CN-410000"),
            ("CN-410000", "2020-01-01", "CN-410000"),
            ("CN-371202", "2015-01-01", "CN-371200"),
            ("CN-370116", "2021-01-01", "CN-371200"),
            ("CN-370102", "2021-01-01", "outside"),
            ("CN-370000", "2021-01-01", "ambiguous"),
            // Funing county was shared out among three districts; one is designated.
            ("CN-130323", "2014-01-01", "ambiguous"),
            ("CN-130306", "2021-01-01", "CN-130306"),
            ("US-48201", "2021-01-01", "outside"),
        ] {
            let found = match declared.designation(tree.find(region).unwrap(), d(on)) {
                Designated::Inside(area) => tree.code(area.region),
                Designated::Ambiguous => "ambiguous",
                Designated::Outside => "outside",
            };
            assert_eq!(found, expected, "{region} recorded on {on}");
        }
    }

    #[test]
    fn look_ups_agree_with_membership() {
        let tree = RegionTree::builtin();
        for (code, on) in [
            ("CN-130306", "1999-06-01"),
            ("CN-371200", "2012-06-01"),
            ("CN-500000", "1990-06-01"),
            ("CN-130171", "2012-06-01"),
            ("US-09110", "2024-06-01"),
            ("US-09003", "2024-06-01"),
        ] {
            let mut one = declaration();
            one.areas.retain(|area| area.region == "CN-410000");
            one.areas[0].region = code.into();
            let declared = one.as_of(d("2021-07-21"), tree).unwrap();
            let area = tree.find(code).unwrap();
            for region in tree.ids() {
                let membership = match declared.designation(region, d(on)) {
                    Designated::Inside(_) => crate::region::Membership::Inside,
                    Designated::Ambiguous => crate::region::Membership::Ambiguous,
                    Designated::Outside => crate::region::Membership::Outside,
                };
                assert_eq!(membership, tree.membership(region, d(on), area), "{} in {code}", tree.code(region));
            }
        }
    }

    #[test]
    fn amendments_apply_from_their_day() {
        let tree = RegionTree::builtin();
        let county = tree.find("CN-140502").unwrap();
        for (day, amendment, severity, end, inside) in [
            ("2021-07-24", 0, Severity::III, None, false),
            ("2021-07-25", 1, Severity::II, Some("2021-07-24"), true),
            ("2021-08-01", 2, Severity::II, None, false),
            ("2021-08-31", 3, Severity::II, None, true),
        ] {
            let declared = declaration().as_of(d(day), tree).unwrap();
            assert_eq!((declared.amendment, declared.severity), (amendment, Some(severity)), "{day}");
            assert_eq!(declared.incident.until, end.map(d), "{day}");
            let found = matches!(declared.designation(county, d("2021-01-01")), Designated::Inside(_));
            assert_eq!(found, inside, "{day}");
        }
    }
}
