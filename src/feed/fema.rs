//! FEMA's list of disasters (OpenFEMA, Disaster Declarations Summaries) as alerts, so that a feed of it makes drafts: one for each
//! disaster and state, told anew when the list says more of it. Ask for what is recent (`$filter=declarationDate gt '2026-01-01'`):
//! the whole list goes back to 1953.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use forbear_engine::declaration::Declaration;
use forbear_engine::digest::digest;
use forbear_engine::region::RegionTree;

use super::alert::{Alert, AlertArea, AlertText, Format, Message, Refusal};
use super::openfema::{self, Exception, Reason};

/// Whom alerts of the list are from.
pub const SENDER: &str = "fema.gov";

/// Bytes of a list: what is recent has some hundred rows.
const MOST: usize = 32 << 20;

/// Letters of the digest that tell one state of a disaster from the next.
const MARK: usize = 16;

/// Whether a file is such a list, by what it begins with.
#[must_use]
pub fn is_list(start: &[u8]) -> bool {
    let head = start.get(..start.len().min(4_096)).unwrap_or_default();
    ["DisasterDeclarationsSummaries", "femaDeclarationString"]
        .iter()
        .any(|name| memchr::memmem::find(head, name.as_bytes()).is_some())
}

/// Reads a list, CSV or JSON.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<Result<Alert, Refusal>>, Refusal> {
    if bytes.len() > MOST {
        return Err(Refusal::TooLarge { most: MOST });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?;
    let list = openfema::read(text, RegionTree::builtin()).map_err(|error| Refusal::Malformed(error.to_string()))?;
    let (unplaced, unreadable): (Vec<Exception>, Vec<Exception>) = list
        .exceptions
        .into_iter()
        .filter(|exception| !matches!(exception.reason, Reason::Duplicate(_)))
        .partition(|exception| is_unplaced(&exception.reason));
    let mut alerts: Vec<Result<Alert, Refusal>> =
        list.declarations.iter().map(|declared| alert(declared, &unplaced)).collect();
    alerts.extend(unreadable.iter().map(|exception| Err(Refusal::Malformed(exception.to_string()))));
    Ok(alerts)
}

/// Whether a row says where, in words that are no region: a person has to look.
const fn is_unplaced(reason: &Reason) -> bool {
    matches!(reason, Reason::TribalArea | Reason::NoCounty | Reason::UnknownCounty(_))
}

fn alert(declared: &Declaration, unplaced: &[Exception]) -> Result<Alert, Refusal> {
    let own = declared.declaration.as_str();
    let mut areas: Vec<AlertArea> = declared.areas.iter().map(|area| placed(&area.region)).collect();
    let left = unplaced.iter().filter(|exception| exception.disaster.eq_ignore_ascii_case(own));
    areas.extend(left.map(|exception| AlertArea { description: exception.area.clone(), ..AlertArea::default() }));
    let mark = digest(&(declared, areas.len())).ok_or(Refusal::Missing("a canonical form"))?;
    let told = declared.areas.iter().filter_map(|area| area.counts_from).chain([declared.declared_on]);
    let told = told.max().unwrap_or(declared.declared_on);
    let texts = [("zh-CN", &declared.title.chinese), ("en-US", &declared.title.english)];
    Ok(Alert {
        format: Format::OpenFema,
        sender: SENDER.to_owned(),
        identifier: format!("{own}@{}", mark.get(..MARK).unwrap_or(&mark)),
        sent: noon(told),
        message: Message::New,
        references: Vec::new(),
        incident: Some(own.to_owned()),
        kind: Some(declared.kind),
        // FEMA grades nothing.
        severity: None,
        texts: texts
            .into_iter()
            .filter_map(|(language, title)| {
                Some(AlertText {
                    language: language.to_owned(),
                    event: title.clone()?,
                    headline: None,
                    description: None,
                    instruction: None,
                })
            })
            .collect(),
        onset: noon(declared.incident.start),
        expires: declared.incident.end.map(noon),
        areas,
    })
}

/// A county, or a whole state, by the code that alerts have for it.
fn placed(region: &str) -> AlertArea {
    let digits = region.strip_prefix("US-").unwrap_or(region);
    let code = if digits.len() == 2 { format!("0{digits}000") } else { format!("0{digits}") };
    AlertArea { description: region.to_owned(), geocodes: vec![("FIPS6".to_owned(), code)], shapes: Vec::new() }
}

/// The middle of a day, which is of the same day all over the States.
fn noon(day: NaiveDate) -> DateTime<Utc> {
    let noon = NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default();
    day.and_time(noon).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::place::place;

    #[test]
    fn a_list_becomes_an_alert_for_each_disaster() {
        let list = include_bytes!("../../tests/fixtures/openfema-newer.json");
        assert!(is_list(list) && is_list(include_bytes!("../../tests/fixtures/openfema-older.csv")));
        let alerts: Vec<Alert> = read(list).unwrap().into_iter().filter_map(Result::ok).collect();
        let first = &alerts[0];
        assert_eq!((first.incident.as_deref(), first.sender.as_str()), (Some("dr-9001-al"), "fema.gov"));
        assert!(first.identifier.starts_with("dr-9001-al@") && first.severity.is_none());
        assert_eq!(first.onset.date_naive().to_string(), "2026-02-27");
        // Autauga is Alabama's first county.
        let regions = place(first).unwrap().regions;
        assert!(regions.contains_key(&RegionTree::builtin().known("US-01001").unwrap()));
        // The same list again is the same messages; with a row less it is another of the same disaster.
        let again: Vec<Alert> = read(list).unwrap().into_iter().filter_map(Result::ok).collect();
        assert_eq!(alerts, again);
        let mut less: serde_json::Value = serde_json::from_slice(list).unwrap();
        less["DisasterDeclarationsSummaries"].as_array_mut().unwrap().remove(0);
        let other = read(less.to_string().as_bytes()).unwrap().into_iter().filter_map(Result::ok);
        let other: Vec<Alert> = other.filter(|alert| alert.incident == first.incident).collect();
        assert!(other.len() == 1 && other[0].identifier != first.identifier);
        assert_eq!(read(b"[]\xff").unwrap_err().name(), "not_utf8");
        assert_eq!(read(b"femaDeclarationString\n").unwrap_err().name(), "malformed");
    }
}
