//! The engine of Forbear.
#![cfg_attr(test, allow(clippy::as_conversions))]

pub mod cost;
pub mod dates;
pub mod money;
pub mod rate;
pub mod schedule;
