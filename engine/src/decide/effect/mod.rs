//! The benefits of all claims worked out together, in the order of effect: waive, refund, interest, defer or
//! suspend, window, goodwill, hold. Each finds the account as the ones before left it.

mod deferrals;
mod waivers;

use chrono::NaiveDate;

use super::claim::OpenClaim;
use super::decision::{BenefitDecision, Offer, Outcome};
use super::limits::{LimitsLeft, limits_left};
use crate::account::position::Position;
use crate::adjustment::{Adjustment, Amounts};
use crate::benefit::{Effect, EngineError, Given, Ground, extend_window, goodwill, hold, rate};
use crate::facts::Facts;
use crate::money::Money;
use crate::policy::program::{BenefitKind, BenefitProgram, RuleProgram};
use crate::reason::Reason;

/// One benefit of one claim while it is worked out.
pub struct Line<'a> {
    claim: usize,
    rule: &'a RuleProgram,
    benefit: &'a BenefitProgram,
    effect: Effect,
    outcome: Option<Outcome>,
}

/// All benefits of all claims, the position as they leave it, and the offers.
pub struct Worked {
    /// The position after everything that is granted.
    pub after: Position,
    /// Each claim's benefits.
    pub benefits: Vec<Vec<BenefitDecision>>,
    /// Several ways to defer, if the borrower has to choose.
    pub offers: Vec<Offer>,
    /// The position after waivers, before rows change: what a loss in present value is measured from. None where no
    /// benefit changes rows.
    pub relieved: Option<Position>,
}

/// The bench on which claims are worked out.
struct Bench<'a, 'c> {
    claims: &'c [OpenClaim<'a>],
    given: Vec<Given>,
    limits: Vec<LimitsLeft>,
    position: Position,
    /// Of each claim, once deferrals are worked out: the last day of this decision's, or of one that stands for the event.
    relief_ends: Vec<Option<NaiveDate>>,
}

/// Works out the claims that are granted.
pub fn work<'a>(claims: &[OpenClaim<'a>], position: &Position) -> Result<Worked, EngineError> {
    let mut bench =
        Bench { claims, given: Vec::new(), limits: Vec::new(), position: position.clone(), relief_ends: Vec::new() };
    for claim in claims {
        let facts = &claim.facts;
        let since = since(claim);
        let live = || facts.history.own(facts.snapshot.number());
        let own = live().filter(|grant| grant.event == facts.declared.event);
        let beside = live().filter(|grant| grant.event != facts.declared.event && grant.decided_on >= since);
        bench.given.push(Given::of(own, beside)?);
        bench.limits.push(limits_left(claim.program, facts)?);
    }
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        for (place, rule) in claim.rules.iter().filter_map(|place| Some((place, claim.program.rules.get(*place)?))) {
            let promised = claim.follow_up.as_ref().filter(|(rule, _)| rule == place).map(|(_, benefit)| benefit);
            for benefit in rule.benefits.iter().filter(|one| promised.is_none_or(|id| one.id == *id)) {
                lines.push(Line { claim: at, rule, benefit, effect: Effect::nothing(), outcome: None });
            }
        }
    }
    for line in &mut lines {
        bench.admit(line);
    }
    bench.waive(&mut lines)?;
    let relieved = lines.iter().any(Line::changes_rows).then(|| bench.position.clone());
    bench.interest(&mut lines)?;
    let offers = bench.defer(&mut lines)?;
    bench.rest(&mut lines)?;
    let mut benefits: Vec<Vec<BenefitDecision>> = claims.iter().map(|_| Vec::new()).collect();
    for line in lines {
        if let Some(list) = benefits.get_mut(line.claim) {
            list.push(line.decide());
        }
    }
    Ok(Worked { after: bench.position, benefits, offers, relieved })
}

/// The day since which a claim stands as it does: when it was asked for, declared or last amended, or its policy
/// version came into force, whichever is last. What was decided from then on was decided with it.
fn since(claim: &OpenClaim<'_>) -> NaiveDate {
    let facts = &claim.facts;
    let since = claim.program.effective().from.max(facts.declared.stands_since);
    facts.request.map_or(since, |request| since.max(request.requested_on))
}

impl Line<'_> {
    fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether it is of a kind that changes rows.
    const fn changes_rows(&self) -> bool {
        matches!(self.benefit.kind, BenefitKind::Rate { .. } | BenefitKind::Defer(_) | BenefitKind::Suspend(_))
    }

    fn end(&mut self, outcome: Outcome, reason: Reason) {
        self.outcome = Some(outcome);
        self.effect = Effect::because(reason);
    }

    fn decide(self) -> BenefitDecision {
        let Effect { adjustments, mut reasons } = self.effect;
        let outcome = self.outcome.unwrap_or(match (adjustments.is_empty(), reasons.is_empty()) {
            (false, _) => Outcome::Granted,
            (true, false) => Outcome::Referred,
            (true, true) => Outcome::Declined,
        });
        if outcome == Outcome::Declined && reasons.is_empty() {
            reasons.push(Reason::NothingToRelieve);
        }
        BenefitDecision {
            rule: self.rule.id.clone(),
            benefit: self.benefit.id.clone(),
            outcome,
            reasons,
            consent: self.benefit.consent,
            adjustments,
        }
    }
}

impl<'a> Bench<'a, '_> {
    fn ground<R>(
        &self,
        line: &Line<'a>,
        run: impl FnOnce(&Ground<'_>) -> Result<R, EngineError>,
    ) -> Result<Option<R>, EngineError> {
        let (Some(claim), Some(given)) = (self.claims.get(line.claim), self.given.get(line.claim)) else {
            return Ok(None);
        };
        let relief_end = self.relief_ends.get(line.claim).copied().flatten();
        let facts = Facts { relief_end, position: Some(&self.position), ..claim.facts };
        let ground = Ground {
            facts: &facts,
            position: &self.position,
            policy: claim.program.slug(),
            version: claim.program.document.version,
            benefit: line.benefit,
            given,
            since: since(claim),
        };
        run(&ground).map(Some)
    }

    /// Ends lines that a referral or a used-up limit decides.
    fn admit(&self, line: &mut Line<'_>) {
        if let Some(refer) = &line.rule.refer {
            line.end(Outcome::Referred, Reason::Refer { to: refer.to.clone() });
            return;
        }
        let (Some(claim), Some(given), Some(limits)) =
            (self.claims.get(line.claim), self.given.get(line.claim), self.limits.get(line.claim))
        else {
            return;
        };
        let Some(pointer) = &limits.used_up else { return };
        if !limits.used_up_before && self.is_offered(line) {
            return;
        }
        let earlier = given.grants(claim.program.slug(), &line.benefit.id).map(|grant| grant.version).max();
        // Draws, renewals and what a new version tops up do not count again.
        let again = earlier.is_some_and(|version| {
            claim.program.document.version > version
                || match &line.benefit.kind {
                    BenefitKind::Waive(_) => given.standing_order(claim.program.slug(), &line.benefit.id).is_some(),
                    BenefitKind::Suspend(program) => program.renew.is_some(),
                    BenefitKind::Hold(_) => true,
                    BenefitKind::Defer(_)
                    | BenefitKind::Rate { .. }
                    | BenefitKind::Goodwill(_)
                    | BenefitKind::ExtendWindow { .. } => false,
                }
        });
        if !again {
            line.end(Outcome::Declined, Reason::Limit { pointer: pointer.clone() });
        }
    }

    /// Whether the line is of a decision that counts already: this request was answered with the claim's other benefits,
    /// and its ways to defer are offers until one of them is taken.
    fn is_offered(&self, line: &Line<'_>) -> bool {
        let (Some(claim), Some(given)) = (self.claims.get(line.claim), self.given.get(line.claim)) else {
            return false;
        };
        matches!(line.benefit.kind, BenefitKind::Defer(_) | BenefitKind::Suspend(_))
            && claim.facts.request.is_some_and(|request| given.answers(claim.program.slug(), request.requested_on))
    }

    fn apply(&mut self, adjustments: &[Adjustment]) -> Result<(), EngineError> {
        for adjustment in adjustments {
            self.position.apply(adjustment)?;
        }
        Ok(())
    }

    /// At most one change of the rate: the one that forgoes most, ties by the policies' names.
    fn interest(&mut self, lines: &mut [Line<'a>]) -> Result<(), EngineError> {
        let currency = self.position.currency;
        let mut best: Option<(Money, usize)> = None;
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|at| {
            lines.get(*at).and_then(|line| self.claims.get(line.claim)).map(|one| one.claim.policy.clone())
        });
        for at in order {
            let Some(line) = lines.get(at).filter(|line| line.is_open()) else { continue };
            let BenefitKind::Rate { from, until, to } = &line.benefit.kind else { continue };
            let Some(effect) = self.ground(line, |ground| rate::reduce(ground, from, until, *to))? else { continue };
            let other = self.ground(line, |ground| Ok(ground.rate_by_other()))?.flatten();
            if let (Some(other), false, Some(line)) = (other, effect.adjustments.is_empty(), lines.get_mut(at)) {
                line.end(Outcome::Declined, Reason::LostTo { other });
                continue;
            }
            let forgone = Amounts::of(&effect.adjustments, currency)?.forgone_interest;
            if !effect.adjustments.is_empty() && best.is_none_or(|(most, _)| forgone.minor() > most.minor()) {
                best = Some((forgone, at));
            }
            if let Some(line) = lines.get_mut(at) {
                line.effect = effect;
            }
        }
        let Some((_, winner)) = best else { return Ok(()) };
        let other = lines.get(winner).map(|line| self.name(line)).unwrap_or_default();
        for (at, line) in lines.iter_mut().enumerate() {
            if at != winner
                && matches!(line.benefit.kind, BenefitKind::Rate { .. })
                && !line.effect.adjustments.is_empty()
            {
                line.end(Outcome::Declined, Reason::LostTo { other: other.clone() });
            }
        }
        let adjustments = lines.get(winner).map(|line| line.effect.adjustments.clone()).unwrap_or_default();
        self.apply(&adjustments)
    }

    /// `policy/benefit`.
    fn name(&self, line: &Line<'_>) -> String {
        let policy = self.claims.get(line.claim).map(|one| one.claim.policy.as_str()).unwrap_or_default();
        format!("{policy}/{}", line.benefit.id)
    }

    /// Windows, goodwill, holds.
    fn rest(&mut self, lines: &mut [Line<'a>]) -> Result<(), EngineError> {
        for turn in 0..3_u8 {
            for line in lines.iter_mut().filter(|line| line.is_open()) {
                let amount = self.limits.get(line.claim).and_then(|limits| limits.amount.clone());
                let effect = match (&line.benefit.kind, turn) {
                    (BenefitKind::ExtendWindow { window, by }, 0) => {
                        self.ground(line, |ground| extend_window::extend(ground, *window, by))?
                    }
                    (BenefitKind::Goodwill(amounts), 1) => {
                        let most = amount.as_ref().map(|(left, _)| *left);
                        self.ground(line, |ground| goodwill::goodwill(ground, amounts, most))?
                    }
                    (BenefitKind::Hold(program), 2) => self.ground(line, |ground| hold::hold(ground, program))?,
                    _ => None,
                };
                let Some(effect) = effect else { continue };
                if let (BenefitKind::Goodwill(_), Some((left, pointer))) = (&line.benefit.kind, amount)
                    && left.minor() == 0
                    && effect == Effect::nothing()
                {
                    line.end(Outcome::Declined, Reason::Limit { pointer });
                    continue;
                }
                self.apply(&effect.adjustments)?;
                line.effect = effect;
            }
        }
        for line in lines.iter_mut().filter(|line| line.is_open()) {
            let limited = |reason: &Reason| matches!(reason, Reason::Limit { .. });
            if line.effect.adjustments.is_empty() && line.effect.reasons.iter().any(limited) {
                line.outcome = Some(Outcome::Declined);
            }
        }
        Ok(())
    }
}
