//! Declarations: a statement that a disaster hit areas in an incident period.
//!
//! ```text
//! document  the JSON form, amended by numbered amendments, never edited
//! check     what is wrong with a document, each with its place
//! declared  what is declared on a day: the document after its amendments, ready for look-ups
//! kind      kinds of disaster, severities, designations
//! ```

mod check;
mod declared;
mod document;
pub mod kind;

pub use check::Problem;
pub use declared::{Declared, DeclaredArea, Designated, MOST_MARKS, Marks};
pub use document::{Amendment, Area, Declaration, Incident, IncidentEnd, Open, Source};
pub use kind::{Designation, Kind, Severity};
