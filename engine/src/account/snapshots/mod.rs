//! Account snapshots in codes, side by side: what facts are read from, one account or a million.
//!
//! Amounts are minor units, regions are looked up once, and whatever an account has several of stands in one list for
//! all accounts, in their order. So a snapshot is read from one end to the other without a detour, adding one allocates
//! only where a list has to grow, and nothing of what was reported is lost: [`Snapshot::to_account`] gives it back.
//!
//! ```text
//! records  what the lists hold          write   from an account
//! direct   from JSON text, in one pass  expand  back to an account
//! one      of one account by itself          glance  what most policies read, worked out
//! marks    its status and words, a bit each
//! ```

mod direct;
mod expand;
pub(crate) mod glance;
pub(crate) mod marks;
mod one;
pub(crate) mod records;
mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use self::direct::Beside;
use self::glance::Glance;
pub use self::one::OneSnapshot;
use self::records::{Address, Allocation, Charge, Head, Minor, Name, Party, Payment, Place, Row, Sums, Version, Word};
use super::parts::Parts;
use super::snapshot::{Accrual, CreditReport, FunderShare, LoanTerms, Status, StatusFrom};
use crate::money::{Currency, Money};
use crate::region::RegionId;

/// Snapshots of many accounts.
#[derive(Debug, Default)]
pub struct Snapshots {
    heads: Vec<Head>,
    /// Of each head, side by side: screening an account reads hardly anything else of it.
    glances: Vec<Glance>,
    terms: Vec<LoanTerms>,
    parties: Vec<Party>,
    addresses: Vec<Address>,
    versions: Vec<Version>,
    rows: Vec<Row>,
    payments: Vec<Payment>,
    allocations: Vec<Allocation>,
    charges: Vec<Charge>,
    accruals: Vec<Accrual>,
    statuses: Vec<StatusFrom>,
    reports: Vec<CreditReport>,
    funders: Vec<FunderShare>,
    /// Names and numbers of which an account has several.
    names: Vec<Name>,
    attributes: Vec<BTreeMap<String, serde_json::Value>>,
    texts: String,
}

/// How far each list was filled.
#[derive(Clone, Copy)]
struct Marks([usize; 16]);

impl Snapshots {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// One of them.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<Snapshot<'_>> {
        Some(Snapshot { all: self, head: self.heads.get(at)?, glance: self.glances.get(at)? })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Snapshot<'_>> {
        self.heads.iter().zip(&self.glances).map(|(head, glance)| Snapshot { all: self, head, glance })
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(Snapshot<'_>) -> bool) {
        let (heads, glances) = (std::mem::take(&mut self.heads), std::mem::take(&mut self.glances));
        let both = heads.into_iter().zip(glances);
        let kept = both.filter(|(head, glance)| wanted(Snapshot { all: self, head, glance }));
        (self.heads, self.glances) = kept.unzip();
    }

    /// Takes all of them out; what they used is kept for others.
    pub fn clear(&mut self) {
        self.truncate(Marks([0; 16]));
    }

    /// Adds a head whose other parts all stand in their places, and answers with what it shows at a glance.
    fn add_head(&mut self, head: Head) -> Glance {
        let glance = Glance::of(Snapshot { all: self, head: &head, glance: &Glance::EMPTY });
        self.heads.push(head);
        self.glances.push(glance);
        glance
    }

    const fn marks(&self) -> Marks {
        Marks([
            self.heads.len(),
            self.terms.len(),
            self.parties.len(),
            self.addresses.len(),
            self.versions.len(),
            self.rows.len(),
            self.payments.len(),
            self.allocations.len(),
            self.charges.len(),
            self.accruals.len(),
            self.statuses.len(),
            self.reports.len(),
            self.funders.len(),
            self.names.len(),
            self.attributes.len(),
            self.texts.len(),
        ])
    }

    /// Takes out what was added since.
    fn truncate(&mut self, marks: Marks) {
        let Marks(
            [
                heads,
                terms,
                parties,
                addresses,
                versions,
                rows,
                payments,
                allocations,
                charges,
                accruals,
                statuses,
                reports,
                funders,
                names,
                attributes,
                texts,
            ],
        ) = marks;
        self.heads.truncate(heads);
        self.glances.truncate(heads);
        self.terms.truncate(terms);
        self.parties.truncate(parties);
        self.addresses.truncate(addresses);
        self.versions.truncate(versions);
        self.rows.truncate(rows);
        self.payments.truncate(payments);
        self.allocations.truncate(allocations);
        self.charges.truncate(charges);
        self.accruals.truncate(accruals);
        self.statuses.truncate(statuses);
        self.reports.truncate(reports);
        self.funders.truncate(funders);
        self.names.truncate(names);
        self.attributes.truncate(attributes);
        self.texts.truncate(texts);
    }
}

/// An address as it was reported.
#[derive(Debug, Clone, Copy)]
pub struct ReportedAddress<'a> {
    /// `home`, `work` …
    pub role: &'a str,
    /// What its code means; none for a code that no region has.
    pub lies_in: Option<RegionId>,
    /// Its first day.
    pub valid_from: Option<NaiveDate>,
    /// Its last day.
    pub valid_until: Option<NaiveDate>,
}

/// One account's snapshot, where it stands among others.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    all: &'a Snapshots,
    head: &'a Head,
    glance: &'a Glance,
}

impl<'a> Snapshot<'a> {
    /// The lender's number for the loan.
    #[must_use]
    pub fn number(&self) -> &'a str {
        self.text(self.head.number).unwrap_or_default()
    }

    /// The day that it describes.
    #[must_use]
    pub const fn as_of(&self) -> NaiveDate {
        self.head.as_of
    }

    /// The currency of every amount.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.head.currency
    }

    /// What was agreed.
    #[must_use]
    pub fn terms(&self) -> &'a LoanTerms {
        const NONE: &LoanTerms = &LoanTerms {
            principal: None,
            rate: None,
            method: None,
            day_count: None,
            every: None,
            disbursed_on: None,
            cooling_off_ends_on: None,
            grace_days: None,
            upfront_fee: None,
        };
        self.all.terms.get(self.head.terms).unwrap_or(NONE)
    }

    /// The addresses of those who owe the loan, in the order of the people.
    pub fn addresses_of_borrowers(&self) -> impl Iterator<Item = ReportedAddress<'a>> + use<'a> {
        let own = *self;
        let borrowers = own.parties().unwrap_or_default().iter().filter(|party| party.is_borrower());
        borrowers.flat_map(move |party| own.addresses(party).unwrap_or_default()).map(move |address| ReportedAddress {
            role: own.text(address.role.text).unwrap_or_default(),
            lies_in: address.lies_in,
            valid_from: address.valid_from,
            valid_until: address.valid_until,
        })
    }

    /// Agreements by which a guarantor or funder bears waivers.
    pub fn agreements(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = *self;
        own.names(own.head.agreements).unwrap_or_default().iter().filter_map(move |name| own.text(name.text))
    }

    /// How many people owe the loan; none where the parties are not reported.
    #[must_use]
    pub fn borrowers(&self) -> Option<usize> {
        self.parties().map(|parties| parties.iter().filter(|party| party.is_borrower()).count())
    }

    /// What was sent to the credit bureau.
    #[must_use]
    pub fn credit_reports(&self) -> Option<&'a [CreditReport]> {
        self.head.credit_reports.of(&self.all.reports)
    }

    pub(crate) const fn head(&self) -> &'a Head {
        self.head
    }

    #[inline]
    pub(crate) const fn glance(&self) -> &'a Glance {
        self.glance
    }

    #[inline]
    pub(crate) fn text(&self, place: Place) -> Option<&'a str> {
        place.text(&self.all.texts)
    }

    /// Whether a name is another one, letter by letter.
    #[inline]
    pub(crate) fn is(&self, name: Name, word: Word, other: &str) -> bool {
        name.is(word, other, &self.all.texts)
    }

    pub(crate) fn names(&self, place: Place) -> Option<&'a [Name]> {
        place.of(&self.all.names)
    }

    pub(crate) fn product(&self) -> Option<&'a str> {
        self.text(self.head.product.text)
    }

    pub(crate) const fn status(&self) -> Option<Status> {
        self.head.status
    }

    pub(crate) fn status_history(&self) -> &'a [StatusFrom] {
        self.head.status_history.of(&self.all.statuses).unwrap_or_default()
    }

    pub(crate) fn principal(&self) -> Option<Money> {
        self.head.principal.get().map(|minor| self.money(minor))
    }

    pub(crate) const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.head.currency)
    }

    /// Whether it contains an instruction already.
    pub(crate) fn contains(&self, instruction: &str) -> bool {
        let own = self.names(self.head.contains).unwrap_or_default();
        own.iter().any(|id| self.text(id.text) == Some(instruction))
    }

    #[inline]
    pub(crate) fn schedules(&self) -> Option<&'a [Version]> {
        self.head.schedules.of(&self.all.versions)
    }

    #[inline]
    pub(crate) fn rows(&self, version: &Version) -> &'a [Row] {
        version.rows.of(&self.all.rows).unwrap_or_default()
    }

    pub(crate) fn payments(&self) -> Option<&'a [Payment]> {
        self.head.payments.of(&self.all.payments)
    }

    pub(crate) fn allocations(&self, payment: &Payment) -> Option<&'a [Allocation]> {
        payment.to.of(&self.all.allocations)
    }

    pub(crate) fn charges(&self) -> Option<&'a [Charge]> {
        self.head.charges.of(&self.all.charges)
    }

    pub(crate) fn accrual(&self, charge: &Charge) -> Option<&'a Accrual> {
        self.all.accruals.get(charge.accrual.checked_sub(1)?)
    }

    #[inline]
    pub(crate) fn parties(&self) -> Option<&'a [Party]> {
        self.head.parties.of(&self.all.parties)
    }

    #[inline]
    pub(crate) fn addresses(&self, party: &Party) -> Option<&'a [Address]> {
        party.addresses.of(&self.all.addresses)
    }

    pub(crate) fn funders(&self) -> Option<&'a [FunderShare]> {
        self.head.funders.of(&self.all.funders)
    }

    pub(crate) fn attributes(&self) -> Option<&'a BTreeMap<String, serde_json::Value>> {
        self.all.attributes.get(self.head.attributes.checked_sub(1)?)
    }

    /// What is owed and what is paid of a row; paid in full on a day says it as well.
    pub(crate) fn parts(&self, row: &Row) -> (Parts, Parts) {
        let parts = |sums: &Sums| {
            let money = |minor: Minor| self.money(minor.or_zero());
            Parts { principal: money(sums.principal), interest: money(sums.interest), fees: money(sums.fees) }
        };
        let owed = parts(&row.owed);
        (owed, if !row.paid_given && row.paid_on.is_some() { owed } else { parts(&row.paid) })
    }

    /// The schedule version in force on a day: the latest known by then, else the first.
    #[inline]
    pub(crate) fn version_on(&self, day: NaiveDate) -> Option<&'a Version> {
        let versions = self.schedules()?;
        if let [only] = versions {
            return Some(only);
        }
        let known = versions.iter().filter(|version| version.known_from <= day);
        known.max_by_key(|version| (version.known_from, version.version)).or_else(|| versions.first())
    }
}
