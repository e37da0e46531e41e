//! The trace of a claim as a tree that a person reads: eligibility, rules, what is awaited, evidence.

use serde::Serialize;

use super::Voice;
use crate::decide::Claim;
use crate::decide::decision::{TraceEntry, TraceResult};
use crate::facts::Facts;
use crate::policy::Program;
use crate::policy::document::StartBy;
use crate::policy::facts::FactType;
use crate::policy::program::Expr;
use crate::reason::Reason;

/// One line of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceLine {
    /// How deep it stands, from 0.
    pub depth: usize,
    /// What it says: a part of the policy, a group of conditions, or what a test demands.
    pub text: String,
    /// What it came to.
    pub result: TraceResult,
    /// For a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TraceTest>,
}

/// A test in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceTest {
    /// Its id.
    pub id: String,
    /// Where it stands in the policy (a JSON Pointer).
    pub pointer: String,
    /// What it compares, where the author's words stand in `text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand: Option<String>,
    /// What it saw; empty when it was not evaluated.
    pub saw: String,
}

/// What the tree is made from.
struct Tree<'a> {
    voice: &'a Voice<'a>,
    program: &'a Program,
    claim: &'a Claim,
    facts: Option<&'a Facts<'a>>,
    lines: Vec<TraceLine>,
}

impl Voice<'_> {
    /// The trace of a claim that was decided in full detail.
    #[must_use]
    pub fn trace(&self, program: &Program, claim: &Claim, facts: Option<&Facts<'_>>) -> Vec<TraceLine> {
        let mut tree = Tree { voice: self, program, claim, facts, lines: Vec::new() };
        tree.part(self.say("申请条件", "eligibility"), &program.eligible);
        for rule in &program.rules {
            let title = self.rule_title(program, &rule.id);
            let mut text = self.say(format!("规则 {}：{title}", rule.id), format!("rule {}: {title}", rule.id));
            let requested = facts.is_none_or(|facts| facts.request.is_some());
            if claim.rules.contains(&rule.id) {
                text.push_str(&self.say("（适用）", " (applies)"));
            } else if !rule.start.by.contains(if requested { &StartBy::Request } else { &StartBy::Proactive }) {
                let reason = if requested { Reason::ProactiveOnly } else { Reason::OnRequestOnly };
                text = self.say(
                    format!("{text}（{}）", reason.text(self.language)),
                    format!("{text} ({})", reason.text(self.language)),
                );
            }
            tree.part(text, &rule.when);
            if let Some((awaited, by)) = &rule.awaits {
                let by = self.date(by, facts);
                tree.part(self.say(format!("前提（截至{by}）"), format!("awaited until {by}")), awaited);
            }
        }
        for evidence in &program.evidence {
            let kind = self.name(&evidence.kind);
            tree.part(self.say(format!("材料：{kind}"), format!("evidence: {kind}")), &evidence.when);
        }
        tree.lines
    }
}

impl Tree<'_> {
    fn part(&mut self, text: String, expr: &Expr) {
        let result = self.result(expr);
        self.lines.push(TraceLine { depth: 0, text, result, test: None });
        match expr {
            Expr::All(parts) => parts.iter().for_each(|part| self.walk(part, 1)),
            other => self.walk(other, 1),
        }
    }

    fn walk(&mut self, expr: &Expr, depth: usize) {
        let result = self.result(expr);
        let (text, parts) = match expr {
            Expr::Test(at) => return self.test(*at, depth, result),
            Expr::All(parts) => (self.voice.say("全部满足", "all of"), parts.as_slice()),
            Expr::Any(parts) => (self.voice.say("任一满足", "any of"), parts.as_slice()),
            Expr::Not(part) => (self.voice.say("不得满足", "not"), std::slice::from_ref(part.as_ref())),
        };
        self.lines.push(TraceLine { depth, text, result, test: None });
        parts.iter().for_each(|part| self.walk(part, depth.saturating_add(1)));
    }

    fn test(&mut self, at: usize, depth: usize, result: TraceResult) {
        let Some(test) = self.program.tests.get(at) else { return };
        let text = self.voice.sentence(self.program, test, self.facts);
        let demand = self.voice.demand(self.program, test, self.facts);
        let of = self.program.slots.get(test.slot).map_or(FactType::Bool, |slot| slot.of);
        let saw = self.entry(at).map(|entry| self.voice.saw(entry, of)).unwrap_or_default();
        let test = TraceTest {
            id: test.id.clone(),
            pointer: test.pointer.clone(),
            demand: (demand != text).then_some(demand),
            saw,
        };
        self.lines.push(TraceLine { depth, text, result, test: Some(test) });
    }

    fn entry(&self, at: usize) -> Option<&TraceEntry> {
        self.claim.trace.get(at)
    }

    /// What a condition came to, from what its tests came to.
    fn result(&self, expr: &Expr) -> TraceResult {
        use TraceResult::{False, NotEvaluated, True, Unknown};
        let of = |parts: &[Expr]| parts.iter().map(|part| self.result(part)).collect::<Vec<_>>();
        let several = |results: &[TraceResult], decides: TraceResult, otherwise: TraceResult| {
            if results.contains(&decides) {
                decides
            } else if !results.is_empty() && results.iter().all(|one| *one == NotEvaluated) {
                NotEvaluated
            } else if results.iter().all(|one| *one == otherwise) {
                otherwise
            } else {
                Unknown
            }
        };
        match expr {
            Expr::Test(at) => self.entry(*at).map_or(NotEvaluated, |entry| entry.result),
            Expr::All(parts) => several(&of(parts), False, True),
            Expr::Any(parts) => several(&of(parts), True, False),
            Expr::Not(part) => match self.result(part) {
                True => False,
                False => True,
                other => other,
            },
        }
    }
}
