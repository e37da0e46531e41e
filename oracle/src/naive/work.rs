//! The benefits of all claims, in the order of effect.

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::adjustment::{Adjustment, Cause, Credited, Relieved};
use forbear_engine::decide::decision::{BenefitDecision, Offer, Outcome};
use forbear_engine::history::Grant;
use forbear_engine::money::Money;
use forbear_engine::policy::document::{Benefit, IfPaid, Rule};
use forbear_engine::reason::Reason;
use rust_decimal::Decimal;

use super::Scene;
use super::claim::Open;
use super::combine::{Waivers, combine};
use super::fact::{ends_on, is_deferral};
use super::ground::Ground;
use super::ledger::{Ledger, parts};
use super::limits::{Left, limits_left};

/// One benefit while it is worked out.
struct Line<'a> {
    claim: usize,
    rule: &'a Rule,
    benefit: &'a Benefit,
    adjustments: Vec<Adjustment>,
    reasons: Vec<Reason>,
    outcome: Option<Outcome>,
}

/// All benefits, the offers, and the ledger after waivers and after everything.
pub struct Worked {
    /// Of each claim.
    pub benefits: Vec<Vec<BenefitDecision>>,
    /// Ways to defer.
    pub offers: Vec<Offer>,
    /// After waivers.
    pub relieved: Ledger,
    /// After everything.
    pub after: Ledger,
}

struct Bench<'a, 'c> {
    claims: &'c [Open<'a>],
    lines: Vec<Line<'a>>,
    left: Vec<Left>,
    ledger: Ledger,
    relief_end: Option<NaiveDate>,
    deferred: bool,
}

/// Works everything out.
#[must_use]
pub fn work(claims: &[Open<'_>], ledger: &Ledger) -> Worked {
    let mut lines = Vec::new();
    for (claim, open) in claims.iter().enumerate() {
        for at in &open.rules {
            let rule = &open.scene.policy.rules[*at];
            let promised = open.promised.as_ref().filter(|(rule, _)| rule == at).map(|(_, benefit)| benefit);
            for benefit in rule.benefits.iter().filter(|one| promised.is_none_or(|id| one.id == *id)) {
                lines.push(Line { claim, rule, benefit, adjustments: Vec::new(), reasons: Vec::new(), outcome: None });
            }
        }
    }
    let left = claims.iter().map(limits_left).collect();
    let mut bench = Bench { claims, lines, left, ledger: ledger.clone(), relief_end: None, deferred: false };
    bench.admit();
    bench.waive();
    let relieved = bench.ledger.clone();
    bench.rates();
    let offers = bench.defer();
    bench.rest();
    let mut benefits: Vec<Vec<BenefitDecision>> = claims.iter().map(|_| Vec::new()).collect();
    for line in bench.lines {
        benefits[line.claim].push(line.decided());
    }
    Worked { benefits, offers, relieved, after: bench.ledger }
}

impl Line<'_> {
    fn end(&mut self, outcome: Outcome, reason: Reason) {
        self.outcome = Some(outcome);
        self.adjustments.clear();
        self.reasons = vec![reason];
    }

    fn found(&mut self, found: Result<Vec<Adjustment>, Reason>) {
        match found {
            Ok(adjustments) => self.adjustments = adjustments,
            Err(reason) => self.reasons = vec![reason],
        }
    }

    fn note(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    fn decided(mut self) -> BenefitDecision {
        let outcome = self.outcome.unwrap_or(match (self.adjustments.is_empty(), self.reasons.is_empty()) {
            (false, _) => Outcome::Granted,
            (true, false) => Outcome::Referred,
            (true, true) => Outcome::Declined,
        });
        if outcome == Outcome::Declined && self.reasons.is_empty() {
            self.reasons.push(Reason::NothingToRelieve);
        }
        BenefitDecision {
            rule: self.rule.id.clone(),
            benefit: self.benefit.id.clone(),
            outcome,
            reasons: self.reasons,
            consent: self.benefit.consent == Some(true),
            adjustments: self.adjustments,
        }
    }
}

/// The last day of a deferral or suspension.
fn relief_until(adjustment: &Adjustment) -> Option<NaiveDate> {
    match adjustment {
        Adjustment::Schedule(change) if change.cause != Cause::Rate => change.relief_end,
        Adjustment::Suspension(suspension) => Some(suspension.until),
        _ => None,
    }
}

fn given(adjustments: &[Adjustment]) -> i64 {
    adjustments
        .iter()
        .map(|one| match one {
            Adjustment::Waiver(one) | Adjustment::Refund(one) | Adjustment::Credit { relieved: one, .. } => {
                one.amount.minor()
            }
            Adjustment::Goodwill { amount } => amount.minor(),
            _ => 0,
        })
        .sum()
}

impl<'a> Bench<'a, '_> {
    fn ground<'g>(&'g self, line: &Line<'a>) -> Ground<'g>
    where
        'a: 'g,
    {
        let mut scene: Scene<'g> = Scene { ledger: &self.ledger, relief_end: None, ..self.claims[line.claim].scene };
        let event = &scene.standing.document.event;
        // After deferrals: the end of this one's, or of an earlier one's for the event.
        if self.deferred {
            let earlier = scene.own_grants().filter(|grant| grant.event == *event);
            let ends = earlier.flat_map(|grant| &grant.adjustments).filter_map(relief_until);
            scene.relief_end = ends.chain(self.relief_end).max();
        }
        let since = super::ground::since(&scene);
        let (given, others): (Vec<&Grant>, Vec<&Grant>) = scene.own_grants().partition(|grant| grant.event == *event);
        let beside = others.into_iter().filter(|grant| grant.decided_on >= since).collect();
        Ground { scene, benefit: line.benefit, given, beside }
    }

    fn account(&self) -> Option<&'a Account> {
        self.claims.first().map(|claim| claim.scene.account)
    }

    fn apply(&mut self, adjustments: &[Adjustment]) {
        for one in adjustments {
            self.ledger.apply(one);
        }
    }

    fn name(&self, line: &Line<'_>) -> String {
        format!("{}/{}", self.claims[line.claim].claim.policy, line.benefit.id)
    }

    fn open(&self) -> Vec<usize> {
        (0..self.lines.len()).filter(|at| self.lines[*at].outcome.is_none()).collect()
    }

    /// Referrals and used-up counts end a benefit at once; draws, renewals and top-ups do not count again.
    fn admit(&mut self) {
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            let end = if let Some(refer) = &line.rule.refer {
                Some((Outcome::Referred, Reason::Refer { to: refer.to.clone() }))
            } else {
                let ground = self.ground(line);
                let before = ground.own().map(|grant| grant.version).max();
                let again = before.is_some_and(|version| {
                    let stands = || {
                        ground
                            .own()
                            .flat_map(|grant| &grant.adjustments)
                            .any(|one| matches!(one, Adjustment::StandingOrder(_)))
                    };
                    ground.scene.policy.version > version
                        || line.benefit.hold.is_some()
                        || line.benefit.suspend.as_ref().is_some_and(|suspend| suspend.renew.is_some())
                        || (line.benefit.waive.is_some() && stands())
                });
                // Ways to defer stay on offer in the decision that counts already: what else this request was given.
                let asked = ground.scene.request.map(|request| request.requested_on);
                let answered = ground.given.iter().any(|grant| {
                    grant.policy == ground.scene.policy.policy && asked.is_some_and(|asked| asked <= grant.decided_on)
                });
                let offered = answered
                    && !self.left[line.claim].used_up_before
                    && (line.benefit.defer.is_some() || line.benefit.suspend.is_some());
                let pointer = self.left[line.claim].used_up.clone().filter(|_| !again && !offered);
                pointer.map(|pointer| (Outcome::Declined, Reason::Limit { pointer }))
            };
            if let Some((outcome, reason)) = end {
                self.lines[at].end(outcome, reason);
            }
        }
    }

    fn waive(&mut self) {
        let Some(account) = self.account() else { return };
        let mut waivers: Vec<Waivers> = Vec::new();
        for (open, left) in self.claims.iter().zip(&self.left) {
            let limit = left.amount.as_ref().map(|(left, _)| *left);
            waivers.push(Waivers { policy: open.claim.policy.clone(), prepared: Vec::new(), limit });
        }
        let mut places: Vec<(usize, usize, usize)> = Vec::new();
        for at in self.open() {
            let line = &self.lines[at];
            let Some(waive) = &line.benefit.waive else { continue };
            let prepared = self.ground(line).prepare(waive);
            let claim = line.claim;
            self.lines[at].reasons.clone_from(&prepared.reasons);
            places.push((claim, waivers[claim].prepared.len(), at));
            waivers[claim].prepared.push(prepared);
        }
        let place =
            |claim: usize, waiver: usize| places.iter().find(|one| (one.0, one.1) == (claim, waiver)).unwrap().2;
        let found = combine(&waivers, account.currency);
        // Everything is waived before anything is credited.
        for crediting in [false, true] {
            for (claim, waiver, waived, refunded) in &found.taken {
                let credits = waivers[*claim].prepared[*waiver].if_paid == IfPaid::CreditNext;
                let mut done = Vec::new();
                if !crediting {
                    done.extend(waived.clone().map(Adjustment::Waiver));
                }
                if let Some(refunded) = refunded.as_ref().filter(|_| crediting == credits) {
                    if credits {
                        done.extend(self.credit(refunded))
                    } else {
                        done.push(Adjustment::Refund(refunded.clone()))
                    }
                }
                self.apply(&done);
                self.lines[place(*claim, *waiver)].adjustments.extend(done);
            }
        }
        for (claim, waiver, winner) in found.lost {
            let (own, winner) = (&self.claims[claim].claim, &self.claims[winner].claim);
            let same = own.policy == winner.policy;
            let other = if same { format!("{} ({})", winner.policy, winner.event) } else { winner.policy.clone() };
            self.lines[place(claim, waiver)].note(Reason::LostTo { other });
        }
        for (claim, waiver) in found.limited {
            let pointer = self.left[claim].amount.clone().unwrap().1;
            self.lines[place(claim, waiver)].note(Reason::Limit { pointer });
        }
        for (claim, waiver, at) in &places {
            let line = &mut self.lines[*at];
            let taken = given(&line.adjustments);
            if let Some(mut order) = waivers[*claim].prepared[*waiver].standing.clone() {
                order.cap_left = order.cap_left.map(|left| Money::new(left.minor() - taken, account.currency));
                if order.cap_left.is_none_or(|left| left.minor() > 0) {
                    line.adjustments.push(Adjustment::StandingOrder(order));
                }
            }
            let only = line.reasons.iter().all(|reason| matches!(reason, Reason::LostTo { .. } | Reason::Limit { .. }));
            if line.adjustments.is_empty() && !line.reasons.is_empty() && only {
                line.outcome = Some(Outcome::Declined);
            }
            if let Some((left, _)) = &mut self.left[*claim].amount {
                *left = (*left - taken).max(0);
            }
        }
    }

    /// A credit pays rows that come, the next one first: fees, interest, principal; the rest is refunded.
    fn credit(&self, refunded: &Relieved) -> Vec<Adjustment> {
        let today = self.claims[0].scene.today();
        let mut left = refunded.amount.minor();
        let mut to = Vec::new();
        for row in self.ledger.all_rows() {
            if !row.paid_known || self.ledger.payable(row.due) < today {
                continue;
            }
            let mut paid = [0; 3];
            for part in [2, 1, 0] {
                paid[part] = row.unpaid()[part].clamp(0, left.max(0));
                left -= paid[part];
            }
            if paid != [0; 3] {
                to.push(Credited { row: row.id.clone(), paid: parts(paid, self.ledger.currency) });
            }
        }
        let money = |minor: i64| Money::new(minor, self.ledger.currency);
        let mut done = Vec::new();
        if !to.is_empty() {
            let relieved = Relieved { amount: money(refunded.amount.minor() - left), ..refunded.clone() };
            done.push(Adjustment::Credit { relieved, to });
        }
        if left > 0 {
            done.push(Adjustment::Refund(Relieved { amount: money(left), ..refunded.clone() }));
        }
        done
    }

    /// At most one change of the rate: the one that forgoes most, ties by the policies' names.
    fn rates(&mut self) {
        let mut order = self.open();
        order.sort_by_key(|at| self.claims[self.lines[*at].claim].claim.policy.clone());
        let mut best: Option<(i64, usize)> = None;
        let mut able = Vec::new();
        for at in order {
            let line = &self.lines[at];
            let found = match (&line.benefit.pause_interest, &line.benefit.reduce_rate) {
                (Some(pause), _) => self.ground(line).at_rate(&pause.from, &pause.until, Decimal::ZERO),
                (_, Some(reduce)) => self.ground(line).at_rate(&reduce.from, &reduce.until, reduce.to.0),
                _ => continue,
            };
            let rival = self.ground(line).rate_of_rival().filter(|_| matches!(found, Ok(Some(_))));
            if let Some(rival) = rival {
                self.lines[at].end(Outcome::Declined, rival);
                continue;
            }
            if let Ok(Some(change)) = &found {
                able.push(at);
                let forgone = change.forgone_interest.minor();
                if best.is_none_or(|(most, _)| forgone > most) {
                    best = Some((forgone, at));
                }
            }
            self.lines[at].found(found.map(|change| change.into_iter().map(Adjustment::Schedule).collect()));
        }
        let Some((_, winner)) = best else { return };
        let other = self.name(&self.lines[winner]);
        for at in able.into_iter().filter(|at| *at != winner) {
            self.lines[at].end(Outcome::Declined, Reason::LostTo { other: other.clone() });
        }
        let adjustments = self.lines[winner].adjustments.clone();
        self.apply(&adjustments);
    }

    /// The suspension of the same claim's lines that a deferral follows.
    fn precedes(other: &Line<'_>, line: &Line<'_>) -> bool {
        other.benefit.suspend.as_ref().is_some_and(|suspend| suspend.then == line.benefit.id)
    }

    fn waits(&self, line: &Line<'a>) -> bool {
        let before = line
            .rule
            .benefits
            .iter()
            .find(|other| other.suspend.as_ref().is_some_and(|suspend| suspend.then == line.benefit.id));
        let Some(before) = before else { return false };
        let ground = self.ground(line);
        let own = ground
            .given
            .iter()
            .filter(|grant| grant.policy == ground.scene.policy.policy && grant.benefit == before.id);
        own.filter_map(|grant| ends_on(grant)).max().is_none_or(|end| end >= ground.today())
    }

    /// The alternative that this request, or proactive relief, took before.
    fn taken_before(&self, line: &Line<'a>) -> Option<String> {
        let other = self.lines.iter().find(|other| {
            let same_claim = other.claim == line.claim;
            if same_claim && (other.benefit.id == line.benefit.id || Self::precedes(other, line)) {
                return false;
            }
            let ground = self.ground(other);
            let asked = ground.scene.request.map(|request| request.requested_on);
            ground.own().any(|grant| is_deferral(grant) && asked.is_none_or(|asked| asked <= grant.decided_on))
        });
        other.map(|other| self.name(other))
    }

    fn defer(&mut self) -> Vec<Offer> {
        let mut offers: Vec<(usize, Offer)> = Vec::new();
        for at in self.open() {
            let line = &self.lines[at];
            if self.waits(line) {
                self.lines[at].end(Outcome::Declined, Reason::AfterSuspension);
                continue;
            }
            let ground = self.ground(line);
            let found = if let Some(defer) = &line.benefit.defer {
                let limit = self.left[line.claim].instalments.clone();
                let change = ground.defer(defer, limit.as_ref().map(|(most, _)| *most));
                match (change, limit) {
                    (Ok(None), Some((0, pointer))) => Err(Reason::Limit { pointer }),
                    (change, _) => change.map(|change| change.into_iter().map(Adjustment::Schedule).collect()),
                }
            } else if let Some(suspend) = &line.benefit.suspend {
                ground.suspend(suspend)
            } else {
                continue;
            };
            if let Ok(adjustments) = found.as_ref()
                && !adjustments.is_empty()
            {
                if let Some(other) = self.taken_before(line) {
                    self.lines[at].end(Outcome::Declined, Reason::LostTo { other });
                    continue;
                }
                offers.push((at, self.offer(line, adjustments)));
            }
            self.lines[at].found(found);
        }
        offers.sort_by_key(|(_, offer)| (offer.added_cost.minor(), offer.first_payment_on, offer.offer.clone()));
        let Some(open) = self.claims.first() else { return Vec::new() };
        let accepted = open.scene.request.and_then(|request| request.accepts.clone());
        let named = offers.iter().find(|(_, offer)| Some(&offer.offer) == accepted.as_ref());
        let proactive = open.scene.request.is_none();
        let taken = named.or_else(|| offers.first().filter(|_| proactive || offers.len() == 1)).cloned();
        for (at, _) in &offers {
            match &taken {
                None => self.lines[*at].end(Outcome::Granted, Reason::Offered),
                Some((winner, offer)) if winner != at => {
                    self.lines[*at].end(Outcome::Declined, Reason::LostTo { other: offer.offer.clone() });
                }
                Some(_) => {}
            }
        }
        self.deferred = true;
        let Some((_, offer)) = taken else { return offers.into_iter().map(|(_, offer)| offer).collect() };
        self.apply(&offer.adjustments);
        self.relief_end = offer.adjustments.iter().filter_map(relief_until).max();
        Vec::new()
    }

    fn offer(&self, line: &Line<'_>, adjustments: &[Adjustment]) -> Offer {
        let mut after = self.ledger.clone();
        let mut cost = 0;
        for one in adjustments {
            after.apply(one);
            if let Adjustment::Schedule(change) = one {
                cost += change.added_interest.minor();
            }
        }
        let scene = &self.claims[line.claim].scene;
        Offer {
            offer: self.name(line),
            policy: scene.policy.policy.clone(),
            rule: line.rule.id.clone(),
            benefit: line.benefit.id.clone(),
            added_cost: Money::new(cost, self.ledger.currency),
            first_payment_on: super::totals::next_due(&after, scene.today()),
            adjustments: adjustments.to_vec(),
        }
    }

    /// Windows, then goodwill, then holds.
    fn rest(&mut self) {
        for turn in 0..3 {
            for at in self.open() {
                let line = &self.lines[at];
                let ground = self.ground(line);
                let found = match (turn, line.benefit) {
                    (0, Benefit { extend_window: Some(extend), .. }) => {
                        ground.extend(extend).map(|one| one.into_iter().map(Adjustment::Window).collect())
                    }
                    (1, Benefit { goodwill: Some(goodwill), .. }) => {
                        let left = self.left[line.claim].amount.clone();
                        let found = ground.goodwill(goodwill.amount.as_slice(), left.as_ref().map(|(left, _)| *left));
                        match (found, left) {
                            (Ok(None), Some((0, pointer))) => Err(Reason::Limit { pointer }),
                            (found, _) => {
                                found.map(|one| one.into_iter().map(|amount| Adjustment::Goodwill { amount }).collect())
                            }
                        }
                    }
                    (2, Benefit { hold: Some(hold), .. }) => {
                        ground.hold(hold).map(|one| one.into_iter().map(Adjustment::Hold).collect())
                    }
                    _ => continue,
                };
                self.lines[at].found(found);
            }
        }
        // What a limit took away altogether is declined, not referred.
        for at in self.open() {
            let line = &mut self.lines[at];
            if line.adjustments.is_empty() && line.reasons.iter().any(|reason| matches!(reason, Reason::Limit { .. })) {
                line.outcome = Some(Outcome::Declined);
            }
        }
    }
}
