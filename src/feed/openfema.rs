//! OpenFEMA `DisasterDeclarationsSummaries`: one row per disaster and designated area, as CSV or JSON.
//!
//! Both layouts are read, because fields are found by name: the older one with `True`/`False` and padded FIPS codes,
//! and the newer one with 0/1, codes without leading zeros and empty incident ends.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use chrono::NaiveDate;
use forbear_engine::declaration::{Area, Declaration, Incident, Kind, Source};
use forbear_engine::region::{RegionId, RegionTree};
use forbear_engine::text::{Language, Text};

/// What a file came to: every row is an area of a declaration or an exception.
#[derive(Debug)]
pub struct Import {
    /// One declaration per disaster, in the order of the file.
    pub declarations: Vec<Declaration>,
    /// How many rows the file has.
    pub rows: usize,
    /// How many of them became an area.
    pub areas: usize,
    /// The others.
    pub exceptions: Vec<Exception>,
}

/// A row that did not become an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The line of a CSV file (the header is 1), the place in a JSON array (the first is 1).
    pub line: u64,
    /// The disaster, as `DR-4706-OK`.
    pub disaster: String,
    /// The area, as FEMA names it.
    pub area: String,
    /// Why.
    pub reason: Reason,
}

/// Why a row did not become an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A tribal area; it has no county code, so no address can be matched to it.
    TribalArea,
    /// An area without a county that is not the whole state.
    NoCounty,
    /// No county has this code.
    UnknownCounty(String),
    /// No kind of disaster is known for this incident type.
    UnknownIncidentType(String),
    /// The same area stands on an earlier line; the programmes of both are kept there.
    Duplicate(u64),
    /// A field is missing or cannot be read.
    Field(&'static str, String),
    /// The line is not CSV.
    Unreadable(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TribalArea => write!(f, "a tribal area without a county: addresses cannot be matched to it"),
            Self::NoCounty => write!(f, "neither a county nor the whole state"),
            Self::UnknownCounty(code) => write!(f, "no county has the code {code}"),
            Self::UnknownIncidentType(text) => write!(f, "no kind of disaster is known for \"{text}\""),
            Self::Duplicate(line) => write!(f, "the same area as line {line}: its programmes were added there"),
            Self::Field(name, text) => write!(f, "{name} is \"{text}\", which cannot be read"),
            Self::Unreadable(message) => write!(f, "not readable: {message}"),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}, {}: {}", self.line, self.disaster, self.area, self.reason)
    }
}

/// Why a whole file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// Columns that every row needs are not there.
    Columns(Vec<&'static str>),
    /// It is not JSON of the right shape.
    Json(String),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns(names) => write!(f, "not DisasterDeclarationsSummaries: no column {}", names.join(", ")),
            Self::Json(message) => write!(
                f,
                "not DisasterDeclarationsSummaries: {message}; expected an array of rows, or an object that holds it"
            ),
        }
    }
}

impl std::error::Error for ImportError {}

/// The kind of disaster for each of FEMA's incident types.
const KINDS: [(&str, Kind); 30] = [
    ("Biological", Kind::Epidemic),
    ("Chemical", Kind::Accident),
    ("Civil Unrest", Kind::Other),
    ("Coastal Storm", Kind::Storm),
    ("Dam/Levee Break", Kind::Flood),
    ("Drought", Kind::Drought),
    ("Earthquake", Kind::Earthquake),
    ("Fire", Kind::Wildfire),
    ("Fishing Losses", Kind::Other),
    ("Flood", Kind::Flood),
    ("Freezing", Kind::WinterStorm),
    ("Human Cause", Kind::Accident),
    ("Hurricane", Kind::Hurricane),
    ("Mud/Landslide", Kind::Landslide),
    ("Other", Kind::Other),
    ("Severe Ice Storm", Kind::WinterStorm),
    ("Severe Storm", Kind::Storm),
    ("Severe Storm(s)", Kind::Storm),
    ("Snowstorm", Kind::WinterStorm),
    ("Straight-Line Winds", Kind::Storm),
    ("Terrorist", Kind::Accident),
    ("Tornado", Kind::Tornado),
    ("Toxic Substances", Kind::Accident),
    ("Tropical Depression", Kind::Storm),
    ("Tropical Storm", Kind::Storm),
    ("Tsunami", Kind::Tsunami),
    ("Typhoon", Kind::Typhoon),
    ("Volcanic Eruption", Kind::Volcano),
    ("Volcano", Kind::Volcano),
    ("Winter Storm", Kind::WinterStorm),
];

const PROGRAMMES: [(&str, &str); 4] = [
    ("ihProgramDeclared", "IH"),
    ("iaProgramDeclared", "IA"),
    ("paProgramDeclared", "PA"),
    ("hmProgramDeclared", "HM"),
];

/// Columns without which no row can be understood.
const NEEDED: [&str; 9] = [
    "disasterNumber",
    "state",
    "declarationType",
    "declarationDate",
    "incidentType",
    "incidentBeginDate",
    "fipsStateCode",
    "fipsCountyCode",
    "designatedArea",
];

/// One row, its fields by name.
type Fields = HashMap<String, String>;

/// Reads a file, CSV or JSON by its first character.
///
/// # Errors
/// It is neither; single rows that cannot be read are exceptions instead.
pub fn read(text: &str, tree: &RegionTree) -> Result<Import, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let rows = if text.starts_with(['[', '{']) { json_rows(text)? } else { csv_rows(text)? };
    let mut builder = Builder { tree, disasters: Vec::new(), by_slug: HashMap::new(), exceptions: Vec::new() };
    let count = rows.len();
    for (line, row) in rows {
        let reason = match &row {
            Ok(fields) => builder.add(line, fields).err(),
            Err(message) => Some(Reason::Unreadable(message.clone())),
        };
        if let Some(reason) = reason {
            let fields = row.unwrap_or_default();
            let (disaster, area) = (disaster(&fields), text_of(&fields, "designatedArea").to_owned());
            builder.exceptions.push(Exception { line, disaster, area, reason });
        }
    }
    let areas = builder.disasters.iter().map(|disaster| disaster.lines.len()).sum();
    let declarations = builder.disasters.into_iter().map(|disaster| disaster.declaration).collect();
    Ok(Import { declarations, rows: count, areas, exceptions: builder.exceptions })
}

type Rows = Vec<(u64, Result<Fields, String>)>;

fn csv_rows(text: &str) -> Result<Rows, ImportError> {
    // The reader counts lines one short after a CRLF.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let missing: Vec<_> = NEEDED.into_iter().filter(|name| !headers.iter().any(|header| header == *name)).collect();
    if !missing.is_empty() {
        return Err(ImportError::Columns(missing));
    }
    let mut rows = Vec::new();
    let mut records = reader.records();
    while let Some(record) = records.next() {
        let line = records.reader().position().line().saturating_sub(1);
        rows.push(match record {
            Ok(record) => {
                let line = record.position().map_or(line, csv::Position::line);
                let fields = headers.iter().zip(&record);
                (line, Ok(fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()))
            }
            Err(error) => (line, Err(error.to_string())),
        });
    }
    Ok(rows)
}

fn json_rows(text: &str) -> Result<Rows, ImportError> {
    use serde_json::Value;
    let value: Value = serde_json::from_str(text).map_err(|error| ImportError::Json(error.to_string()))?;
    let rows = match value {
        Value::Array(rows) => rows,
        Value::Object(mut object) => match object.remove("DisasterDeclarationsSummaries") {
            Some(Value::Array(rows)) => rows,
            _ => return Err(ImportError::Json("no array \"DisasterDeclarationsSummaries\"".into())),
        },
        _ => return Err(ImportError::Json("no array".into())),
    };
    let plain = |value: Value| match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let fields = |row: Value| match row {
        Value::Object(object) => Ok(object.into_iter().map(|(name, value)| (name, plain(value))).collect()),
        other => Err(format!("{other} is not a row")),
    };
    Ok((1..).zip(rows).map(|(line, row)| (line, fields(row))).collect())
}

/// A disaster as far as its rows were read.
struct Disaster {
    declaration: Declaration,
    /// The line of each region's area, and where it stands in `areas`.
    lines: BTreeMap<RegionId, (u64, usize)>,
}

struct Builder<'t> {
    tree: &'t RegionTree,
    disasters: Vec<Disaster>,
    by_slug: HashMap<String, usize>,
    exceptions: Vec<Exception>,
}

impl Builder<'_> {
    fn add(&mut self, line: u64, fields: &Fields) -> Result<(), Reason> {
        let row = self.declaration(fields)?;
        let region = self.region(fields)?;
        let slug = row.declaration.clone();
        let at = *self.by_slug.entry(slug).or_insert_with(|| {
            self.disasters.push(Disaster { declaration: row.clone(), lines: BTreeMap::new() });
            self.disasters.len() - 1
        });
        let Some(disaster) = self.disasters.get_mut(at) else { return Ok(()) };
        let (declaration, programmes) = (&mut disaster.declaration, programmes(fields));
        if let Some((first, place)) = disaster.lines.get(&region) {
            if let Some(area) = declaration.areas.get_mut(*place) {
                let new = programmes.into_iter().filter(|programme| !area.programmes.contains(programme));
                let new: Vec<_> = new.collect();
                area.programmes.extend(new);
            }
            return Err(Reason::Duplicate(*first));
        }
        disaster.lines.insert(region, (line, declaration.areas.len()));
        let counts_from = (row.declared_on > declaration.declared_on).then_some(row.declared_on);
        let region = self.tree.code(region).to_owned();
        declaration.areas.push(Area { region, designation: None, programmes, counts_from });
        declaration.declared_on = declaration.declared_on.min(row.declared_on);
        let (known, new) = (declaration.incident, row.incident);
        let end = known.end.zip(new.end).map(|(a, b)| a.max(b));
        declaration.incident = Incident { start: known.start.min(new.start), end };
        Ok(())
    }

    /// What a row says about its disaster, without areas.
    fn declaration(&self, fields: &Fields) -> Result<Declaration, Reason> {
        let number = text_of(fields, "disasterNumber");
        if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) {
            return Err(Reason::Field("disasterNumber", number.to_owned()));
        }
        for field in ["declarationType", "state"] {
            let text = text_of(fields, field);
            if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphabetic()) {
                return Err(Reason::Field(field, text.to_owned()));
            }
        }
        let name = disaster(fields);
        let incident_type = text_of(fields, "incidentType");
        let kind = KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(incident_type)).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| Reason::UnknownIncidentType(incident_type.to_owned()))?;
        let state = self.tree.state(text_of(fields, "state"));
        let state_zh = state.and_then(|state| self.tree.name_zh(state)).unwrap_or_default();
        let english = match text_of(fields, "declarationTitle") {
            "" => kind.title(Language::English),
            title => title,
        };
        let start = day(fields, "incidentBeginDate")?;
        let end = match text_of(fields, "incidentEndDate") {
            "" => None,
            text => match day(fields, "incidentEndDate")? {
                end if end < start => return Err(Reason::Field("incidentEndDate", text.to_owned())),
                end => Some(end),
            },
        };
        Ok(Declaration {
            schema: None,
            declaration: name.to_lowercase(),
            event: format!("fema-{number}"),
            kind,
            severity: None,
            title: Text::both(&format!("{state_zh}{}", kind.title(Language::Chinese)), english),
            authority: Some("FEMA".into()),
            sources: vec![Source {
                cite: format!("OpenFEMA, Disaster Declarations Summaries v2, {name}"),
                url: Some(format!("https://www.fema.gov/disaster/{number}")),
            }],
            declared_on: day(fields, "declarationDate")?,
            incident: Incident { start, end },
            areas: Vec::new(),
            amendments: Vec::new(),
        })
    }

    fn region(&self, fields: &Fields) -> Result<RegionId, Reason> {
        let state = format!("US-{:0>2}", text_of(fields, "fipsStateCode"));
        let county = text_of(fields, "fipsCountyCode");
        let code = if county.trim_start_matches('0').is_empty() {
            let place = text_of(fields, "placeCode").trim_start_matches('0');
            let statewide = text_of(fields, "designatedArea").eq_ignore_ascii_case("statewide");
            if is_true(fields, "tribalRequest") || is_tribal(text_of(fields, "designatedArea")) {
                return Err(Reason::TribalArea);
            }
            if !statewide && !place.is_empty() {
                return Err(Reason::NoCounty);
            }
            state
        } else {
            format!("{state}{county:0>3}")
        };
        self.tree.find(&code).map_err(|unknown| Reason::UnknownCounty(unknown.code))
    }
}

/// Whether FEMA's name of an area is that of a tribe or its land.
fn is_tribal(area: &str) -> bool {
    let words = ["tribe", "tribal", "nation", "reservation", "indian", "rancheria", "pueblo", "band", "tdsa", "otsa"];
    area.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| words.contains(&word.trim_end_matches('s')))
}

fn text_of<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", String::as_str)
}

fn is_true(fields: &Fields, name: &str) -> bool {
    matches!(text_of(fields, name), "1" | "true" | "True" | "TRUE")
}

fn programmes(fields: &Fields) -> Vec<String> {
    let declared = PROGRAMMES.iter().filter(|(column, _)| is_true(fields, column));
    declared.map(|(_, programme)| (*programme).to_owned()).collect()
}

/// `DR-4706-OK`
fn disaster(fields: &Fields) -> String {
    let parts = ["declarationType", "disasterNumber", "state"].map(|name| text_of(fields, name));
    parts.join("-")
}

/// The day of `2023-04-24T00:00:00.000Z`, or of a bare date.
fn day(fields: &Fields, name: &'static str) -> Result<NaiveDate, Reason> {
    let text = text_of(fields, name);
    let date = text.get(..10).and_then(|date| date.parse().ok());
    date.ok_or_else(|| Reason::Field(name, text.to_owned()))
}
