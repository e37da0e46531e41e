//! What can go wrong in a use case, by what the caller can do about it.

use std::fmt;

use crate::secret::SecretError;
use crate::store::{AsStoreError, StoreError};

/// The result of a use case.
pub type Served<T> = Result<T, ServiceError>;

/// Why a use case did nothing.
#[derive(Debug)]
pub enum ServiceError {
    /// There is no such thing, or not for this caller.
    Missing(&'static str),
    /// What was sent cannot be used.
    Invalid(Vec<Problem>),
    /// It does not fit where things stand.
    Conflict {
        /// A stable name.
        code: &'static str,
        /// What stands in the way, and what would be right.
        message: String,
    },
    /// The caller may not.
    Forbidden(String),
    /// The store failed.
    Store(StoreError),
    /// Something that cannot be; only the log says what.
    Unknown(String),
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A JSON pointer into it; empty for the whole.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl ServiceError {
    /// One thing that is wrong with what was sent.
    #[must_use]
    pub fn invalid(pointer: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem { pointer: pointer.to_owned(), message: message.into() }])
    }

    /// Something stands in the way.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// The same of a part of what was sent.
    #[must_use]
    pub fn within(self, pointer: &str) -> Self {
        match self {
            Self::Invalid(problems) => {
                let of_whole = |one: Problem| Problem { pointer: format!("{pointer}{}", one.pointer), ..one };
                Self::Invalid(problems.into_iter().map(of_whole).collect())
            }
            other => other,
        }
    }

    /// Something that cannot be.
    #[must_use]
    pub fn unknown(reason: impl fmt::Display) -> Self {
        Self::Unknown(reason.to_string())
    }
}

/// A JSON pointer (RFC 6901) to where reading stopped.
#[must_use]
pub fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(noun) => write!(f, "there is no such {noun}"),
            Self::Invalid(problems) => {
                for (at, problem) in problems.iter().enumerate() {
                    let between = if at == 0 { "" } else { "; " };
                    let colon = if problem.pointer.is_empty() { "" } else { ": " };
                    write!(f, "{between}{}{colon}{}", problem.pointer, problem.message)?;
                }
                Ok(())
            }
            Self::Conflict { message, .. } | Self::Forbidden(message) | Self::Unknown(message) => f.write_str(message),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServiceError {}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SecretError> for ServiceError {
    fn from(error: SecretError) -> Self {
        Self::unknown(error)
    }
}

impl AsStoreError for ServiceError {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
