//! Codes over time. Codes are abolished, merged, split, renamed and reused, so what a recorded code means depends on
//! the day on which it was recorded. A zone cuts across regions that stay in force. The data knows years only: in the year of a change both meanings are possible.

use chrono::{Datelike, NaiveDate};

use super::tree::{RegionTree, Span, number};
use super::{Membership, RegionId};

impl Span {
    /// Whether the span covers some day of a year.
    fn touches(&self, year: u16) -> bool {
        self.from <= year && self.until.is_none_or(|until| year <= until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        other.until.is_none_or(|until| self.from < until) && self.until.is_none_or(|until| other.from < until)
    }
}

/// One step of a walk: a region and which of its spans.
type Visited = Vec<(RegionId, usize)>;

impl RegionTree {
    /// Whether the code is in force today.
    #[must_use]
    pub fn is_current(&self, id: RegionId) -> bool {
        self.node(id).and_then(|node| node.spans.last()).is_some_and(|span| span.until.is_none())
    }

    /// Whether an address recorded under the code on a day means the region of that code today, whole and alone.
    #[must_use]
    pub fn is_settled(&self, id: RegionId, on: NaiveDate) -> bool {
        self.node(id).is_some_and(|node| node.unsettled.is_none_or(|last| last < year_of(on)))
    }

    /// Whether a code recorded on a day had the meaning that it has today, but for land that it has lost since.
    #[must_use]
    pub fn has_present_meaning(&self, id: RegionId, on: NaiveDate) -> bool {
        let Some(node) = self.node(id) else { return false };
        let last = node.spans.last().filter(|span| span.until.is_none());
        last.is_some_and(|span| node.spans.len() == 1 || span.from < year_of(on))
    }

    /// The regions in force today in which an address recorded under a code on a day may lie: the region itself, or
    /// what succeeded it, through any number of changes. Empty for a code that ended with nothing after it.
    #[must_use]
    pub fn resolve(&self, region: RegionId, on: NaiveDate) -> Vec<RegionId> {
        if self.is_settled(region, on) {
            return vec![region];
        }
        let mut found = Vec::new();
        self.follow(region, year_of(on), true, &mut Vec::new(), &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The regions in force today that a designated area covers: itself, or all that succeeded an abolished code.
    /// Land it lost to a region that it did not become part of is not counted.
    #[must_use]
    pub fn extent(&self, area: RegionId) -> Vec<RegionId> {
        if self.is_current(area) {
            return vec![area];
        }
        let mut found = Vec::new();
        self.follow(area, u16::MAX, false, &mut Vec::new(), &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether an address recorded under a code on a day lies in an area; either code may be an abolished one.
    ///
    /// A code that has the same meaning today counts by that meaning, whatever land it lost to others since.
    /// An address known only as a region that holds the area (a province, where a county was hit) is ambiguous.
    #[must_use]
    pub fn membership(&self, region: RegionId, on: NaiveDate, area: RegionId) -> Membership {
        let within = self.is_within(region, area);
        if within && (!self.is_current(area) || self.has_present_meaning(region, on)) {
            return Membership::Inside;
        }
        let extent = self.extent(area);
        let places = self.resolve(region, on);
        if places.is_empty() {
            return if within { Membership::Inside } else { Membership::Outside };
        }
        let mut all = true;
        let mut some = false;
        for place in places {
            let inside = extent.iter().any(|part| self.is_within(place, *part));
            all &= inside;
            some |= inside || extent.iter().any(|part| self.shares_land(place, *part));
        }
        match (all, some) {
            (true, _) => Membership::Inside,
            (false, true) => Membership::Ambiguous,
            (false, false) => Membership::Outside,
        }
    }

    /// The regions that a zone cuts across; none for any other region.
    #[must_use]
    pub fn overlaps(&self, zone: RegionId) -> &[RegionId] {
        self.node(zone).map_or(&[], |node| &node.overlaps)
    }

    /// Whether a place holds an area or, where the area is a zone, may share land with it.
    fn shares_land(&self, place: RegionId, area: RegionId) -> bool {
        let related = |part: &RegionId| self.is_within(place, *part) || self.is_within(*part, place);
        self.is_within(area, place) || self.overlaps(area).iter().any(related)
    }

    /// Collects what a code of some year became. `parts` also follows land that went elsewhere while the code stayed.
    fn follow(&self, region: RegionId, year: u16, parts: bool, visited: &mut Visited, found: &mut Vec<RegionId>) {
        let Some(node) = self.node(region) else { return };
        let mut spans: Vec<usize> =
            node.spans.iter().enumerate().filter(|(_, span)| span.touches(year)).map(|(at, _)| at).collect();
        if spans.is_empty() {
            // Recorded between two meanings or after the last one: the meaning before; before the first: the first.
            let before = node.spans.iter().rposition(|span| span.from <= year).unwrap_or(0);
            spans.push(before);
        }
        for at in spans {
            if !visited.contains(&(region, at)) {
                visited.push((region, at));
                self.follow_span(region, at, year, parts, visited, found);
            }
        }
    }

    fn follow_span(
        &self,
        region: RegionId,
        at: usize,
        year: u16,
        parts: bool,
        visited: &mut Visited,
        found: &mut Vec<RegionId>,
    ) {
        let Some(node) = self.node(region) else { return };
        let Some(span) = node.spans.get(at) else { return };
        if !node.overlaps.is_empty() {
            found.extend(&node.overlaps);
            return;
        }
        if parts {
            for (successor, moved) in &span.successors {
                let Some(moved) = moved.filter(|moved| year <= *moved) else { continue };
                if !self.is_within(*successor, region) {
                    self.follow_later(*successor, moved, parts, visited, found);
                }
            }
        }
        let Some(until) = span.until else {
            found.push(region);
            return;
        };
        let whole = span.successors.iter().filter(|(_, moved)| moved.is_none());
        let mut followed = false;
        for (successor, _) in whole {
            followed = true;
            self.follow_later(*successor, until, parts, visited, found);
        }
        if followed {
            return;
        }
        // A renamed prefecture goes on under its code; an abolished one is what its counties became.
        if node.spans.get(at + 1).is_some_and(|next| next.from == until) {
            self.follow_later(region, until, parts, visited, found);
            return;
        }
        for child in self.within(region).skip(1) {
            let Some(child_node) = self.nodes.get(child) else { continue };
            let id = RegionId(number(child));
            for (index, other) in child_node.spans.iter().enumerate() {
                if other.overlaps(span) && !visited.contains(&(id, index)) {
                    visited.push((id, index));
                    self.follow_span(id, index, until, parts, visited, found);
                }
            }
        }
    }

    /// Goes on with a successor as it was right after a change in `year`: its span that covers the year's end.
    fn follow_later(&self, id: RegionId, year: u16, parts: bool, visited: &mut Visited, found: &mut Vec<RegionId>) {
        let Some(node) = self.node(id) else { return };
        let after = node.spans.iter().position(|span| span.from <= year && span.until.is_none_or(|until| year < until));
        match after {
            Some(at) if !visited.contains(&(id, at)) => {
                visited.push((id, at));
                self.follow_span(id, at, year, parts, visited, found);
            }
            Some(_) => {}
            None => self.follow(id, year, parts, visited, found),
        }
    }

    /// Notes for each region until when a recorded code may mean something else.
    pub(super) fn settle(&mut self) {
        let years: Vec<Option<u16>> = self.ids().map(|id| self.unsettled(id)).collect();
        for (node, year) in self.nodes.iter_mut().zip(years) {
            node.unsettled = year;
        }
    }

    fn unsettled(&self, id: RegionId) -> Option<u16> {
        let node = self.node(id)?;
        if !self.is_current(id) || !node.overlaps.is_empty() {
            return Some(u16::MAX);
        }
        let moved = node.spans.iter().flat_map(|span| &span.successors);
        let moved = moved.filter(|(to, _)| !self.is_within(*to, id)).filter_map(|(_, year)| *year).max();
        moved.max(node.spans.iter().filter_map(|span| span.until).max())
    }
}

fn year_of(day: NaiveDate) -> u16 {
    u16::try_from(day.year()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Membership::{Ambiguous, Inside, Outside};
    use super::*;

    fn id(code: &str) -> RegionId {
        RegionTree::builtin().find(code).unwrap()
    }

    #[test]
    fn spans_reach_into_both_their_years_and_follow_one_another_without_a_day_in_common() {
        let span = |from, until| Span { name: "", from, until, successors: Vec::new() };
        let (early, late, gone) = (span(1981, Some(2010)), span(2010, None), span(1990, Some(2000)));
        let touched = [1980, 1981, 2000, 2010, 2011].map(|year| (early.touches(year), late.touches(year)));
        assert_eq!(touched, [(false, false), (true, false), (true, false), (true, true), (false, true)]);
        for (one, other, common) in [(&early, &late, false), (&early, &gone, true), (&gone, &late, false)] {
            assert_eq!((one.overlaps(other), other.overlaps(one)), (common, common));
        }
        assert!(late.overlaps(&late));
    }

    /// Well-known changes of GB/T 2260 codes, and the Census Bureau's list of county changes.
    #[test]
    fn an_address_lies_where_its_code_lay_on_its_day() {
        let tree = RegionTree::builtin();
        for (region, on, area, expected) in [
            // In force, nothing changed.
            ("CN-410105", "2021-07-20", "CN-410105", Inside),
            ("CN-410105", "2021-07-20", "CN-410100", Inside),
            ("CN-410105", "2021-07-20", "CN", Inside),
            ("CN-410105", "2021-07-20", "CN-410700", Outside),
            ("US-48201", "2017-08-25", "US-48", Inside),
            ("US-48201", "2017-08-25", "US-22", Outside),
            // Known only to the province: nobody can say which county.
            ("CN-410000", "2021-07-20", "CN-410105", Ambiguous),
            // Jiyuan lies right under Henan.
            ("CN-419001", "2021-07-20", "CN-410000", Inside),
            // Chongwen merged into Dongcheng in 2010, Xuanwu into Xicheng.
            ("CN-110103", "2008-05-01", "CN-110101", Inside),
            ("CN-110104", "2008-05-01", "CN-110101", Outside),
            ("CN-110103", "2024-05-01", "CN-110000", Inside),
            // Chongqing left Sichuan in 1997.
            ("CN-510202", "1990-05-01", "CN-500103", Inside),
            ("CN-510202", "1990-05-01", "CN-500000", Inside),
            ("CN-510202", "1990-05-01", "CN-510000", Outside),
            // Laiwu became two districts of Jinan.
            ("CN-371202", "2016-05-01", "CN-370116", Inside),
            ("CN-371202", "2016-05-01", "CN-370100", Inside),
            ("CN-371200", "2016-05-01", "CN-370100", Inside),
            ("CN-371200", "2016-05-01", "CN-370116", Ambiguous),
            ("CN-370116", "2023-05-01", "CN-371200", Inside),
            ("CN-370102", "2023-05-01", "CN-371200", Outside),
            // Funing county was shared out among three districts of Qinhuangdao in 2015.
            ("CN-130323", "2014-05-01", "CN-130306", Ambiguous),
            ("CN-130323", "2014-05-01", "CN-130300", Inside),
            // Fuling's Zhicheng had a code that is Meishan's Dongpo since 2000.
            ("CN-511402", "1996-05-01", "CN-500102", Inside),
            ("CN-511402", "1996-05-01", "CN-511402", Outside),
            ("CN-511402", "2012-05-01", "CN-511402", Inside),
            ("CN-511402", "2012-05-01", "CN-500000", Outside),
            // Ci county gave some of its land to Hanshan in 2016.
            ("CN-130427", "2010-05-01", "CN-130427", Inside),
            ("CN-130427", "2010-05-01", "CN-130402", Ambiguous),
            ("CN-130427", "2018-05-01", "CN-130402", Outside),
            // Shannon county is called Oglala Lakota since 2015; Connecticut's regions cut across its counties.
            ("US-46113", "2010-05-01", "US-46102", Inside),
            ("US-09110", "2024-05-01", "US-09003", Ambiguous),
            ("US-09170", "2024-05-01", "US-09009", Inside),
            ("US-09110", "2024-05-01", "US-09", Inside),
            ("US-09003", "2024-05-01", "US-09110", Ambiguous),
            ("US-09110", "2024-05-01", "US-09110", Inside),
            // A development zone cuts across the districts of its city.
            ("CN-130171", "2024-05-01", "CN-130100", Inside),
            ("CN-130171", "2024-05-01", "CN-130102", Ambiguous),
            ("CN-130102", "2024-05-01", "CN-130171", Ambiguous),
            ("CN-130171", "2024-05-01", "CN-130200", Outside),
            ("CN-130202", "2024-05-01", "CN-130171", Outside),
        ] {
            let membership = tree.membership(id(region), on.parse().unwrap(), id(area));
            assert_eq!(membership, expected, "{region} recorded on {on} in {area}");
        }
    }

    #[test]
    fn every_row_leads_to_regions_in_force() {
        let tree = RegionTree::builtin();
        let mut dead_ends = Vec::new();
        for id in tree.ids() {
            for (at, span) in tree.node(id).unwrap().spans.iter().enumerate() {
                for parts in [true, false] {
                    let mut found = Vec::new();
                    tree.follow_span(id, at, span.from, parts, &mut vec![(id, at)], &mut found);
                    assert!(found.iter().all(|place| tree.is_current(*place)));
                    if found.is_empty() {
                        dead_ends.push(format!("{} {} {}", tree.code(id), span.name, span.from));
                    }
                }
            }
        }
        assert_eq!(dead_ends, Vec::<String>::new());
    }
}
