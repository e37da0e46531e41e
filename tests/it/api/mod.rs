//! The API over real HTTP, on both databases.

mod access;
mod app;
mod documented;
mod killed;
mod races;
mod reviews;
mod session;
mod tour;
