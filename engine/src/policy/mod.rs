//! Relief policies: the document, the facts it may name, and its compiled form.

pub mod document;
pub mod facts;
