//! Benefits: what a rule grants, worked out in money and dates. One file per benefit; each returns adjustments and
//! changes nothing itself.

pub mod credit;
pub mod defer;
pub mod draw;
pub mod extend_window;
pub mod given;
pub mod goodwill;
pub mod ground;
pub mod hold;
pub mod rate;
pub mod rows;
pub mod suspend;
pub mod terms;
pub mod waive;

pub use given::Given;
pub use ground::{Effect, EngineError, Ground};
