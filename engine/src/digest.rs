//! The digest of a document: what a receipt names it by.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of the value's canonical JSON (RFC 8785), in lower-case hexadecimal. `None` when the value has no
/// canonical form: a map with keys that are not strings, a number that JSON cannot hold.
#[must_use]
pub fn digest(value: &impl Serialize) -> Option<String> {
    let canonical = serde_json_canonicalizer::to_vec(value).ok()?;
    Some(hex(&Sha256::digest(&canonical)))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
