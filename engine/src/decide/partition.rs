//! The values that a fact could have, partitioned by the policy's literals: within one cell every test of the
//! fact says the same, so one value stands for the cell.

use rust_decimal::Decimal;

use super::truth::{Told, Truth, of_value};
use crate::dates::add_days;
use crate::declaration::{Designation, Severity};
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::facts::value::{Missing, Names, Seen, Value};
use crate::money::{Money, MoneyError};
use crate::policy::document::Who;
use crate::policy::facts::FactType;
use crate::policy::program::{DateExpr, Literal, Op, Program, Slot};

/// One cell of a slot's values: what each test of the slot says there, by the test's place in the program.
pub type Cell = Vec<(usize, Truth)>;

/// The cells of a slot that is unknown, at least in part. Entries that are known stay as they are.
///
/// # Errors
/// The account's amounts or dates leave their range.
pub fn cells<'a>(
    program: &'a Program,
    slot: usize,
    seen: &[Seen<'a>],
    facts: &Facts<'a>,
) -> Result<Vec<Cell>, MoneyError> {
    let Some(own) = program.slots.get(slot) else { return Ok(Vec::new()) };
    let tests: Vec<usize> =
        (0..program.tests.len()).filter(|at| program.tests.get(*at).is_some_and(|test| test.slot == slot)).collect();
    let ops: Vec<&'a Op> = tests.iter().filter_map(|at| program.tests.get(*at)).map(|test| &test.op).collect();
    let sets = name_sets(own, &ops);
    let mut cells: Vec<Cell> = Vec::new();
    for value in representatives(own, &ops, &sets, facts)? {
        let mut cell = Vec::with_capacity(tests.len());
        for at in &tests {
            if let Some(test) = program.tests.get(*at) {
                cell.push((*at, with_value(test.who, &test.op, &value, seen, facts)?));
            }
        }
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    Ok(cells)
}

/// A test when every unknown entry has a value.
fn with_value<'v>(
    who: Who,
    op: &'v Op,
    value: &Value<'v>,
    seen: &[Seen<'v>],
    facts: &Facts<'v>,
) -> Result<Truth, MoneyError> {
    let mut told = Told::by(who);
    for entry in seen {
        told.count(completed(op, entry, value, facts)?);
    }
    Ok(told.end().0)
}

/// A test of an entry, were what is missing of it this value.
fn completed<'v>(
    op: &'v Op,
    entry: &Seen<'v>,
    missing: &Value<'v>,
    facts: &Facts<'v>,
) -> Result<Result<bool, Missing<'v>>, MoneyError> {
    // Nobody can be asked for what the core system did not report: whatever its value, it does not become known.
    if let (Op::Known(wanted), Some(false)) = (op, entry.missing().map(Missing::is_askable)) {
        return Ok(Ok(!wanted));
    }
    let value = match (entry, missing) {
        (Seen::Known(known), _) => *known,
        (Seen::Partly(Value::Designation(known), _), Value::Designation(other)) => {
            Value::Designation((*known).max(*other))
        }
        (Seen::Partly(known @ Value::Names(_), _), Value::Names(_)) if matches!(op, Op::Has(_)) => {
            let own = of_value(op, known, facts)?;
            if own == Ok(true) {
                return Ok(own);
            }
            *missing
        }
        (Seen::Unknown(_) | Seen::Partly(..), _) => *missing,
    };
    match op {
        Op::Known(wanted) => Ok(Ok(!matches!(value, Value::Nothing | Value::NotYet) == *wanted)),
        _ => of_value(op, &value, facts),
    }
}

/// A value at, just below and just above every literal, and the values of a closed type.
fn representatives<'v>(
    slot: &Slot,
    ops: &[&'v Op],
    sets: &'v [Vec<&'v str>],
    facts: &Facts<'v>,
) -> Result<Vec<Value<'v>>, MoneyError> {
    let literals: Vec<&'v Literal> = ops.iter().flat_map(|op| literals(op)).collect();
    let mut values = match slot.of {
        FactType::Bool => vec![Value::Bool(true), Value::Bool(false)],
        FactType::Severity => Severity::ALL.into_iter().map(Value::Severity).collect(),
        FactType::Designation => {
            let none = std::iter::once(None).chain(Designation::ALL.into_iter().map(Some));
            none.map(Value::Designation).collect()
        }
        FactType::Name(closed) if !closed.is_empty() => closed.iter().map(|name| Value::Name(name)).collect(),
        FactType::Name(_) => vec![Value::Name("")],
        FactType::Names(_) => sets.iter().map(|set| Value::Names(Names::Of(set))).collect(),
        FactType::Count(_) => vec![Value::Count(0)],
        FactType::Amount => vec![Value::Amount(Money::zero(facts.snapshot.currency()))],
        FactType::Rate => vec![Value::Rate(Decimal::ZERO)],
        FactType::Date => vec![Value::Nothing, Value::NotYet],
        FactType::Region => vec![Value::Nothing],
    };
    for literal in literals {
        around(literal, &mut values, facts)?;
    }
    for op in ops {
        match op {
            Op::WithinRegions(areas) => values.extend(areas.iter().map(|area| Value::Region(*area))),
            Op::WithinWindow(window) => {
                for expr in [&window.from, &window.until].into_iter().flatten() {
                    near(expr, &mut values, facts)?;
                }
            }
            _ => {}
        }
    }
    Ok(values)
}

fn literals(op: &Op) -> Vec<&Literal> {
    match op {
        Op::Is(one) | Op::IsNot(one) | Op::AtLeast(one) | Op::AtMost(one) | Op::Above(one) | Op::Below(one) => {
            vec![one]
        }
        Op::In(many) | Op::NotIn(many) => many.iter().collect(),
        Op::WithinRegions(_) | Op::WithinWindow(_) | Op::Has(_) | Op::Known(_) => Vec::new(),
    }
}

fn around<'v>(literal: &'v Literal, values: &mut Vec<Value<'v>>, facts: &Facts<'v>) -> Result<(), MoneyError> {
    match literal {
        Literal::Count(at) => {
            let near = [at.saturating_sub(1), *at, at.saturating_add(1)];
            values.extend(near.into_iter().filter(|count| *count >= 0).map(Value::Count));
        }
        Literal::Amount(at) => {
            let near = [at.minor().saturating_sub(1), at.minor(), at.minor().saturating_add(1)];
            let near = near.into_iter().filter(|minor| *minor >= 0);
            values.extend(near.map(|minor| Value::Amount(Money::new(minor, at.currency()))));
        }
        Literal::Rate(at) => {
            let step = Decimal::new(1, 12);
            let near = [at.0.checked_sub(step), Some(at.0), at.0.checked_add(step)];
            values.extend(near.into_iter().flatten().map(Value::Rate));
        }
        Literal::Date(expr) => near(expr, values, facts)?,
        Literal::Name(name) => values.push(Value::Name(name)),
        Literal::Region(region) => values.push(Value::Region(*region)),
        Literal::Bool(_) | Literal::Severity(_) | Literal::Designation(_) => {}
    }
    Ok(())
}

/// The day before, the day and the day after.
fn near<'v>(expr: &'v DateExpr, values: &mut Vec<Value<'v>>, facts: &Facts<'v>) -> Result<(), MoneyError> {
    if let Ok(Moment::Day(day)) = facts.moment(expr, None)? {
        values.extend([-1, 0, 1].into_iter().filter_map(|step| add_days(day, step)).map(Value::Date));
    }
    Ok(())
}

/// Sets of the names that are asked for: every subset of up to six of them, beyond that none, each and all.
fn name_sets<'v>(slot: &Slot, ops: &[&'v Op]) -> Vec<Vec<&'v str>> {
    if !matches!(slot.of, FactType::Names(_)) {
        return Vec::new();
    }
    let wanted = ops.iter().filter_map(|op| if let Op::Has(names) = op { Some(names) } else { None });
    let mut names: Vec<&'v str> = wanted.flatten().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let mut sets: Vec<Vec<&str>> = vec![Vec::new()];
    if names.len() <= 6 {
        for name in names {
            let with: Vec<Vec<&str>> = sets.iter().map(|set| [set.as_slice(), &[name]].concat()).collect();
            sets.extend(with);
        }
    } else {
        sets.extend(names.iter().map(|name| vec![*name]));
        sets.push(names);
    }
    sets
}
