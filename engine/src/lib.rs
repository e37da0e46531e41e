//! The engine of Forbear: relief policies in, explained decisions out.
//!
//! One pure function, [`decide::decide`], and everything that it stands on. No input or output, no clock, no
//! randomness, no log: the same inputs give the same bytes on every machine.
//!
//! ```text
//! policy text ─► policy::check ─► policy::compile ─► Program ─┐
//! declaration ─► Declaration::as_of ─────────────► Declared ──┤
//! account ─────► Account ─► Position (+ history) ─────────────┼─► decide ─► Decision
//! request, history, context ──────────────────────────────────┘
//!
//! inside decide:  facts ─► truth ─► settle ─► questions        per policy and event
//!                 limits ─► combine ─► benefit ─► adjustment   all policies together
//!                 totals ─► approval ─► receipt
//! ```
//!
//! What always holds:
//! - Money is whole minor units of one currency, with checked arithmetic; every rounding is written down.
//! - What is not reported is absent, never zero; a condition over it is unknown, never guessed.
//! - A benefit returns adjustments and changes nothing; adjustments are data and can be undone exactly.
//! - A deferral never changes the sum of principal, except by what it capitalises.
//! - No schedule date lies before the incident start because of relief.
//!
//! From the ground up: [`money`], [`rate`], [`dates`], [`text`], [`digest`]; [`region`], [`declaration`];
//! [`schedule`], [`cost`]; [`account`], [`adjustment`], [`history`], [`request`]; [`policy`], [`context`];
//! [`facts`], [`reason`]; [`benefit`]; [`decide`]; [`cases`], [`explain`].
#![cfg_attr(test, allow(clippy::as_conversions))]

pub mod account;
pub mod adjustment;
pub mod benefit;
pub mod cases;
pub mod context;
pub mod cost;
pub mod dates;
pub mod decide;
pub mod declaration;
pub mod digest;
pub mod explain;
pub mod facts;
pub mod history;
pub mod money;
pub mod policy;
pub mod rate;
pub mod reason;
pub mod region;
pub mod request;
pub mod schedule;
pub mod text;
