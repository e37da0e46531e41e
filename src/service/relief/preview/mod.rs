//! What a set of policies would do to a book, before anything is done.
//!
//! ```text
//! account ─► examine: proactive decision ─► request decision, for those who may ask
//!                          │                      │
//!                          └──► lines ◄───────────┘   one per account, benefit and bearer
//!                                 │
//!                               tally                 people and money by every question that finance asks
//! ```
//!
//! Tallies of parts of a book add up to the tally of the book, in any order. A book is a file, for the command, or what is
//! kept (`kept`).

pub mod examine;
pub mod export;
pub mod kept;
pub mod line;
pub mod place;
pub mod run;
pub mod summary;
pub mod tally;

use serde::Serialize;

/// Which of an account's two decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What the lender gives of its own accord.
    Proactive,
    /// What comes on top if everybody asks who may.
    Request,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Proactive, Self::Request];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proactive => "proactive",
            Self::Request => "request",
        }
    }
}
