//! Warnings of the US National Weather Service: the polygons of its map service, one feature to a warning, named by VTEC;
//! and the alerts of api.weather.gov, which are CAP as GeoJSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

use super::alert::{Alert, AlertArea, AlertText, Format, Message, Reference, Refusal};
use super::geojson::{Feature, features};
use super::hazard;
use super::vtec::Vtec;

/// What a feature of either service says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Properties {
    Map(MapProperties),
    Api(Box<ApiProperties>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct MapProperties {
    #[serde(rename = "CAP_ID")]
    cap_id: String,
    vtec: String,
    wfo: String,
    #[serde(rename = "PROD_TYPE")]
    product: String,
    issuance: DateTime<Utc>,
    expiration: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    onset: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiProperties {
    id: String,
    sender: String,
    sent: DateTime<Utc>,
    status: String,
    message_type: String,
    event: String,
    severity: String,
    area_desc: String,
    headline: Option<String>,
    description: Option<String>,
    instruction: Option<String>,
    onset: Option<DateTime<Utc>>,
    effective: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    expires: Option<DateTime<Utc>>,
    #[serde(default)]
    references: Vec<ApiReference>,
    #[serde(default)]
    geocode: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    parameters: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct ApiReference {
    identifier: String,
    sender: String,
    sent: DateTime<Utc>,
}

/// Reads a file of either service.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<Result<Alert, Refusal>>, Refusal> {
    let found = features::<Properties>(bytes)?;
    Ok(found.into_iter().map(|feature| feature.and_then(alert)).collect())
}

fn alert(feature: Feature<Properties>) -> Result<Alert, Refusal> {
    let shapes = feature.geometry.as_ref().map(super::geojson::Geometry::shapes).transpose()?.unwrap_or_default();
    let mut made = match feature.properties {
        Properties::Map(properties) => of_map(properties)?,
        Properties::Api(properties) => of_api(*properties)?,
    };
    match made.areas.first_mut() {
        Some(area) => area.shapes = shapes,
        None => made.areas.push(AlertArea { shapes, ..AlertArea::default() }),
    }
    Ok(made)
}

fn of_map(properties: MapProperties) -> Result<Alert, Refusal> {
    let code = Vtec::read(&properties.vtec)?;
    let text = AlertText {
        language: "en-US".to_owned(),
        event: properties.product.clone(),
        headline: Some(format!("{} by {}", properties.product, properties.wfo)),
        description: None,
        instruction: None,
    };
    Ok(Alert {
        format: Format::Nws,
        sender: properties.wfo,
        identifier: properties.cap_id,
        sent: properties.issuance,
        message: code.message,
        references: Vec::new(),
        incident: Some(incident(&code, properties.issuance)),
        kind: hazard::of_phenomenon(&code.phenomenon),
        severity: hazard::severity_of_vtec(&code.phenomenon, &code.significance),
        texts: vec![text],
        onset: properties.onset.or(code.begins).unwrap_or(properties.issuance),
        expires: properties.ends.or(code.ends).or(properties.expiration),
        areas: Vec::new(),
    })
}

fn of_api(properties: ApiProperties) -> Result<Alert, Refusal> {
    if properties.status != "Actual" {
        return Err(Refusal::NotActual(properties.status.chars().take(80).collect()));
    }
    let message = match properties.message_type.as_str() {
        "Alert" => Message::New,
        "Update" => Message::Update,
        "Cancel" => Message::Cancel,
        other => return Err(Refusal::value("messageType", other, "Alert, Update or Cancel")),
    };
    let code =
        properties.parameters.get("VTEC").and_then(|codes| codes.first()).map(|code| Vtec::read(code)).transpose()?;
    let phenomenon = code.as_ref().and_then(|code| hazard::of_phenomenon(&code.phenomenon));
    let codes = properties.geocode.iter().filter(|(system, _)| matches!(system.as_str(), "SAME" | "UGC"));
    let geocodes = codes.flat_map(|(system, codes)| codes.iter().map(|code| (system.clone(), code.clone()))).collect();
    let reference = |one: ApiReference| Reference { sender: one.sender, identifier: one.identifier, sent: one.sent };
    Ok(Alert {
        format: Format::Nws,
        sender: properties.sender,
        identifier: properties.id,
        sent: properties.sent,
        message,
        references: properties.references.into_iter().map(reference).collect(),
        incident: code.as_ref().map(|code| incident(code, properties.sent)),
        kind: phenomenon.or_else(|| hazard::of_words(&properties.event)),
        severity: hazard::severity_of_cap(&properties.severity),
        texts: vec![AlertText {
            language: "en-US".to_owned(),
            event: properties.event,
            headline: properties.headline,
            description: properties.description,
            instruction: properties.instruction,
        }],
        onset: properties.onset.or(properties.effective).unwrap_or(properties.sent),
        expires: properties.ends.or(properties.expires),
        areas: vec![AlertArea { description: properties.area_desc, geocodes, shapes: Vec::new() }],
    })
}

/// The event with the year in which it began. What goes on says only when it ends: the year of the message stands in,
/// which differs for what crosses the new year alone.
fn incident(code: &Vtec, sent: DateTime<Utc>) -> String {
    code.event(code.begins.unwrap_or(sent).year())
}
