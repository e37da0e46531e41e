//! Waivers, refunds and credits of all claims together.

use std::collections::BTreeMap;

use super::{Bench, Line};
use crate::adjustment::{Adjustment, Amounts, StandingOrder};
use crate::benefit::EngineError;
use crate::benefit::credit::credit;
use crate::benefit::waive::prepare;
use crate::decide::combine::{WaiverClaim, combine};
use crate::decide::decision::Outcome;
use crate::money::Money;
use crate::policy::document::IfPaid;
use crate::policy::program::BenefitKind;
use crate::reason::Reason;

impl<'a> Bench<'a, '_> {
    /// Waivers and refunds: the best assignment of targets to policies.
    pub(super) fn waive(&mut self, lines: &mut [Line<'a>]) -> Result<(), EngineError> {
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
        let today = self.claims.first().map(|claim| claim.facts.context.today);
        // Everything is waived before anything is credited: a credit must not pay what is waived next.
        for credits in [false, true] {
            for taken in &combination.taken {
                let credited = if_paid(taken.claim, taken.waiver) == Some(IfPaid::CreditNext);
                let mut done: Vec<Adjustment> = Vec::new();
                if !credits {
                    done.extend(taken.waived.clone().map(Adjustment::Waiver));
                }
                match &taken.refunded {
                    Some(refunded) if credits && credited => done.extend(credit(&self.position, today, refunded)?),
                    Some(refunded) if !credits && !credited => done.push(Adjustment::Refund(refunded.clone())),
                    _ => {}
                }
                self.apply(&done)?;
                if let Some(line) = places.get(&(taken.claim, taken.waiver)).and_then(|at| lines.get_mut(*at)) {
                    line.effect.adjustments.extend(done);
                }
            }
        }
        for (claim, waiver, winner) in &combination.lost {
            let other = self.rival(*claim, *winner);
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

    /// The policy that goes first; with its event when it is the same policy.
    fn rival(&self, claim: usize, winner: usize) -> String {
        let own = self.claims.get(claim).map(|one| one.claim.policy.as_str());
        let Some(winner) = self.claims.get(winner).map(|one| &one.claim) else { return String::new() };
        if own == Some(winner.policy.as_str()) {
            format!("{} ({})", winner.policy, winner.event)
        } else {
            winner.policy.clone()
        }
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
}

fn note(line: &mut Line<'_>, reason: Reason) {
    if !line.effect.reasons.contains(&reason) {
        line.effect.reasons.push(reason);
    }
}
