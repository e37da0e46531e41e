//! The one integration test program.
#![allow(missing_docs, clippy::as_conversions)]

mod books;
mod check;
mod decide;
mod docs;
mod openfema;
mod policies;
mod shipped_declarations;
