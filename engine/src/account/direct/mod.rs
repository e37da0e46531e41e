//! From JSON text straight into the typed account, with every check on the way: what almost every line of a book is.
//!
//! One pass, no value in between. Whatever is written in another way than core systems write (escapes in ids, signs,
//! exponents, `null` for a list's entry) or is wrong is not read here: [`super::read`] reads it again, accepts it or says
//! what is wrong. So this reader has no messages, and accepts nothing that [`super::read`] and [`Account::validate`] refuse.
//!
//! - `cursor`: text to names, numbers and days;
//! - `loan`: terms, schedules, payments, charges;
//! - `people`: parties, funders, credit reports, the lender's own facts.

mod cursor;
mod loan;
mod people;

use std::collections::BTreeMap;

use self::cursor::{Cursor, set};
use super::snapshot::{Account, LoanTerms, Status, StatusFrom};
use super::validate::MOST_ROWS;
use crate::money::Currency;

/// What stands beside the facts of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// The object `person`, which is passed over and not kept.
    Person,
}

/// Reads and validates an account that is written plainly; `None` when it is not, or not right.
#[must_use]
pub fn read_plain(text: &str, beside: Beside) -> Option<Account> {
    let mut cursor = Cursor::new(text);
    let account = account(&mut cursor, beside)?;
    // The currency may stand below the amounts, so their decimals are looked at last.
    let fits = cursor.at_end() && cursor.decimals <= account.currency.decimals();
    fits.then_some(account)
}

fn account(cursor: &mut Cursor<'_>, beside: Beside) -> Option<Account> {
    let (mut account, mut as_of, mut currency) = (None, None, None);
    let (mut product, mut status, mut status_history, mut terms) = (None, None, None, LoanTerms::default());
    let (mut schedules, mut payments, mut charges, mut parties) = (None, None, None, None);
    let (mut months_past_due, mut credit_reports, mut funders) = (None, None, None);
    let (mut agreements, mut arrangements, mut first_loan) = (None, None, None);
    let (mut contains, mut attributes) = (Vec::new(), BTreeMap::new());
    cursor.object(|c, key| {
        Some(match key {
            b"account" => set(&mut account, Some(c.id()?), 0),
            b"as_of" => set(&mut as_of, Some(c.date()?), 1),
            b"currency" => set(&mut currency, Some(Currency::new(c.string()?).ok()?), 2),
            b"product" => set(&mut product, c.maybe(Cursor::owned)?, 3),
            b"status" => set(&mut status, c.maybe(read_status)?, 4),
            b"status_history" => set(&mut status_history, c.maybe(history)?, 5),
            b"terms" => set(&mut terms, loan::terms(c)?, 6),
            b"schedules" => set(&mut schedules, c.maybe(loan::schedules)?, 7),
            b"payments" => set(&mut payments, c.maybe(loan::payments)?, 8),
            b"charges" => set(&mut charges, c.maybe(loan::charges)?, 9),
            b"parties" => set(&mut parties, c.maybe(people::parties)?, 10),
            b"months_past_due" => set(&mut months_past_due, c.maybe(Cursor::count)?, 11),
            b"credit_reports" => set(&mut credit_reports, c.maybe(people::credit_reports)?, 12),
            b"funders" => set(&mut funders, c.maybe(people::funders)?, 13),
            b"agreements" => set(&mut agreements, c.maybe(people::names)?, 14),
            b"arrangements" => set(&mut arrangements, c.maybe(people::names)?, 15),
            b"first_loan" => set(&mut first_loan, c.maybe(Cursor::boolean)?, 16),
            b"contains" => set(&mut contains, people::names(c)?, 17),
            b"attributes" => set(&mut attributes, people::attributes(c)?, 18),
            b"person" if beside == Beside::Person => c.pass(1).map(|()| 19)?,
            _ => return None,
        })
    })?;
    let (account, as_of, currency) = (account?, as_of?, currency?);
    Some(Account {
        account,
        as_of,
        currency,
        product,
        status,
        status_history,
        terms,
        schedules,
        payments,
        charges,
        parties,
        months_past_due,
        credit_reports,
        funders,
        agreements,
        arrangements,
        first_loan,
        contains,
        attributes,
    })
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

fn history(c: &mut Cursor<'_>) -> Option<Vec<StatusFrom>> {
    let list = c.list(MOST_ROWS, |c| {
        let (mut status, mut from) = (None, None);
        c.object(|c, key| {
            Some(match key {
                b"status" => set(&mut status, Some(read_status(c)?), 0),
                b"from" => set(&mut from, Some(c.date()?), 1),
                _ => return None,
            })
        })?;
        Some(StatusFrom { status: status?, from: from? })
    })?;
    list.is_sorted_by_key(|one| one.from).then_some(list)
}
