//! At most one deferral or suspension for an account: the alternatives become offers.

use super::{Bench, Line};
use crate::adjustment::{Adjustment, Amounts};
use crate::benefit::{Effect, EngineError, defer, suspend};
use crate::decide::decision::{Offer, Outcome};
use crate::decide::totals::next_due;
use crate::policy::program::BenefitKind;
use crate::reason::Reason;

impl<'a> Bench<'a, '_> {
    /// At most one deferral or suspension: the alternatives become offers.
    pub(super) fn defer(&mut self, lines: &mut [Line<'a>]) -> Result<Vec<Offer>, EngineError> {
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
            if let Some(other) = self.taken_before(lines, line).filter(|_| !effect.adjustments.is_empty()) {
                if let Some(line) = lines.get_mut(at) {
                    line.end(Outcome::Declined, Reason::LostTo { other });
                }
                continue;
            }
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
        // Decided again, what is counted from the end finds the one that it found beside the deferral.
        let end = taken.as_ref().and_then(|(_, offer)| relief_end(&offer.adjustments));
        self.relief_ends = self.given.iter().map(|given| end.max(given.relief_until())).collect();
        match taken {
            Some((_, offer)) => {
                self.apply(&offer.adjustments)?;
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

    /// The alternative that this request, or proactive relief, took before: another benefit of this decision that
    /// was granted. Deciding again must not give the ones that lost to it. A new request may ask for them.
    fn taken_before(&self, lines: &[Line<'a>], line: &Line<'a>) -> Option<String> {
        let follows = |other: &Line<'_>| {
            other.claim == line.claim
                && matches!(&other.benefit.kind, BenefitKind::Suspend(program) if program.then.as_deref() == Some(&line.benefit.id))
        };
        let same = |other: &Line<'_>| other.claim == line.claim && other.benefit.id == line.benefit.id;
        let taken = |other: &&Line<'_>| {
            let (Some(claim), Some(given)) = (self.claims.get(other.claim), self.given.get(other.claim)) else {
                return false;
            };
            let request = claim.facts.request.map(|request| request.requested_on);
            given
                .grants(claim.program.slug(), &other.benefit.id)
                .any(|grant| grant.is_deferral() && request.is_none_or(|request| request <= grant.decided_on))
        };
        lines.iter().filter(|other| !same(other) && !follows(other)).find(taken).map(|other| self.name(other))
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
            first_payment_on: today.map(|today| next_due(&after, today)).transpose()?.flatten(),
            adjustments: effect.adjustments.clone(),
        })
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
