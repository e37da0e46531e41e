//! The lender's pages over plain HTTP: who sees them, what they say, what their forms do.

mod browser;
mod finance;
mod imports;
mod judging;
mod messages;
mod policies;
mod queue;
mod relief;
