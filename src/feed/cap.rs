//! Common Alerting Protocol 1.1 and 1.2 (OASIS CAP-v1.2, 2010), alone or inside an Atom index.

use chrono::{DateTime, Utc};
use forbear_engine::declaration::Kind;

use super::alert::{Alert, AlertArea, AlertText, Format, Message, Reference, Refusal, Shape};
use super::hazard;
use super::xml::{self, Element};

const SPACES: [&str; 2] = ["urn:oasis:names:tc:emergency:cap:1.1", "urn:oasis:names:tc:emergency:cap:1.2"];
const ATOM: &str = "http://www.w3.org/2005/Atom";
const MOST_INFOS: usize = 64;
const MOST_AREAS: usize = 5_000;
const MOST_POINTS: usize = 50_000;
const MOST_CODES: usize = 50_000;
const MOST_REFERENCES: usize = 1_000;

/// Reads a file: one alert, or an Atom index with alerts inside. What cannot be read of an index stands among the
/// results in its place.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<Result<Alert, Refusal>>, Refusal> {
    let root = xml::read(bytes)?;
    if root.name == "feed" && root.space == ATOM {
        let mut inside = Vec::new();
        for entry in root.all("entry") {
            find(entry, &mut inside);
        }
        return Ok(inside.into_iter().map(alert).collect());
    }
    Ok(vec![alert(&root)])
}

fn find<'a>(element: &'a Element, found: &mut Vec<&'a Element>) {
    if element.name == "alert" && SPACES.contains(&element.space.as_str()) {
        found.push(element);
        return;
    }
    for child in &element.children {
        find(child, found);
    }
}

fn alert(root: &Element) -> Result<Alert, Refusal> {
    if root.name != "alert" {
        return Err(Refusal::Malformed(format!("the root is <{}>, not <alert> or an Atom <feed>", root.name)));
    }
    if !SPACES.contains(&root.space.as_str()) {
        return Err(Refusal::Namespace(root.space.chars().take(80).collect()));
    }
    let required = |name: &'static str| root.text_of(name).ok_or(Refusal::Missing(name));
    let identifier = required("identifier")?.to_owned();
    let sender = required("sender")?.to_owned();
    let sent = time("sent", required("sent")?)?;
    let status = required("status")?;
    if status != "Actual" {
        return Err(Refusal::NotActual(status.chars().take(80).collect()));
    }
    let message = match required("msgType")? {
        "Alert" => Message::New,
        "Update" => Message::Update,
        "Cancel" => Message::Cancel,
        other => return Err(Refusal::value("msgType", other, "Alert, Update or Cancel")),
    };
    required("scope")?;
    let references = references(root.text_of("references").unwrap_or_default())?;
    if message != Message::New && references.is_empty() {
        return Err(Refusal::Missing("references"));
    }
    let infos: Vec<&Element> = root.all("info").collect();
    if infos.len() > MOST_INFOS {
        return Err(Refusal::TooMany { what: "info blocks", most: MOST_INFOS });
    }
    if infos.is_empty() && message != Message::Cancel {
        return Err(Refusal::Missing("info"));
    }
    let mut made = Alert {
        format: Format::Cap,
        sender,
        identifier,
        sent,
        message,
        references,
        incident: root.text_of("incidents").map(str::to_owned),
        kind: None,
        severity: None,
        texts: Vec::new(),
        onset: sent,
        expires: None,
        areas: Vec::new(),
    };
    let mut onset: Option<DateTime<Utc>> = None;
    for info in infos {
        read_info(info, &mut made)?;
        let begins = info.text_of("onset").map(|text| time("onset", text)).transpose()?;
        let effective = info.text_of("effective").map(|text| time("effective", text)).transpose()?;
        if let Some(begins) = begins.or(effective) {
            onset = Some(onset.map_or(begins, |known| known.min(begins)));
        }
    }
    made.onset = onset.unwrap_or(sent);
    Ok(made)
}

/// An info block: one language, or one more hazard. The gravest word counts; areas that several blocks repeat are one.
fn read_info(info: &Element, made: &mut Alert) -> Result<(), Refusal> {
    let event = info.text_of("event").ok_or(Refusal::Missing("info/event"))?;
    let headline = info.text_of("headline");
    let text = AlertText {
        language: info.text_of("language").unwrap_or("en-US").to_owned(),
        event: event.to_owned(),
        headline: headline.map(str::to_owned),
        description: info.text_of("description").map(str::to_owned),
        instruction: info.text_of("instruction").map(str::to_owned),
    };
    let severity = info.text_of("severity").ok_or(Refusal::Missing("info/severity"))?;
    // Of two severities the graver one: I comes first.
    made.severity = [made.severity, hazard::severity_of_cap(severity)].into_iter().flatten().min();
    let code = info.all("eventCode").filter(|code| code.text_of("valueName") == Some("SAME"));
    let by_code = code.filter_map(|code| hazard::of_same(code.text_of("value")?)).next();
    let words = || hazard::of_words(event).or_else(|| hazard::of_words(headline?));
    made.kind = made.kind.or(by_code).or_else(words);
    if made.kind == Some(Kind::Earthquake) && made.severity.is_none() {
        let named = info.all("parameter").find(|one| one.text_of("valueName") == Some("Magnitude"));
        let tenths = named.and_then(|one| hazard::tenths(one.text_of("value")?));
        made.severity = tenths.and_then(|tenths| hazard::severity_of_earthquake(None, tenths));
    }
    if let Some(expires) = info.text_of("expires").map(|text| time("info/expires", text)).transpose()? {
        made.expires = Some(made.expires.map_or(expires, |known| known.max(expires)));
    }
    if made.texts.iter().all(|known| *known != text) {
        made.texts.push(text);
    }
    for element in info.all("area") {
        let area = read_area(element)?;
        if !made.areas.contains(&area) {
            made.areas.push(area);
        }
        if made.areas.len() > MOST_AREAS {
            return Err(Refusal::TooMany { what: "areas", most: MOST_AREAS });
        }
    }
    let points = made.areas.iter().flat_map(|area| &area.shapes);
    let points = points.map(|shape| if let Shape::Polygon(ring) = shape { ring.len() } else { 1 }).sum::<usize>();
    if points > MOST_POINTS {
        return Err(Refusal::TooMany { what: "points", most: MOST_POINTS });
    }
    if made.areas.iter().map(|area| area.geocodes.len()).sum::<usize>() > MOST_CODES {
        return Err(Refusal::TooMany { what: "geocodes", most: MOST_CODES });
    }
    Ok(())
}

fn read_area(element: &Element) -> Result<AlertArea, Refusal> {
    let description = element.text_of("areaDesc").ok_or(Refusal::Missing("area/areaDesc"))?.to_owned();
    let mut area = AlertArea { description, ..AlertArea::default() };
    for code in element.all("geocode") {
        if let (Some(system), Some(value)) = (code.text_of("valueName"), code.text_of("value")) {
            area.geocodes.push((system.to_owned(), value.to_owned()));
        }
    }
    for polygon in element.all("polygon").map(|polygon| polygon.text.trim()).filter(|text| !text.is_empty()) {
        area.shapes.push(ring(polygon)?);
    }
    for circle in element.all("circle").map(|circle| circle.text.trim()).filter(|text| !text.is_empty()) {
        let expected = "a place and kilometres: 36.06,103.83 50";
        let wrong = || Refusal::value("area/circle", circle, expected);
        let (place, radius) = circle.split_once(char::is_whitespace).ok_or_else(wrong)?;
        let (lon, lat) = place_of(place).ok_or_else(wrong)?;
        let radius = number(radius.trim()).filter(|radius| (0.0..=20_038.0).contains(radius)).ok_or_else(wrong)?;
        area.shapes.push(Shape::Circle { lon, lat, radius });
    }
    Ok(area)
}

/// Pairs of latitude and longitude; the last is the first (CAP 1.2, 3.2.4).
fn ring(text: &str) -> Result<Shape, Refusal> {
    let wrong = || {
        Refusal::value("area/polygon", text, "at least four pairs of latitude and longitude, the last like the first")
    };
    let mut ring: Vec<(f64, f64)> = Vec::new();
    for pair in text.split_whitespace() {
        if ring.len() >= MOST_POINTS {
            return Err(Refusal::TooMany { what: "points", most: MOST_POINTS });
        }
        ring.push(place_of(pair).ok_or_else(wrong)?);
    }
    if ring.len() < 4 || ring.first() != ring.last() {
        return Err(wrong());
    }
    Ok(Shape::Polygon(ring))
}

/// `latitude,longitude` as longitude and latitude.
fn place_of(pair: &str) -> Option<(f64, f64)> {
    let (lat, lon) = pair.split_once(',')?;
    let lat = number(lat).filter(|lat| (-90.0..=90.0).contains(lat))?;
    let lon = number(lon).filter(|lon| (-180.0..=180.0).contains(lon))?;
    Some((lon, lat))
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn references(text: &str) -> Result<Vec<Reference>, Refusal> {
    let mut found = Vec::new();
    for reference in text.split_whitespace() {
        let expected = "sender,identifier,sent of each message";
        // An identifier holds no comma (CAP 1.2, 3.2.1); a sender may be an address that does not either.
        let mut parts = reference.splitn(3, ',');
        let (Some(sender), Some(identifier), Some(sent)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Refusal::value("references", reference, expected));
        };
        found.push(Reference {
            sender: sender.to_owned(),
            identifier: identifier.to_owned(),
            sent: time("references", sent)?,
        });
        if found.len() > MOST_REFERENCES {
            return Err(Refusal::TooMany { what: "references", most: MOST_REFERENCES });
        }
    }
    Ok(found)
}

fn time(field: &'static str, text: &str) -> Result<DateTime<Utc>, Refusal> {
    let read = DateTime::parse_from_rfc3339(text.trim());
    read.map(|time| time.to_utc()).map_err(|_| Refusal::value(field, text, "a time such as 2026-07-20T08:00:00+08:00"))
}
