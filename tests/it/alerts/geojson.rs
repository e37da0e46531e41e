use forbear::feed::alert::{Format, Message};
use forbear::feed::batch;
use forbear_engine::declaration::{Kind, Severity};
use serde_json::json;

use super::{one, placed, read};

fn warning(id: &str, vtec: &str) -> String {
    let ring = [[-95.75, 29.6], [-95.45, 29.6], [-95.45, 29.75], [-95.75, 29.75], [-95.75, 29.6]];
    json!({
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "CAP_ID": id, "VTEC": vtec, "WFO": "KHGX", "PROD_TYPE": "Flash Flood Warning", "PHENOM": "FF", "SIG": "W",
            "ISSUANCE": "2026-05-01T10:00:00-05:00", "EXPIRATION": "2026-05-01T14:00:00-05:00", "ENDS": null, "ONSET": null
        }
    })
    .to_string()
}

#[test]
fn warnings_line_by_line_are_told_by_their_code() {
    let lines = [
        warning("w-1", "/O.NEW.KHGX.FF.W.0007.260501T1500Z-260501T1900Z/"),
        warning("w-2", "/O.EXT.KHGX.FF.W.0007.000000T0000Z-260501T2200Z/"),
        warning("w-3", "/O.CAN.KHGX.FF.W.0007.000000T0000Z-260501T2200Z/"),
    ];
    let alerts = read(&lines.join("\n"));
    assert_eq!(
        alerts.iter().map(|one| one.message).collect::<Vec<_>>(),
        [Message::New, Message::Update, Message::Cancel]
    );
    assert!(alerts.iter().all(|one| one.incident.as_deref() == Some("KHGX.FF.W.0007.2026")));
    assert_eq!((alerts[0].kind, alerts[0].severity), (Some(Kind::Flood), Some(Severity::II)));
    assert_eq!(alerts[1].expires.unwrap().to_rfc3339(), "2026-05-01T22:00:00+00:00");
    assert_eq!(placed(&alerts[0]).0.len(), 2);
}

#[test]
fn alerts_of_the_services_interface_have_codes_and_references() {
    let alert = json!({
        "id": "https://api.weather.gov/alerts/x", "type": "Feature", "geometry": null,
        "properties": {
            "id": "urn:oid:1", "sender": "w-nws.webmaster@noaa.gov", "sent": "2026-05-01T10:00:00-05:00", "status": "Actual",
            "messageType": "Update", "event": "Tornado Warning", "severity": "Extreme", "areaDesc": "Harris, TX",
            "headline": "Tornado Warning", "description": "…", "instruction": null, "onset": "2026-05-01T10:05:00-05:00",
            "effective": null, "ends": "2026-05-01T11:00:00-05:00", "expires": "2026-05-01T10:45:00-05:00",
            "references": [{"@id": "x", "identifier": "urn:oid:0", "sender": "w-nws.webmaster@noaa.gov", "sent": "2026-05-01T09:50:00-05:00"}],
            "geocode": {"SAME": ["048201"], "UGC": ["TXC157"]},
            "parameters": {"VTEC": ["/O.CON.KHGX.TO.W.0012.000000T0000Z-260501T1600Z/"]}
        }
    });
    let alert = one(&json!({"type": "FeatureCollection", "features": [alert]}).to_string());
    assert_eq!((alert.format, alert.kind, alert.severity), (Format::Nws, Some(Kind::Tornado), Some(Severity::I)));
    assert_eq!(alert.references[0].identifier, "urn:oid:0");
    assert_eq!(alert.expires.unwrap().to_rfc3339(), "2026-05-01T16:00:00+00:00");
    assert_eq!(placed(&alert).0, [("US-48157".to_owned(), "code"), ("US-48201".to_owned(), "code")]);
}

fn quake(id: &str, mag: &serde_json::Value, of: &str, status: &str) -> serde_json::Value {
    json!({
        "type": "Feature", "id": id, "geometry": {"type": "Point", "coordinates": [-118.5, 34.2, 17.0]},
        "properties": {
            "mag": mag, "place": "Reseda, CA", "time": 1_550_360_775_470_i64, "updated": 1_550_360_993_593_i64, "alert": null,
            "status": status, "title": format!("M {mag} - Reseda, CA"), "net": "ci", "type": of,
            "url": "https://earthquake.usgs.gov/earthquakes/eventpage/x"
        }
    })
}

#[test]
fn earthquakes_that_may_be_disasters_are_alerts_and_the_others_are_counted() {
    let features = [
        quake("ci1", &json!(6.7), "earthquake", "reviewed"),
        quake("ci2", &json!(3.9), "earthquake", "automatic"),
        quake("ci3", &json!(5.5), "quarry blast", "reviewed"),
        quake("ci1", &json!(6.7), "earthquake", "deleted"),
    ];
    let feed = json!({
        "type": "FeatureCollection", "metadata": {"url": "https://earthquake.usgs.gov/x"}, "features": features
    });
    let batch = batch::read(feed.to_string().as_bytes()).unwrap();
    assert_eq!((batch.format, batch.slight), (Format::Usgs, 2));
    let alerts: Vec<_> = batch.alerts.into_iter().map(Result::unwrap).collect();
    assert_eq!(alerts.iter().map(|one| one.message).collect::<Vec<_>>(), [Message::New, Message::Cancel]);
    assert_eq!((alerts[0].kind, alerts[0].severity), (Some(Kind::Earthquake), Some(Severity::II)));
    // (1.68 * 6.7 - 9.29) / 0.0206 = 95 km about Reseda: Los Angeles, Orange, Ventura among others, not San Diego.
    let (regions, _) = placed(&alerts[0]);
    let has = |code: &str| regions.iter().any(|(region, _)| region == code);
    assert!(has("US-06037") && has("US-06059") && has("US-06111") && !has("US-06073"), "{regions:?}");
}
