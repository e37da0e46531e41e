//! Relief that is looked at a second time, by lot.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, first};
use super::schema::{lotteries, reviews, samples};
use super::{Connection, Stored};

/// By what is drawn.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = lotteries, treat_none_as_default_value = false)]
pub struct LotteryRow {
    /// Its id.
    pub id: i64,
    /// What the lots follow from, with the grant.
    pub salt: String,
    /// So many of a thousand.
    pub per_mille: i32,
    /// Since when.
    pub since: NaiveDateTime,
}

/// A grant that was drawn.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = samples, treat_none_as_default_value = false)]
pub struct SampleRow {
    /// The grant.
    pub grant_id: i64,
    /// By what it was drawn.
    pub lottery_id: i64,
    /// Its lot, from 0 to 999.
    pub lot: i32,
    /// The review.
    pub review_id: i64,
}

/// What is drawn by now.
pub fn lottery(conn: &mut Connection) -> Stored<Option<LotteryRow>> {
    Ok(first!(conn, lotteries::table.order(lotteries::id.desc()).select(LotteryRow::as_select()))?)
}

/// Begins to draw otherwise.
pub fn begin(conn: &mut Connection, row: &LotteryRow) -> Stored<()> {
    add!(conn, diesel::insert_into(lotteries::table).values(row))?;
    Ok(())
}

/// Keeps that a grant was drawn.
pub fn add(conn: &mut Connection, row: &SampleRow) -> Stored<()> {
    add!(conn, diesel::insert_into(samples::table).values(row))?;
    Ok(())
}

/// The grants that reviews are of: review, grant.
pub fn grants(conn: &mut Connection, of: &[i64]) -> Stored<Vec<(i64, i64)>> {
    Ok(samples::table
        .filter(samples::review_id.eq_any(of))
        .select((samples::review_id, samples::grant_id))
        .load(conn)?)
}

/// What was drawn and by what, after a grant, in the order of grants.
pub fn page(conn: &mut Connection, after: i64, most: i64) -> Stored<Vec<(SampleRow, LotteryRow)>> {
    let found = samples::table.inner_join(lotteries::table).filter(samples::grant_id.gt(after));
    let found = found.order(samples::grant_id).limit(most);
    Ok(found.select((SampleRow::as_select(), LotteryRow::as_select())).load(conn)?)
}

/// How many were drawn of each policy, by how the review stands.
pub fn counts(conn: &mut Connection, declaration: Option<&str>) -> Stored<Vec<(Option<String>, String, i64)>> {
    let mut query = reviews::table
        .filter(reviews::kind.eq("sample"))
        .group_by((reviews::policy, reviews::state))
        .select((reviews::policy, reviews::state, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(declaration) = declaration {
        query = query.filter(reviews::declaration.eq(declaration.to_owned()));
    }
    Ok(query.order((reviews::policy, reviews::state)).load(conn)?)
}
