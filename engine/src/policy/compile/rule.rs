//! Rules: when they hold, how relief starts under them, who decides, what has to happen first. And evidence.

use super::date::Anchors;
use super::{Compiler, each};
use crate::policy::document::{DayCountRule, Evidence, Rule, RuleStart, Start, StartBy};
use crate::policy::problem::{At, Problem};
use crate::policy::program::{EvidenceProgram, RuleProgram, StartProgram};

impl Compiler<'_> {
    pub(super) fn start(&mut self, start: &Start, at: &At) -> Option<StartProgram> {
        self.start_by(&start.by, at);
        let apply_by = self.optional_date(start.apply_by.as_ref(), &at.key("apply_by"), Anchors::Before);
        self.day_count(start.opt_out.as_ref(), &at.key("opt_out"));
        self.day_count(start.answer_within.as_ref(), &at.key("answer_within"));
        Some(StartProgram {
            by: start.by.clone(),
            apply_by: apply_by?,
            opt_out: start.opt_out.clone(),
            answer_within: start.answer_within.clone(),
        })
    }

    fn start_by(&mut self, by: &[StartBy], at: &At) {
        self.list(by, "way to start", &at.key("by"));
    }

    /// Days or working days, one of them.
    fn day_count(&mut self, count: Option<&DayCountRule>, at: &At) {
        let Some(count) = count else { return };
        let message = match (count.days, count.business_days) {
            (Some(0), None) | (None, Some(0)) => "0 days is no time at all",
            (Some(_), None) | (None, Some(_)) => return,
            (None, None) => "the time has no length",
            (Some(_), Some(_)) => "the time is given twice",
        };
        let help = "give either \"days\" or \"business_days\", such as {\"days\": 20}";
        self.report(Problem::error("day-count", at, message).help(help));
    }

    /// A rule's own start over the policy's.
    fn rule_start(&mut self, own: Option<&RuleStart>, base: Option<&StartProgram>, at: &At) -> Option<StartProgram> {
        let Some(own) = own else { return base.cloned() };
        if let Some(by) = &own.by {
            self.start_by(by, at);
        }
        let apply_by = self.optional_date(own.apply_by.as_ref(), &at.key("apply_by"), Anchors::Before);
        self.day_count(own.opt_out.as_ref(), &at.key("opt_out"));
        self.day_count(own.answer_within.as_ref(), &at.key("answer_within"));
        let (apply_by, base) = (apply_by?, base?);
        Some(StartProgram {
            by: own.by.clone().unwrap_or_else(|| base.by.clone()),
            apply_by: apply_by.or_else(|| base.apply_by.clone()),
            opt_out: own.opt_out.clone().or_else(|| base.opt_out.clone()),
            answer_within: own.answer_within.clone().or_else(|| base.answer_within.clone()),
        })
    }

    pub(super) fn rules(&mut self, rules: &[Rule], start: Option<&StartProgram>, at: &At) -> Option<Vec<RuleProgram>> {
        if rules.is_empty() {
            let problem = Problem::error("empty-list", at, "the policy has no rules, so it grants nothing");
            self.report(problem.help("add a rule with an \"id\" and its \"benefits\""));
        }
        each(rules, |index, rule| self.rule(rule, start, &at.index(index)))
    }

    fn rule(&mut self, rule: &Rule, start: Option<&StartProgram>, at: &At) -> Option<RuleProgram> {
        self.text(rule.title.as_ref(), &at.key("title"));
        let scope = format!("rules/{}", rule.id);
        let when = self.optional_condition(rule.when.as_ref(), &at.key("when"), &scope);
        let start = self.rule_start(rule.start.as_ref(), start, &at.key("start"));
        if let Some(refer) = &rule.refer {
            let at = at.key("refer");
            self.text(refer.reason.as_ref(), &at.key("reason"));
            if refer.to.trim().is_empty() {
                let problem = Problem::error("empty-name", &at.key("to"), "it is referred to nobody");
                self.report(problem.help("write reviewer, funder, guarantor or a desk of the lender"));
            }
        }
        let awaits = match &rule.awaits {
            None => Some(None),
            Some(awaits) => {
                let at = at.key("await");
                let tests = self.optional_condition(Some(&awaits.tests), &at.key("tests"), &format!("{scope}/await"));
                let by = self.date(&awaits.by, &at.key("by"), Anchors::Before);
                tests.zip(by).map(Some)
            }
        };
        if rule.benefits.is_empty() && rule.refer.is_none() {
            let message = format!("the rule \"{}\" grants nothing", rule.id);
            let problem = Problem::error("empty-list", at, message);
            self.report(problem.help("add \"benefits\", or \"refer\" it to a person"));
        }
        let benefits = each(&rule.benefits, |index, benefit| {
            self.benefit(benefit, &rule.benefits, &at.key("benefits").index(index))
        });
        Some(RuleProgram {
            id: rule.id.clone(),
            title: rule.title.clone(),
            when: when?,
            start: start?,
            refer: rule.refer.clone(),
            awaits: awaits?,
            benefits: benefits?,
        })
    }

    pub(super) fn evidence(&mut self, evidence: &Evidence, index: usize, at: &At) -> Option<EvidenceProgram> {
        if evidence.kind.trim().is_empty() {
            let help = "write self_statement, photo, insurance_claim, income_proof or a kind of the lender's own";
            self.report(Problem::error("empty-name", &at.key("kind"), "the evidence has no kind").help(help));
        }
        let when = self.optional_condition(evidence.when.as_ref(), &at.key("when"), &format!("evidence/{index}"));
        Some(EvidenceProgram { kind: evidence.kind.clone(), due: evidence.due, when: when? })
    }
}
