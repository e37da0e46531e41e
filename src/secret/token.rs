//! What programs and browsers show: 256 random bits, of which only a hash is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Generate;
use forbear_engine::digest::hex;
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::{Hidden, SecretError};

/// A new token, with what tells its kind before it.
///
/// # Errors
/// The machine gives no random numbers.
pub fn new(prefix: &str) -> Result<Hidden<String>, SecretError> {
    let bits = Hidden::new(<[u8; 32]>::try_generate().map_err(SecretError::machine)?);
    let mut text = String::with_capacity(prefix.len().saturating_add(43));
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bits.show(), &mut text);
    Ok(Hidden::new(text))
}

/// What is kept of a token. It has 256 random bits, so no slow hash is needed.
#[must_use]
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// A one-time code of six digits.
#[must_use]
pub fn code() -> Hidden<String> {
    Hidden::new(format!("{:06}", rand::rng().random_range(0..1_000_000_u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_codes_have_six_digits() {
        let (one, other) = (new("fbt_").unwrap(), new("fbt_").unwrap());
        assert!(one.show().starts_with("fbt_") && one.show().len() == 47 && one.show() != other.show());
        assert_eq!(hash(one.show()).len(), 64);
        assert!((0..1000).all(|_| code().show().len() == 6));
    }
}
