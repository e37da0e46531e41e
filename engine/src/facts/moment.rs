//! Dates and windows of a policy, for one account in one decision.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Gap, Missing, Seen, Value};
use crate::dates::{Window, add_days, add_months};
use crate::money::MoneyError;
use crate::policy::facts::{FactId, FactType};
use crate::policy::program::{DateExpr, WindowExpr};

/// What a date comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// There is none.
    Nothing,
    /// A day.
    Day(NaiveDate),
    /// It has not come; later than every day.
    NotYet,
}

impl Moment {
    /// The day, if it is one.
    #[must_use]
    pub const fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Nothing | Self::NotYet => None,
        }
    }
}

/// A window with its ends known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWindow {
    /// The days; an end that has not come is left out.
    pub window: Window,
    /// Whether the end has not come yet.
    pub open: bool,
    /// Whether it holds no day: an end is known not to exist, or comes before the beginning.
    pub empty: bool,
}

impl<'a> Facts<'a> {
    /// A date; an error is a gap in what is known.
    ///
    /// # Errors
    /// The account's amounts leave their range.
    pub fn date(&self, expr: &'a DateExpr) -> Result<Result<Moment, Gap>, MoneyError> {
        self.date_for(expr, None)
    }

    /// A date that may be anchored on a row's own due date.
    ///
    /// # Errors
    /// The account's amounts leave their range.
    pub fn date_for(&self, expr: &'a DateExpr, due: Option<NaiveDate>) -> Result<Result<Moment, Gap>, MoneyError> {
        Ok(self.moment(expr, due)?.map_err(|missing| missing.gap(self.regions)))
    }

    /// A window; an end that is not written is unbounded.
    ///
    /// # Errors
    /// The account's amounts leave their range.
    pub fn window(&self, expr: &'a WindowExpr) -> Result<Result<OpenWindow, Gap>, MoneyError> {
        Ok(self.span(expr)?.map_err(|missing| missing.gap(self.regions)))
    }

    /// A date, with nothing kept of what is missing.
    pub(crate) fn moment(
        &self,
        expr: &'a DateExpr,
        due: Option<NaiveDate>,
    ) -> Result<Result<Moment, Missing<'a>>, MoneyError> {
        match expr {
            DateExpr::Day(day) => Ok(Ok(Moment::Day(*day))),
            DateExpr::Fact(fact) if fact.id == FactId::RowDue => Ok(Ok(due.map_or(Moment::Nothing, Moment::Day))),
            DateExpr::Fact(fact) => Ok(match self.single(fact, FactType::Date, self.context.today)? {
                Seen::Known(Value::Date(day)) => Ok(Moment::Day(day)),
                Seen::Known(Value::NotYet) => Ok(Moment::NotYet),
                Seen::Known(_) => Ok(Moment::Nothing),
                Seen::Unknown(missing) | Seen::Partly(_, missing) => Err(missing),
            }),
            DateExpr::Moved { base, months, days, business_day } => {
                let base = match self.moment(base, due)? {
                    Ok(Moment::Day(day)) => day,
                    other => return Ok(other),
                };
                let moved = add_months(base, i64::from(*months)).and_then(|day| add_days(day, i64::from(*days)));
                let Some(day) = moved else {
                    return Ok(Err(Missing::Unreported("a date lies beyond the calendar")));
                };
                let calendar = &self.context.calendar;
                Ok(Ok(Moment::Day(business_day.map_or(day, |direction| calendar.adjust(day, direction)))))
            }
            DateExpr::LaterOf(dates) => self.extreme(dates, due, true),
            DateExpr::EarlierOf(dates) => self.extreme(dates, due, false),
        }
    }

    /// The latest or the earliest; dates that do not exist do not count.
    fn extreme(
        &self,
        dates: &'a [DateExpr],
        due: Option<NaiveDate>,
        later: bool,
    ) -> Result<Result<Moment, Missing<'a>>, MoneyError> {
        let mut found = Moment::Nothing;
        for expr in dates {
            let moment = match self.moment(expr, due)? {
                Ok(moment) => moment,
                Err(missing) => return Ok(Err(missing)),
            };
            let better = if later { moment > found } else { moment < found };
            if moment != Moment::Nothing && (found == Moment::Nothing || better) {
                found = moment;
            }
        }
        Ok(Ok(found))
    }

    /// A window, with nothing kept of what is missing.
    pub(crate) fn span(&self, expr: &'a WindowExpr) -> Result<Result<OpenWindow, Missing<'a>>, MoneyError> {
        let mut ends = [Moment::Nothing, Moment::Nothing];
        for (end, expr) in ends.iter_mut().zip([&expr.from, &expr.until]) {
            if let Some(expr) = expr {
                match self.moment(expr, None)? {
                    Ok(moment) => *end = moment,
                    Err(missing) => return Ok(Err(missing)),
                }
            }
        }
        let [from, until] = ends;
        let missing = |written: bool, moment: Moment| written && moment == Moment::Nothing;
        let window = Window { from: from.day(), until: until.day() };
        let empty = missing(expr.from.is_some(), from)
            || missing(expr.until.is_some(), until)
            || from == Moment::NotYet
            || matches!((window.from, window.until), (Some(from), Some(until)) if until < from);
        Ok(Ok(OpenWindow { window, open: until == Moment::NotYet, empty }))
    }
}
