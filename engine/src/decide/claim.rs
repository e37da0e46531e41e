//! What one policy says of an account for one declaration: eligibility, rule, questions, and what is due first.

use chrono::NaiveDate;

use super::change::would_have_to_change;
use super::decision::{AwaitingDecision, Claim, EvidenceRequest, Outcome};
use super::questions::{Resolved, resolve};
use super::settle::{Settled, settle};
use super::trace::trace;
use super::truth::{Sight, Truth, fold};
use super::{Detail, Inputs};
use crate::benefit::EngineError;
use crate::dates::add_days;
use crate::facts::Facts;
use crate::history::Grant;
use crate::money::MoneyError;
use crate::policy::document::{DayCountRule, EvidenceDue, StartBy};
use crate::policy::program::{Program, RuleProgram};
use crate::reason::Reason;

/// A claim whose rules are settled; its benefits are worked out together with those of other policies.
pub struct OpenClaim<'a> {
    /// The policy.
    pub program: &'a Program,
    /// What it reads.
    pub facts: Facts<'a>,
    /// The claim so far.
    pub claim: Claim,
    /// Rules that hold and whose benefits are to be worked out, by place.
    pub rules: Vec<usize>,
    /// The deferral that follows a suspension which has ended: its rule, by place, and its benefit. The suspension
    /// promised it, whether or not the rule still holds.
    pub follow_up: Option<(usize, String)>,
}

/// Rules that do not take part, by place, and why.
type KeptOut = Vec<(usize, Reason)>;

/// Settles one policy for one declaration.
pub fn open<'a>(inputs: &Inputs<'a>, program: &'a Program, facts: Facts<'a>) -> Result<OpenClaim<'a>, EngineError> {
    let sight = Sight::of(program, &facts)?;
    let claim = blank(program, &facts);
    let mut open = OpenClaim { program, claim, follow_up: follow_up(program, &facts), facts, rules: Vec::new() };
    let part = match open.waiting(inputs) {
        Some(rule) => {
            open.rules = vec![rule];
            open.claim.outcome = Outcome::Granted;
            vec![rule]
        }
        None => open.settle(inputs, &sight)?,
    };
    open.keep_promise();
    if open.claim.outcome == Outcome::Granted {
        open.claim.rules =
            open.rules.iter().filter_map(|at| program.rules.get(*at)).map(|rule| rule.id.clone()).collect();
        open.ask_for_evidence(&sight);
        open.await_tests(&sight)?;
        open.set_clocks();
    }
    if inputs.detail == Detail::Full {
        open.claim.trace = trace(program, &part, &sight, inputs.regions);
    }
    Ok(open)
}

fn blank(program: &Program, facts: &Facts<'_>) -> Claim {
    Claim {
        policy: program.slug().to_owned(),
        version: program.document.version,
        digest: program.digest.clone(),
        event: facts.declared.event.clone(),
        declaration: facts.declared.declaration.clone(),
        amendment: facts.declared.amendment,
        outcome: Outcome::Declined,
        reasons: Vec::new(),
        rules: Vec::new(),
        questions: Vec::new(),
        questions_exact: None,
        would_have_to_change: Vec::new(),
        benefits: Vec::new(),
        awaiting: None,
        evidence: Vec::new(),
        opt_out_by: None,
        answer_by: None,
        approval: None,
        trace: Vec::new(),
    }
}

/// A suspension of this policy and event that has ended and whose deferral has not been granted yet.
fn follow_up(program: &Program, facts: &Facts<'_>) -> Option<(usize, String)> {
    let own = |grant: &&Grant| grant.policy == program.slug() && grant.event == facts.declared.event;
    let grants: Vec<&Grant> = facts.history.own(facts.snapshot.number()).filter(own).collect();
    let suspended = grants.iter().rev().find_map(|grant| Some((grant, grant.then()?)))?;
    let (grant, then) = suspended;
    let over = grant.ends_on().is_some_and(|end| end < facts.context.today);
    let done = grants.iter().any(|other| other.benefit == then && other.decided_on >= grant.decided_on);
    let rule = program.rules.iter().position(|rule| rule.id == grant.rule)?;
    (over && !done).then(|| (rule, then.to_owned()))
}

impl<'a> OpenClaim<'a> {
    /// The deferral that a suspension promised is worked out even when its rule does not hold any longer.
    fn keep_promise(&mut self) {
        match &self.follow_up {
            Some((rule, _)) if self.rules.contains(rule) => self.follow_up = None,
            Some((rule, _)) => {
                self.rules.push(*rule);
                self.claim.outcome = Outcome::Granted;
                self.claim.reasons.clear();
            }
            None => {}
        }
    }

    /// The rule of a decision that waits for its tests: eligibility keeps the values of the day it was made.
    fn waiting(&self, inputs: &Inputs<'_>) -> Option<usize> {
        let own = |rule: &&crate::history::Awaiting| {
            rule.policy == self.claim.policy && rule.version == self.claim.version && rule.event == self.claim.event
        };
        let waiting = inputs.history.awaiting.iter().find(own)?;
        self.program.rules.iter().position(|rule| rule.id == waiting.rule)
    }

    /// Eligibility and rules; returns the rules that took part.
    fn settle(&mut self, inputs: &Inputs<'_>, sight: &Sight<'a>) -> Result<Vec<usize>, EngineError> {
        let (part, kept_out) = self.partners(inputs)?;
        let resolved = resolve(self.program, &part, sight, &self.facts)?;
        match resolved {
            Resolved::Settled(Settled::Hit { rules, .. }) => self.hit(rules),
            Resolved::Settled(_) => self.decline(inputs, sight, &part, kept_out)?,
            Resolved::Ask { facts, exact, known } => {
                self.claim.questions = facts;
                self.claim.questions_exact = Some(exact);
                if known.is_empty() {
                    self.claim.outcome = Outcome::NeedsInformation;
                    self.claim.reasons.push(Reason::Questions);
                } else {
                    // Under `all`, what is known is granted while the rest is asked for.
                    self.hit(known);
                }
            }
            Resolved::Refer { missing, known } => {
                let absent = missing.into_iter().map(|what| Reason::Absent { what });
                self.claim.reasons.extend(absent);
                if known.is_empty() {
                    self.claim.outcome = Outcome::Referred;
                } else {
                    self.hit(known);
                }
            }
        }
        Ok(part)
    }

    fn hit(&mut self, rules: Vec<usize>) {
        self.claim.outcome = Outcome::Granted;
        self.rules = rules;
    }

    /// Rules that take part in this kind of start, and why others do not.
    fn partners(&self, inputs: &Inputs<'_>) -> Result<(Vec<usize>, KeptOut), MoneyError> {
        let (mut part, mut kept_out) = (Vec::new(), Vec::new());
        for (at, rule) in self.program.rules.iter().enumerate() {
            let kept = match inputs.request {
                None if !rule.start.by.contains(&StartBy::Proactive) => Some(Reason::OnRequestOnly),
                Some(_) if !rule.start.by.contains(&StartBy::Request) => Some(Reason::ProactiveOnly),
                Some(request) => self.too_late(rule, request.requested_on)?,
                None => None,
            };
            match kept {
                Some(reason) => kept_out.push((at, reason)),
                None => part.push(at),
            }
        }
        Ok((part, kept_out))
    }

    fn too_late(&self, rule: &RuleProgram, requested_on: NaiveDate) -> Result<Option<Reason>, MoneyError> {
        let Some(expr) = &rule.start.apply_by else { return Ok(None) };
        let last = self.facts.date(expr)?.ok().and_then(crate::facts::moment::Moment::day);
        Ok(last.filter(|last| requested_on > *last).map(|apply_by| Reason::TooLate { apply_by }))
    }

    /// Declined: by eligibility, for want of a rule, or because the rule that holds does not start this way.
    fn decline(
        &mut self,
        inputs: &Inputs<'_>,
        sight: &Sight<'a>,
        part: &[usize],
        kept_out: KeptOut,
    ) -> Result<(), EngineError> {
        let others: Vec<usize> = kept_out.iter().map(|(at, _)| *at).collect();
        let otherwise = settle(self.program, &others, &sight.truths);
        let reason = match otherwise {
            Settled::NotEligible => Reason::NotEligible,
            Settled::Hit { rules, .. } => {
                let first = rules.first().copied();
                kept_out.into_iter().find(|(at, _)| Some(*at) == first).map_or(Reason::NoRule, |(_, reason)| reason)
            }
            Settled::Unknown if !others.is_empty() => {
                kept_out.into_iter().next().map_or(Reason::NoRule, |(_, reason)| reason)
            }
            Settled::Unknown | Settled::NoRule => Reason::NoRule,
        };
        if inputs.detail != Detail::Lean {
            let name = |at: usize| self.program.tests.get(at).map(|test| test.id.clone());
            let sets = would_have_to_change(self.program, part, &sight.truths, &self.facts)?;
            let names = sets.into_iter().map(|set| set.into_iter().filter_map(name).collect());
            self.claim.would_have_to_change = names.collect();
        }
        self.claim.reasons.push(reason);
        Ok(())
    }

    /// Evidence that is asked for, and whether something has to be there before anything is decided.
    fn ask_for_evidence(&mut self, sight: &Sight<'a>) {
        let supplied = self.facts.request.map(|request| request.evidence.as_slice()).unwrap_or_default();
        for evidence in &self.program.evidence {
            let askable =
                |test: &usize| sight.missing.get(*test).copied().flatten().is_some_and(|one| one.is_askable());
            match fold(&evidence.when, &sight.truths) {
                Truth::True => {}
                // What a borrower has not claimed needs no proof; what the lender cannot tell does.
                Truth::Unknown if !evidence.when.tests().iter().any(askable) => {}
                Truth::Unknown | Truth::False => continue,
            }
            let there = supplied.contains(&evidence.kind);
            if evidence.due == EvidenceDue::BeforeDecision && !there {
                self.claim.outcome = Outcome::NeedsInformation;
                self.claim.reasons.push(Reason::Evidence { kind: evidence.kind.clone() });
                self.rules.clear();
            }
            let request = EvidenceRequest { kind: evidence.kind.clone(), due: evidence.due, supplied: there };
            self.claim.evidence.push(request);
        }
    }

    /// A rule that waits for tests is not worked out before they hold; after its last day it is declined.
    fn await_tests(&mut self, sight: &Sight<'a>) -> Result<(), EngineError> {
        let mut ready = Vec::new();
        for at in std::mem::take(&mut self.rules) {
            let Some(rule) = self.program.rules.get(at) else { continue };
            let Some((tests, by)) = &rule.awaits else {
                ready.push(at);
                continue;
            };
            let by = self.facts.date(by)?.ok().and_then(crate::facts::moment::Moment::day);
            if fold(tests, &sight.truths) == Truth::True {
                ready.push(at);
            } else if let Some(by) = by.filter(|by| *by < self.facts.context.today) {
                self.claim.reasons.push(Reason::AwaitExpired { by });
            } else {
                let open = tests.tests().into_iter().filter(|test| sight.truths.get(*test) != Some(&Truth::True));
                let names = open.filter_map(|test| self.program.tests.get(test)).map(|test| test.id.clone());
                let by = by.unwrap_or(NaiveDate::MAX);
                self.claim.awaiting = Some(AwaitingDecision { rule: rule.id.clone(), tests: names.collect(), by });
            }
        }
        self.rules = ready;
        if self.rules.is_empty() && self.claim.awaiting.is_none() && self.claim.outcome == Outcome::Granted {
            self.claim.outcome = Outcome::Declined;
        }
        Ok(())
    }

    /// Opt-out and answer days: the latest and the earliest of the rules that hold.
    fn set_clocks(&mut self) {
        let rules: Vec<&RuleProgram> = self.rules.iter().filter_map(|at| self.program.rules.get(*at)).collect();
        let today = self.facts.context.today;
        if self.facts.request.is_none() {
            let ends = rules.iter().filter_map(|rule| self.ends(rule.start.opt_out.as_ref()?, today));
            self.claim.opt_out_by = ends.max();
        }
        if let Some(request) = self.facts.request {
            let ends =
                rules.iter().filter_map(|rule| self.ends(rule.start.answer_within.as_ref()?, request.requested_on));
            self.claim.answer_by = ends.min();
        }
    }

    /// The last day of a number of days that begins after a day.
    fn ends(&self, rule: &DayCountRule, after: NaiveDate) -> Option<NaiveDate> {
        match (rule.days, rule.business_days) {
            (Some(days), _) => add_days(after, i64::from(days)),
            (None, Some(count)) => {
                let mut day = after;
                let mut left = count;
                while left > 0 {
                    day = day.succ_opt()?;
                    if self.facts.context.calendar.is_business_day(day) {
                        left = left.saturating_sub(1);
                    }
                }
                Some(day)
            }
            (None, None) => None,
        }
    }
}
