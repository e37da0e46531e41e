//! Waivers of several policies: every order of them is tried.

use std::collections::BTreeMap;

use forbear_engine::adjustment::{Relieved, Target};
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::document::IfPaid;

use super::waive::{Claimable, Prepared};

/// The waivers of one claim.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    /// The policy.
    pub policy: String,
    /// In document order.
    pub prepared: Vec<Prepared>,
    /// What limits leave of money.
    pub limit: Option<i64>,
}

/// Who takes what, who loses to whom, who is cut short.
#[derive(Debug, Clone, Default)]
pub struct Combination {
    /// Claim, waiver, unpaid part, paid part.
    pub taken: Vec<(usize, usize, Option<Relieved>, Option<Relieved>)>,
    /// Claim, waiver, winner.
    pub lost: Vec<(usize, usize, usize)>,
    /// Claim, waiver.
    pub limited: Vec<(usize, usize)>,
}

fn orders(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in of {
        let rest: Vec<usize> = of.iter().copied().filter(|other| other != first).collect();
        all.extend(orders(&rest).into_iter().map(|rest| [vec![*first], rest].concat()));
    }
    all
}

/// The largest total wins; ties go by the policies' names.
#[must_use]
pub fn combine(claims: &[Waivers], currency: Currency) -> Combination {
    let mut by_name: Vec<usize> =
        (0..claims.len()).filter(|at| claims[*at].prepared.iter().any(|one| !one.targets.is_empty())).collect();
    by_name.sort_by_key(|at| claims[*at].policy.clone());
    let mut best: Option<(i64, Combination)> = None;
    for order in orders(&by_name) {
        let (total, found) = hand_out(claims, &order, currency);
        if best.as_ref().is_none_or(|(most, _)| total > *most) {
            best = Some((total, found));
        }
    }
    best.unwrap().1
}

fn hand_out(claims: &[Waivers], order: &[usize], currency: Currency) -> (i64, Combination) {
    let mut targets: Vec<(Option<chrono::NaiveDate>, Target)> = Vec::new();
    for one in claims.iter().flat_map(|claim| &claim.prepared).flat_map(|prepared| &prepared.targets) {
        targets.push((one.dated, one.target.clone()));
    }
    targets.sort();
    targets.dedup();
    let mut limits: BTreeMap<usize, i64> =
        claims.iter().enumerate().filter_map(|(at, claim)| claim.limit.map(|limit| (at, limit))).collect();
    let mut caps: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        for (waiver, prepared) in claim.prepared.iter().enumerate() {
            caps.extend(prepared.cap_left.map(|cap| ((at, waiver), cap)));
        }
    }
    let (mut total, mut found) = (0, Combination::default());
    for (_, target) in targets {
        for claim in order {
            let before = found.taken.len();
            total += take(claims, *claim, &target, (&mut caps, &mut limits), &mut found, currency);
            if found.taken.len() > before {
                let others = claims.iter().enumerate().filter(|(at, _)| at != claim);
                for (at, other) in others {
                    for (waiver, prepared) in other.prepared.iter().enumerate() {
                        if prepared.targets.iter().any(|one| one.target == target && one.entitled > 0) {
                            found.lost.push((at, waiver, *claim));
                        }
                    }
                }
                break;
            }
        }
    }
    (total, found)
}

type Left<'l> = (&'l mut BTreeMap<(usize, usize), i64>, &'l mut BTreeMap<usize, i64>);

/// One claim takes of one target: waiver after waiver, the unpaid part first.
fn take(
    claims: &[Waivers],
    claim: usize,
    target: &Target,
    (caps, limits): Left<'_>,
    found: &mut Combination,
    currency: Currency,
) -> i64 {
    let (mut waived_before, mut refunded_before) = (0, 0);
    for (waiver, prepared) in claims[claim].prepared.iter().enumerate() {
        let Some(one) = prepared.targets.iter().find(|one| one.target == *target) else { continue };
        let mut room = one.entitled - waived_before - refunded_before;
        room = prepared.charge_cap.map_or(room, |cap| room.min(cap - one.used));
        room = caps.get(&(claim, waiver)).map_or(room, |cap| room.min(*cap));
        let unpaid = (one.unpaid - waived_before).max(0);
        let paid = if prepared.if_paid == IfPaid::Leave { 0 } else { (one.paid - refunded_before).max(0) };
        let reachable = room.max(0).min(unpaid + paid);
        let given = limits.get(&claim).map_or(reachable, |limit| reachable.min((*limit).max(0)));
        if given < reachable {
            found.limited.push((claim, waiver));
        }
        if given == 0 {
            continue;
        }
        let waived = given.min(unpaid);
        let refunded = given - waived;
        waived_before += waived;
        refunded_before += refunded;
        if let Some(cap) = caps.get_mut(&(claim, waiver)) {
            *cap -= given;
        }
        if let Some(limit) = limits.get_mut(&claim) {
            *limit -= given;
        }
        found.taken.push((claim, waiver, relieved(one, waived, currency), relieved(one, refunded, currency)));
    }
    waived_before + refunded_before
}

fn relieved(one: &Claimable, amount: i64, currency: Currency) -> Option<Relieved> {
    (amount > 0).then(|| Relieved {
        target: one.target.clone(),
        charge: one.kind,
        amount: Money::new(amount, currency),
        bearer: one.bearer.0,
        agreement: one.bearer.1.clone(),
        through: one.through,
    })
}
