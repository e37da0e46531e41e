//! What every engine of the comparison offers.

use anyhow::Result;

use crate::policy::Answer;

/// The form in which an account is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the engine's own value in memory, made beforehand.
    Loaded,
    /// The same, and the engine writes down how it came to the answer.
    Traced,
    /// As JSON text, parsed each time.
    Text,
}

impl Form {
    pub const ALL: [Self; 3] = [Self::Loaded, Self::Traced, Self::Text];

    pub fn name(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Traced => "with trace",
            Self::Text => "from JSON text",
        }
    }
}

/// An engine with its policy and all accounts.
pub trait Peer {
    fn name(&self) -> String;

    /// Whether it can do a form.
    fn can(&self, form: Form) -> bool;

    /// Answers for every account, in order.
    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()>;
}
