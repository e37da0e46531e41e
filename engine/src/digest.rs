//! The digest of a document: what a receipt names it by.

use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of the value's canonical JSON (RFC 8785), in lower-case hexadecimal. `None` when the value has no
/// canonical form: a map with keys that are not strings, a number that JSON cannot hold.
#[must_use]
pub fn digest(value: &impl Serialize) -> Option<String> {
    let canonical = serde_json_canonicalizer::to_vec(value).ok()?;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&canonical) {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}
