//! The tables: what the migrations make, and databases from before.

mod edition;
mod prepared;
mod schema;
mod upgrade;
