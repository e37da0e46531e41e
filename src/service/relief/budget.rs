//! Budgets: money is set aside when a grant is proposed, taken when it is posted, and goes back when it ends. What finds
//! a budget empty waits, in order.

use std::collections::BTreeMap;

use forbear_engine::adjustment::Adjustment;
use serde::Serialize;
use serde_json::json;

use super::expected::{give_back_expected, replace_expected};
use super::history::hold;
use super::ledger::bearer;
use crate::service::audit::{Actor, log};
use crate::service::policy::shelf::Terms;
use crate::service::{Served, Service, ServiceError};
use crate::store::budget::{self, BudgetRow, EstimateRow, SliceRow, UseRow};
use crate::store::grant::{self, GrantRow};
use crate::store::{Backend, Connection, id};

/// A budget as it stands, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The budget.
    pub row: BudgetRow,
    /// Set aside, also for standing orders.
    pub reserved: i64,
    /// Of that, set aside for what will probably be drawn on standing orders.
    pub expected: i64,
    /// Given.
    pub taken: i64,
    /// Grants that wait for money.
    pub waiting: i64,
}

/// How full a budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// Less than 80 in 100 are used.
    None,
    /// 80 in 100 and more.
    Near,
    /// 95 in 100 and more.
    Almost,
    /// Nothing is left.
    Empty,
}

impl Alert {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Near => "near",
            Self::Almost => "almost",
            Self::Empty => "empty",
        }
    }
}

/// How many budgets are how full.
///
/// # Errors
/// The store fails.
pub fn fullness(conn: &mut Connection) -> Served<Vec<(String, i64)>> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for row in budget::list(conn)? {
        let count = counts.entry(standing(conn, row)?.alert().name()).or_default();
        *count = count.saturating_add(1);
    }
    Ok(counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect())
}

impl Standing {
    /// What is left.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.row.amount.saturating_sub(self.reserved).saturating_sub(self.taken)
    }

    /// How full it is.
    #[must_use]
    pub const fn alert(&self) -> Alert {
        let used = self.reserved.saturating_add(self.taken).saturating_mul(100);
        match (self.left(), used) {
            (left, _) if left <= 0 => Alert::Empty,
            (_, used) if used >= self.row.amount.saturating_mul(95) => Alert::Almost,
            (_, used) if used >= self.row.amount.saturating_mul(80) => Alert::Near,
            _ => Alert::None,
        }
    }
}

/// What a budget is for, and how much it holds.
#[derive(Debug, Clone)]
pub struct NewBudget {
    /// The declaration; any when none.
    pub declaration: Option<String>,
    /// The policy; any when none.
    pub policy: Option<String>,
    /// Who bears it; anybody when none.
    pub bearer: Option<String>,
    /// The currency.
    pub currency: String,
    /// Minor units.
    pub amount: i64,
}

/// In how many slices a budget is held: on PostgreSQL many writers come at once.
const SLICES: i32 = 8;

impl Service {
    /// Makes a budget.
    ///
    /// # Errors
    /// The store fails.
    pub fn make_budget(&self, conn: &mut Connection, actor: &Actor, new: &NewBudget) -> Served<Standing> {
        let now = self.clock.now();
        let slices = if self.store.backend() == Backend::Postgres { SLICES } else { 1 };
        let row = BudgetRow {
            id: id::new_id(),
            declaration: new.declaration.clone(),
            policy: new.policy.clone(),
            bearer: new.bearer.clone(),
            currency: new.currency.clone(),
            amount: new.amount,
            slices,
            made_by: actor.person.clone(),
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        let even: Vec<SliceRow> = (0..slices)
            .map(|slice| SliceRow {
                budget_id: row.id,
                slice,
                amount: share(new.amount, slices, slice),
                reserved: 0,
                taken: 0,
            })
            .collect();
        budget::add(conn, &row, &even)?;
        let detail = json!({"amount": new.amount, "currency": new.currency});
        log(conn, now, actor, "budget.make", &id::outside("budget", row.id), &detail)?;
        standing(conn, row)
    }

    /// Changes how much a budget holds. What waits for money goes on, in order, as far as there is some.
    ///
    /// # Errors
    /// There is none, it was changed meanwhile, or more than that is used already.
    pub fn change_budget(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (seen, amount, currency): (i64, i64, &str),
    ) -> Served<Standing> {
        let now = self.clock.now();
        let mut row = budget::find(conn, id)?.ok_or(ServiceError::Missing("budget"))?;
        let slices = budget::take_slices(conn, id)?;
        let used: i64 = slices.iter().map(|slice| slice.reserved.saturating_add(slice.taken)).sum();
        if amount < used {
            let message = format!("{used} minor units are used already: no less can be in it");
            return Err(ServiceError::conflict("budget_used", message));
        }
        if row.currency != currency {
            let message = format!("the budget is in {}", row.currency);
            return Err(ServiceError::invalid("/amount/currency", message));
        }
        row.amount = amount;
        row.changed_at = now;
        row.revision = seen;
        crate::service::policy::changed(budget::set_amount(conn, &row)?)?;
        spread(conn, &slices, amount.saturating_sub(used))?;
        let detail = json!({"amount": amount, "currency": row.currency});
        log(conn, now, actor, "budget.change", &id::outside("budget", id), &detail)?;
        self.go_on(conn, actor, id)?;
        let row = budget::find(conn, id)?.ok_or(ServiceError::Missing("budget"))?;
        standing(conn, row)
    }

    /// All budgets as they stand.
    ///
    /// # Errors
    /// The store fails.
    pub fn budgets(&self) -> Served<Vec<Standing>> {
        self.store.read(|conn| budget::list(conn)?.into_iter().map(|row| standing(conn, row)).collect())
    }

    /// A budget as it stands.
    ///
    /// # Errors
    /// There is none.
    pub fn budget(&self, id: i64) -> Served<Standing> {
        self.store.read(|conn| {
            let row = budget::find(conn, id)?.ok_or(ServiceError::Missing("budget"))?;
            standing(conn, row)
        })
    }

    /// Sets aside what a grant takes of every budget that is meant for it; names the budget that has not enough.
    pub(super) fn reserve(&self, conn: &mut Connection, terms: &Terms, grant: &GrantRow) -> Served<Option<i64>> {
        if terms.budgets.is_empty() {
            return Ok(None);
        }
        let (by_bearer, expected) = (by_bearer(grant)?, self.expected(conn, grant)?);
        for row in &terms.budgets {
            let amount = wanted_of(row, grant, &by_bearer);
            let estimate = wanted_of(row, grant, &expected);
            if amount <= 0 && estimate <= 0 {
                continue;
            }
            let before_it = grant::waiting_for(conn, row.id, 1)?;
            let waits = before_it.first().is_some_and(|first| first.id < grant.id);
            let enough = !waits && take(conn, row, (grant.id, For::Grant), amount)?;
            if !enough || !take(conn, row, (grant.id, For::Order), estimate)? {
                for used in budget::uses(conn, grant.id)? {
                    budget::forget(conn, &used)?;
                }
                give_back_expected(conn, grant.id)?;
                return Ok(Some(row.id));
            }
        }
        if !expected.is_empty() {
            replace_expected(conn, grant)?;
        }
        Ok(None)
    }

    /// Takes what was set aside for a grant.
    pub(super) fn spend(&self, conn: &mut Connection, grant: i64) -> Served<()> {
        for used in budget::uses(conn, grant)?.iter().filter(|used| used.state == "reserved") {
            budget::settle(conn, used, "taken")?;
        }
        Ok(())
    }

    /// Gives back what a grant has, and lets go on what waits for it.
    pub(super) fn give_back(&self, conn: &mut Connection, actor: &Actor, grant: i64) -> Served<()> {
        let uses = budget::uses(conn, grant)?;
        for used in uses.iter().filter(|used| used.state != "given_back") {
            budget::settle(conn, used, "given_back")?;
        }
        let mut freed = give_back_expected(conn, grant)?;
        freed.extend(uses.iter().map(|used| used.budget_id));
        self.go_on_with(conn, actor, freed)
    }

    /// Lets go on what waits for these budgets.
    pub(super) fn go_on_with(&self, conn: &mut Connection, actor: &Actor, mut budgets: Vec<i64>) -> Served<()> {
        budgets.sort_unstable();
        budgets.dedup();
        for budget in budgets {
            self.go_on(conn, actor, budget)?;
        }
        Ok(())
    }

    /// Lets go on what waits for a budget, in order, until there is not enough.
    fn go_on(&self, conn: &mut Connection, actor: &Actor, budget: i64) -> Served<()> {
        while let Some(first) = grant::waiting_for(conn, budget, 1)?.pop() {
            // It is another account's: whoever moves its grants meanwhile comes first. Two that wait for each other are told
            // apart by the database, and tried again.
            let own = hold(conn, first.account_id)?;
            let Some(mut row) = grant::find(conn, first.id)?.filter(|row| row.waits_for == Some(budget)) else {
                continue;
            };
            // Money that comes is not for what no longer holds: it is decided again, and waits anew.
            if self.is_stale(conn, &row)? {
                self.decide_again(conn, actor, &row)?;
                continue;
            }
            // It may wait for another budget next.
            let terms = self.shelf.terms(conn)?;
            let blocked = self.reserve(conn, &terms, &row)?;
            if blocked == Some(budget) {
                return Ok(());
            }
            row.waits_for = blocked;
            if blocked.is_none() {
                row.state = if row.people == 0 { "approved" } else { "pending_approval" }.to_owned();
            }
            row.changed_at = self.clock.now();
            super::advanced(grant::advance(conn, &row, "proposed")?)?;
            if row.state == "approved" {
                self.release(conn, actor, &own, row.decision_id)?;
            }
        }
        Ok(())
    }
}

/// The slice's part of an even split: the first slices have the rest.
fn share(amount: i64, slices: i32, slice: i32) -> i64 {
    let slices = i64::from(slices.max(1));
    (amount / slices).saturating_add(i64::from(i64::from(slice) < amount % slices))
}

/// Sets slices to what they have used and an even part of what is left.
fn spread(conn: &mut Connection, slices: &[SliceRow], left: i64) -> Served<()> {
    let count = i32::try_from(slices.len()).map_err(ServiceError::unknown)?;
    for (at, slice) in (0..).zip(slices) {
        let amount = slice.reserved.saturating_add(slice.taken).saturating_add(share(left, count, at));
        budget::set_slice(conn, slice.budget_id, slice.slice, amount)?;
    }
    Ok(())
}

/// For what money is set aside.
#[derive(Debug, Clone, Copy)]
enum For {
    /// For what the grant gives.
    Grant,
    /// For what will be drawn on its standing order.
    Order,
}

impl For {
    fn set_aside(
        self,
        conn: &mut Connection,
        (budget_id, slice): (i64, i32),
        grant_id: i64,
        amount: i64,
    ) -> Served<bool> {
        Ok(match self {
            Self::Grant => {
                let state = "reserved".to_owned();
                budget::reserve(conn, &UseRow { budget_id, grant_id, slice, amount, state })?
            }
            Self::Order => budget::expect(conn, &EstimateRow { budget_id, grant_id, slice, amount })?,
        })
    }
}

/// Sets money aside: from one slice where one has enough, else all of them are put together first.
fn take(conn: &mut Connection, row: &BudgetRow, (grant, of): (i64, For), amount: i64) -> Served<bool> {
    if amount <= 0 {
        return Ok(true);
    }
    let first = i32::try_from(grant.rem_euclid(i64::from(row.slices.max(1)))).map_err(ServiceError::unknown)?;
    if of.set_aside(conn, (row.id, first), grant, amount)? {
        return Ok(true);
    }
    if row.slices <= 1 {
        return Ok(false);
    }
    let slices = budget::take_slices(conn, row.id)?;
    let left = |slice: &SliceRow| slice.amount.saturating_sub(slice.reserved).saturating_sub(slice.taken);
    let all: i64 = slices.iter().map(left).sum();
    if all < amount {
        return Ok(false);
    }
    // Everything that is left goes to the slice that this grant takes from; the rest is spread evenly again.
    for slice in &slices {
        let used = slice.reserved.saturating_add(slice.taken);
        let kept = if slice.slice == first { used.saturating_add(all) } else { used };
        budget::set_slice(conn, row.id, slice.slice, kept)?;
    }
    let done = of.set_aside(conn, (row.id, first), grant, amount)?;
    let slices = budget::slices(conn, row.id)?;
    spread(conn, &slices, all.saturating_sub(if done { amount } else { 0 }))?;
    Ok(done)
}

fn standing(conn: &mut Connection, row: BudgetRow) -> Served<Standing> {
    let slices = budget::slices(conn, row.id)?;
    let waiting = grant::count_waiting(conn, row.id)?;
    let reserved = slices.iter().map(|slice| slice.reserved).sum();
    let taken = slices.iter().map(|slice| slice.taken).sum();
    let expected = budget::expected_of(conn, row.id)?.iter().sum();
    Ok(Standing { row, reserved, expected, taken, waiting })
}

/// Waived, refunded and goodwill money of a grant, by who bears it, in minor units.
pub(super) fn by_bearer(grant: &GrantRow) -> Served<BTreeMap<&'static str, i64>> {
    let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
    let mut sums: BTreeMap<&'static str, i64> = BTreeMap::new();
    for adjustment in &adjustments {
        let (who, amount) = match adjustment {
            Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
                (bearer(relieved.bearer), relieved.amount.minor())
            }
            Adjustment::Goodwill { amount } => ("lender", amount.minor()),
            _ => continue,
        };
        let sum = sums.entry(who).or_default();
        *sum = sum.saturating_add(amount);
    }
    Ok(sums)
}

pub(super) fn wanted_of(row: &BudgetRow, grant: &GrantRow, by_bearer: &BTreeMap<&'static str, i64>) -> i64 {
    let meant = row.currency == grant.currency
        && row.declaration.as_ref().is_none_or(|name| *name == grant.declaration)
        && row.policy.as_ref().is_none_or(|name| *name == grant.policy);
    if !meant {
        return 0;
    }
    let own = by_bearer.iter().filter(|(who, _)| row.bearer.as_ref().is_none_or(|name| name == *who));
    own.map(|(_, amount)| *amount).sum()
}
