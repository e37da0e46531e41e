//! Eligibility and the choice of rules, compiled: for one account, or column by column for many.
//!
//! A policy is bound to a declaration, a day and a request once. Then every fact is a slot of coded values, every
//! literal a code, every declared region an entry of a table; what does not depend on the account is settled. What is
//! left runs on one account or on columns, with the same meaning as [`super::truth`], which it falls back to for what
//! has no code (several borrowers, a date that depends on the account, facts set by hand).
//!
//! ```text
//! cell   a value as a code          check    a test over codes
//! plan   a policy bound to a run    quick    fact and test in one
//! sweep  many of them at a glance   shape    a condition over their bits
//! screen one account: the verdict    scratch  what is kept meanwhile, trace bits too; nothing is allocated
//! column many accounts' values      block    the same verdicts, 2,048 accounts at a time
//! plane  a bit for each of them
//! ```

mod block;
mod cell;
mod check;
mod column;
mod plan;
mod plane;
mod quick;
mod scratch;
mod screen;
mod shape;
mod sweep;

pub use block::{Block, Blocks, Planes};
pub use column::{BLOCK, Columns};
pub use plan::Plan;
pub use plane::Plane;
pub use scratch::Scratch;
pub use screen::Verdict;
