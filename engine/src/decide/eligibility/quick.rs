//! A test told straight from an account: of the facts that most policies read, as most accounts have them.
//!
//! Fact and test are one here: a date is compared as a date, a name with the few names that matter, a region by a table.
//! What is not told here (something is missing, several people, an area that is not clear) is told by way of the
//! facts, which tell it of every account.

use chrono::{Days, NaiveDate};

use super::cell::{Cell, number};
use super::check::Check;
use super::plan::{AMBIGUOUS, BoundSlot, Plan, Source};
use crate::account::Snapshot;
use crate::account::snapshot::Status;
use crate::account::snapshots::marks;
use crate::account::snapshots::records::{Name, Party, Word};
use crate::decide::truth::Truth;
use crate::facts::{days_past_due, holding_address, oldest_unpaid, principal_outstanding};
use crate::money::Currency;
use crate::policy::facts::FactId;
use crate::policy::program::{Literal, Op};
use crate::rate::rate_code;

/// A test told straight from an account.
pub(super) enum Quick<'p> {
    /// The status is one of these, a bit each.
    Status(u64),
    /// The product is one of these, or none of them.
    Product { names: Vec<Wanted<'p>>, negate: bool },
    /// A list has one of these.
    Has { list: List, names: Vec<Wanted<'p>> },
    /// The loan was paid out within these days, or was not.
    DisbursedOn { first: NaiveDate, last: NaiveDate, negate: bool },
    /// The first row that was not paid on a day was due within these days, or was not.
    PastDue(DueWithin),
    /// A number is as the check wants it.
    Number { of: Number, check: Check },
    /// The address of a role lies where the table says.
    Place { role: Wanted<'p>, on: NaiveDate, table: Vec<u8> },
}

/// Days within which the first row that was not paid on a day was due, or was not.
pub(super) struct DueWithin {
    pub on: NaiveDate,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub negate: bool,
}

/// A name that is looked for.
pub(super) struct Wanted<'p> {
    pub name: &'p str,
    word: Word,
}

/// A list of names.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Arrangements,
    Agreements,
    /// The care flags of the one borrower.
    Flags,
}

/// A number of an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Principal(Currency),
    PrincipalOutstanding(Currency),
    Rate,
    FirstLoan,
    DaysPastDue(NaiveDate),
}

/// What a table says of a region; anything else is told by way of the facts.
pub(super) const YES: u8 = 1;
pub(super) const NO: u8 = 2;

impl<'p> Quick<'p> {
    /// The quick form of a test, where it has one.
    pub fn of(plan: &Plan<'p>, at: usize) -> Option<Self> {
        let test = plan.program.tests.get(at)?;
        let check = plan.checks.get(at)?;
        // Whether something is known is told where it is not.
        if matches!(check, Check::Known { .. } | Check::Fixed(_) | Check::General) {
            return None;
        }
        let slot = plan.program.slots.get(test.slot)?;
        let source = match plan.slots.get(test.slot)? {
            BoundSlot::Read { source } => plan.sources.get(*source)?,
            BoundSlot::Area(area) => {
                let [source] = area.sources.as_slice() else { return None };
                let areas = plan.areas(area.table).iter().map(|number| match area.areas.get(usize::from(*number)) {
                    Some(cell) if *number != AMBIGUOUS => code(check.truth(*cell)),
                    _ => code(Truth::Unknown),
                });
                return Self::place(plan, plan.sources.get(*source)?, areas.collect());
            }
            BoundSlot::Fixed(_) | BoundSlot::General => return None,
        };
        let of_number = |of| Some(Self::Number { of, check: check.clone() });
        let currency = source.coding.currency();
        match slot.fact.id {
            FactId::AccountStatus => {
                let (names, negate) = names(&test.op)?;
                let holds = |status: Status| names.contains(&status.name()) != negate;
                let held = marks::STATUSES.into_iter().filter(|status| holds(*status));
                Some(Self::Status(held.fold(0, |set, status| set | marks::status(status))))
            }
            FactId::AccountProduct => {
                let (names, negate) = names(&test.op)?;
                Some(Self::Product { names: wanted(names), negate })
            }
            FactId::AccountArrangements => Self::has(List::Arrangements, &test.op),
            FactId::AccountAgreements => Self::has(List::Agreements, &test.op),
            FactId::BorrowerFlags => Self::has(List::Flags, &test.op),
            FactId::AccountDisbursedOn => {
                let Check::Range { first, last, negate } = check else { return None };
                Some(Self::DisbursedOn { first: day(*first), last: day(*last), negate: *negate })
            }
            FactId::AccountPrincipal => of_number(Number::Principal(currency?)),
            FactId::AccountPrincipalOutstanding => of_number(Number::PrincipalOutstanding(currency?)),
            FactId::AccountRate => of_number(Number::Rate),
            FactId::AccountFirstLoan => of_number(Number::FirstLoan),
            FactId::AccountDaysPastDue => {
                let on = read_on(plan, source);
                let Check::Range { first, last, negate } = *check else {
                    return of_number(Number::DaysPastDue(on));
                };
                Some(Self::PastDue(DueWithin::of(on, first, last, negate)))
            }
            FactId::AreaRegion => {
                let regions = plan.regions.ids().map(|region| Cell::known(number(region.index())));
                Self::place(plan, source, regions.map(|cell| code(check.truth(cell))).collect())
            }
            _ => None,
        }
    }

    fn place(plan: &Plan<'p>, source: &Source<'p>, table: Vec<u8>) -> Option<Self> {
        Some(Self::Place { role: Wanted::of(source.role?), on: read_on(plan, source), table })
    }

    fn has(list: List, op: &'p Op) -> Option<Self> {
        let Op::Has(names) = op else { return None };
        Some(Self::Has { list, names: wanted(names.iter().map(String::as_str).collect()) })
    }

    /// What the test comes to for an account; none where the facts have to say it.
    ///
    /// Each kind is a function of its own, so that none pays for what another keeps in registers.
    #[inline]
    pub fn tell(&self, account: Snapshot<'_>, today: NaiveDate) -> Option<bool> {
        match self {
            Self::Status(holds) => status(account, *holds),
            Self::Product { names, negate } => product(account, names, *negate),
            Self::Has { list, names } => has(account, *list, names),
            Self::DisbursedOn { first, last, negate } => disbursed_on(account, *first, *last, *negate),
            Self::PastDue(due) => due.tell(account, today),
            Self::Number { of, check } => of.holds(account, today, check),
            Self::Place { role, on, table } => place(account, role, *on, table),
        }
    }
}

#[inline]
fn status(account: Snapshot<'_>, holds: u64) -> Option<bool> {
    // Without a history, where it stands is where it stood.
    let bit = marks::status(account.head().status?);
    (!account.head().has_status_history).then_some(holds & bit != 0)
}

#[inline(never)]
fn product(account: Snapshot<'_>, names: &[Wanted<'_>], negate: bool) -> Option<bool> {
    let own = account.head().product;
    (own != Name::ABSENT).then(|| is_among(account, own, names) != negate)
}

/// Whether a name is one of several. All are compared: which of them it is cannot be foreseen, and they are few.
#[inline]
fn is_among(account: Snapshot<'_>, own: Name, names: &[Wanted<'_>]) -> bool {
    if own.is_long() {
        return names.iter().any(|name| name.is(account, own));
    }
    let mut found = false;
    for name in names {
        found |= own.is_short_one(name.word, name.name);
    }
    found
}

#[inline(never)]
fn has(account: Snapshot<'_>, list: List, names: &[Wanted<'_>]) -> Option<bool> {
    let own = account.names(match list {
        List::Arrangements => account.head().arrangements,
        List::Agreements => account.head().agreements,
        List::Flags => borrower(account)?.flags,
    })?;
    Some(own.iter().any(|own| is_among(account, *own, names)))
}

#[inline]
fn disbursed_on(account: Snapshot<'_>, first: NaiveDate, last: NaiveDate, negate: bool) -> Option<bool> {
    let on = account.head().disbursed_on?;
    Some((first <= on && on <= last) != negate)
}

#[inline(never)]
fn place(account: Snapshot<'_>, role: &Wanted<'_>, on: NaiveDate, table: &[u8]) -> Option<bool> {
    let address = match account.addresses(borrower(account)?)? {
        // One since ever, or from a day on: it is it, or there is none.
        [only] if role.is(account, only.role) => Some(only).filter(|only| {
            only.valid_from.is_none_or(|from| from <= on) && only.valid_until.is_none_or(|until| on <= until)
        }),
        several => holding_address(account, several, role.name, on),
    };
    match *table.get(address?.lies_in?.index())? {
        YES => Some(true),
        NO => Some(false),
        _ => None,
    }
}

impl DueWithin {
    /// When that row was due where the days past due on a day lie between two numbers: so many days before that day,
    /// and on it or whenever after it for none.
    fn of(on: NaiveDate, first: i64, last: i64, negate: bool) -> Self {
        let before = |days: i64| u64::try_from(days).ok().and_then(|days| on.checked_sub_days(Days::new(days)));
        let latest = if first <= 0 { Some(NaiveDate::MAX) } else { before(first) };
        let (first, last) = match latest {
            Some(latest) if last >= 0 => (before(last).unwrap_or(NaiveDate::MIN), latest),
            // No day is as long ago as the first number says, or none is in between.
            _ => (NaiveDate::MAX, NaiveDate::MIN),
        };
        Self { on, first, last, negate }
    }

    #[inline(never)]
    fn tell(&self, account: Snapshot<'_>, today: NaiveDate) -> Option<bool> {
        let oldest = match oldest_unpaid(account, today, self.on) {
            Some(oldest) => oldest,
            None => self.oldest_by_row(account, today)?,
        };
        Some((self.first <= oldest && oldest <= self.last) != self.negate)
    }

    /// The due day row by row.
    #[cold]
    fn oldest_by_row(&self, account: Snapshot<'_>, today: NaiveDate) -> Option<NaiveDate> {
        let days = u64::try_from(days_past_due(account, today, self.on)?).ok()?;
        self.on.checked_sub_days(Days::new(days))
    }
}

impl Number {
    #[inline(never)]
    fn holds(self, account: Snapshot<'_>, today: NaiveDate, check: &Check) -> Option<bool> {
        self.read(account, today).map(|number| check.holds(number))
    }

    #[inline]
    fn read(self, account: Snapshot<'_>, today: NaiveDate) -> Option<i64> {
        let head = account.head();
        match self {
            Self::Principal(currency) => head.principal.get().filter(|_| head.currency == currency),
            Self::PrincipalOutstanding(currency) => {
                principal_outstanding(account, today).filter(|_| head.currency == currency)
            }
            Self::Rate => rate_code(account.terms().rate?.0),
            Self::FirstLoan => head.first_loan.map(i64::from),
            Self::DaysPastDue(on) => days_past_due(account, today, on),
        }
    }
}

impl<'p> Wanted<'p> {
    fn of(name: &'p str) -> Self {
        Self { name, word: Word::of(name) }
    }

    #[inline]
    fn is(&self, account: Snapshot<'_>, name: Name) -> bool {
        account.is(name, self.word, self.name)
    }
}

fn wanted<'p>(names: Vec<&'p str>) -> Vec<Wanted<'p>> {
    names.into_iter().map(Wanted::of).collect()
}

/// The only one who owes the loan; none where there are several people.
#[inline]
fn borrower<'a>(account: Snapshot<'a>) -> Option<&'a Party> {
    match account.parties()? {
        [only] if only.is_borrower() => Some(only),
        _ => None,
    }
}

/// The names that a test compares with, and whether it holds for the others.
fn names(op: &Op) -> Option<(Vec<&str>, bool)> {
    fn name(literal: &Literal) -> Option<&str> {
        if let Literal::Name(name) = literal { Some(name) } else { None }
    }
    match op {
        Op::Is(one) => Some((vec![name(one)?], false)),
        Op::IsNot(one) => Some((vec![name(one)?], true)),
        Op::In(several) => Some((several.iter().map(name).collect::<Option<_>>()?, false)),
        Op::NotIn(several) => Some((several.iter().map(name).collect::<Option<_>>()?, true)),
        _ => None,
    }
}

/// The day on which a source is read; what holds on a day that has not come is taken today.
fn read_on(plan: &Plan<'_>, source: &Source<'_>) -> NaiveDate {
    source.on.day().unwrap_or(plan.context.today)
}

/// The day of a code; the first or the last that there is for one beyond.
fn day(code: i64) -> NaiveDate {
    let beyond = if code < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    i32::try_from(code).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(beyond)
}

const fn code(truth: Truth) -> u8 {
    match truth {
        Truth::True => YES,
        Truth::False => NO,
        Truth::Unknown => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_past_due_are_told_by_the_due_day() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2024, 6, day).unwrap();
        let on = day(15);
        let bounds = [i64::MIN, i64::MIN + 1, -1, 0, 1, 2, 5, 14, 15, 1_000_000_000, i64::MAX - 1, i64::MAX];
        for first in bounds {
            for last in bounds {
                let due = DueWithin::of(on, first, last, false);
                let check = Check::Range { first, last, negate: false };
                for oldest in (1..=30).map(day).chain([NaiveDate::MAX]) {
                    let days = on.signed_duration_since(oldest).num_days().max(0);
                    let holds = due.first <= oldest && oldest <= due.last;
                    assert_eq!(holds, check.holds(days), "{first} to {last}, due {oldest}");
                }
            }
        }
    }
}
