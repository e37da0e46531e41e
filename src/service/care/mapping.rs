//! Drafts on a map: the outlines that alerts came with, and those of regions, as far as there are any.

use std::collections::BTreeSet;

use forbear_engine::declaration::Area;
use forbear_engine::region::RegionTree;
use serde::Deserialize;

use super::drafting::kept;
use crate::feed::alert::Shape;
use crate::feed::place::sketch::{Ring, draw, of_region, of_shape};
use crate::service::{Served, Service};
use crate::store::alert;
use crate::store::draft::DraftRow;

/// Alerts of a draft that are drawn, at most: the first.
const MOST: i64 = 40;

/// Whose an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// It came with an alert.
    Alert,
    /// It is that of a region.
    Region,
}

/// An outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The draft, by its place among those that were given.
    pub of: usize,
    /// Whose.
    pub whose: Whose,
    /// Its path, as in SVG.
    pub path: String,
    /// Where its middle is.
    pub middle: [String; 2],
}

/// A map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map {
    /// How wide; empty where nothing is drawn.
    pub width: String,
    /// How high.
    pub height: String,
    /// What is drawn.
    pub outlines: Vec<Outline>,
    /// Regions without an outline, by code.
    pub without: BTreeSet<String>,
}

/// An alert's content, as far as it is drawn.
#[derive(Deserialize)]
struct Drawn {
    areas: Vec<DrawnArea>,
}

#[derive(Deserialize)]
struct DrawnArea {
    shapes: Vec<Shape>,
}

impl Service {
    /// Drafts on a map.
    ///
    /// # Errors
    /// The store fails, or what was kept is damaged.
    pub fn map_of(&self, drafts: &[DraftRow]) -> Served<Map> {
        let tree = RegionTree::builtin();
        let (mut figures, mut whose, mut map) = (Vec::new(), Vec::new(), Map::default());
        for (at, row) in drafts.iter().enumerate() {
            let mut regions: Vec<Ring> = Vec::new();
            for area in kept::<Vec<Area>>(&row.areas)? {
                let rings = tree.known(&area.region).map(of_region).unwrap_or_default();
                if rings.is_empty() {
                    map.without.insert(area.region);
                }
                regions.extend(rings);
            }
            let alerts = self.store.read(|conn| alert::page(conn, Some(row.id), 0, MOST))?;
            let mut shapes: Vec<Ring> = Vec::new();
            for alert in alerts {
                let drawn: Drawn = kept(&alert.body)?;
                shapes.extend(drawn.areas.iter().flat_map(|area| &area.shapes).flat_map(of_shape));
            }
            for (rings, of) in [(regions, Whose::Region), (shapes, Whose::Alert)] {
                if !rings.is_empty() {
                    figures.push(rings);
                    whose.push((at, of));
                }
            }
        }
        let Some(sketch) = draw(&figures) else { return Ok(map) };
        let outlines = whose.into_iter().zip(sketch.figures);
        map.outlines = outlines.map(|((of, whose), (path, middle))| Outline { of, whose, path, middle }).collect();
        Ok(Map { width: sketch.width, height: sketch.height, ..map })
    }
}
