//! The one integration test program.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

/// What the program takes its memory from.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

mod access;
mod alerts;
mod api;
mod books;
mod care;
mod check;
mod contact;
mod databases;
mod decide;
mod docs;
mod drill;
mod hostile;
mod kept;
mod model;
mod openfema;
mod outreach;
mod pages;
mod pages_care;
mod pages_cases;
mod policies;
mod preview;
mod service;
mod shipped_declarations;
mod store;
mod tidy;
mod web;
