//! Declarations: a statement that a disaster hit areas in an incident period.

pub mod kind;

pub use kind::{Designation, Kind, Severity};
