//! The engine of Forbear.
#![cfg_attr(test, allow(clippy::as_conversions))]

pub mod account;
pub mod adjustment;
pub mod benefit;
pub mod cases;
pub mod context;
pub mod cost;
pub mod dates;
pub mod decide;
pub mod declaration;
pub mod digest;
pub mod history;
pub mod money;
pub mod policy;
pub mod rate;
pub mod region;
pub mod request;
pub mod schedule;
pub mod text;
