//! Declarations and alerts from outside, one file per format.
//!
//! ```text
//! cap  nws (vtec)  usgs ─► alert ─► place (codes, outlines) ─► regions
//!  xml   geojson            hazard: kind and severity by one table
//! openfema ─► declarations; by a feed (fema) ─► alert
//! ```
#![allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    reason = "degrees and kilometres on the earth, never money"
)]

pub mod alert;
pub mod batch;
pub mod cap;
pub mod fema;
pub mod geojson;
pub mod hazard;
pub mod nws;
pub mod openfema;
pub mod place;
pub mod source;
pub mod usgs;
pub mod vtec;
pub mod xml;
