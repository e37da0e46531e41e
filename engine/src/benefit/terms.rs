//! Contract terms as benefits need them: interest for additional time, periods, rows derived anew.

use chrono::{Datelike, NaiveDate};

use super::ground::{EngineError, Ground};
use crate::account::position::Row;
use crate::account::snapshot::Frequency;
use crate::dates::{add_days, add_months, days_in_month};
use crate::money::{Money, MoneyError};
use crate::rate::{DayCount, Rate};
use crate::reason::Reason;
use crate::schedule::{RateCalendar, Terms, simple_interest};

impl Ground<'_> {
    /// Rate and day count, for simple interest.
    pub fn interest_terms(&self) -> Result<(Rate, DayCount), Reason> {
        let terms = self.facts.snapshot.terms();
        match (terms.rate, terms.day_count) {
            (Some(rate), _) if rate.0.is_zero() => Ok((rate, terms.day_count.unwrap_or(DayCount::Act365))),
            (Some(rate), Some(day_count)) => Ok((rate, day_count)),
            (None, _) => Err(Reason::Absent { what: "the contract rate is not reported".to_owned() }),
            (_, None) => Err(Reason::Absent { what: "the day count is not reported".to_owned() }),
        }
    }

    /// Everything that a derivation needs.
    pub fn contract(&self) -> Result<Terms, Reason> {
        let (rate, day_count) = self.interest_terms()?;
        match self.facts.snapshot.terms().method {
            Some(method) => Ok(Terms { currency: self.position.currency, rate, method, day_count }),
            None => Err(Reason::Absent { what: "the repayment method is not reported".to_owned() }),
        }
    }

    /// Simple interest on unpaid principal over its old to its new due date; nothing when it does not move later.
    pub fn interest_between(
        &self,
        (rate, day_count): (Rate, DayCount),
        principal: Money,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Money, EngineError> {
        Ok(simple_interest(principal, rate, day_count, from, to, &RateCalendar::EMPTY)?)
    }

    /// The distance between instalments; a month when it is not reported.
    #[must_use]
    pub fn period(&self) -> Frequency {
        self.facts.snapshot.terms().every.unwrap_or(Frequency::MONTHLY)
    }

    /// A due date so many periods on. A day that stands at its month's end because it was clamped there finds back
    /// to the loan's own day.
    pub fn periods_on(&self, due: NaiveDate, count: i64) -> Result<NaiveDate, EngineError> {
        let beyond = MoneyError::Overflow;
        match self.period() {
            Frequency::Days(days) => {
                let step = i64::from(days).checked_mul(count).ok_or(beyond.clone())?;
                Ok(add_days(due, step).ok_or(beyond)?)
            }
            Frequency::Months(months) => {
                let step = i64::from(months).checked_mul(count).ok_or(beyond.clone())?;
                let moved = add_months(due, step).ok_or(beyond)?;
                let own = self.position.rows.iter().flatten().map(|row| row.state.due_on.day()).max();
                let clamped = due.day() == days_in_month(due.year(), due.month());
                let day = own.filter(|own| clamped && *own > due.day()).unwrap_or(due.day());
                let day = day.min(days_in_month(moved.year(), moved.month()));
                Ok(moved.with_day(day).unwrap_or(moved))
            }
        }
    }

    /// The day from which the interest due on a day runs: the due date before it, else the disbursement, else a
    /// period before.
    pub fn accrues_from(&self, rows: &[Row], due: NaiveDate) -> Result<NaiveDate, EngineError> {
        self.runs_from(rows.iter().map(|row| row.state.due_on).filter(|other| *other < due).max(), due)
    }

    /// The same by the due dates before this event's relief: what it moved away still ended its period.
    pub fn accrued_from(&self, rows: &[Row], due: NaiveDate) -> Result<NaiveDate, EngineError> {
        let agreed = rows.iter().filter(|row| !self.given.made.contains(&row.id));
        let dues = agreed.map(|row| self.given.due_before(row)).chain(self.given.dues_before());
        self.runs_from(dues.filter(|other| *other < due).max(), due)
    }

    fn runs_from(&self, before: Option<NaiveDate>, due: NaiveDate) -> Result<NaiveDate, EngineError> {
        match before.or(self.facts.snapshot.terms().disbursed_on.filter(|day| *day < due)) {
            Some(day) => Ok(day),
            None => self.periods_on(due, -1),
        }
    }
}
