//! The service, on both databases.

pub mod books;
mod cash;
pub mod delivery;
pub mod desk;
mod drills;
mod hand_over;
mod imports;
mod many;
mod periods;
mod policies;
mod previews;
pub mod referrals;
mod relief;
mod standing;
mod totals;
