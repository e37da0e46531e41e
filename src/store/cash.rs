//! Cash that deferrals and suspensions move from month to month: kept with each entry of the journal.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::grant::GrantRow;
use super::journal::EntryRow;
use super::prepared::{add_all, run};
use super::schema::{deferred_cash, deferred_cash_missing, grants, journal_entries};
use super::total::Of;
use super::{Connection, Stored};

/// What an entry moves out of a calendar month, and into it, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deferred_cash, treat_none_as_default_value = false)]
pub struct CashRow {
    /// The entry.
    pub entry_id: i64,
    /// Such as 2021-07.
    pub month: String,
    /// The day of the entry.
    pub posted_on: NaiveDate,
    /// The declaration.
    pub declaration: String,
    /// The policy.
    pub policy: String,
    /// The currency.
    pub currency: String,
    /// Principal that was to come in this month.
    pub principal_out: i64,
    /// Interest that was.
    pub interest_out: i64,
    /// Fees that were.
    pub fees_out: i64,
    /// Principal that comes in this month instead.
    pub principal_in: i64,
    /// Interest that does, without what is added.
    pub interest_in: i64,
    /// Fees that do.
    pub fees_in: i64,
    /// Interest for the additional time.
    pub added_interest: i64,
}

/// What report lines are apart by, beside the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashCut {
    /// Nothing.
    Month,
    /// The policy.
    Policy,
    /// The declaration.
    Declaration,
}

/// Sums of a month, in minor units: principal, interest and fees out, the same in, interest added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashSum {
    /// Such as 2021-07.
    pub month: String,
    /// The policy or the declaration; none when months alone are asked for.
    pub key: Option<String>,
    /// The currency.
    pub currency: String,
    /// Principal, interest and fees out of the month.
    pub out: [i64; 3],
    /// Principal, interest and fees into the month.
    pub into: [i64; 3],
    /// Interest added.
    pub added_interest: i64,
}

/// Keeps what an entry moves.
pub fn add(conn: &mut Connection, rows: &[CashRow]) -> Stored<()> {
    if !rows.is_empty() {
        add_all!(conn, deferred_cash::table, rows);
    }
    Ok(())
}

/// Entries from before this was kept, with their grants.
pub fn missing(conn: &mut Connection, most: i64) -> Stored<Vec<(EntryRow, GrantRow)>> {
    let found = deferred_cash_missing::table
        .inner_join(journal_entries::table.inner_join(grants::table))
        .order(deferred_cash_missing::entry_id)
        .limit(most)
        .select((EntryRow::as_select(), GrantRow::as_select()));
    Ok(found.load(conn)?)
}

/// Says that what an entry moves is kept now; says whether it was missing.
pub fn found(conn: &mut Connection, entry: i64) -> Stored<bool> {
    Ok(run!(conn, diesel::delete(deferred_cash_missing::table.find(entry)))? == 1)
}

type Sums = (i64, i64, i64, i64, i64, i64, i64);

/// Sums by month, cut; lines that come to nothing are left out.
pub fn sums(conn: &mut Connection, cut: CashCut, of: &Of) -> Stored<Vec<CashSum>> {
    use diesel::dsl::sql;
    use diesel::sql_types::{BigInt, Bool};
    let from = of.from.unwrap_or(NaiveDate::from_yo_opt(1, 1).unwrap_or_default());
    let until = of.until.unwrap_or(NaiveDate::from_yo_opt(9999, 365).unwrap_or_default());
    let declaration = of.declaration.clone().unwrap_or_default();
    let all = of.declaration.is_none();
    // One query for each cut: the columns differ.
    macro_rules! cut_by {
        ($columns:expr, $row:pat => $key:expr) => {{
            let rows: Vec<(_, Sums)> = deferred_cash::table
                .filter(deferred_cash::posted_on.between(from, until))
                .filter(deferred_cash::declaration.eq(declaration).or(all.into_sql::<Bool>()))
                .group_by($columns)
                .order($columns)
                .select((
                    $columns,
                    (
                        sql::<BigInt>("CAST(SUM(principal_out) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(interest_out) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(fees_out) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(principal_in) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(interest_in) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(fees_in) AS BIGINT)"),
                        sql::<BigInt>("CAST(SUM(added_interest) AS BIGINT)"),
                    ),
                ))
                .load(conn)?;
            rows.into_iter().map(|($row, sums)| $key(sums)).collect::<Vec<CashSum>>()
        }};
    }
    let line = |month: String, currency: String, key: Option<String>| {
        move |(principal, interest, fees, principal_in, interest_in, fees_in, added_interest): Sums| CashSum {
            month,
            key,
            currency,
            out: [principal, interest, fees],
            into: [principal_in, interest_in, fees_in],
            added_interest,
        }
    };
    let mut sums = match cut {
        CashCut::Month => cut_by!((deferred_cash::month, deferred_cash::currency),
            (month, currency) => line(month, currency, None)),
        CashCut::Policy => cut_by!((deferred_cash::month, deferred_cash::policy, deferred_cash::currency),
            (month, key, currency) => line(month, currency, Some(key))),
        CashCut::Declaration => cut_by!((deferred_cash::month, deferred_cash::declaration, deferred_cash::currency),
            (month, key, currency) => line(month, currency, Some(key))),
    };
    sums.retain(|sum| sum.out != [0; 3] || sum.into != [0; 3] || sum.added_interest != 0);
    // Databases order texts by their own languages.
    sums.sort_by(|one, other| (&one.month, &one.key, &one.currency).cmp(&(&other.month, &other.key, &other.currency)));
    Ok(sums)
}
