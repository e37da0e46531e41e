//! The contact guard: whether an account may be called, written to or sent a letter now, and why not. Whoever runs a dialler, a
//! letter run or a marketing list asks it first, for one account or for all of them.
//!
//! ```text
//! numbers ─► page: accounts, people, phones ─► sources: holds, opt-outs, flags, week, quiet hours ─► verdict for each
//! ```
//!
//! What can stand in the way is a source ([`source`]): each is asked once for a whole page.

pub mod source;
pub mod stream;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use serde::Serialize;

use crate::service::{Served, Service, ServiceError};
use crate::store::Connection;
use crate::store::contactable::{self, OwedBy};

/// What somebody is contacted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To collect what is overdue, by call or message, reminders among them.
    Collections,
    /// To sell something.
    Marketing,
    /// A letter that the law or the contract asks for: statements, notices.
    Letter,
    /// What concerns the person's own loan or request, and offers of relief.
    Service,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Collections, Self::Marketing, Self::Letter, Self::Service];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collections => "collections",
            Self::Marketing => "marketing",
            Self::Letter => "letter",
            Self::Service => "service",
        }
    }

    /// By its name.
    ///
    /// # Errors
    /// It is none.
    pub fn read(text: &str) -> Served<Self> {
        let found = Self::ALL.into_iter().find(|purpose| purpose.name() == text);
        found.ok_or_else(|| ServiceError::invalid("/purpose", Self::ALL.map(Self::name).join(", ")))
    }
}

/// One reason why somebody may not be contacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Its name.
    pub code: &'static str,
    /// Whom it is about; left out where it is the account or everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// More of it: the grant, the scope, the flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The first moment at which it no longer stands in the way; left out where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "utc")]
    pub until: Option<NaiveDateTime>,
}

fn utc<S: serde::Serializer>(at: &Option<NaiveDateTime>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.and_utc()).serialize(to)
}

/// Whether an account may be contacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The lender's number of it.
    pub account: String,
    /// Whether it may.
    pub may: bool,
    /// In which form a letter goes out: mild, estate or representative; left out, the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// Everything that stands in the way.
    pub reasons: Vec<Reason>,
    /// When it may next, as far as is known now; left out where it may, or nobody knows.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "utc")]
    pub next_at: Option<NaiveDateTime>,
}

/// What is asked of the guard.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// For what.
    pub purpose: Purpose,
    /// At which moment.
    pub at: NaiveDateTime,
}

/// Somebody who owes an account.
#[derive(Debug, Clone)]
struct Debtor {
    party: String,
    phone: Option<String>,
}

/// An account of a page.
#[derive(Debug)]
struct Own {
    account: i64,
    debtors: Vec<Debtor>,
}

/// Accounts that are looked at together, by number.
type Page = BTreeMap<String, Own>;

/// Reasons by account; the flags of people beside them.
#[derive(Debug, Default)]
struct Found {
    /// Of accounts.
    accounts: BTreeMap<i64, Vec<Reason>>,
    /// Of people.
    people: BTreeMap<String, Vec<Reason>>,
    /// Of everybody.
    everybody: Vec<Reason>,
    /// The form of letters to somebody.
    forms: BTreeMap<String, &'static str>,
}

impl Service {
    /// What is asked of the guard, now or at another moment.
    #[must_use]
    pub fn question(&self, purpose: Purpose, at: Option<NaiveDateTime>) -> Asked {
        Asked { purpose, at: at.unwrap_or_else(|| self.clock.now()) }
    }

    /// Whether an account may be contacted; of several who owe it one alone where a person is named.
    ///
    /// # Errors
    /// There is no such account, or the person does not owe it.
    pub fn guard(&self, asked: Asked, number: &str, person: Option<&str>) -> Served<Verdict> {
        self.store.read(|conn| {
            let mut page = page(conn, &[number])?;
            let own = page.get_mut(number).ok_or(ServiceError::Missing("account"))?;
            if let Some(person) = person {
                own.debtors.retain(|debtor| debtor.party == person);
                if own.debtors.is_empty() {
                    return Err(ServiceError::Missing("person"));
                }
            }
            let found = self.find_reasons(conn, asked, &page)?;
            Ok(self.verdict_of(number, page.get(number), &found))
        })
    }

    /// Whether accounts may be contacted, in the order in which they are named.
    ///
    /// # Errors
    /// The store fails. A number of no account is an answer, and no error.
    pub fn guard_page(&self, asked: Asked, numbers: &[&str]) -> Served<Vec<Verdict>> {
        self.store.read(|conn| {
            let page = page(conn, numbers)?;
            let found = self.find_reasons(conn, asked, &page)?;
            Ok(numbers.iter().map(|number| self.verdict_of(number, page.get(*number), &found)).collect())
        })
    }

    fn find_reasons(&self, conn: &mut Connection, asked: Asked, page: &Page) -> Served<Found> {
        let mut found = Found::default();
        for source in source::ALL {
            source(self, conn, asked, page, &mut found)?;
        }
        Ok(found)
    }

    fn verdict_of(&self, number: &str, own: Option<&Own>, found: &Found) -> Verdict {
        let account = number.to_owned();
        let Some(own) = own else {
            let unknown = Reason { code: "unknown_account", person: None, of: None, until: None };
            return Verdict { account, may: false, form: None, reasons: vec![unknown], next_at: None };
        };
        let mut reasons = found.accounts.get(&own.account).cloned().unwrap_or_default();
        for debtor in &own.debtors {
            reasons.extend(found.people.get(&debtor.party).into_iter().flatten().cloned());
        }
        reasons.extend(found.everybody.iter().cloned());
        let form = own.debtors.iter().find_map(|debtor| found.forms.get(&debtor.party)).copied();
        let may = reasons.is_empty();
        // When the last reason has ended, and then not in quiet hours: a letter has no reason that ends.
        let last = reasons.iter().map(|reason| reason.until).collect::<Option<Vec<_>>>();
        let next = last.and_then(|untils| untils.into_iter().max());
        let next_at = next.map(|at| self.quiet_until(at).unwrap_or(at));
        Verdict { account, may, form, reasons, next_at }
    }

    /// The first moment of the day after one, in the lender's zone.
    fn day_after(&self, day: NaiveDate) -> Option<NaiveDateTime> {
        let next = day.succ_opt()?;
        let zone = self.clock.zone();
        let there = (0..24).find_map(|hour| zone.from_local_datetime(&next.and_hms_opt(hour, 0, 0)?).earliest());
        there.map(|at| at.naive_utc())
    }
}

impl Found {
    fn of_person(&mut self, party: &str, code: &'static str, of: Option<String>, until: Option<NaiveDateTime>) {
        let reason = Reason { code, person: Some(party.to_owned()), of, until };
        self.people.entry(party.to_owned()).or_default().push(reason);
    }
}

/// Accounts with those who owe them, guarantors left out.
fn page(conn: &mut Connection, numbers: &[&str]) -> Served<Page> {
    let mut page = Page::new();
    for OwedBy { account, number, party, role, phone } in contactable::owed_by(conn, numbers)? {
        let own = page.entry(number).or_insert(Own { account, debtors: Vec::new() });
        if let Some(party) = party.filter(|_| role.as_deref() != Some("guarantor")) {
            own.debtors.push(Debtor { party, phone });
        }
    }
    Ok(page)
}

/// Everybody of a page, each once.
fn people(page: &Page) -> Vec<String> {
    let mut parties: Vec<String> =
        page.values().flat_map(|own| own.debtors.iter().map(|debtor| debtor.party.clone())).collect();
    parties.sort_unstable();
    parties.dedup();
    parties
}
