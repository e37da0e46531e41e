//! A decision in words and tables, made only when somebody reads it, from the decision and the same inputs.
//!
//! ```text
//! names     what the language's words are called      amount  money, rates, counts
//! date      anchors, dates, windows                   value   what a test saw
//! sentence  what a test demands                       reason  why something ends as it does
//! effect    what an adjustment does                   limit   how much and how often at most
//! spoken    a whole decision, claim by claim          trace   every test as a tree
//! compare   each payment before and after
//! ```

pub mod amount;
pub mod compare;
pub mod date;
pub mod effect;
pub mod limit;
mod missing;
pub mod names;
pub mod reason;
pub mod sentence;
pub mod spoken;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod value;

use crate::account::Position;
use crate::decide::{Claim, Inputs};
use crate::facts::Facts;
use crate::policy::Program;
use crate::policy::facts::Attributes;
use crate::region::RegionTree;
use crate::text::Language;

/// In which language, and with whose names.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// The language.
    pub language: Language,
    /// The names of regions.
    pub regions: &'a RegionTree,
    /// The titles of the lender's own facts.
    pub attributes: &'a Attributes,
}

impl Voice<'_> {
    /// One of two texts.
    pub(crate) fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self.language {
            Language::Chinese => zh.into(),
            Language::English => en.into(),
        }
    }

    /// A list that ends in "and".
    #[must_use]
    pub fn and(&self, parts: &[String]) -> String {
        self.list(parts, ["和", " and "])
    }

    /// A list that ends in "or".
    #[must_use]
    pub fn or(&self, parts: &[String]) -> String {
        self.list(parts, ["或", " or "])
    }

    fn list(&self, parts: &[String], last: [&'static str; 2]) -> String {
        match parts {
            [] => String::new(),
            [one] => one.clone(),
            [init @ .., end] => {
                format!("{}{}{end}", init.join(self.language.of(["、", ", "])), self.language.of(last))
            }
        }
    }
}

/// The program that a claim was made by.
#[must_use]
pub fn program_of<'a>(inputs: &Inputs<'a>, claim: &Claim) -> Option<&'a Program> {
    let own = |program: &&Program| program.slug() == claim.policy && program.document.version == claim.version;
    inputs.policies.iter().find(own)
}

/// What a claim's policy read: for the days that its dates came to.
#[must_use]
pub fn facts_of<'a>(inputs: &Inputs<'a>, claim: &Claim, position: &'a Position) -> Option<Facts<'a>> {
    let declared = inputs.declarations.iter().find(|declared| declared.declaration == claim.declaration)?;
    let waiting = inputs
        .history
        .awaiting
        .iter()
        .find(|one| one.policy == claim.policy && one.version == claim.version && one.event == claim.event);
    Some(Facts {
        snapshot: inputs.account,
        position: Some(position),
        declared,
        request: inputs.request,
        history: inputs.history,
        context: inputs.context,
        regions: inputs.regions,
        first_decided_on: waiting.map_or(inputs.context.today, |one| one.decided_on),
        relief_end: None,
    })
}
