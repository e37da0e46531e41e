//! Who is on the loan and what is known of them: parties, funders, credit reports, names, the lender's own facts.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::cursor::Cursor;
use super::key::object;
use crate::account::snapshot::{CreditReport, FunderShare, PartyRole};
use crate::account::snapshots::Snapshots;
use crate::account::snapshots::records::{Address, Party, Place};
use crate::account::validate::{MOST_PARTIES, MOST_ROWS};
use crate::region::RegionTree;

impl Snapshots {
    pub(super) fn parties(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.parties.len();
        c.each(MOST_PARTIES, |c| {
            let (mut id, mut role, mut without_income) = (None, None, None);
            let (mut addresses, mut flags) = (Place::ABSENT, Place::ABSENT);
            object!(c, {
                                "party" => id = Some(self.text_of(c.id()?)?),
                                "role" => role = Some(read_role(c)?),
                                "addresses" => addresses = self.maybe_list(c, Self::addresses)?,
                                "without_income" => without_income = c.maybe(Cursor::boolean)?,
                                "flags" => flags = self.maybe_list(c, Self::flags)?,

            })?;
            self.parties.push(Party { role: role?, without_income, addresses, flags, id: id? });
            Some(())
        })?;
        let list = Place::between(from, self.parties.len())?;
        self.distinct(list.of(&self.parties)?.iter().map(|party| party.id)).then_some(list)
    }

    fn addresses(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.addresses.len();
        c.each(MOST_PARTIES, |c| {
            let (mut role, mut region, mut valid_from, mut valid_until) = (None, None, None, None);
            let mut source = Place::ABSENT;
            object!(c, {
                                "role" => role = Some(c.id()?),
                                "region" => region = Some(c.id()?),
                                "valid_from" => valid_from = c.maybe(Cursor::date)?,
                                "valid_until" => valid_until = c.maybe(Cursor::date)?,
                                "source" => source = self.text(c)?,

            })?;
            if matches!((valid_from, valid_until), (Some(from), Some(until)) if until < from) {
                return None;
            }
            let region = region?;
            let address = Address {
                role: self.name_of(role?)?,
                lies_in: RegionTree::builtin().known(region),
                valid_from,
                valid_until,
                region: self.text_of(region)?,
                source,
            };
            self.addresses.push(address);
            Some(())
        })?;
        Place::between(from, self.addresses.len())
    }

    /// Marks of care, in the lender's own words.
    fn flags(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.names.len();
        c.each(MOST_ROWS, |c| {
            let name = self.name_of(c.string()?)?;
            self.names.push(name);
            Some(())
        })?;
        Place::between(from, self.names.len())
    }

    /// Numbers and words that stand once each.
    pub(super) fn numbers(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.names.len();
        c.each(MOST_ROWS, |c| {
            let name = self.name_of(c.id()?)?;
            self.names.push(name);
            Some(())
        })?;
        let list = Place::between(from, self.names.len())?;
        self.distinct(list.of(&self.names)?.iter().map(|name| name.text)).then_some(list)
    }

    pub(super) fn credit_reports(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.reports.len();
        c.each(MOST_ROWS, |c| {
            let (mut sent_on, mut overdue) = (None, None);
            object!(c, {
                                "sent_on" => sent_on = Some(c.date()?),
                                "overdue" => overdue = Some(c.boolean()?),

            })?;
            self.reports.push(CreditReport { sent_on: sent_on?, overdue: overdue? });
            Some(())
        })?;
        Place::between(from, self.reports.len())
    }

    pub(super) fn shares(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let (from, mut sum) = (self.funders.len(), Decimal::ZERO);
        c.each(MOST_PARTIES, |c| {
            let (mut party, mut share) = (None, None);
            object!(c, {
                                "party" => party = Some(c.id()?),
                                "share" => share = Some(c.rate()?),

            })?;
            let (party, share) = (party?.to_owned(), share?);
            sum = sum.checked_add(share.0)?;
            // There are few of them: every one is compared with every one.
            let own = self.funders.get(from..)?;
            if own.len() >= MOST_FUNDERS || own.iter().any(|other| other.party == party) {
                return None;
            }
            self.funders.push(FunderShare { party, share });
            Some(())
        })?;
        (sum <= Decimal::ONE).then_some(())?;
        Place::between(from, self.funders.len())
    }

    /// The lender's own facts, any JSON by name.
    pub(super) fn own_facts(&mut self, c: &mut Cursor<'_>) -> Option<usize> {
        let mut found = BTreeMap::new();
        c.members(|c, key| {
            let value = serde_json::from_str(c.value()?).ok()?;
            (found.len() < MOST_PARTIES && found.insert(std::str::from_utf8(key).ok()?.to_owned(), value).is_none())
                .then_some(())
        })?;
        if found.is_empty() {
            return Some(0);
        }
        self.attributes.push(found);
        Some(self.attributes.len())
    }
}

/// Funders that are read here, at most; a loan with more is read by the slower reader.
const MOST_FUNDERS: usize = 64;

fn read_role(c: &mut Cursor<'_>) -> Option<PartyRole> {
    Some(match c.raw()? {
        b"borrower" => PartyRole::Borrower,
        b"co_borrower" => PartyRole::CoBorrower,
        b"guarantor" => PartyRole::Guarantor,
        _ => return None,
    })
}
