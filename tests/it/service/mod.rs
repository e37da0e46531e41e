//! The service, on both databases.

pub mod books;
pub mod delivery;
pub mod desk;
mod drills;
mod many;
mod periods;
mod relief;
mod totals;
