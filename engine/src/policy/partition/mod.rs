//! The values of a slot, cut where the policy's literals cut them: one value for each way in which its tests can come
//! out together. What holds for these few values holds for all.

mod text;
mod values;

use chrono::NaiveDate;

use super::document::Who;
use super::program::{DateExpr, Literal, Op, Program, Test};
use crate::declaration::{Designation, Severity};
use crate::money::Money;
use crate::rate::Rate;
use crate::region::{RegionId, RegionTree};

pub use text::date_text;
use values::{place, values};

/// A value that stands for all that come out alike.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Nobody knows it.
    Unknown,
    /// Yes or no.
    Bool(bool),
    /// A count.
    Count(i64),
    /// An amount.
    Amount(Money),
    /// A rate.
    Rate(Rate),
    /// A day, by its distance from each date that it is compared with: `None` is an absolute day.
    Date(Vec<(Option<DateExpr>, NaiveDate)>),
    /// A name.
    Name(String),
    /// A name that the policy does not mention.
    OtherName,
    /// These names.
    Names(Vec<String>),
    /// A severity.
    Severity(Severity),
    /// A designation; `None` is outside.
    Designation(Option<Designation>),
    /// A region.
    Region(RegionId),
    /// Several borrowers, each with a value of their own.
    Several(Vec<CellValue>),
}

/// One value, and how each test of the slot comes out for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: CellValue,
    /// Tests by their place in [`Program::tests`]. A test that is not here is neither true nor false: the value is
    /// unknown, or of another currency.
    pub truths: Vec<(usize, bool)>,
}

/// The cells of a slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// One cell for each way in which the tests come out.
    pub cells: Vec<Cell>,
    /// Whether each of them can happen. When dates are compared with several others (an anchor and a day, two anchors)
    /// whose order is not known, every order is taken, and some may be impossible. None is ever left out.
    pub exact: bool,
}

/// More cells than this in one slot are not enumerated.
const MOST_CELLS: usize = 4_096;

/// The cells of a slot, or `None` when there are more than 4,096.
///
/// A fact about a person may have one value for each borrower: after the cells of one borrower come those of several
/// ([`CellValue::Several`]), where `any_party` needs one of them and `every_party` all. A slot with a `known` test also
/// has an unknown value.
#[must_use]
pub fn cells(program: &Program, slot: usize) -> Option<Partition> {
    let place = program.slots.get(slot)?;
    let tests: Vec<(usize, &Test)> = program.tests.iter().enumerate().filter(|(_, test)| test.slot == slot).collect();
    let (values, exact) = values(place, &tests)?;
    let mut found: Vec<Cell> = Vec::new();
    for value in values {
        let truths = truths(&value, &tests);
        if !found.iter().any(|cell| cell.truths == truths) {
            found.push(Cell { value, truths });
        }
        if found.len() > MOST_CELLS {
            return None;
        }
    }
    if place.fact.entry().is_some_and(|fact| fact.person) {
        several(&mut found, &tests)?;
    }
    let known = tests.iter().filter_map(|(at, test)| match test.op {
        Op::Known(wanted) => Some((*at, !wanted)),
        _ => None,
    });
    let known: Vec<(usize, bool)> = known.collect();
    if !known.is_empty() {
        found.push(Cell { value: CellValue::Unknown, truths: known });
    }
    Some(Partition { cells: found, exact })
}

/// Adds what two or more borrowers with different values come to.
fn several(cells: &mut Vec<Cell>, tests: &[(usize, &Test)]) -> Option<()> {
    let single = cells.clone();
    let mut at = 0;
    while let Some(cell) = cells.get(at).cloned() {
        for other in &single {
            let joined = join(&cell, other, tests);
            if !cells.iter().any(|cell| cell.truths == joined.truths) {
                cells.push(joined);
            }
            if cells.len() > MOST_CELLS {
                return None;
            }
        }
        at = at.saturating_add(1);
    }
    Some(())
}

fn join(a: &Cell, b: &Cell, tests: &[(usize, &Test)]) -> Cell {
    let of = |cell: &Cell, test: usize| cell.truths.iter().find(|(at, _)| *at == test).map(|(_, truth)| *truth);
    let truths = tests.iter().filter_map(|(at, test)| {
        let (a, b) = (of(a, *at)?, of(b, *at)?);
        Some((*at, if test.who == Who::AnyParty { a || b } else { a && b }))
    });
    let mut values = match &a.value {
        CellValue::Several(values) => values.clone(),
        one => vec![one.clone()],
    };
    values.push(b.value.clone());
    Cell { value: CellValue::Several(values), truths: truths.collect() }
}

/// How each test comes out; those that cannot be told are left out.
fn truths(value: &CellValue, tests: &[(usize, &Test)]) -> Vec<(usize, bool)> {
    tests.iter().filter_map(|(at, test)| holds(&test.op, value).map(|truth| (*at, truth))).collect()
}

fn holds(op: &Op, value: &CellValue) -> Option<bool> {
    let compare = |literal: &Literal| order(value, literal);
    Some(match op {
        Op::Is(literal) => compare(literal)?.is_eq(),
        Op::IsNot(literal) => compare(literal)?.is_ne(),
        Op::In(many) => any(many, |literal| compare(literal).map(std::cmp::Ordering::is_eq))?,
        Op::NotIn(many) => !any(many, |literal| compare(literal).map(std::cmp::Ordering::is_eq))?,
        Op::AtLeast(literal) => compare(literal)?.is_ge(),
        Op::AtMost(literal) => compare(literal)?.is_le(),
        Op::Above(literal) => compare(literal)?.is_gt(),
        Op::Below(literal) => compare(literal)?.is_lt(),
        Op::WithinRegions(areas) => match value {
            CellValue::Region(region) => areas.iter().any(|area| RegionTree::builtin().is_within(*region, *area)),
            _ => return None,
        },
        Op::WithinWindow(window) => {
            let side = |end: &Option<DateExpr>| match end {
                None => Some(None),
                Some(end) => order(value, &Literal::Date(end.clone())).map(Some),
            };
            side(&window.from)?.is_none_or(std::cmp::Ordering::is_ge)
                && side(&window.until)?.is_none_or(std::cmp::Ordering::is_le)
        }
        Op::Has(names) => match value {
            CellValue::Names(found) => names.iter().any(|name| found.contains(name)),
            _ => return None,
        },
        Op::Known(wanted) => *wanted == !matches!(value, CellValue::Unknown),
    })
}

/// Kleene's `any`.
fn any(literals: &[Literal], equal: impl Fn(&Literal) -> Option<bool>) -> Option<bool> {
    let found: Vec<Option<bool>> = literals.iter().map(equal).collect();
    if found.contains(&Some(true)) {
        return Some(true);
    }
    (!found.contains(&None)).then_some(false)
}

/// Where a value stands to a literal. Names and regions are only equal or not.
fn order(value: &CellValue, literal: &Literal) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    let same = |same: bool| if same { Ordering::Equal } else { Ordering::Less };
    Some(match (value, literal) {
        (CellValue::Bool(a), Literal::Bool(b)) => same(a == b),
        (CellValue::Count(a), Literal::Count(b)) => a.cmp(b),
        (CellValue::Amount(a), Literal::Amount(b)) if a.currency() == b.currency() => a.minor().cmp(&b.minor()),
        (CellValue::Rate(a), Literal::Rate(b)) => a.cmp(b),
        (CellValue::Date(positions), Literal::Date(date)) => {
            let (anchor, day) = place(date);
            let (_, position) = positions.iter().find(|(other, _)| *other == anchor)?;
            position.cmp(&day)
        }
        (CellValue::Name(a), Literal::Name(b)) => same(a == b),
        (CellValue::OtherName, Literal::Name(_)) => Ordering::Less,
        // The gravest severity is the first, so that graver is more.
        (CellValue::Severity(a), Literal::Severity(b)) => b.cmp(a),
        (CellValue::Designation(a), Literal::Designation(b)) => a.cmp(b),
        (CellValue::Region(a), Literal::Region(b)) => same(a == b),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::compile::compile;

    /// Truth vectors of the first slot of a policy whose eligibility is this, `T`, `F` or `-` for each test.
    fn vectors(condition: serde_json::Value) -> (Vec<String>, bool) {
        let mut policy: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/check/flood.json")).unwrap();
        policy["eligible"] = condition;
        policy.as_object_mut().unwrap().remove("evidence");
        policy["rules"][0].as_object_mut().unwrap().remove("when");
        let (program, problems) =
            compile(serde_json::from_value(policy).unwrap(), &Default::default(), RegionTree::builtin());
        let program = program.unwrap_or_else(|| panic!("{problems:#?}"));
        let partition = cells(&program, 0).unwrap();
        let text = |cell: &Cell| {
            let of = |test: usize| cell.truths.iter().find(|(at, _)| *at == test).map(|(_, truth)| *truth);
            let letter = |truth| match truth {
                Some(true) => 'T',
                Some(false) => 'F',
                None => '-',
            };
            (0..program.tests.len()).map(|test| letter(of(test))).collect::<String>()
        };
        let mut all: Vec<String> = partition.cells.iter().map(text).collect();
        all.sort_unstable();
        (all, partition.exact)
    }

    #[test]
    fn each_way_to_come_out_stands_once() {
        let dpd = |op: &str, n: i64| json!({"fact": "account.days_past_due", op: n});
        let on = |op: &str, day: serde_json::Value| json!({"fact": "account.disbursed_on", op: day});
        let area = |name: &str| json!({"fact": "area.home.designation", "is": name});
        let flag = |names: serde_json::Value| json!({"fact": "account.funders", "has": names});
        let cases: Vec<(Vec<serde_json::Value>, &[&str], bool)> = vec![
            // 0..29, 30, 31..: never neither, both only at 30.
            (vec![dpd("at_least", 30), dpd("at_most", 30)], &["FT", "TF", "TT"], true),
            (vec![dpd("below", 0)], &["F"], true),
            (vec![on("at_least", json!("2026-01-10")), on("below", json!("2026-01-11"))], &["FT", "TF", "TT"], true),
            (
                vec![
                    on("at_least", json!("incident_start")),
                    on("below", json!({"after": "incident_start", "days": -5})),
                ],
                &["FF", "FT", "TF"],
                true,
            ),
            // A day and an anchor: their order is not known, so every combination may be.
            (
                vec![on("at_least", json!("incident_start")), on("below", json!("2026-01-11"))],
                &["FF", "FT", "TF", "TT"],
                false,
            ),
            // Two borrowers may live in two areas.
            (vec![area("severe"), area("affected")], &["FF", "FT", "TF", "TT"], true),
            (vec![flag(json!(["a", "b"])), flag(json!("a"))], &["FF", "TF", "TT"], true),
            (
                vec![
                    json!({"fact": "account.first_loan", "is": true}),
                    json!({"fact": "account.first_loan", "known": false}),
                ],
                &["-T", "FF", "TF"],
                true,
            ),
            (
                vec![
                    json!({"fact": "area.home.region", "who": "every_party", "within": "CN-410000"}),
                    json!({"fact": "area.home.region", "who": "every_party", "within": "CN-410100"}),
                ],
                &["FF", "TF", "TT"],
                true,
            ),
        ];
        for (tests, want, exact) in cases {
            assert_eq!(
                vectors(json!({"all": tests})),
                (want.iter().map(|one| (*one).to_owned()).collect(), exact),
                "{tests:?}"
            );
        }
    }
}
