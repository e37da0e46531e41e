//! Dates and windows of a policy, for one account in one decision.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Gap, Missing, Seen, Value};
use crate::dates::{Calendar, Window, add_days, add_months};
use crate::money::MoneyError;
use crate::policy::facts::{FactId, FactRef, FactType};
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

    /// What is seen of a date fact; an error is what is missing.
    pub(crate) fn seen<'a>(seen: &Seen<'a>) -> Result<Self, Missing<'a>> {
        match seen {
            Seen::Known(Value::Date(day)) => Ok(Self::Day(*day)),
            Seen::Known(Value::NotYet) => Ok(Self::NotYet),
            Seen::Known(_) => Ok(Self::Nothing),
            Seen::Unknown(missing) | Seen::Partly(_, missing) => Err(*missing),
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

impl OpenWindow {
    /// The window between two ends; one that is not written is unbounded.
    pub(crate) fn between(from: Option<Moment>, until: Option<Moment>) -> Self {
        let window = Window { from: from.and_then(Moment::day), until: until.and_then(Moment::day) };
        let empty = from == Some(Moment::Nothing)
            || until == Some(Moment::Nothing)
            || from == Some(Moment::NotYet)
            || matches!((window.from, window.until), (Some(from), Some(until)) if until < from);
        Self { window, open: until == Some(Moment::NotYet), empty }
    }
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
        moment(expr, &self.context.calendar, &mut |fact| {
            if fact.id == FactId::RowDue {
                return Ok(Ok(due.map_or(Moment::Nothing, Moment::Day)));
            }
            Ok(Moment::seen(&self.single(fact, FactType::Date, self.context.today)?))
        })
    }

    /// A window, with nothing kept of what is missing.
    pub(crate) fn span(&self, expr: &'a WindowExpr) -> Result<Result<OpenWindow, Missing<'a>>, MoneyError> {
        let end = |expr: &'a Option<DateExpr>| match expr {
            None => Ok(Ok(None)),
            Some(expr) => Ok(self.moment(expr, None)?.map(Some)),
        };
        Ok(match (end(&expr.from)?, end(&expr.until)?) {
            (Ok(from), Ok(until)) => Ok(OpenWindow::between(from, until)),
            (Err(missing), _) | (_, Err(missing)) => Err(missing),
        })
    }
}

/// Reads the date of a fact: an error is what is missing.
type ReadDate<'f, 'a> = dyn FnMut(&'a FactRef) -> Result<Result<Moment, Missing<'a>>, MoneyError> + 'f;

/// A date, with its facts read as told.
///
/// # Errors
/// What a fact is read from leaves its range.
pub(crate) fn moment<'a>(
    expr: &'a DateExpr,
    calendar: &Calendar,
    read: &mut ReadDate<'_, 'a>,
) -> Result<Result<Moment, Missing<'a>>, MoneyError> {
    match expr {
        DateExpr::Day(day) => Ok(Ok(Moment::Day(*day))),
        DateExpr::Fact(fact) => read(fact),
        DateExpr::Moved { base, months, days, business_day } => {
            let base = match moment(base, calendar, read)? {
                Ok(Moment::Day(day)) => day,
                other => return Ok(other),
            };
            let moved = add_months(base, i64::from(*months)).and_then(|day| add_days(day, i64::from(*days)));
            let Some(day) = moved else {
                return Ok(Err(Missing::Unreported("a date lies beyond the calendar")));
            };
            Ok(Ok(Moment::Day(business_day.map_or(day, |direction| calendar.adjust(day, direction)))))
        }
        DateExpr::LaterOf(dates) => extreme(dates, calendar, read, true),
        DateExpr::EarlierOf(dates) => extreme(dates, calendar, read, false),
    }
}

/// The latest or the earliest; dates that do not exist do not count.
fn extreme<'a>(
    dates: &'a [DateExpr],
    calendar: &Calendar,
    read: &mut ReadDate<'_, 'a>,
    later: bool,
) -> Result<Result<Moment, Missing<'a>>, MoneyError> {
    let mut found = Moment::Nothing;
    for expr in dates {
        let moment = match moment(expr, calendar, read)? {
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

#[cfg(test)]
mod tests {
    use super::Moment::{Day, NotYet, Nothing};
    use super::*;

    #[test]
    fn a_window_has_no_day_where_an_end_does_not_exist_or_comes_first() {
        let day = |text: &str| Some(Day(text.parse().unwrap()));
        let (first, last) = (day("2021-07-17"), day("2021-07-25"));
        for (from, until, empty, open) in [
            (None, None, false, false),
            (first, last, false, false),
            (first, first, false, false),
            (last, first, true, false),
            (Some(Nothing), last, true, false),
            (Some(Nothing), None, true, false),
            (first, Some(Nothing), true, false),
            (None, Some(Nothing), true, false),
            (Some(NotYet), None, true, false),
            (first, Some(NotYet), false, true),
            (None, Some(NotYet), false, true),
        ] {
            let window = OpenWindow::between(from, until);
            assert_eq!((window.empty, window.open), (empty, open), "{from:?} {until:?}");
        }
    }
}
