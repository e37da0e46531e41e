//! Deciding: policies, declarations, account, request, history and context in; one explained decision out.

mod area;
pub mod change;
pub mod combine;
pub mod dates;
pub mod decision;
pub mod facts;
pub mod partition;
pub mod questions;
pub mod reason;
pub mod settle;
pub mod truth;
pub mod value;
