//! Tests made true, false or unknown, and conditions folded from them (strong Kleene logic).

use std::cmp::Ordering;

use chrono::NaiveDate;

use crate::declaration::Designation;
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::facts::value::{Missing, Seen, Value};
use crate::money::MoneyError;
use crate::policy::document::Who;
use crate::policy::program::{Expr, Literal, Op, Program};
use crate::region::{RegionId, RegionTree};

/// True, false or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told.
    Unknown,
}

impl Truth {
    /// The other way round.
    #[must_use]
    pub const fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// True only if both are; false if one is.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// True if one is; false only if both are.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.negate().and(other.negate()).negate()
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// Folds a condition over the truths of the program's tests.
#[must_use]
pub fn fold(expr: &Expr, truths: &[Truth]) -> Truth {
    match expr {
        Expr::All(parts) => parts.iter().fold(Truth::True, |sum, part| sum.and(fold(part, truths))),
        Expr::Any(parts) => parts.iter().fold(Truth::False, |sum, part| sum.or(fold(part, truths))),
        Expr::Not(part) => fold(part, truths).negate(),
        Expr::Test(test) => truths.get(*test).copied().unwrap_or(Truth::Unknown),
    }
}

/// What every slot of a program shows for an account, and what that makes of its tests.
pub struct Sight<'a> {
    /// The entries of each slot.
    pub seen: Vec<Vec<Seen<'a>>>,
    /// The truth of each test.
    pub truths: Vec<Truth>,
    /// Why it is unknown.
    pub missing: Vec<Option<Missing<'a>>>,
}

impl<'a> Sight<'a> {
    /// Looks at everything that a program tests.
    ///
    /// # Errors
    /// The account's amounts or dates leave their range.
    pub fn of(program: &'a Program, facts: &Facts<'a>) -> Result<Self, MoneyError> {
        let seen = program.slots.iter().map(|slot| facts.see(slot)).collect::<Result<Vec<_>, _>>()?;
        let mut sight = Self {
            seen,
            truths: Vec::with_capacity(program.tests.len()),
            missing: Vec::with_capacity(program.tests.len()),
        };
        for test in &program.tests {
            let mut told = Told::by(test.who);
            for entry in sight.seen.get(test.slot).into_iter().flatten() {
                told.count(of_entry(&test.op, entry, facts)?);
            }
            let (truth, missing) = told.end();
            sight.truths.push(truth);
            sight.missing.push(missing);
        }
        Ok(sight)
    }
}

/// One test, entry by entry: of borrowers one is enough, or all must match.
pub struct Told<'a> {
    every: bool,
    sum: Option<Truth>,
    missing: Option<Missing<'a>>,
}

impl<'a> Told<'a> {
    /// Nothing told yet.
    #[must_use]
    pub fn by(who: Who) -> Self {
        Self { every: who == Who::EveryParty, sum: None, missing: None }
    }

    /// One more entry.
    pub fn count(&mut self, told: Result<bool, Missing<'a>>) {
        let truth = match told {
            Ok(holds) => Truth::from(holds),
            Err(missing) => {
                self.missing = self.missing.or(Some(missing));
                Truth::Unknown
            }
        };
        self.sum = Some(match self.sum {
            None => truth,
            Some(sum) if self.every => sum.and(truth),
            Some(sum) => sum.or(truth),
        });
    }

    /// The truth, and why it is unknown. Nobody matches where there is nobody.
    #[must_use]
    pub fn end(self) -> (Truth, Option<Missing<'a>>) {
        let sum = self.sum.unwrap_or(Truth::False);
        (sum, self.missing.filter(|_| sum == Truth::Unknown))
    }
}

/// A test of one entry; an error is what is missing.
///
/// # Errors
/// The account's amounts leave their range.
pub fn of_entry<'a>(op: &'a Op, seen: &Seen<'a>, facts: &Facts<'a>) -> Result<Result<bool, Missing<'a>>, MoneyError> {
    if let Op::Known(wanted) = op {
        let known = !matches!(seen, Seen::Unknown(_) | Seen::Partly(..) | Seen::Known(Value::NotYet | Value::Nothing));
        return Ok(Ok(known == *wanted));
    }
    match seen {
        Seen::Unknown(missing) => Ok(Err(*missing)),
        Seen::Known(value) => of_value(op, value, facts),
        Seen::Partly(value, missing) => of_part(op, value, missing, facts),
    }
}

/// A comparison with the best, or with all, over several addresses of which some are not known: it can be told where
/// no address that is missing could change it.
fn of_part<'a>(
    op: &'a Op,
    value: &Value<'a>,
    missing: &Missing<'a>,
    facts: &Facts<'a>,
) -> Result<Result<bool, Missing<'a>>, MoneyError> {
    let found = of_value(op, value, facts)?;
    let certain = match value {
        Value::Designation(least) => {
            let mut better = Designation::ALL.into_iter().map(Some).filter(|other| other >= least);
            better.try_fold(true, |same, other| {
                Ok::<bool, MoneyError>(same && of_value(op, &Value::Designation(other), facts)? == found)
            })?
        }
        // A set only grows.
        Value::Names(_) => matches!(op, Op::Has(_)) && found == Ok(true),
        _ => false,
    };
    Ok(if certain { found } else { Err(*missing) })
}

/// A comparison with a known value; an error is what is missing of what it is compared with.
///
/// # Errors
/// The account's amounts leave their range.
pub fn of_value<'a>(op: &'a Op, value: &Value<'a>, facts: &Facts<'a>) -> Result<Result<bool, Missing<'a>>, MoneyError> {
    let wanted =
        |literal: &'a Literal, accepts: fn(Ordering) -> bool| -> Result<Result<bool, Missing<'a>>, MoneyError> {
            Ok(compare(value, literal, facts)?.map(|found| found.is_some_and(accepts)))
        };
    match op {
        Op::Is(literal) => wanted(literal, Ordering::is_eq),
        Op::IsNot(literal) => Ok(wanted(literal, Ordering::is_eq)?.map(|equal| !equal)),
        Op::In(literals) => one_of(value, literals, facts),
        Op::NotIn(literals) => Ok(one_of(value, literals, facts)?.map(|found| !found)),
        Op::AtLeast(literal) => wanted(literal, Ordering::is_ge),
        Op::AtMost(literal) => wanted(literal, Ordering::is_le),
        Op::Above(literal) => wanted(literal, Ordering::is_gt),
        Op::Below(literal) => wanted(literal, Ordering::is_lt),
        Op::WithinRegions(areas) => {
            let Value::Region(region) = value else { return Ok(Ok(false)) };
            Ok(Ok(lies_within(*region, areas, facts.regions, facts.context.today)))
        }
        Op::WithinWindow(window) => {
            let day = match value {
                Value::Date(day) => *day,
                // It lies in a window that is still open only.
                Value::NotYet => {
                    return Ok(facts.span(window)?.map(|found| !found.empty && found.window.until.is_none()));
                }
                _ => return Ok(Ok(false)),
            };
            Ok(facts.span(window)?.map(|found| !found.empty && found.window.contains(day)))
        }
        Op::Has(wanted) => Ok(Ok(match value {
            Value::Names(names) => wanted.iter().any(|name| names.contains(name)),
            _ => false,
        })),
        Op::Known(wanted) => Ok(Ok(*wanted)),
    }
}

/// Whether a region, or what it is today, lies in one of some areas.
pub(crate) fn lies_within(region: RegionId, areas: &[RegionId], regions: &RegionTree, today: NaiveDate) -> bool {
    let within = |place: RegionId| areas.iter().any(|area| regions.is_within(place, *area));
    within(region) || (!regions.is_settled(region, today) && regions.resolve(region, today).into_iter().any(within))
}

fn one_of<'a>(
    value: &Value<'a>,
    literals: &'a [Literal],
    facts: &Facts<'a>,
) -> Result<Result<bool, Missing<'a>>, MoneyError> {
    let mut gap = None;
    for literal in literals {
        match compare(value, literal, facts)? {
            Ok(Some(Ordering::Equal)) => return Ok(Ok(true)),
            Ok(_) => {}
            Err(found) => gap = Some(found),
        }
    }
    Ok(gap.map_or(Ok(false), Err))
}

/// How a value stands to a literal; `None` when they cannot be compared (there is no value).
fn compare<'a>(
    value: &Value<'a>,
    literal: &'a Literal,
    facts: &Facts<'a>,
) -> Result<Result<Option<Ordering>, Missing<'a>>, MoneyError> {
    Ok(Ok(match (value, literal) {
        (Value::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Value::Count(a), Literal::Count(b)) => Some(a.cmp(b)),
        (Value::Amount(a), Literal::Amount(b)) if a.currency() == b.currency() => Some(a.minor().cmp(&b.minor())),
        (Value::Amount(a), Literal::Amount(b)) => {
            return Ok(Err(Missing::Currencies { policy: b.currency(), account: a.currency() }));
        }
        (Value::Rate(a), Literal::Rate(b)) => Some(a.cmp(&b.0)),
        (Value::Name(a), Literal::Name(b)) => Some((*a).cmp(b.as_str())),
        (Value::Severity(a), Literal::Severity(b)) => Some(a.gravity().cmp(&b.gravity())),
        (Value::Designation(a), Literal::Designation(b)) => Some(a.cmp(b)),
        (Value::Region(a), Literal::Region(b)) => Some(a.cmp(b)),
        (Value::Date(_) | Value::NotYet, Literal::Date(expr)) => {
            let own = if let Value::Date(day) = value { Moment::Day(*day) } else { Moment::NotYet };
            match facts.moment(expr, None)? {
                Ok(Moment::Nothing) => None,
                Ok(moment) => Some(own.cmp(&moment)),
                Err(missing) => return Ok(Err(missing)),
            }
        }
        _ => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kleene() {
        use Truth::{False, True, Unknown};
        for (a, b, and, or) in [
            (True, Unknown, Unknown, True),
            (False, Unknown, False, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
            (True, False, False, True),
        ] {
            assert_eq!((a.and(b), b.and(a), a.or(b), b.or(a)), (and, and, or, or), "{a:?} {b:?}");
        }
        let expr = Expr::All(vec![Expr::Not(Box::new(Expr::Test(0))), Expr::Any(vec![Expr::Test(1), Expr::Test(2)])]);
        assert_eq!(fold(&expr, &[False, Unknown, True]), True);
        assert_eq!(fold(&expr, &[True, Unknown, Unknown]), False);
        assert_eq!(fold(&Expr::Any(Vec::new()), &[]), False);
    }
}
