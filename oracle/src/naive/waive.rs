//! What a waiver could take, target by target.

use chrono::NaiveDate;
use forbear_engine::account::snapshot::{Bearer, ChargeKind};
use forbear_engine::adjustment::{Adjustment, StandingOrder, Target};
use forbear_engine::policy::document::{CapPer, IfPaid, Waive};
use forbear_engine::rate::{DayCount, Rate};
use forbear_engine::reason::Reason;
use rust_decimal::Decimal;

use super::claim::absent;
use super::day;
use super::ground::{Ground, missing, rounded};
use super::ledger::{Line, Row, minor};
use super::moment::Days;

/// What could be taken of one target.
#[derive(Debug, Clone)]
pub struct Claimable {
    /// The target.
    pub target: Target,
    /// Its kind, for a charge.
    pub kind: Option<ChargeKind>,
    /// What puts targets in order.
    pub dated: Option<NaiveDate>,
    /// The share of it, less what was relieved before.
    pub entitled: i64,
    /// What this benefit took of it before.
    pub used: i64,
    /// Still owed.
    pub unpaid: i64,
    /// Paid.
    pub paid: i64,
    /// Who bears it, by which agreement.
    pub bearer: (Bearer, Option<String>),
    /// The last day of it, where it accrues.
    pub through: Option<NaiveDate>,
}

/// What a waiver could take in all.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Target by target.
    pub targets: Vec<Claimable>,
    /// What is left of the cap for the account.
    pub cap_left: Option<i64>,
    /// The cap for each charge.
    pub charge_cap: Option<i64>,
    /// What becomes of paid parts.
    pub if_paid: IfPaid,
    /// For what is still to come.
    pub standing: Option<StandingOrder>,
    /// What a person has to look at.
    pub reasons: Vec<Reason>,
}

impl Ground<'_> {
    /// Prepares a waiver.
    #[must_use]
    pub fn prepare(&self, waive: &Waive) -> Prepared {
        let if_paid = waive.if_paid.unwrap_or(IfPaid::Leave);
        let mut made = Prepared {
            targets: Vec::new(),
            cap_left: None,
            charge_cap: None,
            if_paid,
            standing: None,
            reasons: Vec::new(),
        };
        match self.fill(waive, &mut made) {
            Ok(()) => {}
            Err(reason) => made.reasons.push(reason),
        }
        made
    }

    fn fill(&self, waive: &Waive, made: &mut Prepared) -> Result<(), Reason> {
        for (per, cap) in self.caps(waive.cap.as_ref())? {
            match per {
                CapPer::Charge => made.charge_cap = Some(cap),
                CapPer::Account => made.cap_left = Some((cap - self.used()).max(0)),
            }
        }
        let window = self.scene.days(waive.accrued.as_ref()).map_err(missing)?;
        if let Some(kinds) = &waive.charges {
            self.of_charges(waive, kinds, window, made);
            if waive.borne_by.is_none() || self.bearer(waive, Bearer::Lender).is_ok() {
                made.standing = self.standing_order(waive, kinds, window, made.cap_left);
            }
            return Ok(());
        }
        let interest = waive.interest.as_ref().unwrap();
        let rows = self.choose(&interest.which, interest.due.as_ref(), interest.instalments.as_ref(), true)?;
        let bearer = self.bearer(waive, Bearer::Lender)?;
        let mut done: Vec<String> = Vec::new();
        for first in &rows.all {
            if !done.contains(&first.origin) {
                done.push(first.origin.clone());
                let own: Vec<&Row> = rows.all.iter().filter(|row| row.origin == first.origin).collect();
                self.of_instalment(waive, &own, &bearer, made);
            }
        }
        Ok(())
    }

    /// The interest of one instalment, whatever rows hold it now: its share is of what was owed before deferrals.
    fn of_instalment(&self, waive: &Waive, own: &[&Row], bearer: &(Bearer, Option<String>), made: &mut Prepared) {
        let all = self.scene.ledger.all_rows().iter().filter(|row| row.origin == own[0].origin);
        let interest = |row: &Row| Target::Interest(row.id.clone());
        let (mut whole, mut relieved, mut used) = (0, 0, 0);
        for row in all {
            whole += row.unpaid()[1] + row.paid[1];
            relieved += self.relieved_on(&interest(row), false);
            used += self.relieved_on(&interest(row), true);
        }
        let put_on = self.put_on(&own[0].origin).map_or(0, |parts| parts[1].max(0));
        let entitled = self.share(waive, (whole - put_on).max(0) + relieved) - relieved;
        let targets: Vec<Target> = own.iter().map(|row| interest(row)).collect();
        if let Some(reason) = self.relieved_by_rival(&targets) {
            if entitled > 0 && !made.reasons.contains(&reason) {
                made.reasons.push(reason);
            }
            return;
        }
        // Unpaid parts first, then paid ones; what nothing can take stays with the last row.
        let mut shares = vec![0; own.len()];
        let paid_too = waive.if_paid.is_some_and(|if_paid| if_paid != IfPaid::Leave);
        let unpaid = own.iter().map(|row| self.own_unpaid(row)[1]).enumerate();
        let paid = own.iter().map(|row| if paid_too { row.paid[1] } else { 0 }).enumerate();
        for (at, most) in unpaid.chain(paid) {
            let left = entitled - shares.iter().sum::<i64>();
            shares[at] += left.min(most).max(0);
        }
        shares[own.len() - 1] += entitled - shares.iter().sum::<i64>();
        for (row, entitled) in own.iter().zip(shares) {
            made.targets.push(Claimable {
                target: interest(row),
                kind: None,
                dated: Some(row.due),
                entitled,
                used,
                unpaid: self.own_unpaid(row)[1],
                paid: row.paid[1],
                bearer: bearer.clone(),
                through: None,
            });
        }
    }

    fn share(&self, waive: &Waive, whole: i64) -> i64 {
        rounded(Decimal::from(whole) * waive.share.map_or(Decimal::ONE, |share| share.0))
    }

    fn of_charges(&self, waive: &Waive, kinds: &[ChargeKind], window: Days, made: &mut Prepared) {
        let Some(lines) = &self.scene.ledger.charges else {
            made.reasons.push(absent());
            return;
        };
        // What is told of several charges is told oldest first.
        let mut lines: Vec<&Line> = lines.iter().filter(|line| kinds.contains(&line.kind)).collect();
        lines.sort_by_key(|line| (line.dated(), line.id.clone()));
        for line in lines {
            match self.of_line(waive, line, window) {
                Ok(found) => made.targets.extend(found),
                Err(reason) => {
                    if !made.reasons.contains(&reason) {
                        made.reasons.push(reason);
                    }
                }
            }
        }
    }

    fn of_line(&self, waive: &Waive, line: &Line, window: Days) -> Result<Option<Claimable>, Reason> {
        let Some((inside, through)) = self.in_window(line, window)? else { return Ok(None) };
        if !line.paid_known {
            return Err(absent());
        }
        let bearer = self.bearer(waive, line.bearer)?;
        let target = Target::Charge(line.id.clone());
        let entitled = self.share(waive, inside) - self.relieved_on(&target, false);
        if let Some(reason) = self.relieved_by_rival(std::slice::from_ref(&target)) {
            return if entitled > 0 { Err(reason) } else { Ok(None) };
        }
        Ok(Some(Claimable {
            kind: Some(line.kind),
            dated: line.dated(),
            entitled,
            used: self.relieved_on(&target, true),
            unpaid: line.unpaid(),
            paid: line.paid,
            bearer,
            through,
            target,
        }))
    }

    /// The part of a charge inside a window, and the last day of it.
    fn in_window(&self, line: &Line, window: Days) -> Result<Option<(i64, Option<NaiveDate>)>, Reason> {
        if window.empty {
            return Ok(None);
        }
        let Some(accrual) = &line.accrual else {
            let always = window.from.is_none() && window.until.is_none() && !window.open;
            return match line.assessed_on {
                Some(day) => Ok(window.has(day).then_some((line.amount, None))),
                None if always => Ok(Some((line.amount, None))),
                None => Err(absent()),
            };
        };
        let mut inside = Vec::new();
        let mut at = accrual.from;
        while at <= accrual.until {
            inside.extend(window.has(at).then_some(at));
            at = day::plus(at, 1).unwrap();
        }
        let Some(last) = inside.last().copied() else { return Ok(None) };
        if inside.len() as i64 == day::between(accrual.from, accrual.until) + 1 {
            return Ok(Some((line.amount, Some(accrual.until))));
        }
        let (Some(basis), Some(rate), Some(count)) = (accrual.basis, accrual.rate, accrual.day_count) else {
            return Err(absent());
        };
        let year = if count == DayCount::Act360 { 360 } else { 365 };
        let basis = Decimal::from(minor(basis, self.scene.account.currency));
        let part = rounded((basis * rate.0 * Decimal::from(inside.len()) / Decimal::from(year)).round_dp(12));
        Ok(Some((part.min(line.amount), Some(last))))
    }

    /// Nobody but the lender bears anything without an agreement on the account.
    fn bearer(&self, waive: &Waive, earns: Bearer) -> Result<(Bearer, Option<String>), Reason> {
        let (party, agreement) = match &waive.borne_by {
            Some(named) => (named.party, named.agreement.clone()),
            None => (earns, None),
        };
        let on_account = self.scene.account.agreements.clone().unwrap_or_default();
        let agreed = agreement.as_ref().is_some_and(|name| on_account.contains(name));
        if party == Bearer::Lender || agreed { Ok((party, agreement)) } else { Err(Reason::NoAgreement { agreement }) }
    }

    fn standing_order(
        &self,
        waive: &Waive,
        kinds: &[ChargeKind],
        window: Days,
        left: Option<i64>,
    ) -> Option<StandingOrder> {
        let stands = self.own().flat_map(|grant| &grant.adjustments).filter_map(|one| match one {
            Adjustment::StandingOrder(order) => Some(order),
            _ => None,
        });
        let same = stands.last().is_some_and(|order| order.until == window.until);
        let goes_on = window.open || window.until.is_some_and(|until| until > self.today());
        (goes_on && !window.empty && !same && left != Some(0)).then(|| StandingOrder {
            charges: kinds.to_vec(),
            from: window.from,
            until: window.until,
            share: waive.share.unwrap_or(Rate(Decimal::ONE)),
            if_paid: waive.if_paid.unwrap_or(IfPaid::Leave),
            cap_left: left.map(|left| self.money(left)),
        })
    }
}
