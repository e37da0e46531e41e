//! The journal: balanced entries that stay.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::connection::on_backend;
use super::schema::{grants, journal_entries, journal_lines};
use super::{Connection, Stored};

/// An entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_entries)]
pub struct EntryRow {
    /// Its id.
    pub id: i64,
    /// The grant it is of.
    pub grant_id: i64,
    /// posting or reversal.
    pub kind: String,
    /// The day it counts.
    pub posted_on: NaiveDate,
    /// When it was written.
    pub at: NaiveDateTime,
}

/// A line of an entry: above zero a debit, below zero a credit, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_lines)]
pub struct LineRow {
    /// The entry.
    pub entry_id: i64,
    /// Its number, from 1.
    pub line: i32,
    /// The ledger account.
    pub ledger: String,
    /// The currency.
    pub currency: String,
    /// How much.
    pub amount: i64,
    /// Who bears it.
    pub bearer: Option<String>,
    /// The kind of the charge.
    pub charge: Option<String>,
}

/// Adds an entry with its lines. A second entry of the same kind for a grant is a duplicate.
pub fn add(conn: &mut Connection, entry: &EntryRow, lines: &[LineRow]) -> Stored<()> {
    diesel::insert_into(journal_entries::table).values(entry).execute(conn)?;
    on_backend!(conn, own => diesel::insert_into(journal_lines::table).values(lines).execute(own))?;
    Ok(())
}

/// The lines of a grant's entry.
pub fn lines(conn: &mut Connection, grant: i64, kind: &str) -> Stored<Vec<LineRow>> {
    let found = journal_lines::table
        .inner_join(journal_entries::table)
        .filter(journal_entries::grant_id.eq(grant))
        .filter(journal_entries::kind.eq(kind))
        .order(journal_lines::line);
    Ok(found.select(LineRow::as_select()).load(conn)?)
}

/// Entries with their lines in the order in which they were written, after one.
pub fn page(
    conn: &mut Connection,
    days: (Option<NaiveDate>, Option<NaiveDate>),
    after: i64,
    most: i64,
) -> Stored<Vec<(EntryRow, Vec<LineRow>)>> {
    let mut query = journal_entries::table.filter(journal_entries::id.gt(after)).into_boxed();
    if let Some(from) = days.0 {
        query = query.filter(journal_entries::posted_on.ge(from));
    }
    if let Some(until) = days.1 {
        query = query.filter(journal_entries::posted_on.le(until));
    }
    let entries: Vec<EntryRow> =
        query.order(journal_entries::id).limit(most).select(EntryRow::as_select()).load(conn)?;
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let found = journal_lines::table
        .filter(journal_lines::entry_id.eq_any(&ids))
        .order((journal_lines::entry_id, journal_lines::line));
    let mut lines = found.select(LineRow::as_select()).load::<LineRow>(conn)?.into_iter().peekable();
    let with_lines = entries.into_iter().map(|entry| {
        let mut own = Vec::new();
        while let Some(line) = lines.next_if(|line| line.entry_id == entry.id) {
            own.push(line);
        }
        (entry, own)
    });
    Ok(with_lines.collect())
}

/// Sums by ledger account and currency, in minor units.
pub fn balances(conn: &mut Connection) -> Stored<Vec<(String, String, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let sums = journal_lines::table
        .group_by((journal_lines::ledger, journal_lines::currency))
        .order((journal_lines::ledger, journal_lines::currency))
        .select((journal_lines::ledger, journal_lines::currency, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")));
    Ok(sums.load(conn)?)
}

/// Entries whose lines do not sum to zero in each currency: there must be none.
pub fn unbalanced(conn: &mut Connection) -> Stored<Vec<i64>> {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;
    let found = journal_lines::table
        .group_by((journal_lines::entry_id, journal_lines::currency))
        .having(sql::<Bool>("SUM(amount) <> 0"))
        .select(journal_lines::entry_id);
    Ok(found.load(conn)?)
}

/// Grants whose state and entries do not belong together: posted without an entry, or with one and never posted.
pub fn astray(conn: &mut Connection) -> Stored<Vec<i64>> {
    use diesel::dsl::{exists, not};
    let entry = |kind: &'static str| {
        journal_entries::table.filter(journal_entries::grant_id.eq(grants::id)).filter(journal_entries::kind.eq(kind))
    };
    let without = grants::table
        .filter(grants::state.eq_any(["posted", "confirmed"]))
        .filter(not(exists(entry("posting"))))
        .select(grants::id)
        .load::<i64>(conn)?;
    let not_posted = ["proposed", "pending_approval", "approved", "offered", "accepted"];
    let with = grants::table
        .filter(grants::state.eq_any(not_posted))
        .filter(exists(entry("posting")))
        .select(grants::id)
        .load::<i64>(conn)?;
    let half = grants::table
        .filter(grants::state.eq_any(["rejected", "reversed"]))
        .filter(exists(entry("posting")))
        .filter(not(exists(entry("reversal"))))
        .select(grants::id)
        .load::<i64>(conn)?;
    Ok([without, with, half].concat())
}

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

/// Sums of the ledger, cut.
pub fn sums(conn: &mut Connection, cut: Cut, of: &Of) -> Stored<Vec<SumRow>> {
    use diesel::dsl::sql;
    use diesel::sql_types::{BigInt, Bool};
    let from = of.from.unwrap_or(NaiveDate::MIN.max(NaiveDate::from_yo_opt(1, 1).unwrap_or_default()));
    let until = of.until.unwrap_or(NaiveDate::from_yo_opt(9999, 365).unwrap_or_default());
    let declaration = of.declaration.clone().unwrap_or_default();
    let all = of.declaration.is_none();
    // One query for each cut: the columns have types of their own.
    macro_rules! cut_by {
        ($columns:expr, $row:pat => $key:expr) => {{
            let rows = journal_lines::table
                .inner_join(journal_entries::table.inner_join(grants::table))
                .filter(journal_entries::posted_on.between(from, until))
                .filter(grants::declaration.eq(declaration).or(all.into_sql::<Bool>()))
                .group_by(($columns, journal_lines::ledger, journal_lines::currency))
                .select((
                    $columns,
                    journal_lines::ledger,
                    journal_lines::currency,
                    sql::<BigInt>("CAST(SUM(journal_lines.amount) AS BIGINT)"),
                ))
                .load::<(_, String, String, i64)>(conn)?;
            rows.into_iter()
                .map(|($row, ledger, currency, amount)| SumRow { key: $key, ledger, currency, amount })
                .collect::<Vec<SumRow>>()
        }};
    }
    let mut sums = match cut {
        Cut::Declaration => cut_by!(grants::declaration, name => name),
        Cut::Policy => cut_by!((grants::policy, grants::version), row => {
            let (policy, version): (String, i32) = row;
            format!("{policy} {version}")
        }),
        Cut::Rule => cut_by!((grants::policy, grants::rule), row => {
            let (policy, rule): (String, String) = row;
            format!("{policy}/{rule}")
        }),
        Cut::Region => cut_by!(grants::region, row => {
            let region: Option<String> = row;
            region.unwrap_or_default()
        }),
        Cut::Bearer => cut_by!(journal_lines::bearer, row => {
            let bearer: Option<String> = row;
            bearer.unwrap_or_default()
        }),
        Cut::Day => cut_by!(journal_entries::posted_on, row => {
            let day: NaiveDate = row;
            day.to_string()
        }),
    };
    sums.sort_by(|one, other| {
        (&one.key, &one.currency, &one.ledger).cmp(&(&other.key, &other.currency, &other.ledger))
    });
    Ok(sums)
}
