//! Schedule mathematics: what each instalment carries, for each method and day count.
//!
//! - [`terms`]: the words of a contract (method, frequency, rate) and its due dates;
//! - [`interest`]: the interest of one period, with windows in which another rate applies;
//! - [`derive()`]: the rows of a schedule from terms, principal and due dates.
//!
//! Everything here is a function of its arguments, bounded in work, and answers impossible input with an error.

pub mod derive;
pub mod interest;
pub mod terms;

pub use derive::{DerivedRow, Kept, derive, level_instalment};
pub use interest::{RateCalendar, RateWindow, simple_interest};
pub use terms::{Frequency, Method, ScheduleError, Terms};

#[cfg(test)]
mod tests;
