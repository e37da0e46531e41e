//! Where people of the sample book live and work.

use forbear_engine::region::{Level, RegionId, RegionTree};

use super::dice::Dice;
use super::{Country, SampleSpec};

/// Counties with weights: Henan as flooded in July 2021 is heavy, the rest is spread over the provinces.
const CN: [(&str, u64); 53] = [
    ("CN-410102", 20),
    ("CN-410103", 20),
    ("CN-410104", 18),
    ("CN-410105", 30),
    ("CN-410108", 10),
    ("CN-410122", 12),
    ("CN-410181", 12),
    ("CN-410182", 10),
    ("CN-410183", 9),
    ("CN-410702", 10),
    ("CN-410703", 10),
    ("CN-410711", 10),
    ("CN-410781", 12),
    ("CN-410782", 12),
    ("CN-410783", 8),
    ("CN-410602", 6),
    ("CN-410611", 9),
    ("CN-410621", 8),
    ("CN-410622", 6),
    ("CN-410502", 8),
    ("CN-410503", 6),
    ("CN-410522", 5),
    ("CN-410526", 5),
    ("CN-410581", 6),
    ("CN-411602", 7),
    ("CN-411603", 5),
    ("CN-411621", 6),
    ("CN-411622", 6),
    ("CN-410311", 10),
    ("CN-411002", 8),
    ("CN-411302", 8),
    ("CN-110105", 14),
    ("CN-110108", 12),
    ("CN-310104", 10),
    ("CN-310115", 14),
    ("CN-440304", 12),
    ("CN-440305", 12),
    ("CN-440106", 12),
    ("CN-330106", 9),
    ("CN-320102", 9),
    ("CN-320505", 8),
    ("CN-510104", 10),
    ("CN-510107", 10),
    ("CN-420106", 10),
    ("CN-420111", 8),
    ("CN-370102", 9),
    ("CN-610113", 9),
    ("CN-430104", 9),
    ("CN-340104", 9),
    ("CN-500112", 9),
    ("CN-210102", 7),
    ("CN-450103", 6),
    ("CN-130102", 8),
];

/// Counties of the US with weights: the Texas coast of 2017 and central Oklahoma of 2023 are heavy.
const US: [(&str, u64); 33] = [
    ("US-48201", 40),
    ("US-48167", 12),
    ("US-48039", 12),
    ("US-48157", 14),
    ("US-48339", 10),
    ("US-48355", 8),
    ("US-48007", 4),
    ("US-48361", 5),
    ("US-48245", 8),
    ("US-40027", 10),
    ("US-40109", 12),
    ("US-40125", 4),
    ("US-12086", 18),
    ("US-12071", 8),
    ("US-12057", 10),
    ("US-06037", 30),
    ("US-06073", 12),
    ("US-06097", 5),
    ("US-17031", 18),
    ("US-36061", 12),
    ("US-36047", 14),
    ("US-13121", 10),
    ("US-37119", 9),
    ("US-22071", 6),
    ("US-22051", 6),
    ("US-53033", 10),
    ("US-08031", 8),
    ("US-04013", 12),
    ("US-42101", 10),
    ("US-39049", 8),
    ("US-26163", 9),
    ("US-29095", 6),
    ("US-47037", 7),
];

/// Codes that were abolished, and a year in which each still stood (GB/T 2260; FIPS 6-4 changes).
pub(super) const ABOLISHED: [(Country, &str, i32); 8] = [
    (Country::Cn, "CN-410728", 2015), // 长垣县, Changyuan city 410783 since 2019
    (Country::Cn, "CN-411626", 2012), // 淮阳县, Huaiyang district 411603 since 2019
    (Country::Cn, "CN-410224", 2010), // 开封县, Xiangfu district 410212 since 2014
    (Country::Cn, "CN-410211", 2008), // 金明区, part of 410202 since 2014
    (Country::Us, "US-12025", 1995),  // Dade, Miami-Dade 12086 since 1997
    (Country::Us, "US-51515", 2010),  // Bedford city, in Bedford county 51019 since 2013
    (Country::Us, "US-46113", 2012),  // Shannon, Oglala Lakota 46102 since 2015
    (Country::Us, "US-51560", 1999),  // Clifton Forge, in Alleghany county 51005 since 2001
];

/// Codes that never were, as files have them: a typo, no country, a name.
pub(super) const UNKNOWN: [(Country, &str); 6] = [
    (Country::Cn, "CN-419999"),
    (Country::Cn, "410105"),
    (Country::Cn, "河南省郑州市金水区"),
    (Country::Us, "US-48999"),
    (Country::Us, "48201"),
    (Country::Us, "Harris County, TX"),
];

/// A county of a country, six times in ten one of the areas that the book leans towards.
pub(super) fn county(dice: &mut Dice, spec: &SampleSpec, country: Country) -> String {
    if !spec.around.is_empty() && dice.permille(600) {
        let own: Vec<&String> = spec.around.iter().filter(|code| Country::of(code) == Some(country)).collect();
        if let Some(first) = own.first() {
            let area = dice.pick(&own, first).as_str();
            return inside(dice, area);
        }
    }
    anywhere(dice, country)
}

/// A county inside an area; the area itself when it has none or is not known.
fn inside(dice: &mut Dice, area: &str) -> String {
    let tree = RegionTree::builtin();
    let Ok(found) = tree.find(area) else { return area.to_owned() };
    let range = tree.within(found);
    let counties: Vec<RegionId> = tree
        .ids()
        .skip(range.start)
        .take(range.len())
        .filter(|id| tree.level(*id) == Level::County && tree.is_current(*id))
        .collect();
    tree.code(*dice.pick(&counties, &found)).to_owned()
}

/// A county, not minding where the book leans.
pub(super) fn anywhere(dice: &mut Dice, country: Country) -> String {
    let list: &[(&str, u64)] = if country == Country::Us { &US } else { &CN };
    dice.weighted(list, |(_, weight)| *weight).map_or_else(String::new, |(code, _)| (*code).to_owned())
}
