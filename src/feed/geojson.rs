//! What the GeoJSON feeds share (RFC 7946): features, one to a line or in a collection, and their outlines.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::alert::{Refusal, Shape};

/// How many bytes are read.
pub const MOST_BYTES: usize = 32 << 20;
const MOST_FEATURES: usize = 100_000;
const MOST_POINTS: usize = 50_000;

/// A feature of a feed.
#[derive(Debug, Deserialize)]
pub struct Feature<P> {
    /// Its name.
    pub id: Option<String>,
    /// What it says.
    pub properties: P,
    /// Where.
    pub geometry: Option<Geometry>,
}

/// A geometry of the kinds that alerts use.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
pub enum Geometry {
    /// Longitude, latitude, and perhaps depth.
    Point(Vec<f64>),
    /// The outline, then holes.
    Polygon(Vec<Vec<Vec<f64>>>),
    /// Several.
    MultiPolygon(Vec<Vec<Vec<Vec<f64>>>>),
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<serde_json::Value>,
}

/// Reads a collection, or features line by line. One that cannot be read stands in its place.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn features<P: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<Result<Feature<P>, Refusal>>, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge { most: MOST_BYTES });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?.trim_start_matches('\u{feff}').trim();
    let malformed = |error: serde_json::Error| Refusal::Malformed(error.to_string());
    if let Ok(collection) = serde_json::from_str::<Collection>(text) {
        if collection.features.len() > MOST_FEATURES {
            return Err(Refusal::TooMany { what: "features", most: MOST_FEATURES });
        }
        let all = collection.features.into_iter();
        return Ok(all.map(|one| serde_json::from_value(one).map_err(malformed)).collect());
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let found: Vec<_> =
        lines.take(MOST_FEATURES.saturating_add(1)).map(|line| serde_json::from_str(line).map_err(malformed)).collect();
    match found.as_slice() {
        [] => Err(Refusal::Malformed("there is no feature".to_owned())),
        [Err(refusal)] => Err(refusal.clone()),
        found if found.len() > MOST_FEATURES => Err(Refusal::TooMany { what: "features", most: MOST_FEATURES }),
        _ => Ok(found),
    }
}

impl Geometry {
    /// The outlines; holes are small and count as hit.
    ///
    /// # Errors
    /// A place is not on the earth, or there are too many.
    pub fn shapes(&self) -> Result<Vec<Shape>, Refusal> {
        let rings: Vec<&Vec<Vec<f64>>> = match self {
            Self::Point(_) => Vec::new(),
            Self::Polygon(rings) => rings.first().into_iter().collect(),
            Self::MultiPolygon(polygons) => polygons.iter().filter_map(|rings| rings.first()).collect(),
        };
        if rings.iter().map(|ring| ring.len()).sum::<usize>() > MOST_POINTS {
            return Err(Refusal::TooMany { what: "points", most: MOST_POINTS });
        }
        let outline = |ring: &Vec<Vec<f64>>| {
            let places: Option<Vec<(f64, f64)>> = ring.iter().map(|at| place(at)).collect();
            let places = places.filter(|places| places.len() >= 4 && places.first() == places.last());
            places.map(Shape::Polygon).ok_or_else(|| {
                Refusal::value("geometry", "a ring", "at least four places on the earth, the last like the first")
            })
        };
        rings.into_iter().map(outline).collect()
    }

    /// A point's place.
    #[must_use]
    pub fn point(&self) -> Option<(f64, f64)> {
        if let Self::Point(at) = self { place(at) } else { None }
    }
}

fn place(at: &[f64]) -> Option<(f64, f64)> {
    let [lon, lat, ..] = at else { return None };
    ((-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat)).then_some((*lon, *lat))
}
