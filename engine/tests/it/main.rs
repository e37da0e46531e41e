//! The engine's tests from outside: policies, accounts and declarations in, decisions out.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod addresses;
mod again;
mod cases;
mod check;
mod deferral;
mod direct;
mod draws;
mod explained;
mod generated;
mod interest;
mod kept;
mod plans;
mod properties;
mod scenario;
mod stacking;
mod time;
mod unknown;
mod waiver;
