//! Care: alerts from outside become drafts of declarations, which wait for a care lead.
//!
//! ```text
//! feeding (files, folders, addresses) ─► bytes
//!
//! bytes ─► reading (read, known?, placed) ─► taking ─► draft (one for each incident of a sender)
//!                                              │          └─ gathering: under one event
//!                                              └─► refused, by name
//! draft ─► edited ─► confirmed ─► declaration ◄─ amended, where a person accepts what the sender changed since
//!       └► dropped, withdrawn
//! ```
//!
//! Nothing here declares or opens anything by itself.

pub mod confirming;
pub mod drafting;
pub mod feeding;
pub mod gathering;
pub mod proposing;
pub mod reading;
pub mod taking;

pub use crate::store::alert::{AlertRow, RefusalRow};
pub use crate::store::draft::{DraftRow, Of};
pub use crate::store::feed::FeedRow;
pub use crate::store::proposal::ProposalRow;
