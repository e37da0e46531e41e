//! OpenFEMA files: every row is an area or a named exception, in both layouts.
#![allow(clippy::unwrap_used, clippy::panic)]

use chrono::NaiveDate;
use forbear::feed::openfema::{self, Import, ImportError, Reason};
use forbear_engine::declaration::Kind;
use forbear_engine::region::RegionTree;

const OLDER: &str = include_str!("../fixtures/openfema-older.csv");
const NEWER_CSV: &str = include_str!("../fixtures/openfema-newer.csv");
const NEWER_JSON: &str = include_str!("../fixtures/openfema-newer.json");

fn read(text: &str) -> Import {
    let import = openfema::read(text, RegionTree::builtin()).unwrap();
    assert_eq!(import.rows, import.areas + import.exceptions.len());
    let areas: usize = import.declarations.iter().map(|declaration| declaration.areas.len()).sum();
    assert_eq!(import.areas, areas);
    for declaration in &import.declarations {
        assert_eq!(declaration.validate(RegionTree::builtin()), [], "{}", declaration.declaration);
    }
    import
}

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn real_rows_of_the_older_layout_become_declarations() {
    let import = read(OLDER);
    assert_eq!(import.rows, OLDER.lines().count() - 1);
    let oklahoma = import.declarations.iter().find(|found| found.declaration == "dr-4706-ok").unwrap();
    assert_eq!(
        (oklahoma.event.as_str(), oklahoma.kind, oklahoma.declared_on),
        ("fema-4706", Kind::Tornado, d("2023-04-24"))
    );
    assert_eq!((oklahoma.incident.start, oklahoma.incident.end), (d("2023-04-19"), Some(d("2023-04-20"))));
    assert_eq!(oklahoma.title.chinese.as_deref(), Some("俄克拉何马州龙卷风"));
    // Cleveland was declared for individuals and households and for mitigation, the other two for public assistance too.
    let areas: Vec<_> = oklahoma.areas.iter().map(|area| (area.region.as_str(), area.programmes.join(" "))).collect();
    let expected = [("US-40027", "IH HM"), ("US-40087", "IH PA HM"), ("US-40125", "IH PA HM")];
    assert_eq!(areas, expected.map(|(region, programmes)| (region, programmes.to_owned())));
    let [exception] = import.exceptions.as_slice() else { panic!("{:?}", import.exceptions) };
    assert_eq!(exception.line, 24);
    assert_eq!(exception.disaster, "DR-1280-SD");
    assert_eq!(exception.area, "Oglala Sioux Tribe of the Pine Ridge Reservation");
    assert_eq!(exception.reason, Reason::TribalArea);
}

#[test]
fn the_newer_layout_is_read_as_csv_and_json() {
    let crlf = NEWER_CSV.replace('\n', "\r\n");
    for (text, first_line) in [(NEWER_CSV, 2), (crlf.as_str(), 2), (NEWER_JSON, 1)] {
        let import = read(text);
        let kinds: Vec<_> = import.declarations.iter().map(|found| (found.declaration.as_str(), found.kind)).collect();
        assert_eq!(
            kinds,
            [("dr-9001-al", Kind::Flood), ("fm-9002-ca", Kind::Wildfire), ("dr-9003-fl", Kind::Hurricane)]
        );
        let [flood, _, hurricane] = import.declarations.as_slice() else { panic!() };
        assert_eq!((flood.declared_on, flood.incident.end), (d("2026-03-02"), None));
        let areas: Vec<_> = flood
            .areas
            .iter()
            .map(|area| (area.region.as_str(), area.programmes.join(" "), area.counts_from))
            .collect();
        assert_eq!(
            areas,
            [("US-01001", "IH PA HM IA".to_owned(), None), ("US-01003", "IH HM".to_owned(), Some(d("2026-03-09")))]
        );
        let areas: Vec<_> = hurricane.areas.iter().map(|area| area.region.as_str()).collect();
        assert_eq!(areas, ["US-12", "US-12086"]);
        let reasons: Vec<_> =
            import.exceptions.iter().map(|found| (found.line - first_line, found.reason.clone())).collect();
        assert_eq!(
            reasons,
            [
                (2, Reason::Duplicate(first_line)),
                (4, Reason::UnknownCounty("US-06999".into())),
                (7, Reason::TribalArea),
                (8, Reason::TribalArea),
                (9, Reason::NoCounty),
                (10, Reason::UnknownIncidentType("Meteor".into())),
                (11, Reason::Field("declarationDate", String::new())),
            ]
        );
    }
}

#[test]
fn a_file_of_another_kind_is_refused_with_advice() {
    let tree = RegionTree::builtin();
    let columns = openfema::read("a,b\n1,2\n", tree).unwrap_err();
    assert!(matches!(&columns, ImportError::Columns(names) if names.contains(&"disasterNumber")), "{columns}");
    for text in ["{}", "[", "{\"DisasterDeclarationsSummaries\": 1}"] {
        assert!(matches!(openfema::read(text, tree), Err(ImportError::Json(_))), "{text}");
    }
    let import = openfema::read("[1, {}]", tree).unwrap();
    assert_eq!((import.rows, import.areas, import.exceptions.len()), (2, 0, 2));
}
