//! Totals that reports read, kept beside the journal and written with it. Every entry adds rows of a lane of its own, so
//! that no writer waits for another; once it has its place in the journal they go into lane 0. The sum over lanes is exact
//! at any time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::connection::on_backend;
use super::grant::GrantRow;
use super::journal::{EntryRow, LineRow};
use super::prepared::add_all;
use super::schema::report_totals;
use super::{Connection, Stored};

/// What a report is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Declaration.
    Declaration,
    /// Policy and version.
    Policy,
    /// Rule, with its policy.
    Rule,
    /// Where the first borrower lived.
    Region,
    /// Who bears it.
    Bearer,
    /// The day of the entry.
    Day,
}

/// Which entries a report is of.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last.
    pub until: Option<NaiveDate>,
    /// Of this declaration only.
    pub declaration: Option<String>,
}

/// The sum of a ledger account for one part of a report, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumRow {
    /// The part.
    pub key: String,
    /// The ledger account.
    pub ledger: String,
    /// The currency.
    pub currency: String,
    /// How much.
    pub amount: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = report_totals, treat_none_as_default_value = false)]
struct TotalRow<'a> {
    day: NaiveDate,
    declaration: &'a str,
    policy: &'a str,
    version: i32,
    rule: &'a str,
    region: &'a str,
    bearer: &'a str,
    ledger: &'a str,
    currency: &'a str,
    lane: i64,
    amount: i64,
}

/// Adds what an entry adds, in its own lane.
pub fn add(conn: &mut Connection, grant: &GrantRow, entry: &EntryRow, lines: &[LineRow]) -> Stored<()> {
    let mut sums: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for line in lines {
        let key = (line.bearer.as_deref().unwrap_or_default(), line.ledger.as_str(), line.currency.as_str());
        let sum = sums.entry(key).or_default();
        *sum =
            sum.checked_add(line.amount).ok_or_else(|| super::StoreError::Failed("a sum is too large".to_owned()))?;
    }
    let rows: Vec<TotalRow<'_>> = sums
        .into_iter()
        .map(|((bearer, ledger, currency), amount)| TotalRow {
            day: entry.posted_on,
            declaration: &grant.declaration,
            policy: &grant.policy,
            version: grant.version,
            rule: &grant.rule,
            region: grant.region.as_deref().unwrap_or_default(),
            bearer,
            ledger,
            currency,
            lane: entry.id,
            amount,
        })
        .collect();
    add_all!(conn, report_totals::table, &rows);
    Ok(())
}

/// What rows have in common that are put together.
const KEY: &str = "day, declaration, policy, version, rule, region, bearer, ledger, currency";

/// Puts the lanes of entries into lane 0. The entries are named: PostgreSQL, which does not know how many lanes wait, would
/// hold each of them against each entry.
pub(super) fn fold(conn: &mut Connection, entries: &[i64]) -> Stored<()> {
    let entries: Vec<String> = entries.iter().map(i64::to_string).collect();
    let lanes = format!("lane <> 0 AND lane IN ({})", entries.join(", "));
    let sum = format!(
        "INSERT INTO report_totals ({KEY}, lane, amount) \
         SELECT {KEY}, 0, CAST(SUM(amount) AS BIGINT) FROM report_totals WHERE {lanes} GROUP BY {KEY} \
         ON CONFLICT ({KEY}, lane) DO UPDATE SET amount = report_totals.amount + excluded.amount"
    );
    on_backend!(conn, own => diesel::sql_query(&sum).execute(own))?;
    let gone = format!("DELETE FROM report_totals WHERE {lanes}");
    on_backend!(conn, own => diesel::sql_query(&gone).execute(own))?;
    Ok(())
}

/// Sums by ledger account and currency, in minor units.
pub fn balances(conn: &mut Connection) -> Stored<Vec<(String, String, i64)>> {
    let sums = report_totals::table
        .group_by((report_totals::ledger, report_totals::currency))
        .order((report_totals::ledger, report_totals::currency))
        .select((report_totals::ledger, report_totals::currency, summed()));
    Ok(sums.load(conn)?)
}

fn summed() -> diesel::expression::SqlLiteral<BigInt> {
    diesel::dsl::sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")
}

/// Sums, cut.
pub fn sums(conn: &mut Connection, cut: Cut, of: &Of) -> Stored<Vec<SumRow>> {
    // One query for each cut: the columns have types of their own.
    macro_rules! cut_by {
        ($columns:expr, $row:pat => $key:expr) => {{
            let mut query = report_totals::table
                .group_by(($columns, report_totals::ledger, report_totals::currency))
                .select(($columns, report_totals::ledger, report_totals::currency, summed()))
                .into_boxed();
            if let Some(from) = of.from {
                query = query.filter(report_totals::day.ge(from));
            }
            if let Some(until) = of.until {
                query = query.filter(report_totals::day.le(until));
            }
            if let Some(declaration) = &of.declaration {
                query = query.filter(report_totals::declaration.eq(declaration.clone()));
            }
            let rows = query.load::<(_, String, String, i64)>(conn)?;
            rows.into_iter()
                .map(|($row, ledger, currency, amount)| SumRow { key: $key, ledger, currency, amount })
                .collect::<Vec<SumRow>>()
        }};
    }
    let mut sums = match cut {
        Cut::Declaration => cut_by!(report_totals::declaration, name => name),
        Cut::Policy => cut_by!((report_totals::policy, report_totals::version), row => {
            let (policy, version): (String, i32) = row;
            format!("{policy} {version}")
        }),
        Cut::Rule => cut_by!((report_totals::policy, report_totals::rule), row => {
            let (policy, rule): (String, String) = row;
            format!("{policy}/{rule}")
        }),
        Cut::Region => cut_by!(report_totals::region, name => name),
        Cut::Bearer => cut_by!(report_totals::bearer, name => name),
        Cut::Day => cut_by!(report_totals::day, row => {
            let day: NaiveDate = row;
            day.to_string()
        }),
    };
    sums.sort_by(|one, other| {
        (&one.key, &one.currency, &one.ledger).cmp(&(&other.key, &other.currency, &other.ledger))
    });
    Ok(sums)
}

/// The sum of a part that no cut divides further: day, declaration, policy and version, rule, region, bearer, ledger
/// account and currency, then minor units.
pub type Part = (NaiveDate, String, (String, i32), String, String, String, (String, String), i64);

/// All parts of days, in order, without those that sum to nothing.
pub fn parts(conn: &mut Connection, from: NaiveDate, until: NaiveDate) -> Stored<Vec<Part>> {
    use self::report_totals::dsl;
    let key = (
        dsl::day,
        dsl::declaration,
        (dsl::policy, dsl::version),
        dsl::rule,
        dsl::region,
        dsl::bearer,
        (dsl::ledger, dsl::currency),
    );
    let found = dsl::report_totals.filter(dsl::day.between(from, until)).group_by(key).select((
        dsl::day,
        dsl::declaration,
        (dsl::policy, dsl::version),
        dsl::rule,
        dsl::region,
        dsl::bearer,
        (dsl::ledger, dsl::currency),
        summed(),
    ));
    let mut parts: Vec<Part> = found.load(conn)?;
    parts.retain(|part| part.7 != 0);
    // Databases order text in ways of their own.
    parts.sort();
    Ok(parts)
}

#[derive(QueryableByName)]
struct Difference {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// Where kept totals and journal differ, and by how much in minor units: there must be nothing.
pub fn differences(conn: &mut Connection, most: i64) -> Stored<Vec<(String, i64)>> {
    let both = format!(
        "SELECT CAST(day AS TEXT) || ' ' || declaration || ' ' || policy || ' ' || CAST(version AS TEXT) || '/' || rule || ' ' \
         || region || ' ' || bearer || ' ' || ledger || ' ' || currency AS part, CAST(SUM(amount) AS BIGINT) AS amount \
         FROM (SELECT {KEY}, amount FROM report_totals UNION ALL \
         SELECT e.posted_on, g.declaration, g.policy, g.version, g.rule, COALESCE(g.region, ''), COALESCE(l.bearer, ''), \
         l.ledger, l.currency, -l.amount \
         FROM journal_lines l JOIN journal_entries e ON e.id = l.entry_id JOIN grants g ON g.id = e.grant_id) both_sides \
         GROUP BY {KEY} HAVING SUM(amount) <> 0 ORDER BY 1 LIMIT {most}"
    );
    let found = on_backend!(conn, own => diesel::sql_query(&both).load::<Difference>(own))?;
    Ok(found.into_iter().map(|row| (row.part, row.amount)).collect())
}

// What reports are cut by.
diesel::allow_columns_to_appear_in_same_group_by_clause!(
    report_totals::declaration,
    report_totals::policy,
    report_totals::version,
    report_totals::rule,
    report_totals::region,
    report_totals::bearer,
    report_totals::day,
    report_totals::ledger,
    report_totals::currency,
);
