//! An account: one instalment loan as the lender's core system last reported it.
//!
//! [`snapshot`] is the contract with the core system; what is not reported is absent, never zero.

pub mod snapshot;

pub use snapshot::Account;
