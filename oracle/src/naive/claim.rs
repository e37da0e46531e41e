//! One policy and event: who is eligible, which rules hold, what is asked, shown and awaited first.

use chrono::NaiveDate;
use forbear_engine::decide::decision::{AwaitingDecision, Claim, EvidenceRequest, Outcome, TraceEntry, TraceResult};
use forbear_engine::history::Grant;
use forbear_engine::policy::document::{DayCountRule, EvidenceDue, HitPolicy, StartBy};
use forbear_engine::reason::Reason;

use super::condition::{Conditions, Truth};
use super::settle::{Resolved, Settled, resolve, settle, start_of, starts, too_late};
use super::value::{Gap, Seen};
use super::{Scene, day};

/// A claim before its benefits are worked out.
pub struct Open<'a> {
    /// What it reads.
    pub scene: Scene<'a>,
    /// So far.
    pub claim: Claim,
    /// Rules whose benefits are to be worked out.
    pub rules: Vec<usize>,
    /// The deferral that an ended suspension promised: rule and benefit.
    pub promised: Option<(usize, String)>,
}

/// What the tests of a policy see and come to.
struct Sight {
    seen: Vec<Vec<Seen>>,
    truths: Vec<Truth>,
    gaps: Vec<Option<Gap>>,
}

/// Absent, whatever it is.
#[must_use]
pub fn absent() -> Reason {
    Reason::Absent { what: String::new() }
}

/// Settles one policy for one declaration.
#[must_use]
pub fn open(scene: Scene<'_>) -> Open<'_> {
    let conditions = Conditions::of(scene.policy, &scene.context.attributes);
    let seen: Vec<Vec<Seen>> = conditions.tests.iter().map(|test| scene.see(test)).collect();
    let (truths, gaps) = conditions.tests.iter().zip(&seen).map(|(test, seen)| scene.truth(test, seen)).unzip();
    let sight = Sight { seen, truths, gaps };
    let mut open = Open { scene, claim: blank(&scene), rules: Vec::new(), promised: promised(&scene) };
    let part = match open.waited_for() {
        Some(rule) => {
            open.hit(vec![rule]);
            vec![rule]
        }
        None => open.settle(&conditions, &sight),
    };
    match open.promised.clone() {
        Some((rule, _)) if open.rules.contains(&rule) => open.promised = None,
        Some((rule, _)) => {
            open.rules.push(rule);
            open.claim.outcome = Outcome::Granted;
            open.claim.reasons.clear();
        }
        None => {}
    }
    if open.claim.outcome == Outcome::Granted {
        open.claim.rules = open.rules.iter().map(|at| scene.policy.rules[*at].id.clone()).collect();
        open.evidence(&conditions, &sight);
        open.awaits(&conditions, &sight);
        open.clocks();
    }
    open.claim.trace = trace(&scene, &conditions, &part, &sight);
    open
}

fn blank(scene: &Scene<'_>) -> Claim {
    Claim {
        policy: scene.policy.policy.clone(),
        version: scene.policy.version,
        digest: String::new(),
        event: scene.standing.document.event.clone(),
        declaration: scene.standing.document.declaration.clone(),
        amendment: scene.standing.amendment,
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

/// The benefit that follows the suspension of a grant.
#[must_use]
pub fn then(grant: &Grant) -> Option<String> {
    use forbear_engine::adjustment::Adjustment;
    grant.adjustments.iter().find_map(|one| match one {
        Adjustment::Suspension(suspension) => suspension.then.clone(),
        _ => None,
    })
}

/// The deferral promised by the last suspension of this policy and event, once that is over.
fn promised(scene: &Scene<'_>) -> Option<(usize, String)> {
    let grants = scene.own_grants();
    let own = |grant: &&Grant| grant.policy == scene.policy.policy && grant.event == scene.standing.document.event;
    let grants: Vec<&Grant> = grants.filter(own).collect();
    let last = grants.iter().rev().find(|grant| then(grant).is_some())?;
    let follows = then(last)?;
    let over = super::fact::ends_on(last).is_some_and(|end| end < scene.today());
    let given = grants.iter().any(|grant| grant.benefit == follows && grant.decided_on >= last.decided_on);
    let rule = scene.policy.rules.iter().position(|rule| rule.id == last.rule)?;
    (over && !given).then_some((rule, follows))
}

impl Open<'_> {
    fn hit(&mut self, rules: Vec<usize>) {
        self.claim.outcome = Outcome::Granted;
        self.rules = rules;
    }

    /// The rule of a decision that waits: eligibility keeps the values that it had.
    fn waited_for(&self) -> Option<usize> {
        let claim = &self.claim;
        let own = self
            .scene
            .history
            .awaiting
            .iter()
            .find(|one| one.policy == claim.policy && one.version == claim.version && one.event == claim.event)?;
        self.scene.policy.rules.iter().position(|rule| rule.id == own.rule)
    }

    /// Why a rule does not take part in this kind of start.
    fn kept_out(&self, rule: usize) -> Option<Reason> {
        let (scene, rule) = (&self.scene, &self.scene.policy.rules[rule]);
        match scene.request {
            None => (!starts(scene, rule, StartBy::Proactive)).then_some(Reason::OnRequestOnly),
            Some(_) if !starts(scene, rule, StartBy::Request) => Some(Reason::ProactiveOnly),
            Some(_) => too_late(scene, rule).map(|apply_by| Reason::TooLate { apply_by }),
        }
    }

    fn settle(&mut self, conditions: &Conditions<'_>, sight: &Sight) -> Vec<usize> {
        let all = 0..self.scene.policy.rules.len();
        let part: Vec<usize> = all.clone().filter(|at| self.kept_out(*at).is_none()).collect();
        match resolve(&self.scene, conditions, &part, &sight.seen, &sight.truths) {
            Resolved::Settled(Settled::Hit(rules, _)) => self.hit(rules),
            Resolved::Settled(_) => {
                let others: Vec<usize> = all.filter(|at| self.kept_out(*at).is_some()).collect();
                let why = |at: Option<&usize>| at.and_then(|at| self.kept_out(*at)).unwrap_or(Reason::NoRule);
                let reason = match settle(&self.scene, conditions, &others, &sight.truths) {
                    Settled::NotEligible => Reason::NotEligible,
                    Settled::Hit(rules, _) => why(rules.first()),
                    Settled::Unknown => why(others.first()),
                    Settled::NoRule => Reason::NoRule,
                };
                self.claim.reasons.push(reason);
            }
            Resolved::Ask(facts, exact, holding) => {
                self.claim.questions = facts;
                self.claim.questions_exact = Some(exact);
                if holding.is_empty() {
                    self.claim.outcome = Outcome::NeedsInformation;
                    self.claim.reasons.push(Reason::Questions);
                } else {
                    self.hit(holding);
                }
            }
            Resolved::Refer(holding) => {
                self.claim.reasons.push(absent());
                if holding.is_empty() {
                    self.claim.outcome = Outcome::Referred;
                } else {
                    self.hit(holding);
                }
            }
        }
        part
    }

    fn evidence(&mut self, conditions: &Conditions<'_>, sight: &Sight) {
        let supplied = self.scene.request.map(|request| request.evidence.clone()).unwrap_or_default();
        for (one, when) in self.scene.policy.evidence.iter().zip(&conditions.evidence) {
            let askable = when.tests().iter().any(|at| matches!(sight.gaps[*at], Some(Gap::Ask(_))));
            let due = match when.truth(&sight.truths) {
                Some(due) => due,
                // What the borrower has not claimed needs no proof; what the lender cannot tell does.
                None => !askable,
            };
            if !due {
                continue;
            }
            let there = supplied.contains(&one.kind);
            if one.due == EvidenceDue::BeforeDecision && !there {
                self.claim.outcome = Outcome::NeedsInformation;
                self.claim.reasons.push(Reason::Evidence { kind: one.kind.clone() });
                self.rules.clear();
            }
            self.claim.evidence.push(EvidenceRequest { kind: one.kind.clone(), due: one.due, supplied: there });
        }
    }

    fn awaits(&mut self, conditions: &Conditions<'_>, sight: &Sight) {
        let mut ready = Vec::new();
        for at in self.rules.clone() {
            let rule = &self.scene.policy.rules[at];
            let (Some(tests), Some(awaits)) = (&conditions.rules[at].1, &rule.awaits) else {
                ready.push(at);
                continue;
            };
            let by = self.scene.moment(&awaits.by, None).ok().and_then(super::moment::Moment::day);
            if tests.truth(&sight.truths) == Some(true) {
                ready.push(at);
            } else if let Some(by) = by.filter(|by| *by < self.scene.today()) {
                self.claim.reasons.push(Reason::AwaitExpired { by });
            } else {
                let open = tests.tests().into_iter().filter(|at| sight.truths[*at] != Some(true));
                let tests = open.map(|at| conditions.tests[at].id.clone()).collect();
                let by = by.unwrap_or(NaiveDate::MAX);
                self.claim.awaiting = Some(AwaitingDecision { rule: rule.id.clone(), tests, by });
            }
        }
        self.rules = ready;
        if self.rules.is_empty() && self.claim.awaiting.is_none() && self.claim.outcome == Outcome::Granted {
            self.claim.outcome = Outcome::Declined;
        }
    }

    fn clocks(&mut self) {
        let scene = &self.scene;
        let starts: Vec<_> = self.rules.iter().map(|at| start_of(scene, &scene.policy.rules[*at])).collect();
        match scene.request {
            None => {
                let ends = starts.iter().filter_map(|start| start.opt_out.as_ref());
                self.claim.opt_out_by = ends.map(|rule| self.ends(rule, scene.today())).max();
            }
            Some(request) => {
                let ends = starts.iter().filter_map(|start| start.answer_within.as_ref());
                self.claim.answer_by = ends.map(|rule| self.ends(rule, request.requested_on)).min();
            }
        }
    }

    fn ends(&self, rule: &DayCountRule, after: NaiveDate) -> NaiveDate {
        let mut at = after;
        for _ in 0..rule.days.unwrap_or(0) {
            at = day::plus(at, 1).unwrap();
        }
        for _ in 0..rule.business_days.unwrap_or(0) {
            at = day::plus(at, 1).unwrap();
            while !day::is_worked(&self.scene.context.calendar, at) {
                at = day::plus(at, 1).unwrap();
            }
        }
        at
    }
}

/// Tests that were looked at: those of the eligibility; if it is not false, of the rules that take part up to the
/// first that holds under `first`, of what they await, and of evidence.
fn trace(scene: &Scene<'_>, conditions: &Conditions<'_>, part: &[usize], sight: &Sight) -> Vec<TraceEntry> {
    let mut looked = conditions.eligible.tests();
    if conditions.eligible.truth(&sight.truths) != Some(false) {
        for at in part {
            let (when, awaits) = &conditions.rules[*at];
            looked.extend(when.tests());
            looked.extend(awaits.iter().flat_map(super::condition::Tree::tests));
            if scene.policy.hit_policy == HitPolicy::First && when.truth(&sight.truths) == Some(true) {
                break;
            }
        }
        looked.extend(conditions.evidence.iter().flat_map(super::condition::Tree::tests));
    }
    let entry = |(at, test): (usize, &super::condition::Test<'_>)| TraceEntry {
        test: test.id.clone(),
        pointer: String::new(),
        result: match sight.truths[at] {
            _ if !looked.contains(&at) => TraceResult::NotEvaluated,
            Some(true) => TraceResult::True,
            Some(false) => TraceResult::False,
            None => TraceResult::Unknown,
        },
        saw: Vec::new(),
        unknown: None,
    };
    conditions.tests.iter().enumerate().map(entry).collect()
}
