//! A file of alerts of any format.

use super::alert::{Alert, Format, Refusal};
use super::{cap, fema, nws, usgs};

/// What a file came to.
#[derive(Debug)]
pub struct Batch {
    /// Its format.
    pub format: Format,
    /// Its alerts in order; one that cannot be read stands in its place.
    pub alerts: Vec<Result<Alert, Refusal>>,
    /// Messages that tell of no disaster: earthquakes too weak to matter.
    pub slight: usize,
}

/// Reads a file; its format is told from its content.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Batch, Refusal> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if fema::is_list(start) {
        return Ok(Batch { format: Format::OpenFema, alerts: fema::read(bytes)?, slight: 0 });
    }
    if start.first() != Some(&b'{') {
        return Ok(Batch { format: Format::Cap, alerts: cap::read(bytes)?, slight: 0 });
    }
    // The USGS names itself in the first lines of its feed and in every feature.
    let head = start.get(..start.len().min(4_096)).unwrap_or_default();
    if memchr::memmem::find(head, b"earthquake.usgs.gov").is_some() {
        let quakes = usgs::read(bytes)?;
        return Ok(Batch { format: Format::Usgs, alerts: quakes.alerts, slight: quakes.slight });
    }
    Ok(Batch { format: Format::Nws, alerts: nws::read(bytes)?, slight: 0 })
}
