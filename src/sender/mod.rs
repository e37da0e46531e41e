//! What goes to people: one file per sender.

pub mod file;
pub mod gateway;
pub mod smtp;
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

/// A message to somebody.
#[derive(Debug)]
pub struct Letter<'a> {
    /// The name under which it goes out: the same at every attempt, so that whoever has it already sends it no second time.
    pub name: &'a str,
    /// Where it goes.
    pub phone: &'a Hidden<String>,
    /// What it says.
    pub text: &'a str,
    /// In which language.
    pub language: &'a str,
    /// When it is sent, in seconds since 1970.
    pub seconds: i64,
}

/// Why a message was not taken. It goes to the log, so it holds neither phone nor text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It may be later.
    Later(String),
    /// It never will be.
    Never(String),
}

/// Takes messages to people.
pub trait MessageSender: Send + Sync {
    /// Sends a message.
    ///
    /// # Errors
    /// It was not taken, or nobody knows whether it was.
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken>;
}
