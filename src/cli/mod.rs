//! The command line: one file per command.

pub mod preview;
pub mod sample;
