//! Text in the languages that people read.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The text of a pair (Chinese, English).
    #[must_use]
    pub const fn of(self, [zh, en]: [&'static str; 2]) -> &'static str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = String;
    fn from_str(tag: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag));
        found
            .or((tag == "zh").then_some(Self::Chinese))
            .ok_or_else(|| format!("unknown language `{tag}`: use zh-CN or en"))
    }
}

/// The same text in each language; a checker reports the ones that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In Chinese.
    #[serde(rename = "zh-CN", default, skip_serializing_if = "Option::is_none")]
    pub chinese: Option<String>,
    /// In English.
    #[serde(rename = "en", default, skip_serializing_if = "Option::is_none")]
    pub english: Option<String>,
}

impl Text {
    /// Both languages at once.
    #[must_use]
    pub fn both(chinese: &str, english: &str) -> Self {
        Self { chinese: Some(chinese.to_owned()), english: Some(english.to_owned()) }
    }

    /// The text in a language, else in the other; empty when there is none.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Chinese => (&self.chinese, &self.english),
            Language::English => (&self.english, &self.chinese),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    /// Languages without text.
    pub fn missing(&self) -> impl Iterator<Item = Language> + '_ {
        let has = |language: &Language| match language {
            Language::Chinese => self.chinese.as_ref().is_none_or(|text| text.trim().is_empty()),
            Language::English => self.english.as_ref().is_none_or(|text| text.trim().is_empty()),
        };
        Language::ALL.into_iter().filter(has)
    }
}
