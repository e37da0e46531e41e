//! Outreach: what the lender tells people of its own accord, and whom it leaves in peace.

pub mod opt_out;

pub use crate::store::opt_out::OptOutRow;
