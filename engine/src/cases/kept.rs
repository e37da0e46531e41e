//! Kept decisions: inputs with the decision that was once made from them, so that an engine can be held to it.
//!
//! A corpus is JSON Lines. `{"policy": …}` and `{"declaration": …}` bring a document; `{"decision": …}` brings inputs,
//! which name the documents above them, and what came out, without the name of the engine's version.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::difference::{Difference, differences};
use crate::account::{Account, OneSnapshot};
use crate::context::Context;
use crate::decide::{Decision, Detail, Inputs, decide};
use crate::declaration::{Declaration, Declared};
use crate::digest::digest;
use crate::history::History;
use crate::policy::compile::compile;
use crate::policy::{Policy, Program};
use crate::region::RegionTree;
use crate::request::Request;

/// How many digits of a digest tell documents of one name apart.
const DIGITS: usize = 8;

/// One line of a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A policy version, named below as [`policy_name`] says.
    Policy(Box<Policy>),
    /// A declaration, named below as [`declaration_name`] says.
    Declaration(Box<Declaration>),
    /// A decision.
    Decision(Box<Kept>),
}

/// Everything that one decision was made from, and what came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What it is, unique in its corpus.
    pub name: String,
    /// Policies, as [`policy_name`] says.
    pub policies: Vec<String>,
    /// Declarations, as [`declaration_name`] says; they are taken as they stand on the decision day.
    pub declarations: Vec<String>,
    /// The account.
    pub account: Account,
    /// The request; none for proactive relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Earlier relief.
    #[serde(default)]
    pub history: History,
    /// The circumstances.
    pub context: Context,
    /// The decision in full detail, as JSON, without the engine's version.
    pub decision: Value,
}

/// Kept decisions with the documents that they name.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    lines: Vec<Line>,
    policies: BTreeMap<String, usize>,
    declarations: BTreeMap<String, usize>,
}

/// What a kept decision comes to today.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Its name.
    pub name: String,
    /// The policies that it was made under.
    pub policies: Vec<String>,
    /// Where it differs; empty when it does not.
    pub differences: Vec<Difference>,
    /// The decision as it is made now; none when it cannot be made any longer.
    pub now: Option<Value>,
}

/// Why a corpus cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for CorpusError {}

/// A decision as it is kept: what names the engine's version is left out.
///
/// # Errors
/// It has no form in JSON.
pub fn kept_form(decision: &Decision) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(decision)?;
    if let Some(receipt) = value.get_mut("receipt").and_then(Value::as_object_mut) {
        receipt.shift_remove("engine");
    }
    Ok(value)
}

/// How a decision names a policy version: `slug@version#` and the first digits of its digest, for cases may try
/// several texts under one name.
#[must_use]
pub fn policy_name(policy: &Policy) -> String {
    format!("{}@{}#{}", policy.policy, policy.version, short(policy))
}

/// How a decision names a declaration: its slug, `#` and the first digits of its digest.
#[must_use]
pub fn declaration_name(declaration: &Declaration) -> String {
    format!("{}#{}", declaration.declaration, short(declaration))
}

fn short(document: &impl Serialize) -> String {
    digest(document).unwrap_or_default().chars().take(DIGITS).collect()
}

impl Corpus {
    /// Reads a corpus; empty lines are passed over.
    ///
    /// # Errors
    /// A line is none of the three kinds, names a document that does not stand above it, or repeats a name.
    pub fn read(text: &str) -> Result<Self, CorpusError> {
        let mut corpus = Self::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |message: String| CorpusError { line: at.saturating_add(1), message };
            let read: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            corpus.push(read).map_err(wrong)?;
        }
        Ok(corpus)
    }

    /// Adds a line. A document that is there already is not added again.
    ///
    /// # Errors
    /// A decision names a document that is not there, or its own name is taken.
    pub fn push(&mut self, line: Line) -> Result<(), String> {
        let at = self.lines.len();
        let (names, name) = match &line {
            Line::Policy(policy) => (&mut self.policies, policy_name(policy)),
            Line::Declaration(declaration) => (&mut self.declarations, declaration_name(declaration)),
            Line::Decision(kept) => {
                self.known(kept)?;
                self.lines.push(line);
                return Ok(());
            }
        };
        if let Entry::Vacant(free) = names.entry(name) {
            free.insert(at);
            self.lines.push(line);
        }
        Ok(())
    }

    fn known(&self, kept: &Kept) -> Result<(), String> {
        let policy = kept.policies.iter().find(|name| !self.policies.contains_key(*name));
        let declaration = kept.declarations.iter().find(|name| !self.declarations.contains_key(*name));
        if let Some(name) = policy.or(declaration) {
            return Err(format!("{}: {name} does not stand above it", kept.name));
        }
        if self.decisions().any(|other| other.name == kept.name) {
            return Err(format!("there are two decisions called {}", kept.name));
        }
        Ok(())
    }

    /// Its lines, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Its decisions, in order.
    pub fn decisions(&self) -> impl Iterator<Item = &Kept> {
        self.lines.iter().filter_map(|line| if let Line::Decision(kept) = line { Some(&**kept) } else { None })
    }

    /// Decides one of its decisions again and compares.
    #[must_use]
    pub fn replay(&self, kept: &Kept, regions: &RegionTree) -> Replayed {
        let (name, policies) = (kept.name.clone(), kept.policies.clone());
        match self.decide(kept, regions) {
            Ok(now) => Replayed { name, policies, differences: differences(&kept.decision, &now), now: Some(now) },
            Err(error) => {
                let differences = vec![Difference { at: "decision".to_owned(), kept: None, now: Some(error) }];
                Replayed { name, policies, differences, now: None }
            }
        }
    }

    /// A kept decision as it is made now; an error says why it cannot be made.
    ///
    /// # Errors
    /// A policy does not compile, the account is not possible, a region is unknown, amounts leave their range.
    pub fn decide(&self, kept: &Kept, regions: &RegionTree) -> Result<Value, String> {
        self.decide_with(kept, regions, |_, decision| kept_form(decision).map_err(|error| error.to_string()))?
    }

    /// The same with what it is made from.
    ///
    /// # Errors
    /// As [`Corpus::decide`].
    pub fn decide_with<T>(
        &self,
        kept: &Kept,
        regions: &RegionTree,
        with: impl FnOnce(&Inputs<'_>, &Decision) -> T,
    ) -> Result<T, String> {
        let policies: Vec<Program> =
            kept.policies.iter().map(|name| self.program(name, kept, regions)).collect::<Result<_, _>>()?;
        let declared: Vec<Declared<'_>> =
            kept.declarations.iter().map(|name| self.declared(name, kept, regions)).collect::<Result<_, _>>()?;
        let account = kept.account.clone().validated().map_err(|error| error.to_string())?;
        let account = OneSnapshot::of(&account).map_err(|error| error.to_string())?;
        let inputs = Inputs {
            policies: &policies,
            declarations: &declared,
            account: account.snapshot(),
            request: kept.request.as_ref(),
            history: &kept.history,
            context: &kept.context,
            regions,
            detail: Detail::Full,
        };
        let decision = decide(&inputs).map_err(|error| error.to_string())?;
        Ok(with(&inputs, &decision))
    }

    fn program(&self, name: &str, kept: &Kept, regions: &RegionTree) -> Result<Program, String> {
        let line = self.policies.get(name).and_then(|at| self.lines.get(*at));
        let Some(Line::Policy(policy)) = line else { return Err(format!("no policy {name}")) };
        let (program, problems) = compile(policy.as_ref().clone(), &kept.context.attributes, regions);
        program.ok_or_else(|| {
            let first = problems.first().map(|one| format!(": {} {}", one.pointer, one.message)).unwrap_or_default();
            format!("the policy {name} is refused{first}")
        })
    }

    fn declared<'t>(&self, name: &str, kept: &Kept, regions: &'t RegionTree) -> Result<Declared<'t>, String> {
        let line = self.declarations.get(name).and_then(|at| self.lines.get(*at));
        let Some(Line::Declaration(declaration)) = line else { return Err(format!("no declaration {name}")) };
        declaration.as_of(kept.context.today, regions).map_err(|error| error.to_string())
    }
}
