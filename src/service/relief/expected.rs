//! What will probably be drawn on standing orders: set aside in the budgets when the order is given, and less of it with every
//! draw, so that money which was promised is there when the charges come.

use std::collections::BTreeMap;

use chrono::Days;
use forbear_engine::account::{OneSnapshot, Position};
use forbear_engine::adjustment::Adjustment;
use forbear_engine::benefit::draw::estimate;
use forbear_engine::policy::Program;

use super::budget::{by_bearer, wanted_of};
use super::ledger::bearer;
use crate::service::account::report;
use crate::service::policy::shelf::compile;
use crate::service::{Served, Service, ServiceError};
use crate::store::budget::{self, EstimateRow};
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, account, policy};

impl Service {
    /// What the standing order of a grant will probably take, by who bears it, in minor units.
    pub(super) fn expected(&self, conn: &mut Connection, row: &GrantRow) -> Served<BTreeMap<&'static str, i64>> {
        let mut sums: BTreeMap<&'static str, i64> = BTreeMap::new();
        let adjustments: Vec<Adjustment> = serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?;
        for adjustment in &adjustments {
            let Adjustment::StandingOrder(order) = adjustment else { continue };
            let own = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
            let one = OneSnapshot::of(&report(conn, &own.snapshot)?).map_err(ServiceError::unknown)?;
            let today = self.clock.today();
            let horizon = today.checked_add_days(Days::new(u64::from(self.relief.order_days))).unwrap_or(today);
            let program = self.program_of(conn, row)?;
            let position = Position::of(one.snapshot(), today);
            let found = estimate((order, &row.benefit), &program, &position, horizon).map_err(ServiceError::unknown)?;
            for (who, amount) in found {
                let sum = sums.entry(bearer(who)).or_default();
                *sum = sum.saturating_add(amount.minor());
            }
        }
        Ok(sums)
    }

    /// The policy version of a grant.
    pub(super) fn program_of(&self, conn: &mut Connection, row: &GrantRow) -> Served<Program> {
        let known = policy::find(conn, &row.policy, row.version)?.ok_or(ServiceError::Missing("policy version"))?;
        let mut programs = compile(conn, &[known.digest], &self.lender.attributes)?;
        programs.pop().ok_or_else(|| ServiceError::unknown("a policy that compiles to nothing"))
    }
}

/// An earlier order of the same benefit is replaced by that of a grant, and gives back what it had.
pub(super) fn replace_expected(conn: &mut Connection, by: &GrantRow) -> Served<()> {
    for (earlier, _) in grant::of_accounts(conn, &[by.account_id])? {
        let same = (&earlier.event, &earlier.policy, &earlier.benefit) == (&by.event, &by.policy, &by.benefit);
        if same && earlier.id != by.id {
            give_back_expected(conn, earlier.id)?;
        }
    }
    Ok(())
}

/// Gives back what was set aside for a draw on the order of a grant, so that the draw can take it.
pub(super) fn expect_less(conn: &mut Connection, order: i64, draw: &GrantRow) -> Served<()> {
    let drawn = by_bearer(draw)?;
    for known in budget::estimates(conn, order)? {
        let Some(row) = budget::find(conn, known.budget_id)? else { continue };
        let less = wanted_of(&row, draw, &drawn).min(known.amount);
        if less > 0 {
            budget::expect_less(conn, &known, less)?;
        }
    }
    Ok(())
}

/// Gives back all that is set aside for the order of a grant; says of which budgets.
pub(super) fn give_back_expected(conn: &mut Connection, order: i64) -> Served<Vec<i64>> {
    let all: Vec<EstimateRow> = budget::estimates(conn, order)?;
    for known in &all {
        budget::expect_less(conn, known, known.amount)?;
    }
    Ok(all.into_iter().map(|known| known.budget_id).collect())
}
