//! Many tests told at once, from what an account shows at a glance.
//!
//! Every test is told, whether it matters or not, and each is a bit: which of them decides differs from account to
//! account, and a branch that cannot be foreseen costs more than a few tests. What a glance does not tell is left open.

use chrono::NaiveDate;

use super::cell::day_code;
use super::check::Check;
use super::plan::Way;
use super::quick::{DueWithin, List, NO, Number, Quick, YES};
use crate::account::Snapshot;
use crate::account::snapshots::glance::{Glance, short};
use crate::account::snapshots::marks::{self, Words};
use crate::money::Currency;

/// What tests came to, by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bits {
    pub holds: u64,
    /// Those that could not be told; none of them holds.
    pub open: u64,
}

/// Tests told at once.
#[derive(Default)]
pub(super) struct Sweep {
    marks: Vec<OfMarks>,
    numbers: Vec<OfNumber>,
    products: Vec<OfProduct>,
    dues: Vec<OfDue>,
    homes: Vec<OfHome>,
    /// Tests that hold where what they look for is not so.
    flips: u64,
    /// Tests that a glance never tells.
    open: u64,
    /// Tests of amounts, and the one currency that they are in.
    amounts: u64,
    currency: Option<Currency>,
}

/// One of some marks is there.
struct OfMarks {
    at: u32,
    any: u64,
    /// One of these says that it can be told.
    sure: u64,
    /// One of these says that it cannot, where none of those that are looked for is there.
    unsure: u64,
}

/// A number lies between two.
struct OfNumber {
    at: u32,
    number: usize,
    first: i64,
    last: i64,
}

/// The product is one of these.
struct OfProduct {
    at: u32,
    names: Vec<u128>,
}

/// The first row that was not paid on a day was due between two.
struct OfDue {
    at: u32,
    on: NaiveDate,
    first: NaiveDate,
    last: NaiveDate,
}

/// On a day, home was where a table says.
struct OfHome {
    at: u32,
    on: NaiveDate,
    /// By region; see [`HOLDS`] and [`OPEN`].
    table: Vec<u8>,
}

/// The bit of a test; none where there are too many.
pub(super) fn bit(test: usize) -> u64 {
    u32::try_from(test).ok().and_then(|test| 1_u64.checked_shl(test)).unwrap_or(0)
}

/// The bit of a test where something is so. It is shifted, since what is chosen becomes a branch.
#[inline]
fn when(so: bool, at: u32) -> u64 {
    u64::from(so) << at
}

/// What a table says of a region: the test holds there, or is open.
const HOLDS: u8 = 1;
const OPEN: u8 = 2;

impl Sweep {
    /// Of some of a plan's tests, by their bits.
    pub fn of(ways: &[Way<'_>], tests: u64) -> Self {
        let mut own = Self::default();
        for (at, way) in ways.iter().enumerate().filter(|(at, _)| tests & bit(*at) != 0) {
            let told = if let Way::Quick(quick) = way { own.add(at, quick) } else { None };
            if told.is_none() {
                own.open |= bit(at);
            }
        }
        own
    }

    /// Adds a test; none where a glance does not tell it.
    fn add(&mut self, test: usize, quick: &Quick<'_>) -> Option<()> {
        let at = u32::try_from(test).ok()?;
        let negate = match quick {
            Quick::Status(holds) => {
                let of = OfMarks { at, any: *holds, sure: marks::STATUSES, unsure: 0 };
                self.marks.push(of);
                false
            }
            Quick::Has { list, names } => {
                let words = match list {
                    List::Arrangements => Words::ARRANGEMENTS,
                    List::Flags => Words::FLAGS,
                    List::Agreements => return None,
                };
                let (mut any, mut unsure) = (0, 0);
                for name in names {
                    let mark = words.of(name.name);
                    unsure |= mark & words.shared();
                    any |= mark & !words.shared();
                }
                self.marks.push(OfMarks { at, any, sure: words.reported(), unsure });
                false
            }
            Quick::Product { names, negate } => {
                // A long one is none of those that a glance tells.
                let names = names.iter().filter_map(|name| short(name.name)).collect();
                self.products.push(OfProduct { at, names });
                *negate
            }
            Quick::DisbursedOn { first, last, negate } => {
                let (first, last) = (day_code(*first), day_code(*last));
                self.numbers.push(OfNumber { at, number: Glance::DISBURSED_ON, first, last });
                *negate
            }
            Quick::PastDue(DueWithin { on, first, last, negate }) => {
                self.dues.push(OfDue { at, on: *on, first: *first, last: *last });
                *negate
            }
            Quick::Number { of: Number::FirstLoan, check } => {
                let mark = |first: bool| if check.holds(i64::from(first)) { marks::first_loan(first) } else { 0 };
                self.marks.push(OfMarks { at, any: mark(true) | mark(false), sure: marks::LOANS, unsure: 0 });
                false
            }
            Quick::Number { of, check } => {
                let Check::Range { first, last, negate } = *check else { return None };
                let number = match of {
                    Number::Principal(currency) => self.amount(test, *currency, Glance::PRINCIPAL)?,
                    Number::PrincipalOutstanding(currency) => {
                        self.amount(test, *currency, Glance::PRINCIPAL_OUTSTANDING)?
                    }
                    Number::Rate => Glance::RATE,
                    Number::FirstLoan | Number::DaysPastDue(_) => return None,
                };
                self.numbers.push(OfNumber { at, number, first, last });
                negate
            }
            Quick::Place { role, on, table } => {
                (role.name == Glance::HOME).then_some(())?;
                self.homes.push(OfHome { at, on: *on, table: table.iter().map(|says| told(*says)).collect() });
                false
            }
        };
        self.flips |= if negate { bit(test) } else { 0 };
        Some(())
    }

    /// Of an amount, the place of its number; none where another currency is compared with already.
    fn amount(&mut self, test: usize, currency: Currency, number: usize) -> Option<usize> {
        (*self.currency.get_or_insert(currency) == currency).then(|| {
            self.amounts |= bit(test);
            number
        })
    }

    /// Adds what an account shows of the tests.
    #[inline]
    pub fn tell(&self, account: Snapshot<'_>, told: &mut Bits) {
        let glance = account.glance();
        let marks = glance.marks;
        let (mut holds, mut open) = (0, self.open);
        for of in &self.marks {
            let so = marks & of.any != 0;
            holds |= when(so, of.at);
            open |= when((marks & of.sure == 0) | (!so & (marks & of.unsure != 0)), of.at);
        }
        for of in &self.numbers {
            let number = glance.numbers.get(of.number).copied().unwrap_or(Glance::NOT_TOLD);
            holds |= when((of.first <= number) & (number <= of.last), of.at);
            open |= when(number == Glance::NOT_TOLD, of.at);
        }
        if self.currency.is_some_and(|own| own != glance.currency) {
            open |= self.amounts;
        }
        for of in &self.products {
            // All are compared: which of them it is cannot be foreseen, and they are few.
            let so = of.names.iter().fold(false, |so, name| so | (glance.product == *name));
            holds |= when(so, of.at);
            open |= when(glance.product == 0, of.at);
        }
        for of in &self.dues {
            let now = of.on >= glance.as_of;
            let due = if now { glance.oldest_unpaid } else { glance.oldest_short };
            let sure = if now { marks::PAID_NOW } else { marks::PAID_BEFORE };
            holds |= when((of.first <= due) & (due <= of.last), of.at);
            // What was paid was so by then; the others are short.
            open |= when((marks & sure == 0) | (!now & (of.on < glance.last_paid_on)), of.at);
        }
        for of in &self.homes {
            let here = (glance.home_from <= of.on) & (of.on <= glance.home_until);
            let says = glance.home.and_then(|home| of.table.get(home.index())).copied().unwrap_or(OPEN);
            holds |= when(says & HOLDS != 0, of.at);
            open |= when(!here | (says & OPEN != 0), of.at);
        }
        told.open |= open;
        told.holds |= (holds ^ self.flips) & !open;
    }
}

/// What a table of regions says, as a glance keeps it.
const fn told(says: u8) -> u8 {
    match says {
        YES => HOLDS,
        NO => 0,
        _ => OPEN,
    }
}
