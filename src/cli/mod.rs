//! The command line: one file per command.

pub mod declaration;
pub mod demo;
pub mod import;
pub mod preview;
pub mod sample;
