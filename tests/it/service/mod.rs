//! The service, on both databases.

mod desk;
mod relief;
