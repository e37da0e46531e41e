//! The text of a policy line by line, with its problems where they stand.

use forbear_engine::policy::check::Diagnostic;
use forbear_engine::policy::problem::Level;
use forbear_engine::text::Language;

use super::problem::in_chinese;
use crate::web::frame::Frame;

/// A line of a policy.
pub struct TextLine {
    /// From 1.
    pub number: usize,
    /// What it says.
    pub text: String,
    /// What is wrong in it.
    pub problems: Vec<Said>,
}

/// A problem as a page says it.
pub struct Said {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// Whether the policy is refused for it.
    pub error: bool,
    /// What kind of problem it is, in Chinese.
    pub kind: Option<&'static str>,
    /// What is wrong, and what would be right; the engine says it in English.
    pub message: String,
}

impl Said {
    pub fn of(found: &Diagnostic) -> Self {
        let help = found.problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        Self {
            line: found.line,
            column: found.column,
            error: found.problem.level == Level::Error,
            kind: in_chinese(found.problem.code),
            message: format!("{}{help}", found.problem.message),
        }
    }

    /// In the language of the page, where that is not the engine's.
    pub fn in_own_words(&self, f: &Frame) -> Option<&'static str> {
        self.kind.filter(|_| f.language == Language::Chinese)
    }

    /// How grave it is: how it is marked, and the word.
    pub fn level(&self, f: &Frame) -> (&'static str, &'static str) {
        if self.error { ("bad", f.say("错误", "error")) } else { ("warn", f.say("提示", "warning")) }
    }
}

/// The lines of a text.
pub fn lines(text: &str, problems: &[Diagnostic]) -> Vec<TextLine> {
    let line = |(number, text): (usize, &str)| {
        let own = problems.iter().filter(|found| found.line == number);
        TextLine { number, text: text.to_owned(), problems: own.map(Said::of).collect() }
    };
    (1..).zip(text.lines()).map(line).collect()
}
