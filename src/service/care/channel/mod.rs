//! Emergency channels: hotline, queue, key word and page for a declaration.
//!
//! ```text
//! prepare ─► standby ─► (approve, by a second person) ─► open ─► standing down ─► closed
//!            edit, preview                                │ ▲     by itself or by a person
//!                                                         └─┘ extended
//! ```
//!
//! What changes is published to subscribers in the same transaction; the outbox delivers it.

pub mod hours;
pub mod level;
pub mod opening;
pub mod preparing;
pub mod publishing;
pub mod settings;
pub mod turning;

pub use crate::store::channel::{ChannelRow, Of};
pub use crate::store::notice::NoticeRow;
