//! JSON over HTTP: one file for each resource, all received at one desk that holds every route against one table.

pub mod accounts;
pub mod audit;
pub mod budgets;
pub mod cash;
pub mod decisions;
pub mod declarations;
pub mod desk;
pub mod grants;
pub mod health;
pub mod instructions;
pub mod journal;
pub mod limits;
pub mod me;
pub mod metrics;
pub mod persons;
pub mod policies;
pub mod problem;
pub mod reports;
pub mod requests;
pub mod reviews;
pub mod rules;
pub mod serve;
pub mod session;
pub mod shape;
