//! From the document to the program: every name resolved, every literal typed, every problem found at once.
//!
//! ```text
//! condition  tests and their trees      operand   literals of a fact's type
//! date       anchors and windows        quantity  counts, amounts, spans
//! benefit    one function per kind      rule      start, refer, await
//! limit      limits and approval
//! ```

mod benefit;
mod condition;
mod date;
mod head;
mod limit;
mod operand;
mod quantity;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use head::to_slug;

use super::document::Policy;
use super::facts::Attributes;
use super::problem::{At, Level, Problem};
use super::program::{Program, Slot, Test};
use crate::digest::digest;
use crate::region::RegionTree;
use crate::text::Text;

/// Lowers a document into a program. All problems are returned, each with its place; the program is absent when one of
/// them is an error, never because of a warning.
#[must_use]
pub fn compile(document: Policy, attributes: &Attributes, regions: &RegionTree) -> (Option<Program>, Vec<Problem>) {
    let mut compiler = Compiler {
        attributes,
        regions,
        problems: Vec::new(),
        slots: Vec::new(),
        tests: Vec::new(),
        condition_ids: BTreeMap::new(),
    };
    let program = compiler.policy(document);
    let refused = compiler.problems.iter().any(|problem| problem.level == Level::Error);
    (program.filter(|_| !refused), compiler.problems)
}

struct Compiler<'a> {
    attributes: &'a Attributes,
    regions: &'a RegionTree,
    problems: Vec<Problem>,
    slots: Vec<Slot>,
    tests: Vec<Test>,
    condition_ids: BTreeMap<String, At>,
}

impl Compiler<'_> {
    fn policy(&mut self, document: Policy) -> Option<Program> {
        let root = At::root();
        self.head(&document);
        let disaster = self.disaster(document.disaster.as_ref(), &root.key("disaster"));
        let start = self.start(&document.start, &root.key("start"));
        let eligible = self.optional_condition(document.eligible.as_ref(), &root.key("eligible"), "eligible");
        let rules = self.rules(&document.rules, start.as_ref(), &root.key("rules"));
        let limits = each(&document.limits, |at, limit| self.limit(limit, &root.key("limits").index(at)));
        self.approval(document.approval.as_ref(), &root.key("approval"));
        let evidence = each(&document.evidence, |at, one| self.evidence(one, at, &root.key("evidence").index(at)));
        let digest = digest(&Policy { schema: None, ..document.clone() });
        Some(Program {
            digest: digest?,
            slots: std::mem::take(&mut self.slots),
            tests: std::mem::take(&mut self.tests),
            disaster,
            eligible: eligible?,
            hit_policy: document.hit_policy,
            rules: rules?,
            limits: limits?,
            evidence: evidence?,
            document,
        })
    }

    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A text that people read has to be there in every language.
    fn text(&mut self, text: Option<&Text>, at: &At) {
        let Some(text) = text else { return };
        for language in text.missing() {
            let problem = Problem::error("missing-translation", at, format!("the text in {language} is missing"));
            let sample = serde_json::Value::from(text.get(language)).to_string();
            self.report(match text.missing().count() {
                1 => problem.help(format!("add \"{language}\": \"…\", which says what {sample} says")),
                _ => problem.help(format!("add \"{language}\": \"…\"")),
            });
        }
    }

    /// A name that has to say something; it must also fit into the ids that are made from it.
    fn id(&mut self, id: &str, at: &At) {
        if id.trim().is_empty() {
            self.report(
                Problem::error("empty-id", at, "the id is empty").help("give it a short name such as \"fees\""),
            );
        } else if id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
            let better = id.split(|c: char| c.is_whitespace() || c.is_control() || c == '/');
            let better: Vec<&str> = better.filter(|word| !word.is_empty()).collect();
            self.report(
                Problem::error("bad-id", at, format!("the id \"{id}\" has a space or a slash in it"))
                    .help(format!("write \"{}\"", better.join("-"))),
            );
        }
    }

    /// A list that may not be empty, and whose entries should differ.
    fn list<T: PartialEq>(&mut self, entries: &[T], what: &str, at: &At) {
        if entries.is_empty() {
            let problem = Problem::error("empty-list", at, format!("the list is empty: name at least one {what}"));
            self.report(problem);
        }
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = entries.iter().take(index).position(|other| other == entry) {
                let message = format!("this {what} stands in the list twice");
                let again = Problem::warning("repeated-entry", &at.index(index), message);
                self.report(again.help("leave it out").also(&at.index(first), "here first"));
            }
        }
    }
}

/// Compiles every entry, also after one that failed, so that all problems are found.
fn each<T, U>(entries: &[T], mut compile: impl FnMut(usize, &T) -> Option<U>) -> Option<Vec<U>> {
    let compiled: Vec<Option<U>> = entries.iter().enumerate().map(|(at, entry)| compile(at, entry)).collect();
    compiled.into_iter().collect()
}
