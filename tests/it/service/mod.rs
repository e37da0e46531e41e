//! The service, on both databases.

pub mod desk;
mod drills;
mod relief;
