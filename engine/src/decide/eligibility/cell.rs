//! A value as a code: whole numbers stand for every type, so that a test is a comparison of two of them.

use chrono::{Datelike, NaiveDate};

use crate::declaration::{Designation, Severity};
use crate::facts::value::{Seen, Value};
use crate::money::Currency;
use crate::policy::facts::FactType;
use crate::policy::program::{Literal, Op, Program};
use crate::rate::rate_code;

/// The code of a day that has not come: later than every day.
pub(super) const NOT_YET: i64 = 2_147_483_647;

/// The most names of one slot that are coded as a set.
const MOST_NAMES: usize = 63;

/// What kind of thing is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    /// A value.
    Known,
    /// It is known that there is none.
    Nothing,
    /// The least that it is.
    Partly,
    /// It is not known.
    Unknown,
    /// There is nobody whose value it could be.
    Nobody,
    /// It has no code: the test is told from the value itself.
    Odd,
}

/// What a slot shows for an account, coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub kind: CellKind,
    pub code: i64,
}

impl Cell {
    pub const fn known(code: i64) -> Self {
        Self { kind: CellKind::Known, code }
    }

    pub const fn of(kind: CellKind) -> Self {
        Self { kind, code: 0 }
    }
}

/// How the values of a slot are coded.
#[derive(Debug, Clone, Default)]
pub(super) struct Coding<'p> {
    /// Names that tests of the slot compare with.
    names: Vec<&'p str>,
    /// The one currency that they compare with.
    currency: Option<Currency>,
}

impl<'p> Coding<'p> {
    /// The coding that serves all tests of a slot; none where several currencies or too many names meet.
    pub fn of(program: &'p Program, slot: usize) -> Option<Self> {
        let mut coding = Self::default();
        for test in program.tests.iter().filter(|test| test.slot == slot) {
            match &test.op {
                Op::Is(one) | Op::IsNot(one) | Op::AtLeast(one) | Op::AtMost(one) | Op::Above(one) | Op::Below(one) => {
                    coding.add(one)?;
                }
                Op::In(several) | Op::NotIn(several) => several.iter().try_for_each(|one| coding.add(one))?,
                Op::Has(names) => names.iter().for_each(|name| coding.name(name)),
                Op::WithinRegions(_) | Op::WithinWindow(_) | Op::Known(_) => {}
            }
        }
        let is_set = program.slots.get(slot).is_some_and(|slot| matches!(slot.of, FactType::Names(_)));
        (!is_set || coding.names.len() <= MOST_NAMES).then_some(coding)
    }

    fn add(&mut self, literal: &'p Literal) -> Option<()> {
        match literal {
            Literal::Name(name) => self.name(name),
            Literal::Amount(money) if *self.currency.get_or_insert(money.currency()) != money.currency() => {
                return None;
            }
            _ => {}
        }
        Some(())
    }

    fn name(&mut self, name: &'p str) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// The one currency that tests of the slot compare with.
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// A name's place in the list; -1 for one that nothing compares with.
    pub fn name_code(&self, name: &str) -> i64 {
        self.names.iter().position(|own| *own == name).map_or(-1, number)
    }

    /// The set of those names that are contained, a bit each.
    pub fn set_code(&self, contains: impl Fn(&str) -> bool) -> i64 {
        let own = self.names.iter().enumerate().filter(|(_, name)| contains(name));
        own.fold(0, |set, (at, _)| set | (1_i64 << at.min(MOST_NAMES)))
    }

    /// What is seen, coded.
    pub fn cell(&self, seen: &Seen<'_>) -> Cell {
        match seen {
            Seen::Known(Value::Nothing) => Cell::of(CellKind::Nothing),
            Seen::Known(value) => self.code(value).map_or(Cell::of(CellKind::Odd), Cell::known),
            Seen::Unknown(_) => Cell::of(CellKind::Unknown),
            Seen::Partly(value, _) => {
                let kind = CellKind::Partly;
                self.code(value).map_or(Cell::of(CellKind::Odd), |code| Cell { kind, code })
            }
        }
    }

    /// The code of a value; none when it has none, or is in another currency.
    pub fn code(&self, value: &Value<'_>) -> Option<i64> {
        Some(match value {
            Value::Nothing => return None,
            Value::Bool(yes) => i64::from(*yes),
            Value::Count(count) => *count,
            Value::Amount(money) if self.currency == Some(money.currency()) => money.minor(),
            Value::Amount(_) => return None,
            Value::Rate(rate) => rate_code(*rate)?,
            Value::Date(day) => day_code(*day),
            Value::NotYet => NOT_YET,
            Value::Name(name) => self.name_code(name),
            Value::Names(names) => self.set_code(|name| names.contains(name)),
            Value::Severity(severity) => severity_code(*severity),
            Value::Designation(designation) => designation_code(*designation),
            Value::Region(region) => number(region.index()),
        })
    }
}

/// A count or an index as a code.
pub(super) fn number(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

/// A day, as its number since the common era.
pub(super) fn day_code(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

/// The graver, the larger.
pub(super) fn severity_code(severity: Severity) -> i64 {
    i64::from(severity.gravity())
}

/// Outside is 0, severe is the largest.
pub(super) const fn designation_code(designation: Option<Designation>) -> i64 {
    match designation {
        None => 0,
        Some(Designation::Adjacent) => 1,
        Some(Designation::Affected) => 2,
        Some(Designation::Severe) => GRAVEST,
    }
}

/// The code of the gravest designation.
pub(super) const GRAVEST: i64 = 3;

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::policy::check::{CheckSettings, check};

    #[test]
    fn amounts_have_codes_in_one_currency_only() {
        let of = |one: &str, other: &str| {
            let text = include_str!("../../../tests/check/flood.json");
            let mut policy: Json = serde_json::from_str(text).unwrap();
            let above =
                |currency| json!({"fact": "account.arrears", "above": {"amount": "1.00", "currency": currency}});
            policy["eligible"] = json!({"any": [above(one), above(other)]});
            let program = check(&policy.to_string(), &CheckSettings::default()).program.unwrap();
            let slot = program.tests.iter().map(|test| test.slot).next().unwrap();
            Coding::of(&program, slot).map(|coding| coding.currency())
        };
        assert_eq!(of("CNY", "CNY"), Some(Some(Currency::CNY)));
        assert_eq!(of("CNY", "USD"), None);
    }
}
