//! The declarations that ship with Forbear are valid and say what their sources say.
#![allow(clippy::unwrap_used, clippy::panic)]

use forbear::feed::openfema;
use forbear_engine::declaration::{Declaration, Declared, Designated, Designation};
use forbear_engine::region::RegionTree;

const HARVEY: &str = include_str!("../../declarations/us-harvey-2017.json");
const HENAN: &str = include_str!("../../declarations/cn-henan-2021-07.json");
const OPENFEMA: [&str; 2] = [
    include_str!("../../declarations/openfema-2023-tornado.csv"),
    include_str!("../../declarations/openfema-2024-tornadoes.csv"),
];

fn on(text: &str, day: &str) -> Declared<'static> {
    let declaration: Declaration = serde_json::from_str(text).unwrap();
    assert_eq!(declaration.validate(RegionTree::builtin()), []);
    declaration.as_of(day.parse().unwrap(), RegionTree::builtin()).unwrap()
}

fn designation(declared: &Declared, region: &str, day: &str) -> Option<Designation> {
    match declared.designation(RegionTree::builtin().find(region).unwrap(), day.parse().unwrap()) {
        Designated::Inside(area) => area.designation,
        _ => None,
    }
}

#[test]
fn harvey_grows_to_41_counties() {
    // Individual-assistance counties: 6 on the first day, 12 on 27 August, 11 on 30 August, 3 before 4 September, 7 on
    // 4 September, 2 at the end. SBA's notice of the first day lists 9 contiguous counties.
    for (day, amendment, severe, adjacent, end) in [
        ("2017-08-25", 0, 6, Some(9), None),
        ("2017-08-27", 1, 18, None, None),
        ("2017-08-30", 2, 29, None, None),
        ("2017-09-03", 3, 32, None, None),
        ("2017-09-14", 4, 39, None, None),
        ("2017-09-15", 5, 39, None, Some("2017-09-15")),
        ("2026-01-01", 6, 41, None, Some("2017-09-15")),
    ] {
        let declared = on(HARVEY, day);
        let count = |wanted| declared.areas.iter().filter(|area| area.designation == Some(wanted)).count();
        assert_eq!((declared.amendment, count(Designation::Severe)), (amendment, severe), "{day}");
        assert!(adjacent.is_none_or(|adjacent| adjacent == count(Designation::Adjacent)), "{day}");
        assert_eq!(declared.incident.until, end.map(|end| end.parse().unwrap()), "{day}");
        let assisted = declared.areas.iter().filter(|area| area.programmes == ["IA"]).count();
        assert_eq!(assisted, severe, "{day}");
    }
    let first = on(HARVEY, "2017-08-25");
    // Houston came on 27 August; Victoria was adjacent before it was hit itself; Dallas never was in it.
    assert_eq!(designation(&first, "US-48201", "2017-08-01"), None);
    assert_eq!(designation(&first, "US-48469", "2017-08-01"), Some(Designation::Adjacent));
    let last = on(HARVEY, "2018-01-01");
    assert_eq!(designation(&last, "US-48201", "2017-08-01"), Some(Designation::Severe));
    assert_eq!(designation(&last, "US-48469", "2017-08-01"), Some(Designation::Severe));
    assert_eq!(designation(&last, "US-48113", "2017-08-01"), None);
}

#[test]
fn henan_has_severe_and_affected_cities() {
    let first = on(HENAN, "2021-07-21");
    let last = on(HENAN, "2022-06-01");
    assert_eq!(last.incident.days(), Some(7));
    for (region, recorded, at_first, at_last) in [
        ("CN-410105", "2020-01-01", Some(Designation::Severe), Some(Designation::Severe)),
        ("CN-410781", "2020-01-01", Some(Designation::Affected), Some(Designation::Severe)),
        ("CN-411621", "2020-01-01", None, Some(Designation::Severe)),
        ("CN-411681", "2020-01-01", None, Some(Designation::Affected)),
        ("CN-419001", "2020-01-01", Some(Designation::Affected), Some(Designation::Affected)),
        // Mengjin was a county until 2021; its address still matches.
        ("CN-410322", "2015-01-01", Some(Designation::Affected), Some(Designation::Affected)),
        ("CN-411502", "2020-01-01", None, None),
    ] {
        assert_eq!(designation(&first, region, recorded), at_first, "{region} at first");
        assert_eq!(designation(&last, region, recorded), at_last, "{region} at last");
    }
}

#[test]
fn the_openfema_extracts_import_whole() {
    let counts = OPENFEMA.map(|text| {
        let import = openfema::read(text, RegionTree::builtin()).unwrap();
        assert_eq!(import.exceptions, []);
        (import.declarations.len(), import.areas)
    });
    assert_eq!(counts, [(1, 3), (4, 51)]);
}

#[test]
fn the_example_of_the_page_is_valid() {
    let page = include_str!("../../docs/declarations.md");
    let example = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let last = on(example, "2026-07-01");
    assert_eq!((last.amendment, last.incident.until), (3, None));
    assert_eq!(designation(&last, "CN-410105", "2026-01-01"), Some(Designation::Severe));
    assert_eq!(designation(&last, "CN-410702", "2026-01-01"), Some(Designation::Severe));
}
