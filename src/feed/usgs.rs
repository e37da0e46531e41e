//! Earthquakes of the US Geological Survey: its GeoJSON summary feed.

use chrono::{DateTime, TimeDelta, Utc};
use forbear_engine::declaration::Kind;
use serde::Deserialize;

use super::alert::{Alert, AlertArea, AlertText, Format, Message, Refusal, Shape};
use super::geojson::{Feature, features};
use super::hazard;

#[derive(Debug, Deserialize)]
struct Properties {
    mag: Option<serde_json::Number>,
    place: Option<String>,
    time: i64,
    updated: i64,
    alert: Option<String>,
    status: String,
    title: Option<String>,
    net: String,
    #[serde(rename = "type")]
    of: String,
}

/// What a file came to.
#[derive(Debug)]
pub struct Quakes {
    /// Earthquakes that may be disasters, and what could not be read.
    pub alerts: Vec<Result<Alert, Refusal>>,
    /// Weaker ones, and explosions in quarries and the like.
    pub slight: usize,
}

/// Reads a file.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Quakes, Refusal> {
    let mut quakes = Quakes { alerts: Vec::new(), slight: 0 };
    for feature in features::<Properties>(bytes)? {
        match feature.and_then(alert) {
            Ok(Some(alert)) => quakes.alerts.push(Ok(alert)),
            Ok(None) => quakes.slight = quakes.slight.saturating_add(1),
            Err(refusal) => quakes.alerts.push(Err(refusal)),
        }
    }
    Ok(quakes)
}

fn alert(feature: Feature<Properties>) -> Result<Option<Alert>, Refusal> {
    let properties = feature.properties;
    let identifier = feature.id.ok_or(Refusal::Missing("id"))?;
    let happened = moment("properties.time", properties.time)?;
    let sent = moment("properties.updated", properties.updated)?;
    let tenths = properties.mag.and_then(|mag| hazard::tenths(&mag.to_string()));
    let severity = hazard::severity_of_earthquake(properties.alert.as_deref(), tenths.unwrap_or_default());
    if properties.of != "earthquake" || (severity.is_none() && properties.status != "deleted") {
        return Ok(None);
    }
    let (lon, lat) = feature.geometry.and_then(|geometry| geometry.point()).ok_or(Refusal::Missing("geometry"))?;
    let place = properties.place.unwrap_or_default();
    // An earthquake that was taken back is withdrawn; one that is told again is the same with better figures.
    let message = if properties.status == "deleted" { Message::Cancel } else { Message::New };
    Ok(Some(Alert {
        format: Format::Usgs,
        sender: properties.net,
        incident: Some(identifier.clone()),
        identifier,
        sent,
        message,
        references: Vec::new(),
        kind: Some(Kind::Earthquake),
        severity,
        texts: vec![AlertText {
            language: "en-US".to_owned(),
            event: "Earthquake".to_owned(),
            headline: properties.title,
            description: None,
            instruction: None,
        }],
        onset: happened,
        // It is over; what it did is not. A feed tells it for some weeks at most.
        expires: happened.checked_add_signed(TimeDelta::days(30)),
        areas: vec![AlertArea {
            description: place,
            geocodes: Vec::new(),
            shapes: vec![Shape::Circle { lon, lat, radius: f64::from(reach(tenths.unwrap_or_default())) }],
        }],
    }))
}

/// Within how many kilometres it reaches intensity VI, from which buildings are harmed: MMI = 1.68 M - 3.29 - 0.0206 km (Bakun
/// and Wentworth 1997, Bulletin of the Seismological Society of America 87:1502, for California), and 10 km at least. A
/// care lead looks at what it comes to.
fn reach(tenths: i64) -> i32 {
    let kilometres = tenths.saturating_mul(168).saturating_sub(9_290).saturating_mul(10) / 206;
    i32::try_from(kilometres.clamp(10, 500)).unwrap_or(500)
}

fn moment(field: &'static str, millis: i64) -> Result<DateTime<Utc>, Refusal> {
    let wrong = || Refusal::value(field, &millis.to_string(), "milliseconds since 1970");
    DateTime::from_timestamp_millis(millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reach_grows_with_the_magnitude() {
        // (1.68 * 6.0 - 9.29) / 0.0206 = 38.3; for 7.0 it is 119.9; 5.0 would be less than nothing.
        assert_eq!([40, 50, 60, 70].map(reach), [10, 10, 38, 119]);
    }
}
