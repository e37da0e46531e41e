//! Who is on the loan and what is known of them: parties, funders, credit reports, names, the lender's own facts.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::cursor::{Cursor, set};
use super::loan::distinct;
use crate::account::snapshot::{Address, CreditReport, FunderShare, Party, PartyRole};
use crate::account::validate::{MOST_PARTIES, MOST_ROWS};

pub(super) fn parties(c: &mut Cursor<'_>) -> Option<Vec<Party>> {
    let list = c.list(MOST_PARTIES, |c| {
        let (mut party, mut role, mut addresses, mut without_income, mut flags) = (None, None, None, None, None);
        c.object(|c, key| {
            Some(match key {
                b"party" => set(&mut party, Some(c.id()?), 0),
                b"role" => set(&mut role, Some(read_role(c)?), 1),
                b"addresses" => set(&mut addresses, c.maybe(|c| c.list(MOST_PARTIES, address))?, 2),
                b"without_income" => set(&mut without_income, c.maybe(Cursor::boolean)?, 3),
                b"flags" => set(&mut flags, c.maybe(|c| c.list(MOST_ROWS, Cursor::owned))?, 4),
                _ => return None,
            })
        })?;
        Some(Party { party: party?, role: role?, addresses, without_income, flags })
    })?;
    distinct(list.iter().map(|party| party.party.as_str())).then_some(list)
}

fn read_role(c: &mut Cursor<'_>) -> Option<PartyRole> {
    Some(match c.raw()? {
        b"borrower" => PartyRole::Borrower,
        b"co_borrower" => PartyRole::CoBorrower,
        b"guarantor" => PartyRole::Guarantor,
        _ => return None,
    })
}

fn address(c: &mut Cursor<'_>) -> Option<Address> {
    let (mut role, mut region, mut valid_from, mut valid_until, mut source) = (None, None, None, None, None);
    c.object(|c, key| {
        Some(match key {
            b"role" => set(&mut role, Some(c.id()?), 0),
            b"region" => set(&mut region, Some(c.id()?), 1),
            b"valid_from" => set(&mut valid_from, c.maybe(Cursor::date)?, 2),
            b"valid_until" => set(&mut valid_until, c.maybe(Cursor::date)?, 3),
            b"source" => set(&mut source, c.maybe(Cursor::owned)?, 4),
            _ => return None,
        })
    })?;
    let backwards = matches!((valid_from, valid_until), (Some(from), Some(until)) if until < from);
    (!backwards).then_some(Address { role: role?, region: region?, valid_from, valid_until, source })
}

pub(super) fn credit_reports(c: &mut Cursor<'_>) -> Option<Vec<CreditReport>> {
    c.list(MOST_ROWS, |c| {
        let (mut sent_on, mut overdue) = (None, None);
        c.object(|c, key| {
            Some(match key {
                b"sent_on" => set(&mut sent_on, Some(c.date()?), 0),
                b"overdue" => set(&mut overdue, Some(c.boolean()?), 1),
                _ => return None,
            })
        })?;
        Some(CreditReport { sent_on: sent_on?, overdue: overdue? })
    })
}

pub(super) fn funders(c: &mut Cursor<'_>) -> Option<Vec<FunderShare>> {
    let mut sum = Decimal::ZERO;
    let list = c.list(MOST_PARTIES, |c| {
        let (mut party, mut share) = (None, None);
        c.object(|c, key| {
            Some(match key {
                b"party" => set(&mut party, Some(c.id()?), 0),
                b"share" => set(&mut share, Some(c.rate()?), 1),
                _ => return None,
            })
        })?;
        let share = share?;
        sum = sum.checked_add(share.0)?;
        Some(FunderShare { party: party?, share })
    })?;
    (sum <= Decimal::ONE && distinct(list.iter().map(|funder| funder.party.as_str()))).then_some(list)
}

/// Numbers and words that stand once each.
pub(super) fn names(c: &mut Cursor<'_>) -> Option<Vec<String>> {
    let list = c.list(MOST_ROWS, Cursor::id)?;
    distinct(list.iter().map(String::as_str)).then_some(list)
}

/// The lender's own facts, any JSON by name.
pub(super) fn attributes(c: &mut Cursor<'_>) -> Option<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    c.members(|c, key| {
        let value = serde_json::from_str(c.value()?).ok()?;
        (found.len() < MOST_PARTIES && found.insert(std::str::from_utf8(key).ok()?.to_owned(), value).is_none())
            .then_some(())
    })?;
    Some(found)
}
