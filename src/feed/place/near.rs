//! Which regions lie next to each other: counties of the United States by their outlines, China's by the region above them,
//! because no outlines of theirs are at hand.

use std::collections::BTreeSet;

use forbear_engine::region::{Level, RegionId, RegionTree};

use super::outline::neighbours;

/// The regions next to one, itself not among them: counties that share a border, states that share one; the other counties of
/// a Chinese prefecture, the other prefectures of a province.
#[must_use]
pub fn near(region: RegionId) -> BTreeSet<RegionId> {
    let regions = RegionTree::builtin();
    if regions.code(region).starts_with("US-") {
        return match regions.level(region) {
            Level::County => neighbours().get(&region).cloned().unwrap_or_default(),
            _ => states_next_to(regions, region),
        };
    }
    let Some(above) = regions.parent(region).filter(|above| regions.level(*above) != Level::Country) else {
        return BTreeSet::new();
    };
    let within = regions.within(above);
    let inside = regions.ids().skip(within.start).take(within.len());
    inside.filter(|other| *other != region && regions.parent(*other) == Some(above)).collect()
}

fn states_next_to(regions: &RegionTree, state: RegionId) -> BTreeSet<RegionId> {
    let own = neighbours().iter().filter(|(county, _)| regions.is_within(**county, state));
    let others = own.flat_map(|(_, next)| next).filter_map(|county| regions.parent(*county));
    others.filter(|other| *other != state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &str) -> Vec<&'static str> {
        let regions = RegionTree::builtin();
        near(regions.known(code).unwrap()).into_iter().map(|region| regions.name(region)).collect()
    }

    #[test]
    fn counties_by_their_borders_and_chinese_ones_by_what_holds_them() {
        // Around Houston: the seven counties that border on Harris, as any map of Texas shows.
        let mut around = names("US-48201");
        around.sort_unstable();
        assert_eq!(
            around,
            [
                "Brazoria County",
                "Chambers County",
                "Fort Bend County",
                "Galveston County",
                "Liberty County",
                "Montgomery County",
                "Waller County"
            ]
        );
        // Colorado lies between six states; Arizona meets it at a point alone.
        let mut around = names("US-08");
        around.sort_unstable();
        assert_eq!(around, ["Kansas", "Nebraska", "New Mexico", "Oklahoma", "Utah", "Wyoming"]);
        let around = names("CN-410105");
        assert!(around.contains(&"中原区") && !around.contains(&"金水区"), "{around:?}");
        assert!(names("CN-410100").contains(&"开封市") && names("CN-410000").is_empty());
    }
}
