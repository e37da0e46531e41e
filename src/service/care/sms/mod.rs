//! Text messages that come in: somebody without an app or a page asks for relief, answers what was asked, asks where their case
//! stands, stops messages, or wants a person. In Chinese and English. The answer goes back with the answer to the gateway.
//!
//! ```text
//! receiving (signed? known already? from whom?) ─► hearing (what it says) ─► asking   relief, questions, consent
//!                                                                        ├─► telling  progress
//!                                                                        └─► a person, a complaint, no more messages
//! replying: words, of a length that a phone shows whole
//! ```
//!
//! What was written is not kept. A phone that no borrower has gets the same words whatever it writes.

pub mod asking;
pub mod dialogue;
pub mod hearing;
pub mod receiving;
pub mod replying;
mod telling;

use chrono::NaiveDateTime;

use crate::secret::Hidden;

/// A message that came in. It has no `Debug`, so that no log shows it.
pub struct Inbound {
    /// The gateway's id of it: a doubled delivery has the same.
    pub message: String,
    /// The phone that it came from.
    pub from: Hidden<String>,
    /// What it says.
    pub text: Hidden<String>,
    /// When the gateway got it.
    pub received_at: Option<NaiveDateTime>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    /// The text that goes back; none where nothing is to be said.
    pub reply: Option<String>,
    /// The number of the case that it belongs to.
    pub case_number: Option<String>,
    /// What the message was taken for.
    pub understood: String,
}

/// An answer in the making.
pub(super) struct Reply {
    text: Option<String>,
    case: Option<i64>,
    understood: &'static str,
}

impl Reply {
    pub(super) fn new(understood: &'static str, text: String) -> Self {
        Self { text: Some(text), case: None, understood }
    }

    pub(super) fn of_case(self, case: i64) -> Self {
        Self { case: Some(case), ..self }
    }
}
