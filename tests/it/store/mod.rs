//! The tables: what the migrations make, and databases from before.

mod schema;
mod upgrade;
