//! FEMA's list as a feed: drafts that wait, and grow with the list.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{drafts, regions, take};
use crate::databases::on_both;
use crate::service::desk::{file, service};

#[test]
fn a_list_makes_drafts_that_grow_with_it() {
    on_both(|database| {
        let service = service(database, "2026-09-10");
        let whole = file("tests/fixtures/openfema-newer.json");
        let mut first: Value = serde_json::from_str(&whole).unwrap();
        // Before Baldwin was added to the floods in Alabama.
        first["DisasterDeclarationsSummaries"].as_array_mut().unwrap().remove(1);
        let taken = take(&service, &first.to_string());
        assert!(taken.taken.iter().all(|one| one.outcome == "drafted") && taken.taken.len() >= 3, "{taken:?}");
        // Carson City was hit by a meteor, for which there is no kind.
        assert!(taken.refused.iter().any(|one| one.refusal.to_string().contains("Meteor")), "{taken:?}");
        let by_incident = || -> BTreeMap<String, (Vec<String>, String, Option<String>, String)> {
            let all = drafts(&service).into_iter();
            all.map(|row| (row.incident.clone(), (regions(&row), row.left_over, row.severity, row.state))).collect()
        };
        let waiting = "waiting".to_owned();
        let alabama = "openfema:dr-9001-al";
        assert_eq!(by_incident()[alabama], (vec!["US-01001".to_owned()], "[]".to_owned(), None, waiting.clone()));
        let fire = &by_incident()["openfema:fm-9002-ca"];
        assert_eq!(fire, &(vec!["US-06037".to_owned()], "[\"Nowhere (County)\"]".to_owned(), None, waiting.clone()));
        assert!(service.declarations(None).unwrap().is_empty(), "nothing declares itself");

        let more = take(&service, &whole);
        assert_eq!(more.taken.iter().map(|one| one.outcome).collect::<Vec<_>>(), ["extended"]);
        let both = vec!["US-01001".to_owned(), "US-01003".to_owned()];
        assert_eq!(by_incident()[alabama], (both, "[]".to_owned(), None, waiting));
        let again = take(&service, &whole);
        assert_eq!((again.taken.len(), again.repeated), (0, taken.taken.len() as u64));
    });
}
