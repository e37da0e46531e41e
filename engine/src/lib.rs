//! The engine of Forbear.
#![cfg_attr(test, allow(clippy::as_conversions))]

pub mod account;
pub mod cost;
pub mod dates;
pub mod declaration;
pub mod money;
pub mod policy;
pub mod rate;
pub mod region;
pub mod schedule;
pub mod text;
