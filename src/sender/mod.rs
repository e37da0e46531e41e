//! What goes to people: one file per sender.

pub mod file;
pub mod webhook;

use crate::secret::Hidden;

/// Takes one-time codes to phones.
pub trait CodeSender: Send + Sync {
    /// Sends a code. It should return at once (put it in a queue): how long it takes tells whether the phone is known.
    ///
    /// # Errors
    /// It cannot be sent. The reason goes to the log, so it must hold neither phone nor code.
    fn send(&self, phone: &Hidden<String>, code: &Hidden<String>, language: Option<&str>) -> Result<(), String>;
}
