//! Alerts from feeds: what they come to, where they lie, and what is refused by name.

mod cap;
mod geojson;
pub mod hostile;

use forbear::feed::alert::{Alert, Refusal};
use forbear::feed::batch;
use forbear::feed::place::{By, place};
use forbear_engine::region::RegionTree;

/// The alerts of a file that can be read.
fn read(text: &str) -> Vec<Alert> {
    batch::read(text.as_bytes()).unwrap().alerts.into_iter().map(Result::unwrap).collect()
}

/// The one alert of a file.
fn one(text: &str) -> Alert {
    let mut all = read(text);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// Why a file, or the one alert in it, is refused.
fn refusal(bytes: &[u8]) -> Option<Refusal> {
    match batch::read(bytes) {
        Err(refusal) => Some(refusal),
        Ok(batch) => batch.alerts.into_iter().find_map(Result::err),
    }
}

/// The regions of an alert: code, and `code` or `outline`; then what is left for a person.
fn placed(alert: &Alert) -> (Vec<(String, &'static str)>, Vec<String>) {
    let placed = place(alert).unwrap();
    let how = |by: &By| if matches!(by, By::Code { .. }) { "code" } else { "outline" };
    let code = |(region, by)| (RegionTree::builtin().code(region).to_owned(), how(&by));
    (placed.regions.into_iter().map(code).collect(), placed.left)
}
