//! The service, on both databases.

pub mod delivery;
pub mod desk;
mod drills;
mod policies;
mod previews;
mod relief;
