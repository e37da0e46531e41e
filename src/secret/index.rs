//! Blind indexes: a phone or an identity number is found by its keyed hash, which says nothing to who lacks the key.

use forbear_engine::digest::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Hidden, KeyRing, SecretError};

/// What is looked up. The same text in two fields has two indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A phone, as [`phone`] writes it.
    Phone,
    /// An identity number, as [`number`] writes it.
    Number,
    /// A one-time code, with what it is for.
    Code,
    /// The number of a case, as somebody typed it.
    Case,
    /// A message that came in, with who sent it.
    Message,
}

impl Field {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Phone => b"forbear phone 1\0",
            Self::Number => b"forbear number 1\0",
            Self::Code => b"forbear code 1\0",
            Self::Case => b"forbear case 1\0",
            Self::Message => b"forbear message 1\0",
        }
    }
}

impl KeyRing {
    /// The index of a value under the active key.
    ///
    /// # Errors
    /// The ring has no active key.
    pub fn index(&self, field: Field, value: &str) -> Result<String, SecretError> {
        self.indexed(self.active(), field, value)
    }

    /// The indexes of a value under every key: what was kept before the last change of keys is found too.
    ///
    /// # Errors
    /// A key cannot be used.
    pub fn indexes(&self, field: Field, value: &str) -> Result<Vec<String>, SecretError> {
        self.versions().map(|version| self.indexed(version, field, value)).collect()
    }

    /// Whether an index is of a value, in a time that does not tell how much of it is right.
    ///
    /// # Errors
    /// A key cannot be used.
    pub fn is_index_of(&self, index: &str, field: Field, value: &str) -> Result<bool, SecretError> {
        let known = self.indexes(field, value)?;
        Ok(known.iter().fold(false, |same, own| same | bool::from(own.as_bytes().ct_eq(index.as_bytes()))))
    }

    fn indexed(&self, version: u32, field: Field, value: &str) -> Result<String, SecretError> {
        let key = self.index_key(version)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.show()).map_err(SecretError::machine)?;
        mac.update(field.label());
        mac.update(value.as_bytes());
        Ok(format!("{version}.{}", hex(&mac.finalize().into_bytes())))
    }
}

/// A phone in one form: digits with the country code. Eleven digits of a Chinese mobile are of China, ten of a North
/// American number are of that; other numbers without `+` or `00` stay as they are. None when it is no phone.
#[must_use]
pub fn phone(text: &str) -> Option<Hidden<String>> {
    let text: Hidden<String> = Hidden::new(text.trim().chars().map(narrow).collect());
    let digits = |text: &str| -> Option<String> {
        let known = |letter: char| letter.is_ascii_digit() || " -().\u{a0}/".contains(letter);
        text.chars().all(known).then(|| text.chars().filter(char::is_ascii_digit).collect())
    };
    let international = text.show().strip_prefix('+').or_else(|| text.show().strip_prefix("00"));
    let mut full = match international {
        Some(rest) => digits(rest)?,
        None => {
            let own = digits(text.show())?;
            match (own.len(), own.get(..2)) {
                (11, Some("13" | "14" | "15" | "16" | "17" | "18" | "19")) => format!("86{own}"),
                (10, Some(start)) if !start.starts_with(['0', '1']) => format!("1{own}"),
                _ => own,
            }
        }
    };
    // Many write the trunk's zero behind the country code, as in +86 (0)371.
    if let Some(rest) = full.strip_prefix("860") {
        full = format!("86{rest}");
    }
    (7..=15).contains(&full.len()).then(|| Hidden::new(full))
}

/// An identity number in one form: upper case, without blanks and dashes. None when nothing is left.
#[must_use]
pub fn number(text: &str) -> Option<Hidden<String>> {
    let kept = |letter: &char| !letter.is_whitespace() && *letter != '-';
    let written: String = text.chars().map(narrow).filter(kept).flat_map(char::to_uppercase).collect();
    (!written.is_empty()).then(|| Hidden::new(written))
}

/// A full-width letter, as Chinese keyboards write them, as the plain one.
fn narrow(letter: char) -> char {
    match u32::from(letter) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide.saturating_sub(0xFEE0)).unwrap_or(letter),
        0x3000 => ' ',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phone_has_one_form() {
        let same = ["13812345678", "+8613812345678", "0086 138 1234 5678", "138-1234-5678", "１３８１２３４５６７８"];
        for text in same {
            assert_eq!(phone(text).unwrap().show(), "8613812345678", "{text}");
        }
        for text in ["+1 (713) 555-0123", "713-555-0123", "001 713 555 0123"] {
            assert_eq!(phone(text).unwrap().show(), "17135550123", "{text}");
        }
        for text in ["", "1234", "none", "138x12345678", "1234567890123456"] {
            assert!(phone(text).is_none(), "{text}");
        }
    }

    #[test]
    fn one_number_has_one_form() {
        for text in ["41010519900101123x", " 410105 19900101 123X", "41010519900101123Ｘ"] {
            assert_eq!(number(text).unwrap().show(), "41010519900101123X", "{text}");
        }
        assert!(number(" - ").is_none());
    }

    #[test]
    fn an_index_is_of_its_field_and_key() {
        let (ring, other) = (KeyRing::of_memory().unwrap(), KeyRing::of_memory().unwrap());
        let index = ring.index(Field::Phone, "8613812345678").unwrap();
        assert!(index.starts_with("1.") && index.len() == 66, "{index}");
        assert_eq!(index, ring.index(Field::Phone, "8613812345678").unwrap());
        assert_ne!(index, ring.index(Field::Number, "8613812345678").unwrap());
        assert_ne!(index, other.index(Field::Phone, "8613812345678").unwrap());
        assert!(ring.is_index_of(&index, Field::Phone, "8613812345678").unwrap());
        assert!(!ring.is_index_of(&index, Field::Phone, "8613812345679").unwrap());
    }
}
