//! Money that may be given. It is taken by one conditional update of a slice, with a check of the table behind it, so
//! that no race can take more than there is.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, load, run};
use super::schema::{budget_estimates, budget_slices, budget_uses, budgets};
use super::{Connection, Stored};

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = budgets, treat_none_as_default_value = false)]
pub struct BudgetRow {
    /// Its id.
    pub id: i64,
    /// The declaration it is for; any when none.
    pub declaration: Option<String>,
    /// The policy it is for; any when none.
    pub policy: Option<String>,
    /// Who bears what is taken from it; anybody when none.
    pub bearer: Option<String>,
    /// Its currency.
    pub currency: String,
    /// All of it, in minor units.
    pub amount: i64,
    /// In how many slices it is held.
    pub slices: i32,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// A slice of a budget, in minor units.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = budget_slices, treat_none_as_default_value = false)]
pub struct SliceRow {
    /// The budget.
    pub budget_id: i64,
    /// Its number.
    pub slice: i32,
    /// All of it.
    pub amount: i64,
    /// Set aside for grants that are not posted yet.
    pub reserved: i64,
    /// Given.
    pub taken: i64,
}

/// What a grant has of a slice.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = budget_uses, treat_none_as_default_value = false)]
pub struct UseRow {
    /// The budget.
    pub budget_id: i64,
    /// The grant.
    pub grant_id: i64,
    /// The slice.
    pub slice: i32,
    /// How much.
    pub amount: i64,
    /// reserved, taken or given_back.
    pub state: String,
}

/// What is set aside for the standing order of a grant.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = budget_estimates, treat_none_as_default_value = false)]
pub struct EstimateRow {
    /// The budget.
    pub budget_id: i64,
    /// The grant with the order.
    pub grant_id: i64,
    /// The slice.
    pub slice: i32,
    /// How much.
    pub amount: i64,
}

/// Adds a budget with its slices.
pub fn add(conn: &mut Connection, row: &BudgetRow, slices: &[SliceRow]) -> Stored<()> {
    add!(conn, diesel::insert_into(budgets::table).values(row))?;
    for slice in slices {
        add!(conn, diesel::insert_into(budget_slices::table).values(slice))?;
    }
    Ok(())
}

/// A budget.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<BudgetRow>> {
    Ok(budgets::table.find(id).select(BudgetRow::as_select()).first(conn).optional()?)
}

/// All budgets.
pub fn list(conn: &mut Connection) -> Stored<Vec<BudgetRow>> {
    Ok(load!(conn, budgets::table.order(budgets::id).select(BudgetRow::as_select()))?)
}

/// The slices of a budget, in order.
pub fn slices(conn: &mut Connection, budget: i64) -> Stored<Vec<SliceRow>> {
    let found = budget_slices::table.filter(budget_slices::budget_id.eq(budget)).order(budget_slices::slice);
    Ok(found.select(SliceRow::as_select()).load(conn)?)
}

/// Takes the slices of a budget until the transaction ends, in order.
pub fn take_slices(conn: &mut Connection, budget: i64) -> Stored<Vec<SliceRow>> {
    let known = slices(conn, budget)?;
    for slice in &known {
        let own = budget_slices::table.find((budget, slice.slice));
        run!(conn, diesel::update(own).set(budget_slices::amount.eq(budget_slices::amount)))?;
    }
    slices(conn, budget)
}

/// Sets how much a slice holds.
pub fn set_slice(conn: &mut Connection, budget: i64, slice: i32, amount: i64) -> Stored<()> {
    let own = budget_slices::table.find((budget, slice));
    run!(conn, diesel::update(own).set(budget_slices::amount.eq(amount)))?;
    Ok(())
}

/// Changes the sum of a budget, if it still is as it was; says whether it did.
pub fn set_amount(conn: &mut Connection, row: &BudgetRow) -> Stored<bool> {
    let own = budgets::table.find(row.id).filter(budgets::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            budgets::amount.eq(row.amount),
            budgets::changed_at.eq(row.changed_at),
            budgets::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// Sets money of a slice aside for a grant, if that much is left in it; says whether it did.
pub fn reserve(conn: &mut Connection, take: &UseRow) -> Stored<bool> {
    let done = set_aside(conn, (take.budget_id, take.slice), take.amount)?;
    if done {
        add!(conn, diesel::insert_into(budget_uses::table).values(take))?;
    }
    Ok(done)
}

/// Sets money of a slice aside for a standing order, if that much is left in it; says whether it did.
pub fn expect(conn: &mut Connection, take: &EstimateRow) -> Stored<bool> {
    let done = set_aside(conn, (take.budget_id, take.slice), take.amount)?;
    if done {
        diesel::insert_into(budget_estimates::table).values(take).execute(conn)?;
    }
    Ok(done)
}

fn set_aside(conn: &mut Connection, slice: (i64, i32), amount: i64) -> Stored<bool> {
    let own = budget_slices::table
        .find(slice)
        .filter((budget_slices::amount - budget_slices::reserved - budget_slices::taken).ge(amount));
    let changed = run!(conn, diesel::update(own).set(budget_slices::reserved.eq(budget_slices::reserved + amount)))?;
    Ok(changed == 1)
}

/// What is set aside for the standing order of a grant.
pub fn estimates(conn: &mut Connection, grant: i64) -> Stored<Vec<EstimateRow>> {
    let found = budget_estimates::table.filter(budget_estimates::grant_id.eq(grant)).order(budget_estimates::budget_id);
    Ok(found.select(EstimateRow::as_select()).load(conn)?)
}

/// What is set aside of a budget for standing orders.
pub fn expected_of(conn: &mut Connection, budget: i64) -> Stored<Vec<i64>> {
    let found = budget_estimates::table.filter(budget_estimates::budget_id.eq(budget));
    Ok(found.select(budget_estimates::amount).load(conn)?)
}

/// Gives back so much of what is set aside for a standing order.
pub fn expect_less(conn: &mut Connection, row: &EstimateRow, less: i64) -> Stored<()> {
    let slice = budget_slices::table.find((row.budget_id, row.slice));
    diesel::update(slice).set(budget_slices::reserved.eq(budget_slices::reserved - less)).execute(conn)?;
    let own = budget_estimates::table.find((row.budget_id, row.grant_id));
    if less < row.amount {
        diesel::update(own).set(budget_estimates::amount.eq(budget_estimates::amount - less)).execute(conn)?;
    } else {
        diesel::delete(own).execute(conn)?;
    }
    Ok(())
}

/// What a grant has of any budget.
pub fn uses(conn: &mut Connection, grant: i64) -> Stored<Vec<UseRow>> {
    let found = budget_uses::table.filter(budget_uses::grant_id.eq(grant)).order(budget_uses::budget_id);
    Ok(load!(conn, found.select(UseRow::as_select()))?)
}

/// Everything that was ever used of a budget.
pub fn uses_of(conn: &mut Connection, budget: i64) -> Stored<Vec<UseRow>> {
    let found = budget_uses::table.filter(budget_uses::budget_id.eq(budget)).order(budget_uses::grant_id);
    Ok(found.select(UseRow::as_select()).load(conn)?)
}

/// Moves what a grant has: set aside becomes given, or either goes back.
pub fn settle(conn: &mut Connection, used: &UseRow, to: &str) -> Stored<()> {
    let own = budget_slices::table.find((used.budget_id, used.slice));
    let of = |state: &str| if used.state == state { used.amount } else { 0 };
    let given = if to == "taken" { used.amount } else { 0 };
    run!(
        conn,
        diesel::update(own).set((
            budget_slices::reserved.eq(budget_slices::reserved - of("reserved")),
            budget_slices::taken.eq(budget_slices::taken - of("taken") + given),
        ))
    )?;
    let own = budget_uses::table.find((used.budget_id, used.grant_id, used.slice));
    run!(conn, diesel::update(own).set(budget_uses::state.eq(to)))?;
    Ok(())
}

/// Undoes a reservation as if it had not been made.
pub fn forget(conn: &mut Connection, used: &UseRow) -> Stored<()> {
    let own = budget_slices::table.find((used.budget_id, used.slice));
    run!(conn, diesel::update(own).set(budget_slices::reserved.eq(budget_slices::reserved - used.amount)))?;
    run!(conn, diesel::delete(budget_uses::table.find((used.budget_id, used.grant_id, used.slice))))?;
    Ok(())
}
