//! From JSON text straight into the lists of [`Snapshots`], with every check on the way: what almost every line of a
//! book is.
//!
//! One pass, no value in between. Whatever is written in another way than core systems write (escapes in ids, signs,
//! exponents, `null` for a list's entry) or is wrong is not read here: [`crate::account::read`] reads it again, accepts
//! it or says what is wrong. So this reader has no messages, and accepts nothing that the other one and
//! [`Account::validate`](crate::account::Account::validate) refuse.
//!
//! - `cursor`: text to names, numbers and days; `bytes`: eight of its bytes at a time; `key`: the keys of objects;
//! - `loan`: terms, schedules, payments, charges;
//! - `people`: parties, funders, credit reports, the lender's own facts.

mod bytes;
mod cursor;
mod key;
mod loan;
mod people;

use std::cmp::Ordering;
use std::collections::HashSet;

use self::cursor::{Cursor, minor};
use self::key::object;
use super::Snapshots;
use super::records::{Head, Name, Place};
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

    fn account(&mut self, c: &mut Cursor<'_>, beside: Beside) -> Option<()> {
        let (mut account, mut as_of, mut currency) = (None, None, None);
        let (mut terms, mut principal) = (LoanTerms::default(), None);
        // It is a list in any case.
        let contains = Place::between(self.names.len(), self.names.len())?;
        let mut head = Head::empty(self.terms.len(), contains);
        object!(c, {
                "account" => account = Some(c.id()?),
                "as_of" => as_of = Some(c.date()?),
                "currency" => {
                    let found = Currency::new(c.string()?).ok()?;
                    c.set_currency(found);
                    currency = Some(found);
                },
                "product" => {
                    let product = c.maybe(Cursor::string)?;
                    head.product = product.map_or(Some(Name::ABSENT), |text| self.name_of(text))?;
                },
                "status" => head.status = c.maybe(read_status)?,
                "status_history" => head.status_history = self.maybe_list(c, Self::history)?,
                "terms" => {
                    c.know_currency()?;
                    principal = loan::terms(c, &mut terms)?;
                },
                "schedules" => head.schedules = self.maybe_list(c, Self::schedules)?,
                "payments" => head.payments = self.maybe_list(c, Self::payments)?,
                "charges" => head.charges = self.maybe_list(c, Self::charges)?,
                "parties" => head.parties = self.maybe_list(c, Self::parties)?,
                "months_past_due" => head.months_past_due = c.maybe(Cursor::count)?,
                "credit_reports" => head.credit_reports = self.maybe_list(c, Self::credit_reports)?,
                "funders" => head.funders = self.maybe_list(c, Self::shares)?,
                "agreements" => head.agreements = self.maybe_list(c, Self::numbers)?,
                "arrangements" => head.arrangements = self.maybe_list(c, Self::numbers)?,
                "first_loan" => head.first_loan = c.maybe(Cursor::boolean)?,
                "contains" => head.contains = self.numbers(c)?,
                "attributes" => head.attributes = self.own_facts(c)?,
                "person" => {
                    (beside == Beside::Person).then_some(())?;
                    c.pass(1)?;
                },
        })?;
        head.number = self.text_of(account?)?;
        head.as_of = as_of?;
        head.currency = currency?;
        head.principal = minor(principal);
        head.disbursed_on = terms.disbursed_on;
        head.has_status_history = head.status_history != Place::ABSENT;
        self.terms.push(terms);
        self.add_head(head);
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
            Some(text) => self.text_of(text),
            None => Some(Place::ABSENT),
        }
    }

    fn history(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.statuses.len();
        c.each(MOST_ROWS, |c| {
            let (mut status, mut from) = (None, None);
            object!(c, {
                                "status" => status = Some(read_status(c)?),
                                "from" => from = Some(c.date()?),

            })?;
            self.statuses.push(StatusFrom { status: status?, from: from? });
            Some(())
        })?;
        let list = Place::between(from, self.statuses.len())?;
        list.of(&self.statuses)?.is_sorted_by_key(|one| one.from).then_some(list)
    }

    /// Whether ids are all different.
    fn distinct(&self, ids: impl Iterator<Item = Place> + Clone) -> bool {
        if ids.clone().nth(1).is_none() {
            return true;
        }
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
