//! What the lists of [`Snapshots`](super::Snapshots) hold: fixed in size, texts and lists by their place.

use chrono::NaiveDate;

use crate::account::snapshot::{Bearer, ChargeKind, PartyRole, Status};
use crate::money::Currency;
use crate::region::RegionId;

/// Where a text or a part of a list stands; or that none was reported, which is not the same as an empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    from: u32,
    length: u32,
}

impl Place {
    /// Not reported.
    pub const ABSENT: Self = Self { from: 0, length: u32::MAX };

    /// From one end to the other; none where they lie beyond what a place can say.
    pub fn between(from: usize, until: usize) -> Option<Self> {
        let length = u32::try_from(until.checked_sub(from)?).ok().filter(|length| *length != u32::MAX)?;
        Some(Self { from: u32::try_from(from).ok()?, length })
    }

    /// The part of a list that stands there.
    #[inline]
    pub fn of<T>(self, list: &[T]) -> Option<&[T]> {
        if self.length == u32::MAX {
            return None;
        }
        let (from, length) = (usize::try_from(self.from).ok()?, usize::try_from(self.length).ok()?);
        list.get(from..from.checked_add(length)?)
    }

    /// The text that stands there.
    #[inline]
    pub fn text(self, texts: &str) -> Option<&str> {
        if self.length == u32::MAX {
            return None;
        }
        let (from, length) = (usize::try_from(self.from).ok()?, usize::try_from(self.length).ok()?);
        texts.get(from..from.checked_add(length)?)
    }
}

/// The first and the last eight bytes of a text, so that comparing two short ones is comparing numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    first: u64,
    last: u64,
}

impl Word {
    /// Bytes up to which nothing of a text is left out.
    pub const BYTES: usize = 16;

    #[inline]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => Self { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last) },
            _ => Self { first: bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)), last: 0 },
        }
    }

    #[inline]
    const fn is(self, other: Self) -> bool {
        (self.first ^ other.first) | (self.last ^ other.last) == 0
    }
}

/// A name that policies compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub text: Place,
    pub word: Word,
}

impl Name {
    /// Not reported.
    pub const ABSENT: Self = Self { text: Place::ABSENT, word: Word { first: 0, last: 0 } };

    /// Whether it is a name of that word, letter by letter.
    #[inline]
    pub fn is(self, word: Word, name: &str, texts: &str) -> bool {
        self.is_short_one(word, name) && (!self.is_long() || self.text.text(texts) == Some(name))
    }

    /// Whether its word leaves something out.
    #[inline]
    pub fn is_long(self) -> bool {
        usize::try_from(self.text.length).is_ok_and(|length| length > Word::BYTES)
    }

    /// The same as far as the word and the length say; without a branch.
    #[inline]
    pub fn is_short_one(self, word: Word, name: &str) -> bool {
        self.word.is(word) & (usize::try_from(self.text.length) == Ok(name.len()))
    }
}

/// An amount in minor units of the account's currency, or that none was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minor(i64);

impl Minor {
    /// Not reported. No amount is as low.
    pub const ABSENT: Self = Self(i64::MIN);

    pub const fn new(minor: i64) -> Self {
        Self(minor)
    }

    #[inline]
    pub const fn get(self) -> Option<i64> {
        if self.0 == i64::MIN { None } else { Some(self.0) }
    }

    /// An amount that was left out is nothing.
    #[inline]
    pub const fn or_zero(self) -> i64 {
        if self.0 == i64::MIN { 0 } else { self.0 }
    }
}

/// With how many decimals the amounts of a record were written, so that they can be written the same way again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decimals(u32);

impl Decimals {
    /// Bits of one number: no decimal number has more than 28 decimals.
    const BITS: u32 = 5;

    pub const fn get(self, at: u32) -> u32 {
        (self.0 >> (at * Self::BITS)) & ((1 << Self::BITS) - 1)
    }

    pub const fn with(self, at: u32, decimals: u32) -> Self {
        Self(self.0 | (decimals << (at * Self::BITS)))
    }
}

/// Three parts of an instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sums {
    pub principal: Minor,
    pub interest: Minor,
    pub fees: Minor,
}

impl Sums {
    /// Whether it is surely less than another.
    #[inline]
    pub fn is_less(&self, than: &Self) -> bool {
        matches!((self.total(), than.total()), (Some(own), Some(other)) if own < other)
    }

    /// All of it; none where it leaves its range.
    #[inline]
    pub fn total(&self) -> Option<i64> {
        self.principal.or_zero().checked_add(self.interest.or_zero())?.checked_add(self.fees.or_zero())
    }
}

/// What stands once in an account; the terms of the contract stand apart, at the same place.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))] // What most policies read comes first: it shares a line of the cache.
pub(crate) struct Head {
    pub as_of: NaiveDate,
    pub disbursed_on: Option<NaiveDate>,
    pub currency: Currency,
    pub status: Option<Status>,
    pub has_status_history: bool,
    pub first_loan: Option<bool>,
    pub product: Name,
    pub parties: Place,
    pub schedules: Place,
    pub arrangements: Place,
    pub status_history: Place,
    pub principal: Minor,
    pub payments: Place,
    pub charges: Place,
    pub number: Place,
    pub months_past_due: Option<u32>,
    pub credit_reports: Place,
    pub funders: Place,
    pub agreements: Place,
    pub contains: Place,
    /// The terms.
    pub terms: usize,
    /// The lender's own facts; 0 for none, else one more than their place.
    pub attributes: usize,
}

impl Head {
    /// Of an account of which nothing is reported.
    pub const fn empty(terms: usize, contains: Place) -> Self {
        Self {
            as_of: NaiveDate::MIN,
            disbursed_on: None,
            currency: Currency::CNY,
            status: None,
            has_status_history: false,
            first_loan: None,
            product: Name::ABSENT,
            parties: Place::ABSENT,
            schedules: Place::ABSENT,
            arrangements: Place::ABSENT,
            status_history: Place::ABSENT,
            principal: Minor::ABSENT,
            payments: Place::ABSENT,
            charges: Place::ABSENT,
            number: Place::ABSENT,
            months_past_due: None,
            credit_reports: Place::ABSENT,
            funders: Place::ABSENT,
            agreements: Place::ABSENT,
            contains,
            terms,
            attributes: 0,
        }
    }
}

/// A schedule version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version {
    pub version: u32,
    pub known_from: NaiveDate,
    pub rows: Place,
    pub standing: Standing,
}

/// What the rows of a version come to, so that most accounts are told without looking at each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether it is known of every row what is paid.
    pub is_known: bool,
    /// Whether every row was paid on a day that is known, or is short.
    pub is_dated: bool,
    /// The due day of the first row that is not paid; the last day there is for none.
    pub oldest_unpaid: NaiveDate,
    /// The due day of the first row that no day is known for on which it was paid.
    pub oldest_short: NaiveDate,
    /// The last day on which a row was paid; the first day there is for none.
    pub last_paid_on: NaiveDate,
    /// Principal that is not paid; absent where it cannot be told.
    pub principal: Minor,
}

impl Standing {
    #[inline]
    pub fn of(rows: &[Row]) -> Self {
        let mut own = Self {
            is_known: true,
            is_dated: true,
            oldest_unpaid: NaiveDate::MAX,
            oldest_short: NaiveDate::MAX,
            last_paid_on: NaiveDate::MIN,
            principal: Minor::ABSENT,
        };
        let mut principal = Some(0_i64);
        for row in rows {
            own.is_known &= row.is_paid_known();
            if !row.is_paid() {
                own.oldest_unpaid = own.oldest_unpaid.min(row.due_on);
                let left = row.owed.principal.or_zero().checked_sub(row.paid.principal.or_zero());
                principal = principal.zip(left).and_then(|(sum, left)| sum.checked_add(left));
            }
            match row.paid_on {
                Some(paid_on) => own.last_paid_on = own.last_paid_on.max(paid_on),
                None => {
                    own.is_dated &= row.is_short;
                    own.oldest_short = own.oldest_short.min(row.due_on);
                }
            }
        }
        own.principal = principal.filter(|_| own.is_known).map_or(Minor::ABSENT, Minor::new);
        own
    }
}

/// A row of a schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub due_on: NaiveDate,
    pub paid_on: Option<NaiveDate>,
    pub owed: Sums,
    /// What was paid, where that is reported.
    pub paid: Sums,
    pub paid_given: bool,
    /// Whether less is known to be paid than is owed.
    pub is_short: bool,
    /// Of what is owed (0 to 2) and of what is paid (3 to 5).
    pub decimals: Decimals,
    pub id: Place,
}

impl Row {
    /// Whether it is known what is paid of it.
    #[inline]
    pub const fn is_paid_known(&self) -> bool {
        self.paid_given || self.paid_on.is_some()
    }

    /// Whether nothing is owed of it any more.
    #[inline]
    pub fn is_paid(&self) -> bool {
        let left = |owed: Minor, paid: Minor| owed.or_zero() != paid.or_zero();
        (!self.paid_given && self.paid_on.is_some())
            || !(left(self.owed.principal, self.paid.principal)
                || left(self.owed.interest, self.paid.interest)
                || left(self.owed.fees, self.paid.fees))
    }
}

/// A charge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge {
    pub amount: Minor,
    pub paid: Minor,
    pub waived: Minor,
    /// Of the three above.
    pub decimals: Decimals,
    pub kind: ChargeKind,
    pub bearer: Option<Bearer>,
    pub assessed_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub id: Place,
    pub instalment: Place,
    /// How it grew; 0 for none, else one more than its place.
    pub accrual: usize,
}

/// A payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment {
    pub on: NaiveDate,
    pub amount: Minor,
    pub decimals: Decimals,
    pub to: Place,
    pub id: Place,
}

/// What a part of a payment paid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allocation {
    pub amount: Minor,
    pub decimals: Decimals,
    pub instalment: Place,
    pub charge: Place,
}

/// Somebody on the loan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Party {
    pub role: PartyRole,
    pub without_income: Option<bool>,
    pub addresses: Place,
    pub flags: Place,
    pub id: Place,
}

impl Party {
    /// Whether they owe the loan, alone or with others.
    pub const fn is_borrower(&self) -> bool {
        matches!(self.role, PartyRole::Borrower | PartyRole::CoBorrower)
    }
}

/// An address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address {
    pub role: Name,
    /// What its code means; none for a code that no region has.
    pub lies_in: Option<RegionId>,
    pub valid_from: Option<NaiveDate>,
    pub valid_until: Option<NaiveDate>,
    pub region: Place,
    pub source: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_letter_by_letter() {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        for length in 0..letters.len() {
            let own = &letters[..length];
            let texts = format!("..{own}..");
            let name = Name { text: Place::between(2, 2 + length).unwrap(), word: Word::of(own) };
            assert!(name.is(Word::of(own), own, &texts), "{own}");
            for at in 0..length {
                let mut other = own.as_bytes().to_vec();
                other[at] = b'!';
                let other = String::from_utf8(other).unwrap();
                assert!(!name.is(Word::of(&other), &other, &texts), "{own} {other}");
            }
            let longer = format!("{own}\0");
            assert!(!name.is(Word::of(&longer), &longer, &texts), "{own} and a letter more");
        }
        assert!(!Name::ABSENT.is(Word::of(""), "", ""), "no name is not an empty one");
    }

    #[test]
    fn decimals_are_kept_side_by_side() {
        let all = (0..6).fold(Decimals::default(), |sum, at| sum.with(at, 28 - at));
        assert!((0..6).all(|at| all.get(at) == 28 - at));
    }
}
