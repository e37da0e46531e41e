//! The values of a slot, cut where the policy's literals cut them: one value for each way in which its tests can come
//! out together. What holds for these few values holds for all.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::document::Who;
use super::facts::{FactRef, FactType};
use super::program::{DateExpr, Literal, Op, Program, Slot, Test};
use crate::dates::{add_days, add_months};
use crate::declaration::{Designation, Severity};
use crate::money::{Currency, Money};
use crate::rate::Rate;
use crate::region::{RegionId, RegionTree};

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
/// More tests than this on one slot are not combined.
const MOST_TESTS: usize = 12;
/// The zero of relative days; only differences matter.
const ORIGIN: NaiveDate = NaiveDate::MIN;

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

fn literals<'p>(tests: &'p [(usize, &'p Test)]) -> impl Iterator<Item = &'p Literal> {
    tests.iter().flat_map(|(_, test)| match &test.op {
        Op::Is(one) | Op::IsNot(one) | Op::AtLeast(one) | Op::AtMost(one) | Op::Above(one) | Op::Below(one) => {
            std::slice::from_ref(one)
        }
        Op::In(many) | Op::NotIn(many) => many,
        Op::WithinRegions(_) | Op::WithinWindow(_) | Op::Has(_) | Op::Known(_) => &[],
    })
}

/// Values at, just below and just above every literal.
fn values(slot: &Slot, tests: &[(usize, &Test)]) -> Option<(Vec<CellValue>, bool)> {
    let around = |number: i64| [number, number.saturating_sub(1), number.saturating_add(1)];
    let values: Vec<CellValue> = match slot.of {
        FactType::Bool => vec![CellValue::Bool(true), CellValue::Bool(false)],
        FactType::Count(_) => {
            let cuts = literals(tests).filter_map(|literal| match literal {
                Literal::Count(count) => Some(around(*count)),
                _ => None,
            });
            let counts: BTreeSet<i64> = cuts.flatten().chain([0]).filter(|count| *count >= 0).collect();
            counts.into_iter().map(CellValue::Count).collect()
        }
        FactType::Amount => amounts(tests),
        FactType::Rate => {
            let step = Decimal::new(1, 12);
            let cuts = literals(tests).filter_map(|literal| match literal {
                Literal::Rate(Rate(rate)) => Some([Some(*rate), rate.checked_sub(step), rate.checked_add(step)]),
                _ => None,
            });
            let rates: BTreeSet<Decimal> = cuts.flatten().flatten().chain([Decimal::ZERO]).collect();
            rates.into_iter().filter(|rate| *rate >= Decimal::ZERO).map(|rate| CellValue::Rate(Rate(rate))).collect()
        }
        FactType::Date => return dates(tests),
        FactType::Name(names) => {
            let mentioned = literals(tests).filter_map(|literal| match literal {
                Literal::Name(name) => Some(name.clone()),
                _ => None,
            });
            let open = names.is_empty().then_some(CellValue::OtherName);
            let names: BTreeSet<String> = mentioned.chain(names.iter().map(|name| (*name).to_owned())).collect();
            names.into_iter().map(CellValue::Name).chain(open).collect()
        }
        FactType::Names(_) => return sets(tests).map(|sets| (sets, true)),
        FactType::Severity => Severity::ALL.into_iter().map(CellValue::Severity).collect(),
        FactType::Designation => {
            let inside = Designation::ALL.into_iter().rev().map(Some);
            inside.chain([None]).map(CellValue::Designation).collect()
        }
        FactType::Region => regions(tests),
    };
    Some((values, true))
}

fn amounts(tests: &[(usize, &Test)]) -> Vec<CellValue> {
    let cuts = literals(tests).filter_map(|literal| match literal {
        Literal::Amount(money) => Some(*money),
        _ => None,
    });
    let mut found: BTreeSet<(Currency, i64)> = BTreeSet::new();
    for money in cuts {
        let minor = money.minor();
        let around = [0, minor, minor.saturating_sub(1), minor.saturating_add(1)];
        found.extend(around.into_iter().filter(|minor| *minor >= 0).map(|minor| (money.currency(), minor)));
    }
    if found.is_empty() {
        found.insert((Currency::CNY, 0));
    }
    found.into_iter().map(|(currency, minor)| CellValue::Amount(Money::new(minor, currency))).collect()
}

/// The regions that literals name come first, as the better examples; then every other one, counties first.
fn regions(tests: &[(usize, &Test)]) -> Vec<CellValue> {
    let tree = RegionTree::builtin();
    let named = tests.iter().flat_map(|(_, test)| match &test.op {
        Op::WithinRegions(regions) => regions.clone(),
        _ => Vec::new(),
    });
    let named = named.chain(literals(tests).filter_map(|literal| match literal {
        Literal::Region(region) => Some(*region),
        _ => None,
    }));
    let mut all: Vec<RegionId> = named.collect();
    let mut others: Vec<RegionId> = tree.ids().collect();
    others.sort_by_key(|region| std::cmp::Reverse(tree.level(*region)));
    all.extend(others);
    all.into_iter().map(CellValue::Region).collect()
}

/// For each choice of `has` tests that fail, the names that make as many of the others true as can be.
fn sets(tests: &[(usize, &Test)]) -> Option<Vec<CellValue>> {
    let wanted = tests.iter().filter_map(|(_, test)| match &test.op {
        Op::Has(names) => Some(names),
        _ => None,
    });
    let wanted: Vec<&Vec<String>> = wanted.collect();
    if wanted.len() > MOST_TESTS {
        return None;
    }
    let all: BTreeSet<&String> = wanted.iter().copied().flatten().collect();
    let choices = 0_u32..(1_u32 << u32::try_from(wanted.len()).ok()?);
    let sets = choices.map(|failing| {
        let fails = |at: usize| u32::try_from(at).is_ok_and(|at| failing & (1 << at) != 0);
        let barred = |name: &String| wanted.iter().enumerate().any(|(at, names)| fails(at) && names.contains(name));
        CellValue::Names(all.iter().filter(|name| !barred(name)).map(|name| (*name).clone()).collect())
    });
    Some(sets.collect())
}

/// A date as an anchor and a distance: days from the origin for an anchor, the day itself without one.
fn place(date: &DateExpr) -> (Option<DateExpr>, NaiveDate) {
    match date {
        DateExpr::Day(day) => return (None, *day),
        DateExpr::Moved { base, months, days, business_day: None } => {
            if let DateExpr::Day(day) = base.as_ref() {
                let moved = add_months(*day, i64::from(*months)).and_then(|day| add_days(day, i64::from(*days)));
                if let Some(moved) = moved {
                    return (None, moved);
                }
            }
            let anchor = match months {
                0 => base.as_ref().clone(),
                months => DateExpr::Moved { base: base.clone(), months: *months, days: 0, business_day: None },
            };
            if let Some(at) = add_days(middle(), i64::from(*days)) {
                return (Some(anchor), at);
            }
        }
        _ => {}
    }
    (Some(date.clone()), middle())
}

/// The day that stands for an anchor itself.
pub(super) fn middle() -> NaiveDate {
    add_days(ORIGIN, 50_000_000).unwrap_or(ORIGIN)
}

fn window_ends(op: &Op) -> Vec<&DateExpr> {
    match op {
        Op::WithinWindow(window) => window.from.iter().chain(&window.until).collect(),
        _ => Vec::new(),
    }
}

/// The cuts of a date by anchor; the values are one position for each anchor.
fn dates(tests: &[(usize, &Test)]) -> Option<(Vec<CellValue>, bool)> {
    let compared = literals(tests).filter_map(|literal| match literal {
        Literal::Date(date) => Some(date),
        _ => None,
    });
    let compared = compared.chain(tests.iter().flat_map(|(_, test)| window_ends(&test.op)));
    let mut groups: Vec<(Option<DateExpr>, BTreeSet<NaiveDate>)> = Vec::new();
    for (anchor, day) in compared.map(place) {
        let cuts = [Some(day), day.pred_opt(), day.succ_opt()];
        let at = groups.iter().position(|(other, _)| *other == anchor).unwrap_or_else(|| {
            groups.push((anchor, BTreeSet::new()));
            groups.len().saturating_sub(1)
        });
        if let Some((_, days)) = groups.get_mut(at) {
            days.extend(cuts.into_iter().flatten());
        }
    }
    if groups.is_empty() {
        groups.push((None, BTreeSet::from([NaiveDate::from_ymd_opt(2026, 1, 1)?])));
    }
    let exact = groups.len() == 1;
    let mut found: Vec<Vec<(Option<DateExpr>, NaiveDate)>> = vec![Vec::new()];
    for (anchor, days) in groups {
        if found.len().saturating_mul(days.len()) > MOST_CELLS.saturating_mul(8) {
            return None;
        }
        let longer = found.iter().flat_map(|so_far| {
            days.iter().map(|day| so_far.iter().cloned().chain([(anchor.clone(), *day)]).collect::<Vec<_>>())
        });
        found = longer.collect();
    }
    Some((found.into_iter().map(CellValue::Date).collect(), exact))
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

impl fmt::Display for CellValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("not known"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Amount(money) => write!(f, "{money}"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::Date(positions) => {
                let all: Vec<String> = positions.iter().map(|(anchor, day)| position(anchor.as_ref(), *day)).collect();
                f.write_str(&all.join(", "))
            }
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::OtherName => f.write_str("any other name"),
            Self::Names(names) if names.is_empty() => f.write_str("none of them"),
            Self::Names(names) => f.write_str(&names.join(", ")),
            Self::Severity(severity) => f.write_str(severity.name()),
            Self::Designation(designation) => f.write_str(designation.map_or("none", Designation::name)),
            Self::Region(region) => {
                let tree = RegionTree::builtin();
                write!(f, "{} ({})", tree.code(*region), tree.full_name(*region))
            }
            Self::Several(values) => {
                let all: Vec<String> = values.iter().map(|value| format!("one borrower {value}")).collect();
                f.write_str(&all.join(", "))
            }
        }
    }
}

fn position(anchor: Option<&DateExpr>, day: NaiveDate) -> String {
    let Some(anchor) = anchor else { return day.to_string() };
    let days = day.signed_duration_since(middle()).num_days();
    match days {
        0 => date_text(anchor),
        1.. => format!("{} + {days} days", date_text(anchor)),
        _ => format!("{} - {} days", date_text(anchor), days.unsigned_abs()),
    }
}

/// A date as a person reads it.
#[must_use]
pub fn date_text(date: &DateExpr) -> String {
    let list = |dates: &[DateExpr]| dates.iter().map(date_text).collect::<Vec<_>>().join(", ");
    match date {
        DateExpr::Day(day) => day.to_string(),
        DateExpr::Fact(fact) => fact_text(fact),
        DateExpr::Moved { base, months, days, .. } => {
            let mut text = date_text(base);
            for (by, unit) in [(months, "months"), (days, "days")] {
                match by {
                    0 => {}
                    1.. => text.push_str(&format!(" + {by} {unit}")),
                    _ => text.push_str(&format!(" - {} {unit}", by.unsigned_abs())),
                }
            }
            text
        }
        DateExpr::LaterOf(dates) => format!("the later of {}", list(dates)),
        DateExpr::EarlierOf(dates) => format!("the earlier of {}", list(dates)),
    }
}

fn fact_text(fact: &FactRef) -> String {
    fact.entry().and_then(|entry| entry.short).map_or_else(|| fact.name(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::compile::compile;

    /// Truth vectors of the first slot of a policy whose eligibility is this, `T`, `F` or `-` for each test.
    fn vectors(condition: serde_json::Value) -> (Vec<String>, bool) {
        let mut policy: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/check/flood.json")).unwrap();
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
