//! The command line: one file per command.

pub mod check;
pub mod report;
pub mod sample;
pub mod schema;
pub mod test;
