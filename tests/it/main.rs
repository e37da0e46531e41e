//! The one integration test program.

mod openfema;
mod shipped_declarations;
