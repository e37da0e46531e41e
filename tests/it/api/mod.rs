//! The API over real HTTP, on both databases.

mod access;
mod app;
mod cash;
mod demo;
mod documented;
mod killed;
mod limits;
mod lists;
mod program;
mod races;
mod reviews;
mod session;
mod tour;
