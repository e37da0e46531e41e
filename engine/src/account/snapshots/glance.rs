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
    /// See [`short`]; 0 where it is not reported, or long.
    pub product: u128,
    pub as_of: NaiveDate,
    pub currency: Currency,
    /// By their place; [`Glance::NOT_TOLD`] where there is none.
    pub numbers: [i64; 4],
    /// See [`Standing`]: of the only schedule, where the marks say that it can be told by.
    pub oldest_unpaid: NaiveDate,
    pub oldest_short: NaiveDate,
    pub last_paid_on: NaiveDate,
    /// Where the only borrower's only home lies, from a day until a day.
    pub home: Option<RegionId>,
    pub home_from: NaiveDate,
    pub home_until: NaiveDate,
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
    /// A number that is not told at a glance. No account has it.
    pub const NOT_TOLD: i64 = i64::MIN;

    /// Places of the numbers.
    pub const PRINCIPAL: usize = 0;
    pub const PRINCIPAL_OUTSTANDING: usize = 1;
    pub const RATE: usize = 2;
    pub const DISBURSED_ON: usize = 3;

    /// Of an account of which nothing is told.
    pub const EMPTY: Self = Self {
        marks: 0,
        product: 0,
        as_of: NaiveDate::MIN,
        currency: Currency::CNY,
        numbers: [Self::NOT_TOLD; 4],
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
        let mut own = Self {
            marks: head.first_loan.map_or(0, marks::first_loan),
            product: account.product().and_then(short).unwrap_or(0),
            as_of: head.as_of,
            currency: head.currency,
            ..Self::EMPTY
        };
        // Without a history, where it stands is where it stood.
        if let Some(status) = head.status.filter(|_| !head.has_status_history) {
            own.marks |= marks::status(status);
        }
        own.names(account, head.arrangements, Words::ARRANGEMENTS);
        own.numbers = [
            head.principal.get().unwrap_or(Self::NOT_TOLD),
            Self::NOT_TOLD,
            account.terms().rate.and_then(|rate| rate_code(rate.0)).unwrap_or(Self::NOT_TOLD),
            head.disbursed_on.map_or(Self::NOT_TOLD, |day| i64::from(day.num_days_from_ce())),
        ];
        if let Some([only]) = account.schedules() {
            own.schedule(&only.standing);
        }
        // Of several people it is not plain whose it is.
        if let Some([only]) = account.parties()
            && only.is_borrower()
        {
            own.names(account, only.flags, Words::FLAGS);
            own.lives(account, account.addresses(only).unwrap_or_default());
        }
        own
    }

    fn names(&mut self, account: Snapshot<'_>, names: Place, words: Words) {
        let Some(names) = account.names(names) else { return };
        self.marks |= words.reported();
        for name in names {
            self.marks |= words.of(account.text(name.text).unwrap_or_default());
        }
    }

    fn schedule(&mut self, standing: &Standing) {
        if standing.is_known {
            self.marks |= marks::PAID_NOW;
        }
        if standing.is_dated {
            self.marks |= marks::PAID_BEFORE;
        }
        self.oldest_unpaid = standing.oldest_unpaid;
        self.oldest_short = standing.oldest_short;
        self.last_paid_on = standing.last_paid_on;
        if let Some(principal) = standing.principal.get()
            && let Some(told) = self.numbers.get_mut(Self::PRINCIPAL_OUTSTANDING)
        {
            *told = principal;
        }
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
