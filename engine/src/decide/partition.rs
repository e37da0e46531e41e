//! The values that a fact could have, partitioned by the policy's literals: within one cell every test of the
//! fact says the same, so one value stands for the cell.

use rust_decimal::Decimal;

use super::truth::{Truth, of_value};
use crate::dates::add_days;
use crate::declaration::{Designation, Severity};
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::facts::value::{Seen, Value};
use crate::money::{Money, MoneyError};
use crate::policy::document::Who;
use crate::policy::facts::FactType;
use crate::policy::program::{Literal, Op, Program, Slot};

/// One cell: a value that stands for it, and what each test of the slot says there.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// A value of the cell.
    pub value: Value,
    /// Truths of the slot's tests, by their place in the program.
    pub truths: Vec<(usize, Truth)>,
}

/// The cells of a slot that is unknown, at least in part. Entries that are known stay as they are.
pub fn cells(program: &Program, slot: usize, seen: &[Seen], facts: &Facts<'_>) -> Result<Vec<Cell>, MoneyError> {
    let Some(own) = program.slots.get(slot) else { return Ok(Vec::new()) };
    let tests: Vec<usize> =
        (0..program.tests.len()).filter(|at| program.tests.get(*at).is_some_and(|test| test.slot == slot)).collect();
    let mut cells: Vec<Cell> = Vec::new();
    for value in representatives(program, own, &tests, facts)? {
        let mut truths = Vec::with_capacity(tests.len());
        for at in &tests {
            if let Some(test) = program.tests.get(*at) {
                truths.push((*at, with_value(test.who, &test.op, &value, seen, facts)?));
            }
        }
        if !cells.iter().any(|cell| cell.truths == truths) {
            cells.push(Cell { value, truths });
        }
    }
    Ok(cells)
}

/// A test when every unknown entry has a value.
fn with_value(who: Who, op: &Op, value: &Value, seen: &[Seen], facts: &Facts<'_>) -> Result<Truth, MoneyError> {
    let every = who == Who::EveryParty;
    let mut sum = Truth::from(every);
    for entry in seen {
        let value = &entry.completed(value);
        let truth = match op {
            Op::Known(wanted) => Truth::from(!matches!(value, Value::Nothing | Value::NotYet) == *wanted),
            _ => of_value(op, value, facts)?.map_or(Truth::Unknown, Truth::from),
        };
        sum = if every { sum.and(truth) } else { sum.or(truth) };
    }
    Ok(sum)
}

/// A value at, just below and just above every literal, and the values of a closed type.
fn representatives(
    program: &Program,
    slot: &Slot,
    tests: &[usize],
    facts: &Facts<'_>,
) -> Result<Vec<Value>, MoneyError> {
    let ops: Vec<&Op> = tests.iter().filter_map(|at| program.tests.get(*at)).map(|test| &test.op).collect();
    let literals: Vec<&Literal> = ops.iter().flat_map(|op| literals(op)).collect();
    let mut values = match slot.of {
        FactType::Bool => vec![Value::Bool(true), Value::Bool(false)],
        FactType::Severity => Severity::ALL.into_iter().map(Value::Severity).collect(),
        FactType::Designation => {
            let none = std::iter::once(None).chain(Designation::ALL.into_iter().map(Some));
            none.map(Value::Designation).collect()
        }
        FactType::Name(closed) if !closed.is_empty() => {
            closed.iter().map(|name| Value::Name((*name).to_owned())).collect()
        }
        FactType::Name(_) => vec![Value::Name(String::new())],
        FactType::Names(_) => name_sets(&ops),
        FactType::Count(_) => vec![Value::Count(0)],
        FactType::Amount => vec![Value::Amount(Money::zero(facts.account.currency))],
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
                    around(&Literal::Date(expr.clone()), &mut values, facts)?;
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

fn around(literal: &Literal, values: &mut Vec<Value>, facts: &Facts<'_>) -> Result<(), MoneyError> {
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
        Literal::Date(expr) => {
            if let Ok(Moment::Day(day)) = facts.date(expr)? {
                let near = [-1, 0, 1].into_iter().filter_map(|step| add_days(day, step));
                values.extend(near.map(Value::Date));
            }
        }
        Literal::Name(name) => values.push(Value::Name(name.clone())),
        Literal::Region(region) => values.push(Value::Region(*region)),
        Literal::Bool(_) | Literal::Severity(_) | Literal::Designation(_) => {}
    }
    Ok(())
}

/// Sets of the names that are asked for: every subset of up to six of them, beyond that none, each and all.
fn name_sets(ops: &[&Op]) -> Vec<Value> {
    let mut names: Vec<String> = Vec::new();
    for op in ops {
        if let Op::Has(wanted) = op {
            names.extend(wanted.iter().cloned());
        }
    }
    names.sort();
    names.dedup();
    let mut sets: Vec<Vec<String>> = vec![Vec::new()];
    if names.len() <= 6 {
        for name in names {
            let with: Vec<Vec<String>> =
                sets.iter().map(|set| [set.as_slice(), std::slice::from_ref(&name)].concat()).collect();
            sets.extend(with);
        }
    } else {
        sets.extend(names.iter().map(|name| vec![name.clone()]));
        sets.push(names);
    }
    sets.into_iter().map(Value::Names).collect()
}
