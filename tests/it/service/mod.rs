//! The service, on both databases.

mod delivery;
pub mod desk;
mod drills;
mod relief;
