//! What the engine says against what is said more simply.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    clippy::float_arithmetic,
    missing_docs
)]

mod agreement;
mod plans;
