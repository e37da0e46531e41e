//! Many tests told at once, from what an account shows at a glance.
//!
//! Every test is told, whether it matters or not, and each is a bit: which of them decides differs from account to
//! account, and a branch that cannot be foreseen costs more than a few tests. What a glance does not tell is left open.

use std::hint::select_unpredictable;

use chrono::NaiveDate;

use super::cell::day_code;
use super::check::Check;
use super::plan::Way;
use super::quick::{DueWithin, List, NO, Number, Quick, YES};
use crate::account::snapshots::glance::{Glance, short, told};
use crate::account::snapshots::marks::{self, Words};
use crate::money::Currency;

/// What tests came to, by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bits {
    pub holds: u64,
    /// Those that could not be told; none of them holds.
    pub open: u64,
}

/// Tests told at once. They stand in groups of a fixed size, so that telling them is one piece without a loop.
#[derive(Default)]
pub(super) struct Sweep {
    marks: Vec<[OfMarks; 4]>,
    numbers: Vec<[OfNumber; Glance::NUMBERS]>,
    products: Vec<[OfProduct; 4]>,
    dues: Vec<OfDues>,
    homes: Vec<OfHome>,
    /// Tests that hold where what they look for is not so.
    flips: u64,
    /// Tests that a glance never tells.
    open: u64,
    /// What an account has to tell, for all but what days decide to be told.
    wanted: u32,
    /// Marks by which a test may be open.
    unsure: u64,
    /// By what the tests of marks, numbers and products are open.
    closed_by: Vec<ClosedBy>,
    /// Tests of amounts, and the one currency that they are in.
    amounts: u64,
    currency: Option<Currency>,
}

/// One of some marks is there.
#[derive(Clone, Copy, Default)]
struct OfMarks {
    /// The place of its bit.
    at: u32,
    any: u64,
}

/// The number at the same place lies in a range.
#[derive(Clone, Copy, Default)]
struct OfNumber {
    bit: u64,
    first: i64,
    /// From the first to the last.
    span: u64,
}

/// The product has this name.
#[derive(Clone, Copy, Default)]
struct OfProduct {
    bit: u64,
    name: u128,
}

/// Of a day, the first row that was not paid by then.
struct OfDues {
    on: NaiveDate,
    tests: Vec<[OfDue; 2]>,
    /// All of them.
    bits: u64,
}

/// That row was due between two days.
#[derive(Clone, Copy, Default)]
struct OfDue {
    bit: u64,
    first: NaiveDate,
    last: NaiveDate,
}

/// On a day, home was where a table says.
struct OfHome {
    bit: u64,
    on: NaiveDate,
    /// By region; see [`HOLDS`] and [`OPEN`].
    table: Vec<u8>,
}

/// What says that a test can be told.
struct ClosedBy {
    bit: u64,
    told: u32,
    /// One of these marks says that it cannot, where none of those that are looked for is there.
    any: u64,
    unsure: u64,
}

/// The bit of a test; none where there are too many.
pub(super) fn bit(test: usize) -> u64 {
    u32::try_from(test).ok().and_then(|test| 1_u64.checked_shl(test)).unwrap_or(0)
}

/// Bits where something is so.
#[inline]
fn when(so: bool, bits: u64) -> u64 {
    select_unpredictable(so, bits, 0)
}

/// Puts a test into the first group that has room.
fn push<T: Copy + Default, const N: usize>(groups: &mut Vec<[T; N]>, one: T, is_free: impl Fn(&T) -> bool) {
    if let Some(free) = groups.last_mut().and_then(|group| group.iter_mut().find(|own| is_free(own))) {
        *free = one;
    } else {
        let mut group = [T::default(); N];
        if let Some(first) = group.first_mut() {
            *first = one;
        }
        groups.push(group);
    }
}

/// What a table says of a region: the test holds there, or is open.
const HOLDS: u8 = 1;
const OPEN: u8 = 2;

impl Sweep {
    /// Of some of a plan's tests, by their bits.
    pub fn of(ways: &[Way<'_>], tests: u64) -> Self {
        let mut own = Self::default();
        for (at, way) in ways.iter().enumerate().filter(|(at, _)| tests & bit(*at) != 0) {
            let told = if let Way::Quick(quick) = way { own.add(bit(at), quick) } else { None };
            if told.is_none() {
                own.open |= bit(at);
            }
        }
        own
    }

    /// Adds a test; none where a glance does not tell it.
    fn add(&mut self, bit: u64, quick: &Quick<'_>) -> Option<()> {
        let negate = match quick {
            Quick::Status(holds) => {
                self.mark(bit, *holds, told::STATUS, 0);
                false
            }
            Quick::Has { list, names } => {
                let (told, words) = match list {
                    List::Arrangements => (told::ARRANGEMENTS, Words::ARRANGEMENTS),
                    List::Flags => (told::FLAGS, Words::FLAGS),
                    List::Agreements => return None,
                };
                let (mut any, mut unsure) = (0, 0);
                for name in names {
                    let mark = words.of(name.name);
                    unsure |= mark & words.shared();
                    any |= mark & !words.shared();
                }
                self.mark(bit, any, told, unsure);
                false
            }
            Quick::Product { names, negate } => {
                // A long one is none of those that a glance tells.
                for name in names.iter().filter_map(|name| short(name.name)) {
                    push(&mut self.products, OfProduct { bit, name }, |own| own.bit == 0);
                }
                self.closed_by(bit, told::PRODUCT);
                *negate
            }
            Quick::DisbursedOn { first, last, negate } => {
                self.number(bit, Glance::DISBURSED_ON, day_code(*first), day_code(*last))?;
                *negate
            }
            Quick::PastDue(due) => {
                self.due(bit, due);
                due.negate
            }
            Quick::Number { of: Number::FirstLoan, check } => {
                let mark = |first: bool| if check.holds(i64::from(first)) { marks::first_loan(first) } else { 0 };
                self.mark(bit, mark(true) | mark(false), told::FIRST_LOAN, 0);
                false
            }
            Quick::Number { of, check } => {
                let Check::Range { first, last, negate } = *check else { return None };
                let number = match of {
                    Number::Principal(currency) => self.amount(bit, *currency, Glance::PRINCIPAL)?,
                    Number::PrincipalOutstanding(currency) => {
                        self.amount(bit, *currency, Glance::PRINCIPAL_OUTSTANDING)?
                    }
                    Number::Rate => Glance::RATE,
                    Number::FirstLoan | Number::DaysPastDue(_) => return None,
                };
                self.number(bit, number, first, last)?;
                negate
            }
            Quick::Place { role, on, table } => {
                (role.name == Glance::HOME).then_some(())?;
                let table = table.iter().map(|says| in_table(*says)).collect();
                self.homes.push(OfHome { bit, on: *on, table });
                false
            }
        };
        self.flips |= when(negate, bit);
        Some(())
    }

    /// Adds a test of marks.
    fn mark(&mut self, bit: u64, any: u64, told: u32, unsure: u64) {
        push(&mut self.marks, OfMarks { at: bit.trailing_zeros(), any }, |own| own.any == 0);
        self.wanted |= told;
        self.unsure |= unsure;
        self.closed_by.push(ClosedBy { bit, told, any, unsure });
    }

    /// Adds a test of a number.
    fn number(&mut self, bit: u64, number: usize, first: i64, last: i64) -> Option<()> {
        self.closed_by(bit, *told::NUMBERS.get(number)?);
        // Nothing lies in a range that ends before it begins.
        if first <= last {
            let one = OfNumber { bit, first, span: last.wrapping_sub(first).cast_unsigned() };
            match self.numbers.iter_mut().filter_map(|group| group.get_mut(number)).find(|own| own.bit == 0) {
                Some(free) => *free = one,
                None => {
                    let mut group = [OfNumber::default(); Glance::NUMBERS];
                    *group.get_mut(number)? = one;
                    self.numbers.push(group);
                }
            }
        }
        Some(())
    }

    fn closed_by(&mut self, bit: u64, told: u32) {
        self.wanted |= told;
        self.closed_by.push(ClosedBy { bit, told, any: 0, unsure: 0 });
    }

    fn due(&mut self, bit: u64, due: &DueWithin) {
        let at = self.dues.iter().position(|dues| dues.on == due.on).unwrap_or_else(|| {
            self.dues.push(OfDues { on: due.on, tests: Vec::new(), bits: 0 });
            self.dues.len() - 1
        });
        if let Some(dues) = self.dues.get_mut(at) {
            push(&mut dues.tests, OfDue { bit, first: due.first, last: due.last }, |own| own.bit == 0);
            dues.bits |= bit;
        }
    }

    /// Of an amount, the place of its number; none where another currency is compared with already.
    fn amount(&mut self, bit: u64, currency: Currency, number: usize) -> Option<usize> {
        (*self.currency.get_or_insert(currency) == currency).then(|| {
            self.amounts |= bit;
            number
        })
    }

    /// What an account shows of the tests.
    #[inline]
    pub fn tell(&self, glance: &Glance) -> Bits {
        let (mut holds, mut open) = (0, self.open);
        for group in &self.marks {
            for of in group {
                // It is shifted, since what would be chosen where no mark is left becomes a branch.
                holds |= u64::from(glance.marks & of.any != 0) << of.at;
            }
        }
        for group in &self.numbers {
            for (of, number) in group.iter().zip(glance.numbers) {
                holds |= when(number.wrapping_sub(of.first).cast_unsigned() <= of.span, of.bit);
            }
        }
        for group in &self.products {
            // All are compared: which of them it is cannot be foreseen, and they are few.
            for of in group {
                holds |= when(glance.product == of.name, of.bit);
            }
        }
        for of in &self.dues {
            let now = of.on >= glance.as_of;
            let due = select_unpredictable(now, glance.oldest_unpaid, glance.oldest_short);
            let sure = select_unpredictable(now, told::PAID_NOW, told::PAID_BEFORE);
            for group in &of.tests {
                for of in group {
                    holds |= when((of.first <= due) & (due <= of.last), of.bit);
                }
            }
            // What was paid was so by then; the others are short.
            open |= when((glance.told & sure == 0) | (!now & (of.on < glance.last_paid_on)), of.bits);
        }
        for of in &self.homes {
            let here = (glance.home_from <= of.on) & (of.on <= glance.home_until);
            let says = glance.home.and_then(|home| of.table.get(home.index())).copied().unwrap_or(OPEN);
            holds |= when(says & HOLDS != 0, of.bit);
            open |= when(!here | (says & OPEN != 0), of.bit);
        }
        let in_currency = self.currency.is_none_or(|own| own == glance.currency);
        // Most accounts tell whatever most policies ask.
        if (self.wanted & !glance.told != 0) | (self.unsure & glance.marks != 0) | !in_currency {
            open |= self.not_told(glance, in_currency);
        }
        Bits { holds: (holds ^ self.flips) & !open, open }
    }

    /// Tests that are open for what an account does not tell.
    #[cold]
    fn not_told(&self, glance: &Glance, in_currency: bool) -> u64 {
        let open = self
            .closed_by
            .iter()
            .filter(|of| glance.told & of.told == 0 || (glance.marks & of.any == 0 && glance.marks & of.unsure != 0));
        open.fold(if in_currency { 0 } else { self.amounts }, |open, of| open | of.bit)
    }
}

/// What a table of regions says, as a glance keeps it.
const fn in_table(says: u8) -> u8 {
    match says {
        YES => HOLDS,
        NO => 0,
        _ => OPEN,
    }
}
