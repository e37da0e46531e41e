//! The service, on both databases.

pub mod delivery;
pub mod desk;
mod drills;
mod hand_over;
mod imports;
mod policies;
mod previews;
mod relief;
mod standing;
