//! Outlines of the counties of the United States: which of them a shape touches, and how much of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use forbear_engine::region::{RegionId, RegionTree};
use geo::{Area, BooleanOps, BoundingRect, Contains, Destination, Haversine, Intersects};
use geo::{Coord, LineString, MultiPolygon, Point, Polygon, Rect};
use serde::Deserialize;

use crate::feed::alert::{Refusal, Shape};

/// Bends smaller than this, in degrees, are of no matter beside the outlines.
const SMOOTHED: f64 = 0.005;
const MOST_CORNERS: usize = 4_000;
/// A county counts when so much of it lies in the shape, or so much of the shape in it: outlines are a kilometre off.
const LEAST_OF_COUNTY: f64 = 0.005;
const LEAST_OF_SHAPE: f64 = 0.05;

/// A county with its outline.
pub struct County {
    /// Which.
    pub region: RegionId,
    /// Where.
    pub outline: MultiPolygon<f64>,
    bounds: Rect<f64>,
    size: f64,
}

/// TopoJSON, as far as it is used: arcs of differences in a grid, and rings of arcs; `!n` is arc n backwards.
#[derive(Deserialize)]
struct Topology {
    transform: Transform,
    objects: Objects,
    arcs: Vec<Vec<[i32; 2]>>,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
}

#[derive(Deserialize)]
struct Objects {
    counties: Counties,
}

#[derive(Deserialize)]
struct Counties {
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    id: String,
    #[serde(flatten)]
    rings: Rings,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Rings {
    Polygon(Vec<Vec<i64>>),
    MultiPolygon(Vec<Vec<Vec<i64>>>),
}

/// The map: outlines, and which of them meet.
#[derive(Default)]
struct Map {
    counties: Vec<County>,
    neighbours: BTreeMap<RegionId, BTreeSet<RegionId>>,
}

static MAP: LazyLock<Map> = LazyLock::new(|| {
    let topology = serde_json::from_str::<Topology>(include_str!("us-counties.topojson"));
    let map = |topology: Topology| Map { counties: topology.counties(), neighbours: topology.neighbours() };
    topology.map(map).unwrap_or_default()
});

/// All of them.
#[must_use]
pub fn counties() -> &'static [County] {
    &MAP.counties
}

/// The counties that have a stretch of border in common with each county.
#[must_use]
pub fn neighbours() -> &'static BTreeMap<RegionId, BTreeSet<RegionId>> {
    &MAP.neighbours
}

impl Topology {
    fn counties(&self) -> Vec<County> {
        let arcs: Vec<Vec<Coord<f64>>> = self.arcs.iter().map(|arc| self.places(arc)).collect();
        let regions = RegionTree::builtin();
        let county = |geometry: &Geometry| {
            let region = regions.known(&format!("US-{}", geometry.id))?;
            let polygon = |rings: &Vec<Vec<i64>>| {
                let mut rings = rings.iter().map(|ring| ring_of(&arcs, ring));
                Some(Polygon::new(rings.next()?, rings.collect()))
            };
            let outline: MultiPolygon<f64> = match &geometry.rings {
                Rings::Polygon(rings) => polygon(rings).into_iter().collect(),
                Rings::MultiPolygon(all) => all.iter().filter_map(polygon).collect(),
            };
            let bounds = outline.bounding_rect()?;
            // The smallest city of all is a line at this scale.
            let size = Some(outline.unsigned_area()).filter(|size| *size > 0.0)?;
            Some(County { region, outline, bounds, size })
        };
        self.objects.counties.geometries.iter().filter_map(county).collect()
    }

    /// An arc that two outlines share is their border.
    fn neighbours(&self) -> BTreeMap<RegionId, BTreeSet<RegionId>> {
        let regions = RegionTree::builtin();
        let mut sides: BTreeMap<i64, BTreeSet<RegionId>> = BTreeMap::new();
        for geometry in &self.objects.counties.geometries {
            let Some(region) = regions.known(&format!("US-{}", geometry.id)) else { continue };
            let rings: Vec<&Vec<i64>> = match &geometry.rings {
                Rings::Polygon(rings) => rings.iter().collect(),
                Rings::MultiPolygon(all) => all.iter().flatten().collect(),
            };
            for number in rings.into_iter().flatten() {
                sides.entry(if *number < 0 { !number } else { *number }).or_default().insert(region);
            }
        }
        let mut found: BTreeMap<RegionId, BTreeSet<RegionId>> = BTreeMap::new();
        for side in sides.values().filter(|side| side.len() > 1) {
            for region in side {
                found.entry(*region).or_default().extend(side.iter().filter(|other| *other != region));
            }
        }
        found
    }

    fn places(&self, arc: &[[i32; 2]]) -> Vec<Coord<f64>> {
        let [across, up] = self.transform.scale;
        let (mut x, mut y) = (0_i32, 0_i32);
        let place = |[dx, dy]: &[i32; 2]| {
            x = x.saturating_add(*dx);
            y = y.saturating_add(*dy);
            Coord { x: f64::from(x) * across, y: f64::from(y) * up }
        };
        arc.iter().map(place).collect()
    }
}

fn ring_of(arcs: &[Vec<Coord<f64>>], ring: &[i64]) -> LineString<f64> {
    let mut places: Vec<Coord<f64>> = Vec::new();
    for number in ring {
        let backwards = *number < 0;
        let at = usize::try_from(if backwards { !number } else { *number });
        let Some(arc) = at.ok().and_then(|at| arcs.get(at)) else { continue };
        // Each arc begins where the one before it ended.
        let skip = usize::from(!places.is_empty());
        if backwards {
            places.extend(arc.iter().rev().skip(skip));
        } else {
            places.extend(arc.iter().skip(skip));
        }
    }
    LineString::new(places)
}

/// The counties that a shape touches, each with how much of it lies inside, from 0 to 1.
///
/// # Errors
/// The shape has more corners than are looked at.
pub fn touched(shape: &Shape) -> Result<Vec<(RegionId, f64)>, Refusal> {
    let polygon = match shape {
        Shape::Circle { lon, lat, radius } if *radius <= 0.0 => {
            let place = Point::new(*lon, *lat);
            let inside = counties().iter().filter(|county| county.outline.contains(&place));
            return Ok(inside.map(|county| (county.region, 0.0)).collect());
        }
        Shape::Circle { lon, lat, radius } => circle(Point::new(*lon, *lat), *radius),
        Shape::Polygon(ring) => Polygon::new(smoothed(ring), Vec::new()),
    };
    if polygon.exterior().0.len() > MOST_CORNERS {
        return Err(Refusal::TooMany { what: "corners of an outline", most: MOST_CORNERS });
    }
    let (Some(bounds), whole) = (polygon.bounding_rect(), polygon.unsigned_area()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for county in counties().iter().filter(|county| county.bounds.intersects(&bounds)) {
        let common = county.outline.intersection(&polygon).unsigned_area();
        let of_county = common / county.size;
        let of_shape = if whole > 0.0 { common / whole } else { 0.0 };
        if of_county >= LEAST_OF_COUNTY || of_shape >= LEAST_OF_SHAPE {
            found.push((county.region, of_county.min(1.0)));
        }
    }
    Ok(found)
}

/// The ring without corners that lie closer to the one before than any outline is exact.
fn smoothed(ring: &[(f64, f64)]) -> LineString<f64> {
    let mut kept: Vec<Coord<f64>> = Vec::new();
    for (x, y) in ring {
        let close = kept.last().is_some_and(|last| (last.x - x).abs() < SMOOTHED && (last.y - y).abs() < SMOOTHED);
        if !close {
            kept.push(Coord { x: *x, y: *y });
        }
    }
    if kept.len() < 4 { ring.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect() } else { LineString::new(kept) }
}

/// A circle on the earth as a polygon of 72 corners.
fn circle(centre: Point<f64>, kilometres: f64) -> Polygon<f64> {
    let corner = |at: u8| Haversine.destination(centre, f64::from(at) * 5.0, kilometres * 1_000.0);
    let ring: LineString<f64> = (0..=72_u8).map(corner).map(Coord::from).collect();
    Polygon::new(ring, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(shape: &Shape) -> Vec<String> {
        let regions = RegionTree::builtin();
        touched(shape).unwrap().into_iter().map(|(region, _)| regions.name(region).to_owned()).collect()
    }

    #[test]
    fn counties_have_outlines_but_for_one_city_some_islands_and_what_older_counties_stand_for() {
        let regions = RegionTree::builtin();
        let outlined: std::collections::BTreeSet<RegionId> = counties().iter().map(|county| county.region).collect();
        let county = |id: &RegionId| regions.code(*id).starts_with("US-") && regions.code(*id).len() == 8;
        let without = regions.ids().filter(county).filter(|id| !outlined.contains(id) && regions.is_current(*id));
        let codes: Vec<&str> = without.map(|id| regions.code(id)).collect();
        // Outlined as Valdez-Cordova and as the counties of Connecticut, whose codes stand for those that succeeded them.
        let (succeeded, others): (Vec<&str>, Vec<&str>) =
            codes.into_iter().partition(|code| code.starts_with("US-02") || code.starts_with("US-09"));
        assert_eq!(succeeded.len(), 11);
        // Falls Church; Rose and Swains Island; Midway.
        assert_eq!(others, ["US-51610", "US-60030", "US-60040", "US-74300"]);
    }

    #[test]
    fn a_place_lies_in_its_county() {
        // Houston, Miami, Honolulu, Anchorage.
        for (lon, lat, name) in [
            (-95.37, 29.76, "Harris County"),
            (-80.21, 25.79, "Miami-Dade County"),
            (-157.86, 21.33, "Honolulu County"),
            (-149.9, 61.19, "Anchorage Municipality"),
        ] {
            assert_eq!(names(&Shape::Circle { lon, lat, radius: 0.0 }), [name]);
        }
        assert!(names(&Shape::Circle { lon: 113.6, lat: 34.7, radius: 0.0 }).is_empty());
    }

    #[test]
    fn a_square_across_a_border_touches_both_sides() {
        // The corner of Harris and Fort Bend counties south-west of Houston.
        let (w, s, e, n) = (-95.75, 29.6, -95.45, 29.75);
        let found = names(&Shape::Polygon(vec![(w, s), (e, s), (e, n), (w, n), (w, s)]));
        assert_eq!(found, ["Fort Bend County", "Harris County"]);
    }
}
