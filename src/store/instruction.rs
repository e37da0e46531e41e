//! The outbox to the core system.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;

use super::prepared::{add, first, run};
use super::schema::{accounts, instructions};
use super::{Connection, Stored};

/// An instruction.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = instructions, treat_none_as_default_value = false)]
pub struct InstructionRow {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Its place among the account's instructions, from 1.
    pub sequence: i64,
    /// The decision it carries.
    pub decision_id: i64,
    /// apply, reverse or release.
    pub kind: String,
    /// What is sent.
    pub body: String,
    /// pending, sent, confirmed, rejected or dead.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next.
    pub next_at: NaiveDateTime,
    /// Why the last attempt failed, or why it was rejected.
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
}

/// Adds an instruction.
pub fn add(conn: &mut Connection, row: &InstructionRow) -> Stored<()> {
    add!(conn, diesel::insert_into(instructions::table).values(row))?;
    Ok(())
}

/// The place of the next instruction of an account. The account's guard has to be taken.
pub fn next_sequence(conn: &mut Connection, account: i64) -> Stored<i64> {
    let own = instructions::table.filter(instructions::account_id.eq(account));
    let last: Option<Option<i64>> = first!(conn, own.select(max(instructions::sequence)))?;
    Ok(last.flatten().unwrap_or(0).saturating_add(1))
}

/// An instruction.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<InstructionRow>> {
    Ok(instructions::table.find(id).select(InstructionRow::as_select()).first(conn).optional()?)
}

/// Instructions in the order of their ids, after one, with the account's number.
pub fn page(
    conn: &mut Connection,
    state: Option<&str>,
    after: i64,
    most: i64,
) -> Stored<Vec<(InstructionRow, String)>> {
    let mut query = instructions::table.inner_join(accounts::table).filter(instructions::id.gt(after)).into_boxed();
    if let Some(state) = state {
        query = query.filter(instructions::state.eq(state.to_owned()));
    }
    let page = query.order(instructions::id).limit(most).select((InstructionRow::as_select(), accounts::number));
    Ok(page.load(conn)?)
}

/// Instructions of an account, in order.
pub fn of_account(conn: &mut Connection, account: i64) -> Stored<Vec<InstructionRow>> {
    let found = instructions::table.filter(instructions::account_id.eq(account)).order(instructions::sequence);
    Ok(found.select(InstructionRow::as_select()).load(conn)?)
}

/// Instructions that take back something of a decision, in order.
pub fn reversals(conn: &mut Connection, decision: i64) -> Stored<Vec<InstructionRow>> {
    let found = instructions::table
        .filter(instructions::decision_id.eq(decision))
        .filter(instructions::kind.eq("reverse"))
        .order(instructions::sequence);
    Ok(found.select(InstructionRow::as_select()).load(conn)?)
}

/// Decisions of which something was to be taken back and was refused.
pub fn refused_reversals(conn: &mut Connection) -> Stored<Vec<i64>> {
    let found = instructions::table
        .filter(instructions::state.eq("rejected"))
        .filter(instructions::kind.eq("reverse"))
        .order(instructions::decision_id);
    Ok(found.select(instructions::decision_id).distinct().load(conn)?)
}

/// Moves an instruction on, if it still stands where it stood; says whether it did.
pub fn advance(conn: &mut Connection, row: &InstructionRow, from: &str) -> Stored<bool> {
    let own = instructions::table.find(row.id).filter(instructions::state.eq(from));
    let changed = run!(
        conn,
        diesel::update(own).set((
            instructions::state.eq(&row.state),
            instructions::attempts.eq(row.attempts),
            instructions::next_at.eq(row.next_at),
            instructions::failure.eq(&row.failure),
            instructions::changed_at.eq(row.changed_at),
        ))
    )?;
    Ok(changed == 1)
}

/// The same for one that is due at a time: nobody else claimed it.
pub fn advance_due(conn: &mut Connection, row: &InstructionRow, (from, due): (&str, NaiveDateTime)) -> Stored<bool> {
    let own =
        instructions::table.find(row.id).filter(instructions::state.eq(from)).filter(instructions::next_at.eq(due));
    let changed = run!(
        conn,
        diesel::update(own).set((
            instructions::state.eq(&row.state),
            instructions::attempts.eq(row.attempts),
            instructions::next_at.eq(row.next_at),
            instructions::failure.eq(&row.failure),
            instructions::changed_at.eq(row.changed_at),
        ))
    )?;
    Ok(changed == 1)
}

/// Pending instructions that are due and have none before them that is not delivered, the longest due first.
pub fn due(conn: &mut Connection, now: NaiveDateTime, most: i64) -> Stored<Vec<InstructionRow>> {
    use diesel::dsl::{exists, not};
    let earlier = diesel::alias!(instructions as earlier);
    let before = earlier
        .filter(earlier.field(instructions::account_id).eq(instructions::account_id))
        .filter(earlier.field(instructions::sequence).lt(instructions::sequence))
        .filter(earlier.field(instructions::state).eq_any(["pending", "dead"]));
    let found = instructions::table
        .filter(instructions::state.eq("pending"))
        .filter(instructions::next_at.le(now))
        .filter(not(exists(before)))
        .order((instructions::next_at, instructions::id))
        .limit(most);
    Ok(found.select(InstructionRow::as_select()).load(conn)?)
}

/// Pending instructions account by account and there in order, after a place, with the account's number; none that stands behind
/// one that could not be delivered.
pub fn waiting(
    conn: &mut Connection,
    (account, sequence): (i64, i64),
    most: i64,
) -> Stored<Vec<(InstructionRow, String)>> {
    use diesel::dsl::{exists, not};
    let earlier = diesel::alias!(instructions as earlier);
    let dead = earlier
        .filter(earlier.field(instructions::account_id).eq(instructions::account_id))
        .filter(earlier.field(instructions::sequence).lt(instructions::sequence))
        .filter(earlier.field(instructions::state).eq("dead"));
    let same = instructions::account_id.eq(account).and(instructions::sequence.gt(sequence));
    let found = instructions::table
        .inner_join(accounts::table)
        .filter(instructions::state.eq("pending"))
        .filter(instructions::account_id.gt(account).or(same))
        .filter(not(exists(dead)))
        .order((instructions::account_id, instructions::sequence))
        .limit(most);
    Ok(found.select((InstructionRow::as_select(), accounts::number)).load(conn)?)
}

/// How many there are in each of some states; a state without any is left out.
pub fn counts(conn: &mut Connection, states: &[&str]) -> Stored<Vec<(String, i64)>> {
    let found = instructions::table.filter(instructions::state.eq_any(states)).group_by(instructions::state);
    Ok(found.select((instructions::state, diesel::dsl::count_star())).load(conn)?)
}
