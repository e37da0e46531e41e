//! The one integration test program.
#![allow(missing_docs, clippy::as_conversions)]

mod books;
mod openfema;
mod preview;
mod shipped_declarations;
