//! Periods: finance closes a month once it is over. Afterwards no entry has a day in it; what takes an earlier entry back
//! counts on the first open day. Months are closed in order, and stay closed.

use chrono::{Datelike, Months, NaiveDate};
use forbear_engine::digest::digest;
use serde_json::json;

use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, StoreError, period, total};

pub use crate::store::period::PeriodRow;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// Of a text such as 2021-07.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 7 {
            return None;
        }
        format!("{text}-01").parse().ok().map(Self)
    }

    /// That a day lies in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.0
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.next().0.pred_opt().unwrap_or(self.0)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

/// Closed months, and the one that comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    /// They, in order.
    pub closed: Vec<PeriodRow>,
    /// The first open one.
    pub open: Month,
}

impl Service {
    /// Closes a month.
    ///
    /// # Errors
    /// It is not over, is closed already, or an earlier one is open.
    pub fn close_period(&self, conn: &mut Connection, actor: &Actor, month: Month) -> Served<PeriodRow> {
        period::hold_shut(conn)?;
        let (first, last) = (month.first(), month.last());
        let through = period::closed_through(conn)?;
        if through.is_some_and(|through| last <= through) {
            return Err(ServiceError::conflict("closed_already", format!("{month} is closed")));
        }
        let next = next_open(conn, through)?;
        if next.is_some_and(|next| next != month) {
            let next = next.unwrap_or(month);
            return Err(ServiceError::conflict(
                "out_of_order",
                format!("{next} comes next: months are closed in order"),
            ));
        }
        if last >= self.clock.today() {
            return Err(ServiceError::conflict("not_over", format!("{month} can be closed after {last}")));
        }
        let row = PeriodRow {
            month: month.to_string(),
            first_day: first,
            last_day: last,
            entries: period::entries(conn, first, last)?,
            digest: digest_of(conn, first, last)?,
            closed_by: actor.person.clone(),
            closed_at: self.clock.now(),
        };
        period::add(conn, &row).map_err(|error| match error {
            StoreError::Duplicate(_) => ServiceError::conflict("closed_already", format!("{month} is closed")),
            other => other.into(),
        })?;
        let detail = json!({"entries": row.entries, "digest": row.digest});
        log(conn, row.closed_at, actor, "period.close", &format!("period_{month}"), &detail)?;
        Ok(row)
    }

    /// Closed months, and the one that comes next.
    ///
    /// # Errors
    /// The store fails.
    pub fn periods(&self) -> Served<Periods> {
        self.store.snapshot(|conn| {
            let through = period::closed_through(conn)?;
            let open = next_open(conn, through)?.unwrap_or_else(|| Month::of(self.clock.today()));
            Ok(Periods { closed: period::list(conn)?, open })
        })
    }

    /// The day that an entry written now counts: today, and never one of a closed month, also where clocks differ. Nothing
    /// is closed until the transaction ends.
    pub(super) fn entry_day(&self, conn: &mut Connection) -> Served<NaiveDate> {
        period::hold_open(conn)?;
        let first_open = period::closed_through(conn)?.and_then(|through| through.succ_opt());
        let today = self.clock.today();
        Ok(first_open.map_or(today, |first| first.max(today)))
    }
}

/// The month that is closed next: after the last closed one, else that of the first entry; none while there is none.
fn next_open(conn: &mut Connection, through: Option<NaiveDate>) -> Served<Option<Month>> {
    if let Some(through) = through {
        return Ok(Some(Month::of(through).next()));
    }
    Ok(period::first_entry(conn)?.map(Month::of))
}

/// The digest of the totals of days.
fn digest_of(conn: &mut Connection, from: NaiveDate, until: NaiveDate) -> Served<String> {
    let parts = total::parts(conn, from, until)?;
    digest(&parts).ok_or_else(|| ServiceError::unknown("totals without a canonical form"))
}

/// Closed months whose entries are not what they were.
pub(super) fn changed(conn: &mut Connection) -> Served<Vec<String>> {
    let mut changed = Vec::new();
    for row in period::list(conn)? {
        let entries = period::entries(conn, row.first_day, row.last_day)?;
        if entries != row.entries || digest_of(conn, row.first_day, row.last_day)? != row.digest {
            changed.push(row.month);
        }
    }
    Ok(changed)
}
