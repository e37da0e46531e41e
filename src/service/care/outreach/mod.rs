//! Outreach: what the lender tells people of its own accord, and whom it leaves in peace.
//!
//! ```text
//! template ─► campaign (previewed, runs, ends with its channel)
//!                │ building: people in the hit areas, each once
//!                ▼
//!             messages ─► sending (quiet hours, opt-outs, so many a week) ─► sender ─► receipt
//!                └─► suppressed, with the reason
//! ```

mod building;
pub mod campaign;
pub mod inbox;
pub mod opt_out;
mod peace;
pub mod progress;
pub mod receipt;
pub mod sending;
pub mod settings;
pub mod short;
pub mod template;

pub use crate::store::campaign::CampaignRow;
pub use crate::store::message::MessageRow;
pub use crate::store::opt_out::OptOutRow;
