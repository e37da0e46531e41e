//! Use cases, by noun: load, decide, save.

pub mod relief;
