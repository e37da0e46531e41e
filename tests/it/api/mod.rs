//! The API over real HTTP, on both databases.

mod access;
mod app;
mod killed;
mod races;
mod tour;
