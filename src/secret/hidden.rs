//! A value that does not print, and is wiped when it is dropped.

use std::fmt;

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

/// A value that does not print: `{}` and `{:?}` show nothing of it, it has no JSON, and its memory is wiped when it is
/// dropped. Only [`Hidden::show`] gives it out, so that a search for it finds every place.
pub struct Hidden<T: Zeroize>(SecretBox<T>);

impl<T: Zeroize> Hidden<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(SecretBox::new(Box::new(value)))
    }

    /// The value itself.
    pub fn show(&self) -> &T {
        self.0.expose_secret()
    }
}

impl Hidden<String> {
    /// Hides a text.
    #[must_use]
    pub fn text(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

/// Whether two texts are the same, in a time that does not tell how much of them is.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

impl<T: Zeroize + Clone> Clone for Hidden<T> {
    fn clone(&self) -> Self {
        Self::new(self.show().clone())
    }
}

impl<T: Zeroize> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}

impl<T: Zeroize> fmt::Display for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Hidden<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        T::deserialize(source).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_printed() {
        let name: Hidden<String> = serde_json::from_str("\"张三\"").unwrap();
        assert_eq!(format!("{name} {name:?} {:#?}", Some(name.clone())), "hidden hidden Some(\n    hidden,\n)");
        assert_eq!(name.show(), "张三");
    }
}
