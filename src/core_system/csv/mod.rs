//! CSV: one record a line; the rows of one account stand together, its `account` row first.
//!
//! A row becomes an object of the JSON form by one table (`columns`), and the account is then read as JSON is,
//! so that both forms mean the same.

mod columns;
mod line;
mod read;
mod write;

pub use read::Reader;
pub use write::{Writer, write_csv};
