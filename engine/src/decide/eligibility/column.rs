//! Facts of many accounts as columns: one number for each account, and apart from it whether there is one.

use super::cell::{NOT_YET, day_code, designation_code, severity_code};
use super::plan::{Plan, Source};
use crate::account::Snapshots;
use crate::facts::moment::Moment;
use crate::facts::value::{Names, Seen, Value};
use crate::money::{Currency, MoneyError};
use crate::policy::facts::FactRef;
use crate::rate::rate_code;

/// Accounts that are told together.
pub const BLOCK: usize = 2_048;
/// Words of a plane of one block.
pub(super) const WORDS: usize = BLOCK / 64;

/// Facts of accounts without earlier relief, as columns; filled as plans ask for them.
pub struct Columns<'a> {
    pub(super) accounts: &'a Snapshots,
    columns: Vec<(Key, Column)>,
    none: Column,
}

/// What a column holds: a fact on a day.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    fact: FactRef,
    on: Moment,
}

/// One fact of every account.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub codes: Codes,
    /// What each code is counted in: a power of ten, which only small ones may have.
    pub unit: i64,
    /// Rows that have a value, 64 to a word.
    pub known: Vec<u64>,
    /// Rows of which it is known that they have none.
    pub nothing: Vec<u64>,
    /// Rows whose value is not known.
    pub unknown: Vec<u64>,
    /// Rows that have no code; what is left over has nobody whose value it could be.
    pub odd: Vec<u64>,
    /// What names the codes stand for.
    pub texts: Vec<Texts>,
    /// The one currency of the amounts.
    pub currency: Option<Currency>,
}

impl Default for Column {
    fn default() -> Self {
        Self {
            codes: Codes::default(),
            unit: 1,
            known: Vec::new(),
            nothing: Vec::new(),
            unknown: Vec::new(),
            odd: Vec::new(),
            texts: Vec::new(),
            currency: None,
        }
    }
}

/// Numbers, as narrow as they fit.
#[derive(Debug, Clone)]
pub(super) enum Codes {
    /// Regions, or places in the list of texts.
    Narrow(Vec<u16>),
    /// Days, counts, small amounts.
    Small(Vec<i32>),
    /// Everything.
    Wide(Vec<i64>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

/// A name or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Texts {
    One(String),
    Several(Vec<String>),
}

impl Texts {
    fn is_one(&self, name: &str) -> bool {
        matches!(self, Self::One(own) if own == name)
    }

    /// Whether they are the same names, in whatever order.
    fn are(&self, names: &Names<'_>) -> bool {
        let Self::Several(own) = self else { return false };
        let mut known = true;
        names.for_each(|name| known &= own.iter().any(|one| one == name));
        known && own.iter().all(|one| names.contains(one))
    }

    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(own) => own == name,
            Self::Several(own) => own.iter().any(|one| one == name),
        }
    }
}

impl<'a> Columns<'a> {
    /// No columns yet.
    #[must_use]
    pub fn of(accounts: &'a Snapshots) -> Self {
        Self { accounts, columns: Vec::new(), none: Column::default() }
    }

    /// How many accounts there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Reads what a plan needs and no plan before it has asked for. All plans are of one request, or of none.
    ///
    /// # Errors
    /// An account's amounts or dates leave their range.
    pub fn load(&mut self, plan: &Plan<'_>) -> Result<(), MoneyError> {
        for source in &plan.sources {
            let key = Key { fact: source.slot.fact.clone(), on: source.on };
            if !self.columns.iter().any(|(known, _)| *known == key) {
                let column = Filling::column(plan, source, self.accounts)?;
                self.columns.push((key, column));
            }
        }
        Ok(())
    }

    /// A column without values, for what needs none.
    pub(super) const fn none(&self) -> &Column {
        &self.none
    }

    pub(super) fn column(&self, source: &Source<'_>) -> Option<&Column> {
        let own = |key: &Key| key.on == source.on && key.fact == source.slot.fact;
        self.columns.iter().find(|(key, _)| own(key)).map(|(_, column)| column)
    }
}

/// A column while it is filled.
#[derive(Default)]
struct Filling {
    column: Column,
    codes: Vec<i64>,
    /// Whether the codes are of regions or texts.
    listed: bool,
}

/// What one account shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Code(i64),
    Nothing,
    Unknown,
    Odd,
}

impl Filling {
    fn column(plan: &Plan<'_>, source: &Source<'_>, accounts: &Snapshots) -> Result<Column, MoneyError> {
        let mut filling = Self { codes: Vec::with_capacity(accounts.len()), ..Self::default() };
        for account in accounts.iter() {
            let facts = plan.facts(account);
            let mut shown = None;
            facts.each_on(&source.slot, Ok(source.on), |seen| {
                // Several borrowers have no one code.
                shown = Some(if shown.is_none() { filling.shown(&seen) } else { Shown::Odd });
            })?;
            filling.add(shown);
        }
        Ok(filling.end())
    }

    fn shown(&mut self, seen: &Seen<'_>) -> Shown {
        let code = match seen {
            Seen::Unknown(_) => return Shown::Unknown,
            Seen::Partly(..) => return Shown::Odd,
            Seen::Known(Value::Nothing) => return Shown::Nothing,
            Seen::Known(value) => self.code(value),
        };
        code.map_or(Shown::Odd, Shown::Code)
    }

    fn code(&mut self, value: &Value<'_>) -> Option<i64> {
        Some(match value {
            Value::Nothing => return None,
            Value::Bool(yes) => i64::from(*yes),
            Value::Count(count) => *count,
            Value::Amount(money) => {
                let currency = *self.column.currency.get_or_insert(money.currency());
                return (currency == money.currency()).then_some(money.minor());
            }
            Value::Rate(rate) => rate_code(*rate)?,
            Value::Date(day) => day_code(*day),
            Value::NotYet => NOT_YET,
            Value::Severity(severity) => severity_code(*severity),
            Value::Designation(designation) => designation_code(*designation),
            Value::Region(region) => {
                self.listed = true;
                i64::try_from(region.index()).ok()?
            }
            Value::Name(name) => self.text(|known| known.is_one(name), || Texts::One((*name).to_owned()))?,
            Value::Names(names) => self.text(|known| known.are(names), || Texts::Several(listed(*names)))?,
        })
    }

    /// The place of a name or several; there are few different ones.
    fn text(&mut self, same: impl Fn(&Texts) -> bool, text: impl FnOnce() -> Texts) -> Option<i64> {
        self.listed = true;
        let at = self.column.texts.iter().position(same).unwrap_or_else(|| {
            self.column.texts.push(text());
            self.column.texts.len().saturating_sub(1)
        });
        // Beyond what a narrow code holds, the account is told by itself.
        u16::try_from(at).ok().filter(|at| *at < u16::MAX).map(i64::from)
    }

    fn add(&mut self, shown: Option<Shown>) {
        let at = self.codes.len();
        self.codes.push(if let Some(Shown::Code(code)) = shown { code } else { 0 });
        let column = &mut self.column;
        for (plane, own) in [
            (&mut column.known, matches!(shown, Some(Shown::Code(_)))),
            (&mut column.nothing, shown == Some(Shown::Nothing)),
            (&mut column.unknown, shown == Some(Shown::Unknown)),
            (&mut column.odd, shown == Some(Shown::Odd)),
        ] {
            if at.is_multiple_of(64) {
                plane.push(0);
            }
            if let Some(word) = plane.last_mut() {
                *word |= u64::from(own) << (at % 64);
            }
        }
    }

    fn end(mut self) -> Column {
        let codes = self.codes.iter();
        self.column.codes = if self.listed {
            Codes::Narrow(codes.map(|code| u16::try_from(*code).unwrap_or(u16::MAX)).collect())
        } else if let Some((small, unit)) = small(&self.codes) {
            self.column.unit = unit;
            Codes::Small(small)
        } else {
            Codes::Wide(self.codes)
        };
        self.column
    }
}

/// The codes in the largest power of ten that all are multiples of, where they are small then: rates are.
fn small(codes: &[i64]) -> Option<(Vec<i32>, i64)> {
    let mut unit = 1_i64;
    if codes.iter().any(|code| i32::try_from(*code).is_err()) {
        unit = codes.iter().fold(MOST_UNIT, |mut unit, code| {
            while code % unit != 0 {
                unit /= 10;
            }
            unit
        });
    }
    let small = codes.iter().map(|code| i32::try_from(code / unit)).collect::<Result<_, _>>().ok()?;
    Some((small, unit))
}

/// The largest unit: the one that whole rates are counted in.
const MOST_UNIT: i64 = 1_000_000_000_000;

fn listed(names: Names<'_>) -> Vec<String> {
    let mut own: Vec<String> = Vec::new();
    names.for_each(|name| own.push(name.to_owned()));
    own.sort_unstable();
    own.dedup();
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_codes_are_counted_in_what_they_are_multiples_of() {
        assert_eq!(small(&[0, -7, 2_147_483_647]), Some((vec![0, -7, 2_147_483_647], 1)));
        assert_eq!(small(&[60_000_000_000, 0, 145_000_000_000]), Some((vec![60, 0, 145], 1_000_000_000)));
        assert_eq!(small(&[60_000_000_000, 1]), None);
        assert_eq!(small(&[]), Some((Vec::new(), 1)));
    }
}
