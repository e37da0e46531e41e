//! Sealing: every row has a fresh key, which the ring's key wraps. What is sealed is bound to the name of its row, so
//! that a row put in the place of another does not open.
//!
//! ```text
//! format (1) │ version of the ring's key (4) │ nonce (24) │ wrapped key (48) │ nonce (24) │ text and tag
//! ```

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use super::{Hidden, KeyRing, SecretError, Zeroizing};

const FORMAT: u8 = 1;
const NONCE: usize = 24;
const WRAPPED: usize = 48;

impl KeyRing {
    /// Seals a text for a row, under the active key.
    ///
    /// # Errors
    /// The machine gives no random numbers, or the text is too long for the algorithm.
    pub fn seal(&self, row: &str, text: &[u8]) -> Result<Vec<u8>, SecretError> {
        let version = self.active();
        let own = Hidden::new(<[u8; 32]>::try_generate().map_err(SecretError::machine)?);
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&version.to_be_bytes());
        close(self.seal_key(version)?, &bound(b"key", version, row), own.show(), &mut sealed)?;
        close(&own, &bound(b"text", version, row), text, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens what was sealed for a row.
    ///
    /// # Errors
    /// It was sealed for another row or under a key that is not in the ring, or was changed.
    pub fn open_sealed(&self, row: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let version = sealed_under(sealed)?;
        let short = SecretError::Sealed("it is cut short");
        let (wrapped, text) = sealed.get(5..).and_then(|rest| rest.split_at_checked(NONCE + WRAPPED)).ok_or(short)?;
        let key = disclose(self.seal_key(version)?, &bound(b"key", version, row), wrapped)?;
        let own = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| SecretError::Sealed("its key is no key"))?;
        disclose(&Hidden::new(own), &bound(b"text", version, row), text)
    }
}

/// The version of the key that something is sealed under.
///
/// # Errors
/// It is nothing that was sealed here.
pub fn sealed_under(sealed: &[u8]) -> Result<u32, SecretError> {
    match sealed {
        [FORMAT, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(SecretError::Sealed("it has no form that is known")),
    }
}

/// What a part is bound to: what it is, the key's version, and the row.
fn bound(part: &[u8], version: u32, row: &str) -> Vec<u8> {
    [b"forbear ", part, b" 1\0", &version.to_be_bytes(), row.as_bytes()].concat()
}

fn close(key: &Hidden<[u8; 32]>, bound: &[u8], text: &[u8], to: &mut Vec<u8>) -> Result<(), SecretError> {
    let nonce = XNonce::try_generate().map_err(SecretError::machine)?;
    let cipher = XChaCha20Poly1305::new(<&Key>::from(key.show()));
    let closed = cipher.encrypt(&nonce, Payload { msg: text, aad: bound });
    to.extend_from_slice(&nonce);
    to.extend_from_slice(&closed.map_err(SecretError::machine)?);
    Ok(())
}

fn disclose(key: &Hidden<[u8; 32]>, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let (nonce, closed) = sealed.split_at_checked(NONCE).ok_or(SecretError::Sealed("it is cut short"))?;
    let nonce = XNonce::try_from(nonce).map_err(|_| SecretError::Sealed("it is cut short"))?;
    let cipher = XChaCha20Poly1305::new(<&Key>::from(key.show()));
    let opened = cipher.decrypt(&nonce, Payload { msg: closed, aad: bound });
    opened.map(Zeroizing::new).map_err(|_| SecretError::Sealed("it is of another row or key, or was changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_row_only() {
        let ring = KeyRing::of_memory().unwrap();
        let sealed = ring.seal("persons/P1", "张三".as_bytes()).unwrap();
        assert_eq!(*ring.open_sealed("persons/P1", &sealed).unwrap(), "张三".as_bytes());
        assert_ne!(sealed, ring.seal("persons/P1", "张三".as_bytes()).unwrap(), "each has its own key");
        assert!(ring.open_sealed("persons/P2", &sealed).is_err());
        assert!(KeyRing::of_memory().unwrap().open_sealed("persons/P1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ring.open_sealed("persons/P1", &changed).is_err(), "byte {at}");
            assert!(ring.open_sealed("persons/P1", &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
