//! The words that are read to a caller before an agent acts for them. The lender may set its own.

use std::sync::LazyLock;

use forbear_engine::digest::digest;
use forbear_engine::text::{Language, Text};
use serde::{Deserialize, Serialize};

/// Words that are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What they are called, with their version.
    pub script: String,
    /// Before what they are read: apply or accept.
    #[serde(rename = "for")]
    pub purpose: String,
    /// They, in both languages.
    pub text: Text,
}

impl Script {
    /// SHA-256 of its canonical JSON: what a consent is to.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(self).unwrap_or_default()
    }
}

static SHIPPED: LazyLock<Vec<Script>> =
    LazyLock::new(|| read(include_str!("../../../../contacts/scripts.json")).unwrap_or_default());

/// The words that are shipped.
#[must_use]
pub fn shipped() -> Vec<Script> {
    SHIPPED.clone()
}

/// Reads words.
///
/// # Errors
/// They have another form, a name comes twice, a language is missing, or there are none for something.
pub fn read(text: &str) -> Result<Vec<Script>, String> {
    let scripts: Vec<Script> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (at, script) in scripts.iter().enumerate() {
        if !(1..=60).contains(&script.script.len()) {
            return Err(format!("/{at}/script: a name has 1 to 60 bytes"));
        }
        if scripts.iter().take(at).any(|earlier| earlier.script == script.script) {
            return Err(format!("/{at}/script: {} is there already", script.script));
        }
        if !matches!(script.purpose.as_str(), "apply" | "accept") {
            return Err(format!("/{at}/for: apply or accept"));
        }
        if Language::ALL.into_iter().any(|language| script.text.missing().any(|missing| missing == language)) {
            return Err(format!("/{at}/text: say it in zh-CN and en"));
        }
    }
    for purpose in ["apply", "accept"] {
        if !scripts.iter().any(|script| script.purpose == purpose) {
            return Err(format!("no words are for {purpose}"));
        }
    }
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_words_can_be_read_and_others_are_refused_by_place() {
        assert_eq!(shipped().len(), 2);
        assert_ne!(shipped()[0].digest(), shipped()[1].digest());
        let good = include_str!("../../../../contacts/scripts.json");
        for (from, to, place) in [
            ("accept-2026-11", "apply-2026-11", "/1/script: apply-2026-11 is there already"),
            ("\"for\": \"accept\"", "\"for\": \"apply\"", "no words are for accept"),
            ("\"for\": \"accept\"", "\"for\": \"agree\"", "/1/for: apply or accept"),
            ("\"en\": \"This call is recorded. I have", "\"fr\": \"", "unknown field `fr`"),
        ] {
            let wrong = read(&good.replacen(from, to, 1)).unwrap_err();
            assert!(wrong.contains(place), "{wrong}");
        }
    }
}
