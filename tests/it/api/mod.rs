//! The API over real HTTP, on both databases.

mod access;
mod app;
mod races;
mod tour;
