//! Forbear: relief for borrowers after a disaster.

pub mod feed;
