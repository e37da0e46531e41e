//! Relief: who gets what, and what it costs.

pub mod preview;
pub mod replay;
