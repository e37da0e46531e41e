//! The benefits of all claims worked out together, in the order of effect: waive, refund, interest, defer or
//! suspend, window, goodwill, hold. Each finds the account as the ones before left it.

use std::collections::BTreeMap;

use super::claim::OpenClaim;
use super::combine::{WaiverClaim, combine};
use super::decision::{BenefitDecision, Offer, Outcome};
use super::facts::Facts;
use super::limits::{LimitsLeft, limits_left};
use super::reason::Reason;
use crate::account::parts::Parts;
use crate::account::position::Position;
use crate::adjustment::{Adjustment, Amounts, Credited, Relieved, StandingOrder};
use crate::benefit::waive::prepare;
use crate::benefit::{Effect, EngineError, Given, Ground, defer, extend_window, goodwill, hold, rate, suspend};
use crate::money::Money;
use crate::policy::document::{IfPaid, Part};
use crate::policy::program::{BenefitKind, BenefitProgram, RuleProgram};

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
    /// The position after waivers, before rows change: what a loss in present value is measured from.
    pub relieved: Position,
}

/// The bench on which claims are worked out.
struct Bench<'a, 'c> {
    claims: &'c [OpenClaim<'a>],
    given: Vec<Given>,
    limits: Vec<LimitsLeft>,
    position: Position,
    relief_end: Option<chrono::NaiveDate>,
}

/// Works out the claims that are granted.
pub fn work<'a>(claims: &[OpenClaim<'a>], position: &Position) -> Result<Worked, EngineError> {
    let mut bench =
        Bench { claims, given: Vec::new(), limits: Vec::new(), position: position.clone(), relief_end: None };
    for claim in claims {
        let facts = &claim.facts;
        let own = facts.history.own(&facts.account.account).filter(|grant| grant.event == facts.declared.event);
        bench.given.push(Given::of(own)?);
        bench.limits.push(limits_left(claim.program, facts)?);
    }
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        for rule in claim.rules.iter().filter_map(|rule| claim.program.rules.get(*rule)) {
            for benefit in &rule.benefits {
                lines.push(Line { claim: at, rule, benefit, effect: Effect::nothing(), outcome: None });
            }
        }
    }
    for line in &mut lines {
        bench.admit(line);
    }
    bench.waive(&mut lines)?;
    let relieved = bench.position.clone();
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

impl Line<'_> {
    fn is_open(&self) -> bool {
        self.outcome.is_none()
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
        let facts = Facts { relief_end: self.relief_end, position: &self.position, ..claim.facts };
        let ground = Ground {
            facts: &facts,
            position: &self.position,
            policy: claim.program.slug(),
            version: claim.program.document.version,
            benefit: line.benefit,
            given,
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

    fn apply(&mut self, adjustments: &[Adjustment]) -> Result<(), EngineError> {
        for adjustment in adjustments {
            self.position.apply(adjustment)?;
        }
        Ok(())
    }

    /// Waivers and refunds: the best assignment of targets to policies.
    fn waive(&mut self, lines: &mut [Line<'a>]) -> Result<(), EngineError> {
        let mut claims: Vec<WaiverClaim> = Vec::new();
        for (claim, limits) in self.claims.iter().zip(&self.limits) {
            claims.push(WaiverClaim {
                policy: claim.claim.policy.clone(),
                waivers: Vec::new(),
                limit_left: limits.amount.as_ref().map(|(left, _)| *left),
            });
        }
        // The place of each waiver's line: claim, waiver.
        let mut places: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut standing: Vec<(usize, StandingOrder)> = Vec::new();
        for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.is_open()) {
            let BenefitKind::Waive(program) = &line.benefit.kind else { continue };
            let Some(mut prepared) = self.ground(line, |ground| prepare(ground, program))? else { continue };
            line.effect.reasons = std::mem::take(&mut prepared.reasons);
            standing.extend(prepared.standing.take().map(|order| (at, order)));
            if let Some(claim) = claims.get_mut(line.claim) {
                places.insert((line.claim, claim.waivers.len()), at);
                claim.waivers.push(prepared);
            }
        }
        let combination = combine(&claims, self.position.currency)?;
        let if_paid = |claim: usize, waiver: usize| {
            claims.get(claim).and_then(|one| one.waivers.get(waiver)).map(|prepared| prepared.if_paid)
        };
        for taken in &combination.taken {
            let mut done: Vec<Adjustment> = taken.waived.clone().map(Adjustment::Waiver).into_iter().collect();
            if let Some(refunded) = &taken.refunded {
                done.extend(match if_paid(taken.claim, taken.waiver) {
                    Some(IfPaid::CreditNext) => self.credit(refunded)?,
                    _ => vec![Adjustment::Refund(refunded.clone())],
                });
            }
            self.apply(&done)?;
            if let Some(line) = places.get(&(taken.claim, taken.waiver)).and_then(|at| lines.get_mut(*at)) {
                line.effect.adjustments.extend(done);
            }
        }
        for (claim, waiver, winner) in &combination.lost {
            let other = self.claims.get(*winner).map(|one| one.claim.policy.clone()).unwrap_or_default();
            if let Some(line) = places.get(&(*claim, *waiver)).and_then(|at| lines.get_mut(*at)) {
                note(line, Reason::LostTo { other });
            }
        }
        for (claim, waiver) in &combination.limited {
            let pointer = self.limits.get(*claim).and_then(|limits| limits.amount.as_ref()).map(|(_, at)| at.clone());
            if let (Some(pointer), Some(line)) =
                (pointer, places.get(&(*claim, *waiver)).and_then(|at| lines.get_mut(*at)))
            {
                note(line, Reason::Limit { pointer });
            }
        }
        self.settle_waivers(lines, standing)
    }

    /// Standing orders for what is still to accrue; a waiver that only lost or was cut to nothing is declined.
    fn settle_waivers(
        &mut self,
        lines: &mut [Line<'a>],
        standing: Vec<(usize, StandingOrder)>,
    ) -> Result<(), EngineError> {
        let currency = self.position.currency;
        for (at, mut order) in standing {
            let Some(line) = lines.get_mut(at) else { continue };
            let taken = Amounts::of(&line.effect.adjustments, currency)?.given()?;
            if let Some(left) = order.cap_left {
                order.cap_left = Some(left.sub(&taken)?);
            }
            if order.cap_left.is_none_or(|left| left.minor() > 0) {
                line.effect.adjustments.push(Adjustment::StandingOrder(order));
            }
        }
        for line in lines.iter_mut().filter(|line| line.is_open() && matches!(line.benefit.kind, BenefitKind::Waive(_)))
        {
            let only = |reason: &Reason| matches!(reason, Reason::LostTo { .. } | Reason::Limit { .. });
            if line.effect.adjustments.is_empty()
                && !line.effect.reasons.is_empty()
                && line.effect.reasons.iter().all(only)
            {
                line.outcome = Some(Outcome::Declined);
            }
            let given = Amounts::of(&line.effect.adjustments, currency)?.given()?;
            if let Some((left, _)) = self.limits.get_mut(line.claim).and_then(|limits| limits.amount.as_mut()) {
                *left = Money::new(left.sub(&given)?.minor().max(0), currency);
            }
        }
        Ok(())
    }

    /// A credit pays the rows to come, the next one first: fees, interest, principal; what no row can take is
    /// refunded.
    fn credit(&self, refunded: &Relieved) -> Result<Vec<Adjustment>, EngineError> {
        let currency = self.position.currency;
        let today = self.claims.first().map(|claim| claim.facts.context.today);
        let mut left = refunded.amount;
        let mut to = Vec::new();
        for row in self.position.rows.iter().flatten() {
            let comes = today.is_none_or(|today| self.position.payable_on(row.state.due_on) >= today);
            if left.minor() <= 0 || !comes || !row.paid_known {
                continue;
            }
            let unpaid = row.unpaid()?;
            let mut paid = Parts::zero(currency);
            for part in [Part::Fees, Part::Interest, Part::Principal] {
                let size = Money::new(unpaid.get(part).minor().clamp(0, left.minor()), currency);
                left = left.sub(&size)?;
                paid = paid.with(part, size);
            }
            if !paid.is_zero() {
                to.push(Credited { row: row.id.clone(), paid });
            }
        }
        let mut done = Vec::new();
        if !to.is_empty() {
            let relieved = Relieved { amount: refunded.amount.sub(&left)?, ..refunded.clone() };
            done.push(Adjustment::Credit { relieved, to });
        }
        if left.minor() > 0 {
            done.push(Adjustment::Refund(Relieved { amount: left, ..refunded.clone() }));
        }
        Ok(done)
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

    /// At most one deferral or suspension: the alternatives become offers.
    fn defer(&mut self, lines: &mut [Line<'a>]) -> Result<Vec<Offer>, EngineError> {
        let mut offers: Vec<(usize, Offer)> = Vec::new();
        for at in 0..lines.len() {
            let Some(line) = lines.get(at).filter(|line| line.is_open()) else { continue };
            if self.waits_for_suspension(line) {
                if let Some(line) = lines.get_mut(at) {
                    line.end(Outcome::Declined, Reason::AfterSuspension);
                }
                continue;
            }
            let Some(effect) = self.work_deferral(line)? else { continue };
            if !effect.adjustments.is_empty() {
                offers.push((at, self.offer(line, &effect)?));
            }
            if let Some(line) = lines.get_mut(at) {
                line.effect = effect;
            }
        }
        offers.sort_by(|(_, a), (_, b)| {
            let key = |offer: &Offer| (offer.added_cost.minor(), offer.first_payment_on);
            key(a).cmp(&key(b)).then_with(|| a.offer.cmp(&b.offer))
        });
        let request = self.claims.first().and_then(|claim| claim.facts.request);
        let accepted = request.and_then(|request| request.accepts.clone());
        let named = accepted.and_then(|name| offers.iter().position(|(_, offer)| offer.offer == name));
        let taken = match (offers.len(), named, request) {
            (1, _, _) | (_, None, None) => offers.first(),
            (_, Some(at), _) => offers.get(at),
            (_, None, Some(_)) => None,
        }
        .cloned();
        for (at, _) in &offers {
            let Some(line) = lines.get_mut(*at) else { continue };
            match &taken {
                None => {
                    line.end(Outcome::Granted, Reason::Offered);
                }
                Some((winner, offer)) if winner != at => {
                    line.end(Outcome::Declined, Reason::LostTo { other: offer.offer.clone() });
                }
                Some(_) => {}
            }
        }
        match taken {
            Some((_, offer)) => {
                self.apply(&offer.adjustments)?;
                self.relief_end = relief_end(&offer.adjustments);
                Ok(Vec::new())
            }
            None => Ok(offers.into_iter().map(|(_, offer)| offer).collect()),
        }
    }

    /// Whether a deferral follows a suspension of its rule that has not ended.
    fn waits_for_suspension(&self, line: &Line<'_>) -> bool {
        let (Some(claim), Some(given)) = (self.claims.get(line.claim), self.given.get(line.claim)) else {
            return false;
        };
        let before = line.rule.benefits.iter().find(|other| {
            matches!(&other.kind, BenefitKind::Suspend(program) if program.then.as_deref() == Some(&line.benefit.id))
        });
        let Some(before) = before else { return false };
        let ends = given.grants(claim.program.slug(), &before.id).filter_map(crate::history::Grant::ends_on).max();
        ends.is_none_or(|end| end >= claim.facts.context.today)
    }

    fn work_deferral(&self, line: &Line<'a>) -> Result<Option<Effect>, EngineError> {
        match &line.benefit.kind {
            BenefitKind::Defer(program) => {
                let limit = self.limits.get(line.claim).and_then(|limits| limits.instalments.clone());
                let most = limit.as_ref().map(|(most, _)| *most);
                let effect = self.ground(line, |ground| defer::defer(ground, program, most))?;
                Ok(effect.map(|effect| match limit {
                    Some((0, pointer)) if effect == Effect::nothing() => Effect::because(Reason::Limit { pointer }),
                    _ => effect,
                }))
            }
            BenefitKind::Suspend(program) => self.ground(line, |ground| suspend::suspend(ground, program)),
            _ => Ok(None),
        }
    }

    fn offer(&self, line: &Line<'a>, effect: &Effect) -> Result<Offer, EngineError> {
        let mut after = self.position.clone();
        for adjustment in &effect.adjustments {
            after.apply(adjustment)?;
        }
        let today = self.claims.get(line.claim).map(|claim| claim.facts.context.today);
        Ok(Offer {
            offer: self.name(line),
            policy: self.claims.get(line.claim).map(|one| one.claim.policy.clone()).unwrap_or_default(),
            rule: line.rule.id.clone(),
            benefit: line.benefit.id.clone(),
            added_cost: Amounts::of(&effect.adjustments, self.position.currency)?.added_interest,
            first_payment_on: today.map(|today| super::totals::next_due(&after, today)).transpose()?.flatten(),
            adjustments: effect.adjustments.clone(),
        })
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

fn note(line: &mut Line<'_>, reason: Reason) {
    if !line.effect.reasons.contains(&reason) {
        line.effect.reasons.push(reason);
    }
}

fn relief_end(adjustments: &[Adjustment]) -> Option<chrono::NaiveDate> {
    let end = |adjustment: &Adjustment| match adjustment {
        Adjustment::Schedule(change) => change.relief_end,
        Adjustment::Suspension(suspension) => Some(suspension.until),
        _ => None,
    };
    adjustments.iter().filter_map(end).max()
}
