//! From an account that was read elsewhere.

use super::Snapshots;
use super::glance::Glance;
use super::records::{
    Address, Allocation, Charge, Decimals, Head, Minor, Name, Party, Payment, Place, Row, Standing, Sums, Version, Word,
};
use crate::account::snapshot::{self, Account};
use crate::money::{Amount, Currency, MoneyError};
use crate::region::RegionTree;

impl Snapshots {
    /// Adds an account.
    ///
    /// # Errors
    /// An amount has more decimals than its currency or leaves its range, or the texts of all accounts together do;
    /// nothing of the account is left behind.
    pub fn add(&mut self, account: &Account) -> Result<(), MoneyError> {
        self.push(account).map(drop)
    }

    /// Adds an account and answers with its head and what it shows at a glance; nothing of it is left behind where that fails.
    ///
    /// # Errors
    /// An amount has more decimals than its currency or leaves its range, or the texts of all accounts together do.
    pub(super) fn push(&mut self, account: &Account) -> Result<(Head, Glance), MoneyError> {
        let marks = self.marks();
        let pushed = self.write(account);
        if pushed.is_err() {
            self.truncate(marks);
        }
        pushed
    }

    fn write(&mut self, account: &Account) -> Result<(Head, Glance), MoneyError> {
        let currency = account.currency;
        let head = Head {
            number: self.keep(&account.account)?,
            product: account.product.as_deref().map_or(Ok(Name::ABSENT), |product| self.name(product))?,
            as_of: account.as_of,
            disbursed_on: account.terms.disbursed_on,
            principal: minor(account.terms.principal, currency)?,
            currency,
            status: account.status,
            first_loan: account.first_loan,
            months_past_due: account.months_past_due,
            parties: self.each(account.parties.as_deref(), Self::party, |own| &mut own.parties)?,
            schedules: self.each(
                account.schedules.as_deref(),
                |own, version| own.version(version, currency),
                |own| &mut own.versions,
            )?,
            payments: self.each(
                account.payments.as_deref(),
                |own, payment| own.payment(payment, currency),
                |own| &mut own.payments,
            )?,
            charges: self.each(
                account.charges.as_deref(),
                |own, charge| own.charge_of(charge, currency),
                |own| &mut own.charges,
            )?,
            arrangements: self.list(account.arrangements.as_deref())?,
            has_status_history: account.status_history.is_some(),
            status_history: self.each(
                account.status_history.as_deref(),
                |_, one| Ok(one.clone()),
                |own| &mut own.statuses,
            )?,
            credit_reports: self.each(
                account.credit_reports.as_deref(),
                |_, one| Ok(one.clone()),
                |own| &mut own.reports,
            )?,
            funders: self.each(account.funders.as_deref(), |_, one| Ok(one.clone()), |own| &mut own.funders)?,
            agreements: self.list(account.agreements.as_deref())?,
            contains: self.list(Some(&account.contains))?,
            terms: self.terms.len(),
            attributes: if account.attributes.is_empty() {
                0
            } else {
                self.attributes.push(account.attributes.clone());
                self.attributes.len()
            },
        };
        self.terms.push(account.terms.clone());
        let glance = self.add_head(head);
        Ok((head, glance))
    }

    /// Keeps a text.
    fn keep(&mut self, text: &str) -> Result<Place, MoneyError> {
        self.text_of(text).ok_or(MoneyError::Overflow)
    }

    /// Keeps a text; none where all texts together leave their range.
    #[inline]
    pub(super) fn text_of(&mut self, text: &str) -> Option<Place> {
        let from = self.texts.len();
        self.texts.push_str(text);
        Place::between(from, self.texts.len())
    }

    /// Keeps a name.
    fn name(&mut self, text: &str) -> Result<Name, MoneyError> {
        self.name_of(text).ok_or(MoneyError::Overflow)
    }

    /// Keeps a name; none where all texts together leave their range.
    #[inline]
    pub(super) fn name_of(&mut self, text: &str) -> Option<Name> {
        Some(Name { text: self.text_of(text)?, word: Word::of(text) })
    }

    fn maybe(&mut self, text: Option<&str>) -> Result<Place, MoneyError> {
        text.map_or(Ok(Place::ABSENT), |text| self.keep(text))
    }

    /// Adds what an account has several of.
    fn each<T, R>(
        &mut self,
        given: Option<&[T]>,
        mut write: impl FnMut(&mut Self, &T) -> Result<R, MoneyError>,
        list: fn(&mut Self) -> &mut Vec<R>,
    ) -> Result<Place, MoneyError> {
        let Some(given) = given else { return Ok(Place::ABSENT) };
        let from = list(self).len();
        for one in given {
            let record = write(self, one)?;
            list(self).push(record);
        }
        Place::between(from, list(self).len()).ok_or(MoneyError::Overflow)
    }

    fn list(&mut self, names: Option<&[String]>) -> Result<Place, MoneyError> {
        self.each(names, |own, name| own.name(name), |own| &mut own.names)
    }

    fn version(&mut self, version: &snapshot::ScheduleVersion, currency: Currency) -> Result<Version, MoneyError> {
        let rows = self.each(Some(&version.rows), |own, row| own.row_of(row, currency), |own| &mut own.rows)?;
        let standing = Standing::of(rows.of(&self.rows).unwrap_or_default());
        Ok(Version { version: version.version, known_from: version.known_from, rows, standing })
    }

    fn row_of(&mut self, row: &snapshot::Instalment, currency: Currency) -> Result<Row, MoneyError> {
        let read = |amount| minor(amount, currency);
        let paid = row.paid.as_ref();
        let amounts = [
            Some(row.principal),
            Some(row.interest),
            row.fees,
            paid.and_then(|paid| paid.principal),
            paid.and_then(|paid| paid.interest),
            paid.and_then(|paid| paid.fees),
        ];
        let [principal, interest, fees, paid_principal, paid_interest, paid_fees] = amounts;
        let owed = Sums { principal: read(principal)?, interest: read(interest)?, fees: read(fees)? };
        let parts = Sums { principal: read(paid_principal)?, interest: read(paid_interest)?, fees: read(paid_fees)? };
        Ok(Row {
            due_on: row.due_on,
            paid_on: row.paid_on,
            owed,
            paid: parts,
            paid_given: paid.is_some(),
            is_short: paid.is_some() && parts.is_less(&owed),
            decimals: decimals(amounts),
            id: self.keep(&row.id)?,
        })
    }

    fn payment(&mut self, payment: &snapshot::Payment, currency: Currency) -> Result<Payment, MoneyError> {
        let to = self.each(
            payment.to.as_deref(),
            |own, part| {
                Ok(Allocation {
                    amount: minor(Some(part.amount), currency)?,
                    decimals: decimals([Some(part.amount)]),
                    instalment: own.maybe(part.instalment.as_deref())?,
                    charge: own.maybe(part.charge.as_deref())?,
                })
            },
            |own| &mut own.allocations,
        )?;
        Ok(Payment {
            on: payment.on,
            amount: minor(Some(payment.amount), currency)?,
            decimals: decimals([Some(payment.amount)]),
            to,
            id: self.keep(&payment.id)?,
        })
    }

    fn charge_of(&mut self, charge: &snapshot::Charge, currency: Currency) -> Result<Charge, MoneyError> {
        Ok(Charge {
            amount: minor(Some(charge.amount), currency)?,
            paid: minor(charge.paid, currency)?,
            waived: minor(charge.waived, currency)?,
            decimals: decimals([Some(charge.amount), charge.paid, charge.waived]),
            kind: charge.kind,
            bearer: charge.bearer,
            assessed_on: charge.assessed_on,
            due_on: charge.due_on,
            id: self.keep(&charge.id)?,
            instalment: self.maybe(charge.instalment.as_deref())?,
            accrual: match &charge.accrual {
                None => 0,
                Some(accrual) => {
                    self.accruals.push(accrual.clone());
                    self.accruals.len()
                }
            },
        })
    }

    fn party(&mut self, party: &snapshot::Party) -> Result<Party, MoneyError> {
        let addresses = self.each(party.addresses.as_deref(), Self::address, |own| &mut own.addresses)?;
        Ok(Party {
            role: party.role,
            without_income: party.without_income,
            addresses,
            flags: self.list(party.flags.as_deref())?,
            id: self.keep(&party.party)?,
        })
    }

    fn address(&mut self, address: &snapshot::Address) -> Result<Address, MoneyError> {
        Ok(Address {
            role: self.name(&address.role)?,
            lies_in: RegionTree::builtin().known(&address.region),
            valid_from: address.valid_from,
            valid_until: address.valid_until,
            region: self.keep(&address.region)?,
            source: self.maybe(address.source.as_deref())?,
        })
    }
}

fn minor(amount: Option<Amount>, currency: Currency) -> Result<Minor, MoneyError> {
    let Some(amount) = amount else { return Ok(Minor::ABSENT) };
    Ok(Minor::new(amount.in_currency(currency)?.minor()))
}

fn decimals<const N: usize>(amounts: [Option<Amount>; N]) -> Decimals {
    let scales = amounts.iter().map(|amount| amount.map_or(0, |amount| amount.0.scale()));
    (0..).zip(scales).fold(Decimals::default(), |sum, (at, scale)| sum.with(at, scale))
}
