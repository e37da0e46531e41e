//! The service, on both databases.

pub mod desk;
mod relief;
