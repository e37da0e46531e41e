//! Forbear: relief for borrowers after a disaster.
//!
//! ```text
//! cli ─► web ─► api ─► service ─► store          arrows point downward only; docs/architecture.md is the map
//!                  │  └──► core_system, feed, sender, secret, clock
//!                  └─────► forbear_engine (pure)
//! ```

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core_system;
pub mod feed;
pub mod secret;
pub mod sender;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;
