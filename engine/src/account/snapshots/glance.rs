//! What most policies read of an account, worked out once when it is added: a few numbers and days, and a set of marks.
//!
//! It says nothing that the account does not say, and leaves out whatever is not plain: several borrowers, several
//! schedules, an amount that is not reported. So a test is told here or not at all, and without looking into lists.

use chrono::{Datelike, NaiveDate};

use super::Snapshot;
use super::marks::{self, Words};
use super::records::{Address, Place, Standing, Word};
use crate::money::Currency;
use crate::rate::rate_code;
use crate::region::RegionId;

/// What most policies read of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    /// See [`marks`].
    pub marks: u64,
    /// What of it is told, a bit each: see [`told`].
    pub told: u32,
    /// See [`short`]; 0 where it is not reported, or long.
    pub product: u128,
    pub as_of: NaiveDate,
    pub currency: Currency,
    /// By their place; 0 where it is not told.
    pub numbers: [i64; Self::NUMBERS],
    /// See [`Standing`]: of the only schedule, where it can be told by it.
    pub oldest_unpaid: NaiveDate,
    pub oldest_short: NaiveDate,
    pub last_paid_on: NaiveDate,
    /// Where the only borrower's only home lies, from a day until a day.
    pub home: Option<RegionId>,
    pub home_from: NaiveDate,
    pub home_until: NaiveDate,
}

/// What of an account can be told at a glance, a bit each.
pub(crate) mod told {
    pub const STATUS: u32 = 1;
    pub const FIRST_LOAN: u32 = 1 << 1;
    pub const PRODUCT: u32 = 1 << 2;
    /// What is paid of the only schedule.
    pub const PAID_NOW: u32 = 1 << 3;
    /// And when it was.
    pub const PAID_BEFORE: u32 = 1 << 4;
    pub const ARRANGEMENTS: u32 = 1 << 5;
    pub const FLAGS: u32 = 1 << 6;
    /// Numbers, by their place.
    pub const NUMBERS: [u32; super::Glance::NUMBERS] = [1 << 7, 1 << 8, 1 << 9, 1 << 10];
}

/// A short text as a number that no other text has, and that is not 0; none for a long one.
pub(crate) fn short(text: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    let (last, own) = bytes.split_last_mut()?;
    own.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    *last = u8::try_from(text.len()).ok()?.checked_add(1)?;
    Some(u128::from_le_bytes(bytes))
}

impl Glance {
    /// How many numbers there are, and their places.
    pub const NUMBERS: usize = 4;
    pub const PRINCIPAL: usize = 0;
    pub const PRINCIPAL_OUTSTANDING: usize = 1;
    pub const RATE: usize = 2;
    pub const DISBURSED_ON: usize = 3;

    /// Of an account of which nothing is told.
    pub const EMPTY: Self = Self {
        marks: 0,
        told: 0,
        product: 0,
        as_of: NaiveDate::MIN,
        currency: Currency::CNY,
        numbers: [0; Self::NUMBERS],
        oldest_unpaid: NaiveDate::MAX,
        oldest_short: NaiveDate::MAX,
        last_paid_on: NaiveDate::MIN,
        home: None,
        home_from: NaiveDate::MAX,
        home_until: NaiveDate::MIN,
    };

    /// The role of the address that is told.
    pub const HOME: &str = "home";

    /// Of an account whose other parts all stand in their places.
    pub fn of(account: Snapshot<'_>) -> Self {
        let head = account.head();
        let mut own = Self { as_of: head.as_of, currency: head.currency, ..Self::EMPTY };
        if let Some(first) = head.first_loan {
            own.mark(told::FIRST_LOAN, marks::first_loan(first));
        }
        if let Some(product) = account.product().and_then(short) {
            own.product = product;
            own.mark(told::PRODUCT, 0);
        }
        // Without a history, where it stands is where it stood.
        if let Some(status) = head.status.filter(|_| !head.has_status_history) {
            own.mark(told::STATUS, marks::status(status));
        }
        own.names(account, head.arrangements, told::ARRANGEMENTS, Words::ARRANGEMENTS);
        own.number(Self::PRINCIPAL, head.principal.get());
        own.number(Self::RATE, account.terms().rate.and_then(|rate| rate_code(rate.0)));
        own.number(Self::DISBURSED_ON, head.disbursed_on.map(|day| i64::from(day.num_days_from_ce())));
        if let Some([only]) = account.schedules() {
            own.schedule(&only.standing);
        }
        // Of several people it is not plain whose it is.
        if let Some([only]) = account.parties()
            && only.is_borrower()
        {
            own.names(account, only.flags, told::FLAGS, Words::FLAGS);
            own.lives(account, account.addresses(only).unwrap_or_default());
        }
        own
    }

    #[inline]
    const fn mark(&mut self, told: u32, marks: u64) {
        self.told |= told;
        self.marks |= marks;
    }

    #[inline]
    fn number(&mut self, at: usize, number: Option<i64>) {
        if let (Some(number), Some(own), Some(told)) = (number, self.numbers.get_mut(at), told::NUMBERS.get(at)) {
            *own = number;
            self.told |= told;
        }
    }

    fn names(&mut self, account: Snapshot<'_>, names: Place, told: u32, words: Words) {
        let Some(names) = account.names(names) else { return };
        self.told |= told;
        for name in names {
            self.marks |= words.of(account.text(name.text).unwrap_or_default());
        }
    }

    fn schedule(&mut self, standing: &Standing) {
        if standing.is_known {
            self.told |= told::PAID_NOW;
        }
        if standing.is_dated {
            self.told |= told::PAID_BEFORE;
        }
        self.oldest_unpaid = standing.oldest_unpaid;
        self.oldest_short = standing.oldest_short;
        self.last_paid_on = standing.last_paid_on;
        self.number(Self::PRINCIPAL_OUTSTANDING, standing.principal.get());
    }

    fn lives(&mut self, account: Snapshot<'_>, addresses: &[Address]) {
        let home = Word::of(Self::HOME);
        let mut homes = addresses.iter().filter(|address| account.is(address.role, home, Self::HOME));
        // Of several it depends on the day which it is.
        if let (Some(only), None) = (homes.next(), homes.next()) {
            self.home = only.lies_in;
            self.home_from = only.valid_from.unwrap_or(NaiveDate::MIN);
            self.home_until = only.valid_until.unwrap_or(NaiveDate::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn short_texts_have_numbers_of_their_own() {
        let letters = "\0abcdefghijklmnop";
        let texts: BTreeSet<&str> = (0..letters.len())
            .flat_map(|from| (from..=letters.len()).map(move |until| &letters[from..until]))
            .collect();
        let numbers: BTreeSet<u128> = texts.iter().filter_map(|text| short(text)).collect();
        assert_eq!(numbers.len(), texts.iter().filter(|text| text.len() < 16).count());
        assert!(!numbers.contains(&0));
        assert_eq!(short("abcdefghijklmnop"), None);
    }
}
