//! Dates and windows of a policy.

use chrono::NaiveDate;
use forbear_engine::policy::document::{DateObject, DateRule, WindowRule};
use forbear_engine::policy::facts::{FactId, FactRef};

use super::value::{Gap, Seen, Value};
use super::{Scene, day};

/// What a date comes to, in order.
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
    pub fn day(self) -> Option<NaiveDate> {
        if let Self::Day(day) = self { Some(day) } else { None }
    }
}

/// A window with both ends looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day; none is unbounded.
    pub from: Option<NaiveDate>,
    /// The last day; none is unbounded or not come.
    pub until: Option<NaiveDate>,
    /// The end has not come.
    pub open: bool,
    /// No day is in it.
    pub empty: bool,
}

impl Days {
    /// Whether a day is inside.
    #[must_use]
    pub fn has(&self, day: NaiveDate) -> bool {
        !self.empty && self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl Scene<'_> {
    /// A date.
    pub fn moment(&self, rule: &DateRule, due: Option<NaiveDate>) -> Result<Moment, Gap> {
        match rule {
            DateRule::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                Ok(Moment::Day(text.parse().unwrap()))
            }
            DateRule::Text(name) => self.named(name, due),
            DateRule::Object(object) => self.computed(object, due),
        }
    }

    fn named(&self, name: &str, due: Option<NaiveDate>) -> Result<Moment, Gap> {
        let (fact, of) = FactRef::find(name, &self.context.attributes).unwrap();
        if fact.id == FactId::RowDue {
            return Ok(due.map_or(Moment::Nothing, Moment::Day));
        }
        match self.single(&fact, of, self.today()) {
            Seen::Known(Value::Day(day)) => Ok(Moment::Day(day)),
            Seen::Known(Value::NotYet) => Ok(Moment::NotYet),
            Seen::Known(_) => Ok(Moment::Nothing),
            Seen::Unknown(gap) | Seen::Partly(_, gap) => Err(gap),
        }
    }

    fn computed(&self, object: &DateObject, due: Option<NaiveDate>) -> Result<Moment, Gap> {
        let several = |rules: &[DateRule]| {
            let all: Result<Vec<Moment>, Gap> = rules.iter().map(|rule| self.moment(rule, due)).collect();
            all.map(|all| all.into_iter().filter(|one| *one != Moment::Nothing).collect::<Vec<_>>())
        };
        let base = if let Some(after) = &object.after {
            self.moment(after, due)?
        } else if let Some(rules) = &object.later_of {
            several(rules)?.into_iter().max().unwrap_or(Moment::Nothing)
        } else {
            several(object.earlier_of.as_ref().unwrap())?.into_iter().min().unwrap_or(Moment::Nothing)
        };
        let Moment::Day(base) = base else { return Ok(base) };
        let moved = day::plus_months(base, i64::from(object.months.unwrap_or(0)))
            .and_then(|moved| day::plus(moved, i64::from(object.days.unwrap_or(0))))
            .ok_or(Gap::Absent)?;
        Ok(Moment::Day(object.business_day.map_or(moved, |way| day::worked(&self.context.calendar, moved, way))))
    }

    /// A window; left out, every day is in it.
    pub fn days(&self, rule: Option<&WindowRule>) -> Result<Days, Gap> {
        let mut found = Days { from: None, until: None, open: false, empty: false };
        let Some(rule) = rule else { return Ok(found) };
        let from = rule.from.as_ref().map(|from| self.moment(from, None)).transpose()?;
        let until = rule.until.as_ref().map(|until| self.moment(until, None)).transpose()?;
        found.from = from.and_then(Moment::day);
        found.until = until.and_then(Moment::day);
        found.open = until == Some(Moment::NotYet);
        found.empty = matches!(from, Some(Moment::Nothing | Moment::NotYet)) || until == Some(Moment::Nothing);
        found.empty |= matches!((found.from, found.until), (Some(from), Some(until)) if until < from);
        Ok(found)
    }
}
