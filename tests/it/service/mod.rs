//! The service, on both databases.

pub mod delivery;
pub mod desk;
mod drills;
pub mod referrals;
mod relief;
