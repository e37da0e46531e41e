//! Outlines drawn flat, for a map beside a list: an equirectangular projection, in which a degree of longitude is as long as it is in
//! the middle of what is drawn.

use std::fmt::Write;

use forbear_engine::region::{RegionId, RegionTree};
use geo::{Coord, LineString};

use super::outline::counties;
use crate::feed::alert::Shape;

/// A ring of longitude and latitude.
pub type Ring = Vec<(f64, f64)>;

/// How wide a sketch is; how high, it is between these.
const WIDTH: f64 = 1_000.0;
const LOWEST: f64 = 260.0;
const HIGHEST: f64 = 760.0;
/// Free space around what is drawn.
const MARGIN: f64 = 20.0;
/// Kilometres in a degree of latitude.
const DEGREE: f64 = 111.2;
/// Corners of a circle.
const CORNERS: u8 = 36;

/// What is drawn, in whole numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// How wide.
    pub width: String,
    /// How high.
    pub height: String,
    /// For each that was given, its path as in SVG, and where its middle is.
    pub figures: Vec<(String, [String; 2])>,
}

/// The rings of an alert's shape.
#[must_use]
pub fn of_shape(shape: &Shape) -> Vec<Ring> {
    match shape {
        Shape::Polygon(ring) => vec![ring.clone()],
        Shape::Circle { lon, lat, radius } => {
            let high = radius / DEGREE;
            let wide = high / lat.to_radians().cos().max(0.01);
            let corner = |at: u8| {
                let angle = (f64::from(at) * 360.0 / f64::from(CORNERS)).to_radians();
                (lon + wide * angle.cos(), lat + high * angle.sin())
            };
            vec![(0..CORNERS).map(corner).collect()]
        }
    }
}

/// The rings of a region, as far as there are outlines: of counties of the United States, and of states by theirs.
#[must_use]
pub fn of_region(region: RegionId) -> Vec<Ring> {
    let tree = RegionTree::builtin();
    let ring = |line: &LineString<f64>| line.0.iter().map(|Coord { x, y }| (*x, *y)).collect::<Ring>();
    let inside = counties().iter().filter(|county| tree.is_within(county.region, region));
    inside.flat_map(|county| county.outline.0.iter().map(|polygon| ring(polygon.exterior()))).collect()
}

/// The least and the most of some numbers; none of none.
fn bounds(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |found, number| {
        Some(found.map_or((number, number), |(least, most): (f64, f64)| (least.min(number), most.max(number))))
    })
}

/// Draws figures together; none where there is nothing to draw.
#[must_use]
pub fn draw(figures: &[Vec<Ring>]) -> Option<Sketch> {
    let points = || figures.iter().flatten().flatten();
    let (west, east) = bounds(points().map(|(lon, _)| *lon))?;
    let (south, north) = bounds(points().map(|(_, lat)| *lat))?;
    let shrink = f64::midpoint(south, north).to_radians().cos().max(0.01);
    let (wide, high) = (((east - west) * shrink).max(0.05), (north - south).max(0.05));
    let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((HIGHEST - 2.0 * MARGIN) / high);
    let height = (high * scale + 2.0 * MARGIN).clamp(LOWEST, HIGHEST);
    let (left, top) = ((WIDTH - wide * scale) / 2.0, (height - high * scale) / 2.0);
    let place = |(lon, lat): &(f64, f64)| (left + (lon - west) * shrink * scale, top + (north - lat) * scale);
    let figure = |rings: &Vec<Ring>| {
        let placed: Vec<Ring> = rings.iter().map(|ring| ring.iter().map(place).collect()).collect();
        let middle = |of: fn(&(f64, f64)) -> f64| {
            let (least, most) = bounds(placed.iter().flatten().map(of)).unwrap_or_default();
            format!("{:.0}", f64::midpoint(least, most))
        };
        (path(&placed), [middle(|point| point.0), middle(|point| point.1)])
    };
    Some(Sketch {
        width: format!("{WIDTH:.0}"),
        height: format!("{height:.0}"),
        figures: figures.iter().map(figure).collect(),
    })
}

fn path(rings: &[Ring]) -> String {
    let mut path = String::new();
    for ring in rings {
        let mut last = String::new();
        for (x, y) in ring {
            let corner = format!("{x:.0} {y:.0}");
            if corner == last {
                continue;
            }
            // Writing to a string does not fail.
            let _ = write!(path, "{}{corner}", if last.is_empty() { "M" } else { "L" });
            last = corner;
        }
        path.push('Z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_up_and_a_degree_is_as_long_as_it_is_there() {
        // Two degrees wide and one high at the equator: 960 wide between the margins, so 480 high.
        let ring = vec![(10.0, -0.5), (12.0, -0.5), (12.0, 0.5), (10.0, 0.5), (10.0, -0.5)];
        let sketch = draw(&[vec![ring]]).unwrap();
        assert_eq!((sketch.width.as_str(), sketch.height.as_str()), ("1000", "520"));
        let drawn = ("M20 500L980 500L980 20L20 20L20 500Z".to_owned(), ["500".to_owned(), "260".to_owned()]);
        assert_eq!(sketch.figures, [drawn]);
        // At 60 degrees a degree of longitude is half as long: two of them are as wide as one of latitude is high.
        let north = vec![(10.0, 59.5), (12.0, 59.5), (12.0, 60.5), (10.0, 60.5)];
        assert_eq!(draw(&[vec![north]]).unwrap().figures[0].0, "M140 740L860 740L860 20L140 20Z");
        assert_eq!(draw(&[Vec::new()]), None);
    }

    #[test]
    fn circles_and_counties_have_outlines() {
        let rings = of_shape(&Shape::Circle { lon: 100.0, lat: 0.0, radius: 111.2 });
        let (west, east) = bounds(rings[0].iter().map(|(lon, _)| *lon)).unwrap();
        assert!((west - 99.0).abs() < 1e-9 && (east - 101.0).abs() < 1e-9, "{west} {east}");
        let harris = RegionTree::builtin().find("US-48201").unwrap();
        assert!(!of_region(harris).is_empty());
        let zhengzhou = RegionTree::builtin().find("CN-410100").unwrap();
        assert!(of_region(zhengzhou).is_empty());
    }
}
