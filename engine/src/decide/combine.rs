//! Waivers where policies stack: each charge is relieved by one policy. Every order of the policies is tried; in
//! each, targets oldest first take from the first policy with anything left; the largest total wins, ties by the
//! policies' names in order.

use std::collections::BTreeMap;

use crate::adjustment::{Relieved, Target};
use crate::benefit::waive::{Claimable, PreparedWaiver};
use crate::money::{Currency, Money, MoneyError};
use crate::policy::document::IfPaid;

/// The most policies that may stack on one account.
pub const MOST_POLICIES: usize = 5;

/// The waivers of one policy, in document order.
#[derive(Debug, Clone, Default)]
pub struct WaiverClaim {
    /// The policy's name; ties go by it.
    pub policy: String,
    /// Its waivers.
    pub waivers: Vec<PreparedWaiver>,
    /// What the policy's limits leave for money given.
    pub limit_left: Option<Money>,
}

/// What one waiver took from one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The claim, by place.
    pub claim: usize,
    /// The waiver in it, by place.
    pub waiver: usize,
    /// The unpaid part.
    pub waived: Option<Relieved>,
    /// The paid part.
    pub refunded: Option<Relieved>,
}

/// The best assignment of targets to policies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Combination {
    /// What was taken, targets oldest first.
    pub taken: Vec<Taken>,
    /// Targets that a claim could have relieved but another did: claim, waiver, winner.
    pub lost: Vec<(usize, usize, usize)>,
    /// Waivers that a limit cut short.
    pub limited: Vec<(usize, usize)>,
}

/// Tries every order of the claims that have anything to take; those without do not change what others take, and
/// there is one for every policy and declaration, so their orders must not be tried.
pub fn combine(claims: &[WaiverClaim], currency: Currency) -> Result<Combination, MoneyError> {
    let takes = |at: &usize| claims.get(*at).is_some_and(|one| one.waivers.iter().any(|own| !own.targets.is_empty()));
    let mut by_name: Vec<usize> = (0..claims.len()).filter(takes).collect();
    by_name.sort_by(|a, b| claims.get(*a).map(|one| &one.policy).cmp(&claims.get(*b).map(|one| &one.policy)));
    let mut best: Option<(Money, Combination)> = None;
    for order in orders(&by_name) {
        let (total, combination) = in_order(claims, &order, currency)?;
        if best.as_ref().is_none_or(|(most, _)| total.minor() > most.minor()) {
            best = Some((total, combination));
        }
    }
    Ok(best.map(|(_, combination)| combination).unwrap_or_default())
}

/// All orders of a list, in lexicographic order of the places.
fn orders(items: &[usize]) -> Vec<Vec<usize>> {
    if items.len() <= 1 {
        return vec![items.to_vec()];
    }
    let mut all = Vec::new();
    for (at, first) in items.iter().enumerate() {
        let rest: Vec<usize> =
            items.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| *one).collect();
        for mut tail in orders(&rest) {
            tail.insert(0, *first);
            all.push(tail);
        }
    }
    all
}

/// What is left while targets are handed out.
struct Left {
    caps: BTreeMap<(usize, usize), Money>,
    limits: BTreeMap<usize, Money>,
}

fn in_order(claims: &[WaiverClaim], order: &[usize], currency: Currency) -> Result<(Money, Combination), MoneyError> {
    let mut left = Left { caps: BTreeMap::new(), limits: BTreeMap::new() };
    for (at, claim) in claims.iter().enumerate() {
        left.limits.extend(claim.limit_left.map(|limit| (at, limit)));
        for (waiver, prepared) in claim.waivers.iter().enumerate() {
            left.caps.extend(prepared.cap_left.map(|cap| ((at, waiver), cap)));
        }
    }
    let mut total = Money::zero(currency);
    let mut found = Combination::default();
    for target in targets(claims) {
        let mut winner: Option<usize> = None;
        for claim in order.iter().filter_map(|at| Some((*at, claims.get(*at)?))) {
            let (taken, limited) = take(claim, &target, &mut left, currency)?;
            found.limited.extend(limited.iter().map(|waiver| (claim.0, *waiver)));
            for one in &taken {
                for money in [&one.waived, &one.refunded].into_iter().flatten() {
                    total = total.add(&money.amount)?;
                }
            }
            if !taken.is_empty() {
                winner = Some(claim.0);
                found.taken.extend(taken);
                break;
            }
        }
        let Some(winner) = winner else { continue };
        for (at, claim) in claims.iter().enumerate().filter(|(at, _)| *at != winner) {
            for (waiver, prepared) in claim.waivers.iter().enumerate() {
                if prepared.targets.iter().any(|one| one.target == target && one.entitled.minor() > 0) {
                    found.lost.push((at, waiver, winner));
                }
            }
        }
    }
    Ok((total, found))
}

/// All targets, oldest first.
fn targets(claims: &[WaiverClaim]) -> Vec<Target> {
    let all = claims.iter().flat_map(|claim| &claim.waivers).flat_map(|waiver| &waiver.targets);
    let mut dated: Vec<_> = all.map(|one| (one.dated, one.target.clone())).collect();
    dated.sort();
    dated.dedup();
    dated.into_iter().map(|(_, target)| target).collect()
}

/// Lets one policy take from a target: its waivers in document order, each the unpaid part first.
fn take(
    (at, claim): (usize, &WaiverClaim),
    target: &Target,
    left: &mut Left,
    currency: Currency,
) -> Result<(Vec<Taken>, Vec<usize>), MoneyError> {
    let (mut taken, mut limited) = (Vec::new(), Vec::new());
    let mut gone = (Money::zero(currency), Money::zero(currency));
    for (waiver, prepared) in claim.waivers.iter().enumerate() {
        let Some(one) = prepared.targets.iter().find(|one| one.target == *target) else { continue };
        let wanted = one.entitled.sub(&gone.0.add(&gone.1)?)?;
        let charge_cap = prepared.charge_cap.map(|cap| cap.sub(&one.used)).transpose()?;
        let bounds = [Some(wanted), charge_cap, left.caps.get(&(at, waiver)).copied()];
        let within = bounds.into_iter().flatten().map(|money| money.minor()).min().unwrap_or(0).max(0);
        let unpaid = one.unpaid.sub(&gone.0)?.minor().max(0);
        let paid = if prepared.if_paid == IfPaid::Leave { 0 } else { one.paid.sub(&gone.1)?.minor().max(0) };
        let reachable = within.min(unpaid.saturating_add(paid));
        let room = left.limits.get(&at).map_or(reachable, |limit| limit.minor().min(reachable)).max(0);
        if room < reachable {
            limited.push(waiver);
        }
        if room == 0 {
            continue;
        }
        let waived = Money::new(room.min(unpaid), currency);
        let refunded = Money::new(room.saturating_sub(unpaid).max(0), currency);
        gone = (gone.0.add(&waived)?, gone.1.add(&refunded)?);
        for money in [left.caps.get_mut(&(at, waiver)), left.limits.get_mut(&at)].into_iter().flatten() {
            *money = money.sub(&waived)?.sub(&refunded)?;
        }
        taken.push(Taken { claim: at, waiver, waived: relieved(one, waived), refunded: relieved(one, refunded) });
    }
    Ok((taken, limited))
}

fn relieved(one: &Claimable, amount: Money) -> Option<Relieved> {
    (amount.minor() > 0).then(|| Relieved {
        target: one.target.clone(),
        charge: one.charge,
        amount,
        bearer: one.bearer,
        agreement: one.agreement.clone(),
        through: one.through,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::snapshot::{Bearer, ChargeKind};

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    fn claimable(id: &str, amount: i64) -> Claimable {
        Claimable {
            target: Target::Charge(id.to_owned()),
            charge: Some(ChargeKind::LateFee),
            dated: None,
            entitled: cny(amount),
            used: cny(0),
            unpaid: cny(amount),
            paid: cny(0),
            bearer: Bearer::Lender,
            agreement: None,
            through: None,
        }
    }

    fn claim(policy: &str, cap: i64, targets: Vec<Claimable>) -> WaiverClaim {
        let waiver = PreparedWaiver {
            targets,
            cap_left: Some(cny(cap)),
            charge_cap: None,
            if_paid: IfPaid::Leave,
            standing: None,
            reasons: Vec::new(),
        };
        WaiverClaim { policy: policy.to_owned(), waivers: vec![waiver], limit_left: None }
    }

    #[test]
    fn the_order_that_relieves_most_wins() {
        // A may take 400 of c1 (400); B may take 400 of c1 (400) and c2 (300). A first: 400 + 300 = 700.
        let a = claim("a", 400, vec![claimable("c1", 400)]);
        let b = claim("b", 400, vec![claimable("c1", 400), claimable("c2", 300)]);
        for claims in [[a.clone(), b.clone()], [b, a]] {
            let found = combine(&claims, Currency::CNY).unwrap();
            let sum: i64 = found.taken.iter().map(|one| one.waived.as_ref().unwrap().amount.minor()).sum();
            assert_eq!(sum, 700);
            assert_eq!(found.taken.len(), 2);
        }
    }

    #[test]
    fn a_limit_cuts_the_oldest_last() {
        let mut only = claim("a", 1_000, vec![claimable("c1", 400), claimable("c2", 300)]);
        only.limit_left = Some(cny(500));
        let found = combine(&[only], Currency::CNY).unwrap();
        let sums: Vec<i64> = found.taken.iter().map(|one| one.waived.as_ref().unwrap().amount.minor()).collect();
        assert_eq!(sums, [400, 100]);
        assert_eq!(found.limited, [(0, 0)]);
    }

    #[test]
    fn claims_that_take_nothing_cost_nothing() {
        // Forty claims in every order would be 40! of them.
        let mut claims = vec![claim("z", 400, vec![claimable("c1", 400)])];
        claims.extend((0..39).map(|_| claim("a", 400, Vec::new())));
        assert_eq!(combine(&claims, Currency::CNY).unwrap().taken.len(), 1);
    }

    #[test]
    fn ties_go_by_name() {
        let a = claim("a", 400, vec![claimable("c1", 400)]);
        let b = claim("b", 400, vec![claimable("c1", 400)]);
        let found = combine(&[b, a], Currency::CNY).unwrap();
        assert_eq!(found.taken.first().unwrap().claim, 1);
        assert_eq!(found.lost, [(0, 0, 1)]);
    }
}
