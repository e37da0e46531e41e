//! The service, on both databases.

mod appeals;
pub mod books;
mod cash;
pub mod delivery;
pub mod desk;
mod drills;
pub mod evidence;
mod hand_over;
pub mod holds;
mod imports;
pub mod many;
pub mod orders;
mod periods;
mod policies;
mod previews;
pub mod referrals;
mod relief;
pub mod rounds;
mod samples;
mod standing;
mod thresholds;
mod totals;
