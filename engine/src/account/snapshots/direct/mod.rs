//! From JSON text straight into the lists of [`Snapshots`], with every check on the way: what almost every line of a
//! book is.
//!
//! One pass, no value in between. Whatever is written in another way than core systems write (escapes in ids, signs,
//! exponents, `null` for a list's entry) or is wrong is not read here: [`crate::account::read`] reads it again, accepts
//! it or says what is wrong. So this reader has no messages, and accepts nothing that the other one and
//! [`Account::validate`](crate::account::Account::validate) refuse.
//!
//! - `cursor`: text to names, numbers and days;
//! - `loan`: terms, schedules, payments, charges;
//! - `people`: parties, funders, credit reports, the lender's own facts.

mod cursor;
mod loan;
mod people;

use std::cmp::Ordering;
use std::collections::HashSet;

use self::cursor::{Cursor, minor, set};
use super::Snapshots;
use super::records::{Head, Place};
use crate::account::snapshot::{LoanTerms, Status, StatusFrom};
use crate::account::validate::MOST_ROWS;
use crate::money::Currency;

/// What stands beside the facts of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// The object `person`, which is passed over and not kept.
    Person,
}

impl Snapshots {
    /// Reads and adds an account that is written plainly and is valid. Says whether it did; if not, nothing is added.
    #[must_use]
    pub fn read_plain(&mut self, text: &str, beside: Beside) -> bool {
        let marks = self.marks();
        let mut cursor = Cursor::new(text);
        let read = self.account(&mut cursor, beside);
        let whole = read.is_some() && cursor.at_end();
        if !whole {
            self.truncate(marks);
        }
        whole
    }

    fn account(&mut self, cursor: &mut Cursor<'_>, beside: Beside) -> Option<()> {
        let (mut account, mut as_of, mut currency) = (None, None, None);
        let (mut terms, mut principal) = (LoanTerms::default(), None);
        // What is left out is absent; the rest is put in its place as it is met.
        let mut head = Head {
            number: Place::ABSENT,
            product: Place::ABSENT,
            as_of: chrono::NaiveDate::MIN,
            disbursed_on: None,
            principal: minor(None),
            currency: Currency::CNY,
            status: None,
            first_loan: None,
            months_past_due: None,
            parties: Place::ABSENT,
            schedules: Place::ABSENT,
            payments: Place::ABSENT,
            charges: Place::ABSENT,
            arrangements: Place::ABSENT,
            status_history: Place::ABSENT,
            credit_reports: Place::ABSENT,
            funders: Place::ABSENT,
            agreements: Place::ABSENT,
            // It is a list in any case.
            contains: Place::between(self.names.len(), self.names.len())?,
            terms: self.terms.len(),
            attributes: 0,
        };
        cursor.object(|c, key| {
            Some(match key {
                b"account" => set(&mut account, Some(c.id()?), 0),
                b"as_of" => set(&mut as_of, Some(c.date()?), 1),
                b"currency" => {
                    let found = Currency::new(c.string()?).ok()?;
                    c.set_currency(found);
                    set(&mut currency, Some(found), 2)
                }
                b"product" => set(&mut head.product, self.text(c)?, 3),
                b"status" => set(&mut head.status, c.maybe(read_status)?, 4),
                b"status_history" => set(&mut head.status_history, self.maybe_list(c, Self::history)?, 5),
                b"terms" => {
                    c.know_currency()?;
                    principal = loan::terms(c, &mut terms)?;
                    6
                }
                b"schedules" => set(&mut head.schedules, self.maybe_list(c, Self::schedules)?, 7),
                b"payments" => set(&mut head.payments, self.maybe_list(c, Self::payments)?, 8),
                b"charges" => set(&mut head.charges, self.maybe_list(c, Self::charges)?, 9),
                b"parties" => set(&mut head.parties, self.maybe_list(c, Self::parties)?, 10),
                b"months_past_due" => set(&mut head.months_past_due, c.maybe(Cursor::count)?, 11),
                b"credit_reports" => set(&mut head.credit_reports, self.maybe_list(c, Self::credit_reports)?, 12),
                b"funders" => set(&mut head.funders, self.maybe_list(c, Self::shares)?, 13),
                b"agreements" => set(&mut head.agreements, self.maybe_list(c, Self::numbers)?, 14),
                b"arrangements" => set(&mut head.arrangements, self.maybe_list(c, Self::numbers)?, 15),
                b"first_loan" => set(&mut head.first_loan, c.maybe(Cursor::boolean)?, 16),
                b"contains" => set(&mut head.contains, self.numbers(c)?, 17),
                b"attributes" => set(&mut head.attributes, self.own_facts(c)?, 18),
                b"person" if beside == Beside::Person => c.pass(1).map(|()| 19)?,
                _ => return None,
            })
        })?;
        head.number = self.keep(account?).ok()?;
        head.as_of = as_of?;
        head.currency = currency?;
        head.principal = minor(principal);
        head.disbursed_on = terms.disbursed_on;
        self.terms.push(terms);
        self.heads.push(head);
        Some(())
    }

    /// A list, or `null` for none; what is in it may have amounts.
    #[inline]
    fn maybe_list(
        &mut self,
        c: &mut Cursor<'_>,
        read: impl FnOnce(&mut Self, &mut Cursor<'_>) -> Option<Place>,
    ) -> Option<Place> {
        c.know_currency()?;
        c.maybe(|c| read(self, c)).map(|list| list.unwrap_or(Place::ABSENT))
    }

    /// A text, or `null` for none.
    #[inline]
    fn text(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        match c.maybe(Cursor::string)? {
            Some(text) => self.keep(text).ok(),
            None => Some(Place::ABSENT),
        }
    }

    fn history(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.statuses.len();
        c.each(MOST_ROWS, |c| {
            let (mut status, mut from) = (None, None);
            c.object(|c, key| {
                Some(match key {
                    b"status" => set(&mut status, Some(read_status(c)?), 0),
                    b"from" => set(&mut from, Some(c.date()?), 1),
                    _ => return None,
                })
            })?;
            self.statuses.push(StatusFrom { status: status?, from: from? });
            Some(())
        })?;
        let list = Place::between(from, self.statuses.len())?;
        list.of(&self.statuses)?.is_sorted_by_key(|one| one.from).then_some(list)
    }

    /// Whether ids are all different.
    fn distinct(&self, ids: impl Iterator<Item = Place> + Clone) -> bool {
        let mut ids = ids.map(|id| id.text(&self.texts).unwrap_or_default());
        // Most lists count upwards (1, 2 … 10), which one pass shows.
        let count_up = |a: &&str, b: &&str| a.len().cmp(&b.len()).then_with(|| a.cmp(b)) == Ordering::Less;
        if ids.clone().is_sorted_by(count_up) {
            return true;
        }
        let mut seen = HashSet::new();
        ids.all(|id| seen.insert(id))
    }
}

fn read_status(c: &mut Cursor<'_>) -> Option<Status> {
    Some(match c.raw()? {
        b"active" => Status::Active,
        b"defaulted" => Status::Defaulted,
        b"settled" => Status::Settled,
        b"written_off" => Status::WrittenOff,
        b"transferred" => Status::Transferred,
        b"pending" => Status::Pending,
        b"cancelled" => Status::Cancelled,
        _ => return None,
    })
}
