//! The API over real HTTP, on both databases.

mod access;
pub mod app;
mod canaries;
mod care;
mod cash;
mod demo;
mod documented;
mod durable;
mod evidence;
mod imports;
mod killed;
mod limits;
mod lists;
mod navigator;
mod periods;
mod policies;
mod program;
mod races;
mod reviews;
mod session;
mod tour;
mod traces;
