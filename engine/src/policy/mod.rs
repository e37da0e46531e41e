//! Relief policies: the document, the facts it may name, and its compiled form.

pub mod document;
pub mod facts;
pub mod program;

pub use document::Policy;
pub use program::Program;
