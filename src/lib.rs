//! Forbear: relief for borrowers after a disaster.

pub mod cli;
pub mod core_system;
pub mod feed;
pub mod service;
