//! Checking a policy as its author wrote it: every problem at once, each with its place in the text.
//!
//! ```text
//! source   text to JSON, with the place of each name and value
//! schema   the keys and forms that the document types allow
//! compile  names, types and units                      (super::compile)
//! analyse  what can never hold, be reached or be kept apart
//! ```

mod analyse;
mod explain;
mod overlap;
mod satisfy;
mod schema;
mod source;
mod start;
mod windows;

use std::ops::Range;

use chrono::NaiveDate;
use serde::Serialize;

use super::compile::compile;
use super::document::Policy;
use super::facts::Attributes;
use super::problem::{At, Level, Problem};
use super::program::Program;
use crate::region::RegionTree;

pub use schema::policy_schema;
pub use source::Source;

/// What a check needs to know beside the text.
#[derive(Debug, Clone, Default)]
pub struct CheckSettings {
    /// Today, for the review date; left out, it is not looked at.
    pub today: Option<NaiveDate>,
    /// The lender's own facts.
    pub attributes: Attributes,
}

/// A problem and where in the text it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What is wrong.
    #[serde(flatten)]
    pub problem: Problem,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
}

/// A checked policy.
#[derive(Debug)]
pub struct Checked {
    /// All problems, in the order of the text.
    pub problems: Vec<Diagnostic>,
    /// The compiled policy, when there is no error.
    pub program: Option<Program>,
    /// The text with its places.
    pub source: Source,
}

impl Checked {
    /// Whether the policy is refused.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|found| found.problem.level == Level::Error)
    }
}

/// Checks a policy's text. A problem in one place does not hide those in others: what does not fit the schema is set
/// aside, and the rest is checked without it.
#[must_use]
pub fn check(text: &str, settings: &CheckSettings) -> Checked {
    let (source, unread) = Source::read(text);
    let mut found: Vec<(Problem, Range<usize>)> = unread;
    let mut program = None;
    if source.is_json() {
        let broken: Vec<String> = found.iter().map(|(problem, _)| problem.pointer.clone()).collect();
        let fitted = schema::fit(&source.value, &broken);
        let place = |problem: Problem| {
            let span = source.span(&problem.pointer, problem.mark);
            (problem, span)
        };
        let sound = found.is_empty() && fitted.problems.is_empty();
        found.extend(fitted.problems.iter().cloned().map(place));
        if let Some(document) = fitted.document {
            let (compiled, problems) = compile(document, &settings.attributes, RegionTree::builtin());
            found.extend(problems.into_iter().filter_map(|problem| fitted.aside.keep(problem)).map(place));
            // What a set-aside part would do is not known, so only a whole policy is analysed.
            if let Some(compiled) = compiled.filter(|_| sound) {
                found.extend(analyse::analyse(&compiled, settings.today).into_iter().map(place));
                program = Some(compiled);
            }
        }
    }
    let mut problems: Vec<Diagnostic> = found
        .into_iter()
        .map(|(problem, span)| {
            let (line, column) = source.line_column(span.start);
            Diagnostic { problem, line, column, span }
        })
        .collect();
    problems.sort_by_key(|found| (found.span.start, found.span.end));
    problems.dedup();
    let refused = problems.iter().any(|found| found.problem.level == Level::Error);
    Checked { problems, program: program.filter(|_| !refused), source }
}

/// Deserialises a document; the problem has the place where it did not fit.
fn deserialise(value: serde_json::Value) -> Result<Policy, Box<Problem>> {
    serde_path_to_error::deserialize::<_, Policy>(value).map_err(|error| {
        let at = error.path().iter().fold(At::root(), |at, segment| match segment {
            serde_path_to_error::Segment::Seq { index } => at.index(*index),
            serde_path_to_error::Segment::Map { key } => at.key(key),
            _ => at,
        });
        Box::new(Problem::error("does-not-fit", &at, error.inner().to_string()))
    })
}
