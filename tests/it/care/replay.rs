//! What was really sent, from beginning to end.

use std::collections::{BTreeMap, BTreeSet};

use forbear::service::care::reading::Trust;
use forbear::service::care::taking::{Origin, Taken};

use super::drafts;
use crate::databases::on_both;
use crate::service::desk::{actor, service};

/// A file as it was sent.
fn sent(file: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/alerts/{file}")).unwrap()
}

fn replay(service: &forbear::service::Service, bytes: &[u8]) -> Taken {
    let trust = Trust { as_sent: true, ..Trust::default() };
    service.take_file(&Origin { actor: &actor("drill"), via: "replay" }, bytes, &trust).unwrap()
}

#[test]
fn fifteen_hundred_warnings_fold_into_their_events_without_a_duplicate() {
    let bytes = sent("nws_warnings.ndjson");
    // What the codes say: office, phenomenon, significance, number, and the year in which it was issued.
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let warning: serde_json::Value = serde_json::from_slice(line).unwrap();
        let text = |name: &str| warning["properties"][name].as_str().unwrap().to_owned();
        let code: Vec<String> = text("VTEC").split('.').map(str::to_owned).collect();
        *codes.entry(format!("nws:{}.{}", code[2..6].join("."), &text("ISSUANCE")[..4])).or_default() += 1;
    }
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let taken = replay(&service, &bytes);
        assert_eq!((taken.taken.len(), taken.repeated, taken.refused.len()), (1_500, 0, 0));
        let rows = drafts(&service);
        let incidents: BTreeSet<&String> = rows.iter().map(|row| &row.incident).collect();
        assert_eq!(incidents.len(), rows.len(), "no incident has two drafts");
        assert_eq!(incidents, codes.keys().collect(), "and each has one");
        let mut of: BTreeMap<i64, usize> = BTreeMap::new();
        for one in &taken.taken {
            *of.entry(one.draft.unwrap()).or_default() += 1;
        }
        assert!(rows.iter().all(|row| of[&row.id] == codes[&row.incident]), "each message is of its event");
        // Catastrophes are fewer than warnings, and every one of one kind.
        let mut kinds: BTreeMap<&String, BTreeSet<&Option<String>>> = BTreeMap::new();
        for row in &rows {
            kinds.entry(&row.event).or_default().insert(&row.kind);
        }
        assert!(kinds.len() < rows.len() && kinds.values().all(|kinds| kinds.len() == 1), "{}", kinds.len());
        // Once more, nothing is new.
        let again = replay(&service, &bytes);
        assert_eq!((again.taken.len(), again.repeated, again.refused.len()), (0, 1_500, 0));
        assert_eq!(drafts(&service).len(), rows.len());
    });
}

#[test]
fn a_week_of_earthquakes_goes_through() {
    let week = sent("usgs_week.geojson");
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let taken = replay(&service, &week);
        let feed: serde_json::Value = serde_json::from_slice(&week).unwrap();
        let strong = feed["features"].as_array().unwrap().iter().filter(|quake| {
            quake["properties"]["mag"].as_f64().unwrap_or_default() >= 4.0
                && quake["properties"]["type"] == "earthquake"
        });
        assert_eq!((taken.taken.len(), taken.refused.len()), (strong.count(), 0));
        assert_eq!(
            taken.slight,
            u64::try_from(feed["features"].as_array().unwrap().len() - taken.taken.len()).unwrap()
        );
        // Each shook a place of its own, or one that had shaken before.
        let rows = drafts(&service);
        assert!(rows.iter().all(|row| row.kind.as_deref() == Some("earthquake") && row.ends_on == Some(row.starts_on)));
    });
}
