//! The regions that an alert is about: by its codes first, else by its outlines; what neither tells is for a person.

pub mod near;
pub mod outline;
pub mod sketch;

use std::collections::BTreeMap;

use forbear_engine::region::{RegionId, RegionTree};

use super::alert::{Alert, AlertArea, Refusal};

/// Where an alert lies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Placed {
    /// Regions, by code; each once.
    pub regions: BTreeMap<RegionId, By>,
    /// What could not be matched, in the alert's words.
    pub left: Vec<String>,
}

/// How a region was found.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// By a code of the alert.
    Code {
        /// The system that the alert names: `SAME`.
        system: String,
        /// The code.
        code: String,
    },
    /// Its outline and the alert's have this share of the region in common, from 0 to 1.
    Outline(f64),
}

/// Finds the regions of an alert.
///
/// # Errors
/// An outline has more corners than are looked at.
pub fn place(alert: &Alert) -> Result<Placed, Refusal> {
    let mut placed = Placed::default();
    for area in &alert.areas {
        let (found, unknown) = by_codes(area);
        let coded = !found.is_empty();
        for (region, by) in found {
            placed.regions.entry(region).or_insert(by);
        }
        if coded {
            placed.left.extend(unknown);
            continue;
        }
        let mut outlined = false;
        for shape in &area.shapes {
            for (region, share) in outline::touched(shape)? {
                outlined = true;
                let known = placed.regions.entry(region).or_insert(By::Outline(share));
                if let By::Outline(most) = known {
                    *most = most.max(share);
                }
            }
        }
        if !outlined {
            let words = if area.description.is_empty() { "an area without a name" } else { area.description.as_str() };
            let words = words.chars().take(200).collect();
            if !placed.left.contains(&words) {
                placed.left.push(words);
            }
        }
    }
    Ok(placed)
}

/// Regions by the codes of an area, and codes of known systems that name none.
fn by_codes(area: &AlertArea) -> (Vec<(RegionId, By)>, Vec<String>) {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for (system, code) in &area.geocodes {
        match region(system, code) {
            Some(Some(region)) => found.push((region, By::Code { system: system.clone(), code: code.clone() })),
            Some(None) => unknown.push(format!("{system} {code}")),
            None => {}
        }
    }
    (found, unknown)
}

/// The region of a code: `None` for systems that name no regions of ours.
fn region(system: &str, code: &str) -> Option<Option<RegionId>> {
    let regions = RegionTree::builtin();
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    match system {
        // PSSCCC: a part of a county, the state, the county; 000 for the whole state (47 CFR 11.31(c)).
        "SAME" | "FIPS6" => {
            let (state, county) = Some(code).filter(|code| code.len() == 6 && digits)?.get(1..)?.split_at_checked(2)?;
            let whole = county == "000";
            Some(if whole {
                regions.known(&format!("US-{state}"))
            } else {
                regions.known(&format!("US-{state}{county}"))
            })
        }
        // TXC201 is a county, TXZ213 a forecast zone (NWS Instruction 10-1702).
        "UGC" => {
            let (state, rest) = code.split_at_checked(2)?;
            let county = rest.strip_prefix('C').filter(|county| county.len() == 3)?;
            let state = regions.code(regions.state(state)?);
            Some(if county == "000" { regions.known(state) } else { regions.known(&format!("{state}{county}")) })
        }
        // Codes of GB/T 2260, as six digits or with six more for town and village.
        _ if ["行政区划", "GB/T 2260", "GB2260", "AreaCode", "areaCode"].iter().any(|name| system.contains(name)) =>
        {
            let county = Some(code).filter(|_| digits && matches!(code.len(), 6 | 9 | 12))?.get(..6)?;
            Some(regions.known(&format!("CN-{county}")))
        }
        _ => None,
    }
}
