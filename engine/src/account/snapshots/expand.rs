//! Back to an account, as it was reported.

use rust_decimal::Decimal;

use super::Snapshot;
use super::records::{Address, Allocation, Charge, Decimals, Minor, Party, Payment, Place, Row, Version};
use crate::account::snapshot::{self, Account};
use crate::money::Amount;

impl Snapshot<'_> {
    /// The account as it was reported, with every amount written as it was.
    #[must_use]
    pub fn to_account(&self) -> Account {
        let head = self.head;
        Account {
            account: self.number().to_owned(),
            as_of: head.as_of,
            currency: head.currency,
            product: self.owned(head.product.text),
            status: head.status,
            status_history: head.status_history.of(&self.all.statuses).map(<[_]>::to_vec),
            terms: self.terms().clone(),
            schedules: self.schedules().map(|list| list.iter().map(|one| self.version(one)).collect()),
            payments: self.payments().map(|list| list.iter().map(|one| self.payment(one)).collect()),
            charges: self.charges().map(|list| list.iter().map(|one| self.charge(one)).collect()),
            parties: self.parties().map(|list| list.iter().map(|one| self.party(one)).collect()),
            months_past_due: head.months_past_due,
            credit_reports: self.credit_reports().map(<[_]>::to_vec),
            funders: self.funders().map(<[_]>::to_vec),
            agreements: self.list(head.agreements),
            arrangements: self.list(head.arrangements),
            first_loan: head.first_loan,
            contains: self.list(head.contains).unwrap_or_default(),
            attributes: self.attributes().cloned().unwrap_or_default(),
        }
    }

    fn owned(&self, place: Place) -> Option<String> {
        self.text(place).map(str::to_owned)
    }

    fn required(&self, place: Place) -> String {
        self.owned(place).unwrap_or_default()
    }

    fn list(&self, place: Place) -> Option<Vec<String>> {
        Some(self.names(place)?.iter().map(|name| self.required(name.text)).collect())
    }

    fn amount(&self, minor: Minor, decimals: Decimals, at: u32) -> Option<Amount> {
        let mut amount = Decimal::new(minor.get()?, self.head.currency.decimals());
        amount.rescale(decimals.get(at));
        Some(Amount(amount))
    }

    fn version(&self, version: &Version) -> snapshot::ScheduleVersion {
        snapshot::ScheduleVersion {
            version: version.version,
            known_from: version.known_from,
            rows: self.rows(version).iter().map(|row| self.row(row)).collect(),
        }
    }

    fn row(&self, row: &Row) -> snapshot::Instalment {
        let amount = |minor, at| self.amount(minor, row.decimals, at);
        snapshot::Instalment {
            id: self.required(row.id),
            due_on: row.due_on,
            principal: amount(row.owed.principal, 0).unwrap_or_default(),
            interest: amount(row.owed.interest, 1).unwrap_or_default(),
            fees: amount(row.owed.fees, 2),
            paid: row.paid_given.then(|| snapshot::Paid {
                principal: amount(row.paid.principal, 3),
                interest: amount(row.paid.interest, 4),
                fees: amount(row.paid.fees, 5),
            }),
            paid_on: row.paid_on,
        }
    }

    fn payment(&self, payment: &Payment) -> snapshot::Payment {
        snapshot::Payment {
            id: self.required(payment.id),
            on: payment.on,
            amount: self.amount(payment.amount, payment.decimals, 0).unwrap_or_default(),
            to: self.allocations(payment).map(|list| list.iter().map(|one| self.allocation(one)).collect()),
        }
    }

    fn allocation(&self, part: &Allocation) -> snapshot::Allocation {
        snapshot::Allocation {
            instalment: self.owned(part.instalment),
            charge: self.owned(part.charge),
            amount: self.amount(part.amount, part.decimals, 0).unwrap_or_default(),
        }
    }

    fn charge(&self, charge: &Charge) -> snapshot::Charge {
        let amount = |minor, at| self.amount(minor, charge.decimals, at);
        snapshot::Charge {
            id: self.required(charge.id),
            kind: charge.kind,
            amount: amount(charge.amount, 0).unwrap_or_default(),
            paid: amount(charge.paid, 1),
            waived: amount(charge.waived, 2),
            assessed_on: charge.assessed_on,
            accrual: self.accrual(charge).cloned(),
            bearer: charge.bearer,
            instalment: self.owned(charge.instalment),
            due_on: charge.due_on,
        }
    }

    fn party(&self, party: &Party) -> snapshot::Party {
        snapshot::Party {
            party: self.required(party.id),
            role: party.role,
            addresses: self.addresses(party).map(|list| list.iter().map(|one| self.address(one)).collect()),
            without_income: party.without_income,
            flags: self.list(party.flags),
        }
    }

    fn address(&self, address: &Address) -> snapshot::Address {
        snapshot::Address {
            role: self.required(address.role.text),
            region: self.required(address.region),
            valid_from: address.valid_from,
            valid_until: address.valid_until,
            source: self.owned(address.source),
        }
    }
}
