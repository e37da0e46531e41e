//! The command line: one file per command, and what several of them share: `inputs` (files, request), `answer`,
//! `problems`, `sheet` and `table` (how it is printed).

use std::io::{self, Write};

use chrono::NaiveDate;

pub mod alerts;
pub mod answer;
pub mod check;
pub mod choice;
pub mod config;
pub mod contact_guard;
pub mod decide;
pub mod declaration;
pub mod demo;
pub mod explain;
pub mod facts;
pub mod import;
pub mod inputs;
pub mod instructions;
pub mod keys;
pub mod navigator;
pub mod preview;
pub mod problems;
pub mod replay;
pub mod report;
pub mod sample;
pub mod schema;
pub mod serve;
pub mod service;
pub mod sheet;
pub mod table;
pub mod test;
pub mod token;
pub mod user;
pub mod verify;

/// A day on the command line.
///
/// # Errors
/// It is not a day: how one is written.
pub fn day(text: &str) -> Result<NaiveDate, &'static str> {
    text.parse().map_err(|_| "write a day that exists as year, month and day, such as 2026-06-01")
}

/// Prints a text that ends in a line break.
///
/// # Errors
/// Standard output is closed.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whether an error says no more than that nobody reads the output any longer.
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(closed))
}
