//! The command line: one file per command.

pub mod sample;
pub mod test;
