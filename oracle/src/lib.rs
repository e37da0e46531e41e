//! The oracle: a second evaluator, deliberately naive and slow, and adversarial cases on which the engine must agree
//! with it. For tests only.
//!
//! ```text
//! generate   one number in, one whole input of a decision out: policies, declarations, account, history, …
//! naive      the second evaluator
//! run        both on many seeds, laid side by side by differences
//! statistics what the cases meet, and how often
//! ```
//!
//! Of the engine it takes the documents (what comes in and what goes out) and nothing that computes.
// A panic here is a failed test, and what is written here is never shipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    clippy::unreachable,
    clippy::explicit_auto_deref
)]

pub mod dice;
pub mod differences;
pub mod generate;
pub mod naive;
pub mod run;
pub mod statistics;
