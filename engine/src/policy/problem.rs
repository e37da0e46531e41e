//! What is wrong with a policy: where, why, and what would be right.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The policy is refused.
    Error,
    /// The policy works; its author should look.
    Warning,
}

/// Which part of a member the problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Its name.
    Name,
    /// Its value.
    Value,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub level: Level,
    /// A stable name for the kind of problem, in kebab-case.
    pub code: &'static str,
    /// Where it stands: a JSON Pointer into the document.
    pub pointer: String,
    /// Whether the name or the value there is meant.
    pub mark: Mark,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Other places that matter: a JSON Pointer and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<(String, String)>,
    /// Facts that show it: an account that meets two rules, one fact a line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub example: Vec<String>,
}

impl Problem {
    fn new(level: Level, code: &'static str, at: &impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            level,
            code,
            pointer: at.to_string(),
            mark: Mark::Value,
            message: message.into(),
            help: None,
            also: Vec::new(),
            example: Vec::new(),
        }
    }

    /// The policy is refused.
    pub fn error(code: &'static str, at: &impl fmt::Display, message: impl Into<String>) -> Self {
        Self::new(Level::Error, code, at, message)
    }

    /// The author should look.
    pub fn warning(code: &'static str, at: &impl fmt::Display, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, at, message)
    }

    /// Adds what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what would be right, when that is known.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Adds another place and why it matters.
    #[must_use]
    pub fn also(mut self, at: &impl fmt::Display, note: impl Into<String>) -> Self {
        self.also.push((at.to_string(), note.into()));
        self
    }

    /// The member's name is meant, not its value.
    #[must_use]
    pub fn on_name(mut self) -> Self {
        self.mark = Mark::Name;
        self
    }
}

/// A place in a document: a JSON Pointer (RFC 6901) that grows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct At(String);

impl At {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The member of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        Self(format!("{}/{}", self.0, name.replace('~', "~0").replace('/', "~1")))
    }

    /// The entry at that place, from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
