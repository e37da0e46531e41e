//! Tests made true, false or unknown, and conditions folded from them (strong Kleene logic).

use std::cmp::Ordering;

use crate::declaration::{Designation, Severity};
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::facts::value::{Gap, Seen, Value};
use crate::money::MoneyError;
use crate::policy::document::Who;
use crate::policy::program::{Expr, Literal, Op, Program, Test};

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

/// The truth of every test of a program, over what its slots show; and for the unknown ones, why.
pub fn truths(
    program: &Program,
    seen: &[Vec<Seen>],
    facts: &Facts<'_>,
) -> Result<(Vec<Truth>, Vec<Option<Gap>>), MoneyError> {
    let mut truths = Vec::with_capacity(program.tests.len());
    let mut gaps = Vec::with_capacity(program.tests.len());
    for test in &program.tests {
        let entries = seen.get(test.slot).map(Vec::as_slice).unwrap_or_default();
        let (truth, gap) = of_test(test, entries, facts)?;
        truths.push(truth);
        gaps.push(gap);
    }
    Ok((truths, gaps))
}

/// One test over the entries of its slot: one for each borrower, or a single one.
fn of_test(test: &Test, entries: &[Seen], facts: &Facts<'_>) -> Result<(Truth, Option<Gap>), MoneyError> {
    let every = test.who == Who::EveryParty;
    let mut sum = Truth::from(every && !entries.is_empty());
    let mut gap = None;
    for entry in entries {
        let truth = match of_entry(&test.op, entry, facts)? {
            Ok(holds) => Truth::from(holds),
            Err(found) => {
                gap = gap.or(Some(found));
                Truth::Unknown
            }
        };
        sum = if every { sum.and(truth) } else { sum.or(truth) };
    }
    Ok((sum, gap.filter(|_| sum == Truth::Unknown)))
}

fn of_entry(op: &Op, seen: &Seen, facts: &Facts<'_>) -> Result<Result<bool, Gap>, MoneyError> {
    if let Op::Known(wanted) = op {
        let known = !matches!(seen, Seen::Unknown(_) | Seen::Partly(..) | Seen::Known(Value::NotYet | Value::Nothing));
        return Ok(Ok(known == *wanted));
    }
    match seen {
        Seen::Unknown(gap) => Ok(Err(gap.clone())),
        Seen::Known(value) => of_value(op, value, facts),
        Seen::Partly(value, gap) => of_part(op, value, gap, facts),
    }
}

/// A comparison with the best, or with all, over several addresses of which some are not known: it can be told where
/// no address that is missing could change it.
fn of_part(op: &Op, value: &Value, gap: &Gap, facts: &Facts<'_>) -> Result<Result<bool, Gap>, MoneyError> {
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
    Ok(if certain { found } else { Err(gap.clone()) })
}

/// A comparison with a known value; an error is a gap in what it is compared with.
pub fn of_value(op: &Op, value: &Value, facts: &Facts<'_>) -> Result<Result<bool, Gap>, MoneyError> {
    let ordering = |literal: &Literal| compare(value, literal, facts);
    let wanted = |literal: &Literal, accepts: fn(Ordering) -> bool| -> Result<Result<bool, Gap>, MoneyError> {
        Ok(ordering(literal)?.map(|found| found.is_some_and(accepts)))
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
            Ok(Ok(areas.iter().any(|area| {
                facts.regions.is_within(*region, *area)
                    || facts
                        .regions
                        .resolve(*region, facts.context.today)
                        .iter()
                        .any(|r| facts.regions.is_within(*r, *area))
            })))
        }
        Op::WithinWindow(window) => {
            let day = match value {
                Value::Date(day) => *day,
                // It lies in a window that is still open only.
                Value::NotYet => {
                    return Ok(facts.window(window)?.map(|found| !found.empty && found.window.until.is_none()));
                }
                _ => return Ok(Ok(false)),
            };
            Ok(facts.window(window)?.map(|found| !found.empty && found.window.contains(day)))
        }
        Op::Has(names) => Ok(Ok(match value {
            Value::Names(list) => names.iter().any(|name| list.contains(name)),
            _ => false,
        })),
        Op::Known(wanted) => Ok(Ok(*wanted)),
    }
}

fn one_of(value: &Value, literals: &[Literal], facts: &Facts<'_>) -> Result<Result<bool, Gap>, MoneyError> {
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
fn compare(value: &Value, literal: &Literal, facts: &Facts<'_>) -> Result<Result<Option<Ordering>, Gap>, MoneyError> {
    Ok(Ok(match (value, literal) {
        (Value::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Value::Count(a), Literal::Count(b)) => Some(a.cmp(b)),
        (Value::Amount(a), Literal::Amount(b)) if a.currency() == b.currency() => Some(a.minor().cmp(&b.minor())),
        (Value::Amount(a), Literal::Amount(b)) => {
            let what = format!("the policy compares with {}, the account is in {}", b.currency(), a.currency());
            return Ok(Err(Gap::absent(what)));
        }
        (Value::Rate(a), Literal::Rate(b)) => Some(a.cmp(&b.0)),
        (Value::Name(a), Literal::Name(b)) => Some(a.cmp(b)),
        // I is the gravest, so that graver is more.
        (Value::Severity(a), Literal::Severity(b)) => Some(gravity(*a).cmp(&gravity(*b))),
        (Value::Designation(a), Literal::Designation(b)) => Some(a.cmp(b)),
        (Value::Region(a), Literal::Region(b)) => Some(a.cmp(b)),
        (Value::Date(_) | Value::NotYet, Literal::Date(expr)) => {
            let own = if let Value::Date(day) = value { Moment::Day(*day) } else { Moment::NotYet };
            match facts.date(expr)? {
                Ok(Moment::Nothing) => None,
                Ok(moment) => Some(own.cmp(&moment)),
                Err(gap) => return Ok(Err(gap)),
            }
        }
        _ => None,
    }))
}

const fn gravity(severity: Severity) -> u8 {
    match severity {
        Severity::I => 4,
        Severity::II => 3,
        Severity::III => 2,
        Severity::IV => 1,
    }
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
