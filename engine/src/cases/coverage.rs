//! What the cases of a policy exercise: every rule that holds and that does not, every test both ways.

use std::collections::BTreeMap;

use crate::decide::decision::{Claim, TraceResult};
use crate::policy::Program;

/// Whether something was seen to hold, and not to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// It held in some case.
    pub held: bool,
    /// It did not hold in some case.
    pub failed: bool,
}

/// What was exercised, by the place of tests and the names of rules.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    tests: BTreeMap<String, Seen>,
    rules: BTreeMap<String, Seen>,
    decided: bool,
}

impl Coverage {
    /// Adds what a decision exercised.
    pub fn count(&mut self, claim: &Claim) {
        self.decided = true;
        for entry in &claim.trace {
            let seen = self.tests.entry(entry.pointer.clone()).or_default();
            seen.held |= entry.result == TraceResult::True;
            seen.failed |= entry.result == TraceResult::False;
        }
        for rule in &claim.rules {
            self.rules.entry(rule.clone()).or_default().held = true;
        }
    }

    /// Rules and tests of a program that no case exercises, or only one way; each a line.
    #[must_use]
    pub fn gaps(&self, program: &Program) -> Vec<String> {
        let mut gaps = Vec::new();
        for rule in &program.rules {
            if !self.rules.get(&rule.id).is_some_and(|seen| seen.held) {
                gaps.push(format!("no case in which rule `{}` holds", rule.id));
            }
        }
        for test in &program.tests {
            let seen = self.tests.get(&test.pointer).copied().unwrap_or_default();
            let name = format!("`{}` ({})", test.id, test.pointer);
            match (seen.held, seen.failed) {
                (true, true) => {}
                (true, false) => gaps.push(format!("no case in which {name} does not hold")),
                (false, true) => gaps.push(format!("no case in which {name} holds")),
                (false, false) => gaps.push(format!("no case reaches {name}")),
            }
        }
        gaps
    }
}
