//! An account: one instalment loan as the lender's core system last reported it.
//!
//! [`snapshot`] is the contract with the core system; what is not reported is absent, never zero. [`snapshots`] holds the
//! same in codes, and is what deciding reads.

pub mod parts;
pub mod position;
pub mod read;
pub mod snapshot;
pub mod snapshots;
pub mod validate;

pub use parts::Parts;
pub use position::Position;
pub use read::{AccountError, AccountProblem};
pub use snapshot::Account;
pub use snapshots::{OneSnapshot, Snapshot, Snapshots};
