//! Relief policies: the document, the facts it may name, and its compiled form.

pub mod check;
pub mod compile;
pub mod document;
mod fact_group;
pub mod facts;
mod nearest;
pub mod partition;
pub mod problem;
pub mod program;

pub use document::Policy;
pub use program::Program;
