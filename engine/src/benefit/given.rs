//! Earlier relief for one event, as a benefit has to know it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::account::parts::Parts;
use crate::account::position::Row;
use crate::adjustment::{Adjustment, Cause, Relieved, ScheduleChange, StandingOrder, Target};
use crate::history::Grant;
use crate::money::{Money, MoneyError};
use crate::policy::document::Part;

/// Earlier relief for one event, by any policy.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Relieved on each target.
    relieved: BTreeMap<Target, Money>,
    /// Relieved by each benefit: policy, benefit.
    by_benefit: BTreeMap<(String, String), Money>,
    /// Relieved by each benefit on each target: policy, benefit, target.
    by_target: BTreeMap<(String, String, Target), Money>,
    /// The last day for which interest was paused or reduced.
    rate_until: Option<NaiveDate>,
    /// The last day of a deferral's or suspension's relief.
    relief_until: Option<NaiveDate>,
    /// Instalments that were deferred, by origin.
    pub chosen: Vec<String>,
    /// Rows that relief made: they were not there before it.
    pub made: Vec<String>,
    /// Where they were due before, by origin.
    first_due: BTreeMap<String, NaiveDate>,
    /// Where rows were due before that relief did not make, by row; of those that it made, none.
    due_of_row: BTreeMap<String, Option<NaiveDate>>,
    /// What deferrals and suspensions put on the rows of each instalment, less what they took of that away.
    moved: BTreeMap<String, Parts>,
    /// The same of each row.
    put: BTreeMap<String, Parts>,
    /// Instalments that a deferral or suspension left with nothing owed.
    emptied: BTreeSet<String>,
    /// Instalments of which interest was relieved or which were paid by a credit, by row.
    touched: BTreeSet<String>,
    /// Live grants.
    grants: Vec<Grant>,
}

impl Given {
    /// Collects the live grants of an event. Of grants for other events that were decided beside the claim, only what
    /// they did to rows counts: they found the rows as the claim did.
    pub fn of<'a>(
        grants: impl Iterator<Item = &'a Grant>,
        beside: impl Iterator<Item = &'a Grant>,
    ) -> Result<Self, MoneyError> {
        let mut given = Self::default();
        let own: Vec<&Grant> = grants.collect();
        for grant in &own {
            for adjustment in &grant.adjustments {
                given.count(grant, adjustment)?;
            }
        }
        let mut all: Vec<&Grant> = own.iter().copied().chain(beside).collect();
        all.sort_by_key(|grant| grant.decided_on);
        for adjustment in all.into_iter().flat_map(|grant| &grant.adjustments) {
            given.count_rows(adjustment)?;
        }
        given.grants = own.into_iter().cloned().collect();
        Ok(given)
    }

    /// What an adjustment did to rows.
    fn count_rows(&mut self, adjustment: &Adjustment) -> Result<(), MoneyError> {
        match adjustment {
            Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) => self.touch(relieved),
            Adjustment::Credit { relieved, to } => {
                self.touch(relieved);
                self.touched.extend(to.iter().map(|credited| credited.row.clone()));
            }
            Adjustment::Schedule(change) => self.count_change(change)?,
            _ => {}
        }
        Ok(())
    }

    fn touch(&mut self, relieved: &Relieved) {
        if let Target::Interest(row) = &relieved.target {
            self.touched.insert(row.clone());
        }
    }

    fn count_change(&mut self, change: &ScheduleChange) -> Result<(), MoneyError> {
        self.chosen.extend(change.chosen.iter().cloned());
        let made = change.changes.iter().filter(|row| row.before.is_none());
        let made = made.filter(|row| row.after.as_ref().is_some_and(|after| after.origin == row.row));
        self.made.extend(made.map(|row| row.row.clone()));
        for row in &change.changes {
            self.due_of_row.entry(row.row.clone()).or_insert(row.before.as_ref().map(|before| before.due_on));
        }
        for before in change.changes.iter().filter_map(|row| row.before.as_ref()) {
            self.first_due.entry(before.origin.clone()).or_insert(before.due_on);
        }
        if change.cause == Cause::Rate {
            return Ok(());
        }
        let mut origins: BTreeMap<&str, [Parts; 2]> = BTreeMap::new();
        for row in &change.changes {
            let mut own: Option<[Parts; 2]> = None;
            for (at, state) in [&row.before, &row.after].into_iter().enumerate() {
                let Some(state) = state else { continue };
                let unpaid = state.owed.sub(&state.paid)?;
                let none = [Parts::zero(unpaid.currency()); 2];
                for sums in [own.get_or_insert(none), origins.entry(state.origin.as_str()).or_insert(none)] {
                    if let Some(sum) = sums.get_mut(at) {
                        *sum = sum.add(&unpaid)?;
                    }
                }
            }
            if let Some(own) = own {
                put_on(&mut self.put, &row.row, own)?;
            }
        }
        for (origin, [before, after]) in origins {
            put_on(&mut self.moved, origin, [before, after])?;
            if after.is_zero() && !before.is_zero() {
                self.emptied.insert(origin.to_owned());
            } else if !after.is_zero() {
                self.emptied.remove(origin);
            }
        }
        Ok(())
    }

    fn count(&mut self, grant: &Grant, adjustment: &Adjustment) -> Result<(), MoneyError> {
        match adjustment {
            Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
                let zero = Money::zero(relieved.amount.currency());
                let sum = self.relieved.entry(relieved.target.clone()).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
                let key = (grant.policy.clone(), grant.benefit.clone());
                let sum = self.by_benefit.entry(key).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
                let key = (grant.policy.clone(), grant.benefit.clone(), relieved.target.clone());
                let sum = self.by_target.entry(key).or_insert(zero);
                *sum = sum.add(&relieved.amount)?;
            }
            Adjustment::Schedule(change) if change.cause == Cause::Rate => {
                self.rate_until = self.rate_until.max(change.relief_end);
            }
            Adjustment::Schedule(change) => self.relief_until = self.relief_until.max(change.relief_end),
            Adjustment::Suspension(suspension) => self.relief_until = self.relief_until.max(Some(suspension.until)),
            _ => {}
        }
        Ok(())
    }

    /// Relieved on a target so far.
    #[must_use]
    pub fn on(&self, target: &Target) -> Option<Money> {
        self.relieved.get(target).copied()
    }

    /// Relieved by a benefit on a target so far.
    #[must_use]
    pub fn by_on(&self, policy: &str, benefit: &str, target: &Target) -> Option<Money> {
        // Most accounts were given nothing before.
        if self.by_target.is_empty() {
            return None;
        }
        self.by_target.get(&(policy.to_owned(), benefit.to_owned(), target.clone())).copied()
    }

    /// What deferrals and suspensions put on the rows of an instalment, less what they took of that away.
    #[must_use]
    pub fn moved(&self, origin: &str) -> Option<&Parts> {
        self.moved.get(origin)
    }

    /// The same of one row.
    #[must_use]
    pub fn put(&self, row: &str) -> Option<&Parts> {
        self.put.get(row)
    }

    /// Relieved by a benefit so far.
    #[must_use]
    pub fn by(&self, policy: &str, benefit: &str) -> Option<Money> {
        if self.by_benefit.is_empty() {
            return None;
        }
        self.by_benefit.get(&(policy.to_owned(), benefit.to_owned())).copied()
    }

    /// The last day for which interest was paused or reduced.
    #[must_use]
    pub const fn rate_until(&self) -> Option<NaiveDate> {
        self.rate_until
    }

    /// The last day of the relief that deferrals and suspensions gave.
    #[must_use]
    pub const fn relief_until(&self) -> Option<NaiveDate> {
        self.relief_until
    }

    /// Whether relief moved the rows of an instalment or what is owed on them.
    #[must_use]
    pub fn has_moved(&self, origin: &str) -> bool {
        self.moved.contains_key(origin)
    }

    /// Whether interest of a row was relieved, or a credit paid it.
    #[must_use]
    pub fn has_touched(&self, row: &str) -> bool {
        self.touched.contains(row)
    }

    /// A row's due date before this event's relief.
    #[must_use]
    pub fn due_before(&self, row: &Row) -> NaiveDate {
        let own = self.due_of_row.get(&row.id).copied().flatten();
        own.or_else(|| self.first_due.get(&row.state.origin).copied()).unwrap_or(row.state.due_on)
    }

    /// Where instalments that relief changed were due before it.
    pub fn dues_before(&self) -> impl Iterator<Item = NaiveDate> {
        self.first_due.iter().filter(|(origin, _)| !self.made.contains(origin)).map(|(_, due)| *due)
    }

    /// Deferred instalments that no row holds any more, because what was owed went into another row: each as the day
    /// on which it was due before. They were given and count.
    pub fn gone<'s>(&'s self, rows: &'s [Row]) -> impl Iterator<Item = NaiveDate> + 's {
        let held = |origin: &str| rows.iter().any(|row| row.state.origin == origin);
        let gone = self.chosen.iter().collect::<BTreeSet<_>>().into_iter().filter(move |origin| !held(origin));
        gone.filter_map(|origin| self.first_due.get(origin).copied())
    }

    /// Whether a policy gave anything from a day on.
    #[must_use]
    pub fn answers(&self, policy: &str, since: NaiveDate) -> bool {
        self.grants.iter().any(|grant| grant.policy == policy && grant.decided_on >= since)
    }

    /// Instalments of which no row owes anything any more though they were not deferred themselves, because rows were
    /// derived anew: the day on which each was due before, and its origin. They keep their place among those to choose from.
    pub fn merged<'s>(&'s self, rows: &'s [Row]) -> impl Iterator<Item = (NaiveDate, &'s str)> + 's {
        let owes = |row: &Row| !self.emptied.contains(&row.state.origin) || !matches!(row.is_paid(), Ok(true));
        let held = move |origin: &str| rows.iter().any(|row| row.state.origin == origin && owes(row));
        let left = self.first_due.iter().filter(move |(origin, _)| !self.made.contains(origin) && !held(origin));
        left.filter(|(origin, _)| !self.chosen.contains(origin)).map(|(origin, due)| (*due, origin.as_str()))
    }

    /// Live grants of a benefit, oldest first.
    pub fn grants<'s>(&'s self, policy: &'s str, benefit: &'s str) -> impl Iterator<Item = &'s Grant> {
        self.grants.iter().filter(move |grant| grant.policy == policy && grant.benefit == benefit)
    }

    /// The benefit's latest live standing order.
    #[must_use]
    pub fn standing_order(&self, policy: &str, benefit: &str) -> Option<StandingOrder> {
        let adjustments = self.grants(policy, benefit).flat_map(|grant| &grant.adjustments);
        let orders =
            adjustments.filter_map(|one| if let Adjustment::StandingOrder(order) = one { Some(order) } else { None });
        orders.last().cloned()
    }
}

/// Adds what a change put on something; what it took away beyond that was owed before, and puts nothing on anything else.
fn put_on(sums: &mut BTreeMap<String, Parts>, name: &str, [before, after]: [Parts; 2]) -> Result<(), MoneyError> {
    let sum = sums.entry(name.to_owned()).or_insert(Parts::zero(after.currency()));
    let mut now = sum.add(&after)?.sub(&before)?;
    for part in [Part::Principal, Part::Interest, Part::Fees] {
        let own = now.get(part);
        now = now.with(part, Money::new(own.minor().max(0), own.currency()));
    }
    *sum = now;
    Ok(())
}
