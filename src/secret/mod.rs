//! Keys, sealing, blind indexes, and types that refuse to print.
//!
//! ```text
//! ring (a file) ─┬─► seal   who somebody is ◄─► sealed bytes, bound to their row
//!                └─► index  a phone, a number ──► what it is found by
//! hidden  values that do not print       mask  what a screen shows of them
//! token   what programs show             password  what people type
//! ```
//!
//! The algorithms come from libraries: XChaCha20-Poly1305, HMAC-SHA-256, Argon2id. No error says what was hidden.

pub mod hidden;
pub mod index;
pub mod mask;
pub mod password;
pub mod ring;
pub mod seal;
pub mod token;

use std::fmt;

pub use self::hidden::Hidden;
pub use self::ring::KeyRing;
/// Bytes that are wiped when they are dropped.
pub use secrecy::zeroize::Zeroizing;

/// Why a secret could not be made, kept or opened; it never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretError {
    /// The file of keys cannot be used; what is wrong, and what would be right.
    File(String),
    /// What is sealed cannot be opened.
    Sealed(&'static str),
    /// The machine gives no random numbers, or a library refuses.
    Machine(String),
}

impl SecretError {
    fn machine(reason: impl fmt::Display) -> Self {
        Self::Machine(reason.to_string())
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(reason) => f.write_str(reason),
            Self::Sealed(reason) => write!(f, "what is sealed cannot be opened: {reason}"),
            Self::Machine(reason) => write!(f, "no secret can be made: {reason}"),
        }
    }
}

impl std::error::Error for SecretError {}
