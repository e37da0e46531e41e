//! The service, on both databases.

mod cash;
pub mod delivery;
pub mod desk;
mod drills;
mod relief;
