//! Accounts as last reported, and who is on them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::prepared::{add, first, load, run};
use super::schema::{account_parties, accounts, documents, snapshots};
use super::{Connection, Stored};

/// An account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// Its id.
    pub id: i64,
    /// The lender's number.
    pub number: String,
    /// The day of the snapshot in force.
    pub as_of: NaiveDate,
    /// Its currency.
    pub currency: String,
    /// The lender's product code.
    pub product: Option<String>,
    /// Where the loan stands.
    pub status: Option<String>,
    /// Where the first borrower lives.
    pub region: Option<String>,
    /// The digest of the snapshot in force.
    pub snapshot: String,
    /// When that came.
    pub received_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
    /// The import that put the snapshot in force.
    pub taken_by: Option<i64>,
}

/// A snapshot that is or was in force.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = snapshots, treat_none_as_default_value = false)]
pub struct SnapshotRow {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// What it says.
    pub digest: String,
    /// Its day.
    pub as_of: NaiveDate,
    /// When it came.
    pub received_at: NaiveDateTime,
}

/// An account by the lender's number.
pub fn find(conn: &mut Connection, number: &str) -> Stored<Option<AccountRow>> {
    let found = accounts::table.filter(accounts::number.eq(number));
    Ok(first!(conn, found.select(AccountRow::as_select()))?)
}

/// An account by id.
pub fn get(conn: &mut Connection, id: i64) -> Stored<Option<AccountRow>> {
    Ok(first!(conn, accounts::table.find(id).select(AccountRow::as_select()))?)
}

/// Adds an account; none of its number may be there.
pub fn add(conn: &mut Connection, row: &AccountRow) -> Stored<()> {
    add!(conn, diesel::insert_into(accounts::table).values(row))?;
    Ok(())
}

/// Puts another snapshot in force, if the account still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &AccountRow) -> Stored<bool> {
    let own = accounts::table.find(row.id).filter(accounts::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            accounts::as_of.eq(row.as_of),
            accounts::currency.eq(&row.currency),
            accounts::product.eq(&row.product),
            accounts::status.eq(&row.status),
            accounts::region.eq(&row.region),
            accounts::snapshot.eq(&row.snapshot),
            accounts::received_at.eq(row.received_at),
            accounts::revision.eq(row.revision.saturating_add(1)),
            accounts::taken_by.eq(row.taken_by),
        ))
    )?;
    Ok(changed == 1)
}

/// Keeps that a snapshot came into force.
pub fn add_snapshot(conn: &mut Connection, row: &SnapshotRow) -> Stored<()> {
    add!(conn, diesel::insert_into(snapshots::table).values(row))?;
    Ok(())
}

/// All snapshots of an account that were in force, the first first.
pub fn snapshots(conn: &mut Connection, account: i64) -> Stored<Vec<SnapshotRow>> {
    let found = snapshots::table.filter(snapshots::account_id.eq(account)).order(snapshots::id);
    Ok(found.select(SnapshotRow::as_select()).load(conn)?)
}

/// Who is on an account, in place of who was.
pub fn set_parties(conn: &mut Connection, account: i64, parties: &[(String, String)]) -> Stored<()> {
    diesel::delete(account_parties::table.filter(account_parties::account_id.eq(account))).execute(conn)?;
    for (party, role) in parties {
        let row =
            (account_parties::account_id.eq(account), account_parties::party.eq(party), account_parties::role.eq(role));
        add!(conn, diesel::insert_into(account_parties::table).values(row).on_conflict_do_nothing())?;
    }
    Ok(())
}

/// The people who owe an account.
pub fn borrowers(conn: &mut Connection, account: i64) -> Stored<Vec<String>> {
    let found = account_parties::table
        .filter(account_parties::account_id.eq(account))
        .filter(account_parties::role.ne("guarantor"))
        .order(account_parties::party);
    Ok(load!(conn, found.select(account_parties::party))?)
}

/// Ids and numbers of the accounts that any of these people owe.
pub fn owed_by(conn: &mut Connection, parties: &[String]) -> Stored<Vec<(i64, String)>> {
    let found = account_parties::table
        .inner_join(accounts::table)
        .filter(account_parties::party.eq_any(parties))
        .filter(account_parties::role.ne("guarantor"))
        .select((accounts::id, accounts::number))
        .distinct()
        .order(accounts::id);
    Ok(found.load(conn)?)
}

/// Ids of the accounts that anybody owes who owes this one: it is among them where anybody owes it.
pub fn owed_together(conn: &mut Connection, account: i64) -> Stored<Vec<i64>> {
    let own = diesel::alias!(account_parties as own);
    let people = own
        .filter(own.field(account_parties::account_id).eq(account))
        .filter(own.field(account_parties::role).ne("guarantor"))
        .select(own.field(account_parties::party));
    let found = account_parties::table
        .filter(account_parties::party.eq_any(people))
        .filter(account_parties::role.ne("guarantor"));
    Ok(load!(conn, found.select(account_parties::account_id).distinct().order(account_parties::account_id))?)
}

/// Those of some people who owe an account.
pub fn owing(conn: &mut Connection, parties: &[String]) -> Stored<Vec<String>> {
    let found = account_parties::table
        .filter(account_parties::party.eq_any(parties))
        .filter(account_parties::role.ne("guarantor"));
    Ok(found.select(account_parties::party).distinct().load(conn)?)
}

/// Ids of accounts and the text of the snapshot in force of each, in the order of the ids, after one.
pub fn reports(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<(i64, String)>> {
    let found = accounts::table
        .inner_join(documents::table.on(documents::digest.eq(accounts::snapshot)))
        .filter(accounts::id.gt(after))
        .order(accounts::id)
        .limit(most);
    Ok(found.select((accounts::id, documents::body)).load(conn)?)
}

/// Ids of accounts, in their order, after one.
pub fn ids(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<i64>> {
    let found = accounts::table.filter(accounts::id.gt(after)).order(accounts::id).limit(most);
    Ok(found.select(accounts::id).load(conn)?)
}

/// How many accounts there are.
pub fn count(conn: &mut Connection) -> Stored<i64> {
    Ok(accounts::table.count().get_result(conn)?)
}

/// Of some accounts the digest of the snapshot in force, and the import that put it there.
pub fn in_force(conn: &mut Connection, numbers: &[&str]) -> Stored<Vec<(String, String, Option<i64>)>> {
    let found = accounts::table.filter(accounts::number.eq_any(numbers));
    Ok(found.select((accounts::number, accounts::snapshot, accounts::taken_by)).load(conn)?)
}
