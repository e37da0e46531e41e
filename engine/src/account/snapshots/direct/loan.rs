//! The loan: terms, schedules, payments, charges.

use super::cursor::{Cursor, Sum, minor};
use super::key::object;
use crate::account::snapshot::{Accrual, Bearer, ChargeKind, Frequency, LoanTerms, Method};
use crate::account::snapshots::Snapshots;
use crate::account::snapshots::records::{Allocation, Charge, Decimals, Payment, Place, Row, Standing, Sums, Version};
use crate::account::validate::{MOST_INSTALMENTS, MOST_ROWS, MOST_VERSIONS};
use crate::rate::DayCount;

/// The terms; answers with what was lent.
pub(super) fn terms(c: &mut Cursor<'_>, terms: &mut LoanTerms) -> Option<Option<Sum>> {
    let mut principal = None;
    object!(c, {
                "principal" => principal = c.maybe(Cursor::amount)?,
                "rate" => terms.rate = c.maybe(Cursor::rate)?,
                "method" => terms.method = c.maybe(method)?,
                "day_count" => terms.day_count = c.maybe(day_count)?,
                "every" => terms.every = c.maybe(frequency)?,
                "disbursed_on" => terms.disbursed_on = c.maybe(Cursor::date)?,
                "cooling_off_ends_on" => terms.cooling_off_ends_on = c.maybe(Cursor::date)?,
                "grace_days" => terms.grace_days = c.maybe(|c| u16::try_from(c.count()?).ok())?,
                "upfront_fee" => terms.upfront_fee = c.maybe(Cursor::amount)?.map(Sum::amount),

    })?;
    terms.principal = principal.map(Sum::amount);
    Some(principal)
}

fn method(c: &mut Cursor<'_>) -> Option<Method> {
    Some(match c.raw()? {
        b"equal_instalment" => Method::EqualInstalment,
        b"equal_principal" => Method::EqualPrincipal,
        b"interest_only" => Method::InterestOnly,
        b"flat" => Method::Flat,
        _ => return None,
    })
}

fn day_count(c: &mut Cursor<'_>) -> Option<DayCount> {
    Some(match c.raw()? {
        b"month/12" => DayCount::Month12,
        b"ACT/365" => DayCount::Act365,
        b"ACT/360" => DayCount::Act360,
        b"30/360" => DayCount::Thirty360,
        _ => return None,
    })
}

fn frequency(c: &mut Cursor<'_>) -> Option<Frequency> {
    let mut every = None;
    let mut set = |frequency: fn(u32) -> Frequency, count: u32| {
        // One of the two, and not none at all.
        (every.is_none() && count > 0).then(|| every = Some(frequency(count)))
    };
    object!(c, {
        "months" => set(Frequency::Months, c.count()?)?,
        "days" => set(Frequency::Days, c.count()?)?,
    })?;
    every
}

impl Snapshots {
    pub(super) fn schedules(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.versions.len();
        c.each(MOST_VERSIONS, |c| {
            let (mut version, mut known_from, mut rows) = (None, None, None);
            object!(c, {
                                "version" => version = Some(c.count()?).filter(|version| *version > 0),
                                "known_from" => known_from = Some(c.date()?),
                                "rows" => rows = Some(self.rows(c)?),

            })?;
            let (version, known_from, rows) = (version?, known_from?, rows?);
            let standing = Standing::of(rows.of(&self.rows)?);
            self.versions.push(Version { version, known_from, rows, standing });
            Some(())
        })?;
        let rising = |a: &Version, b: &Version| a.version < b.version && a.known_from <= b.known_from;
        let list = Place::between(from, self.versions.len())?;
        list.of(&self.versions)?.is_sorted_by(rising).then_some(list)
    }

    fn rows(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.rows.len();
        c.each(MOST_INSTALMENTS, |c| {
            let row = self.row(c)?;
            self.rows.push(row);
            Some(())
        })?;
        let list = Place::between(from, self.rows.len())?;
        let own = list.of(&self.rows)?;
        (own.is_sorted_by_key(|row| row.due_on) && self.distinct(own.iter().map(|row| row.id))).then_some(list)
    }

    fn row(&mut self, c: &mut Cursor<'_>) -> Option<Row> {
        let (mut id, mut due_on, mut principal, mut interest) = (None, None, None, None);
        let (mut fees, mut paid, mut paid_on) = (None, None, None);
        object!(c, {
                        "id" => id = Some(self.text_of(c.id()?)?),
                        "due_on" => due_on = Some(c.date()?),
                        "principal" => principal = Some(c.amount()?),
                        "interest" => interest = Some(c.amount()?),
                        "fees" => fees = c.maybe(Cursor::amount)?,
                        "paid" => paid = c.maybe(paid_parts)?,
                        "paid_on" => paid_on = c.maybe(Cursor::date)?,

        })?;
        let owed = [Some(principal?), Some(interest?), fees];
        let parts = paid.unwrap_or_default();
        let size = |sum: &Option<Sum>| sum.map_or(0, |sum| sum.minor);
        if parts.iter().zip(&owed).any(|(part, due)| size(part) > size(due)) {
            return None;
        }
        let decimals = decimals(&parts, 3, decimals(&owed, 0, Decimals::default()));
        let (owed, parts) = (sums(owed), sums(parts));
        Some(Row {
            due_on: due_on?,
            paid_on,
            owed,
            paid: parts,
            paid_given: paid.is_some(),
            is_short: paid.is_some() && parts.is_less(&owed),
            decimals,
            id: id?,
        })
    }

    pub(super) fn payments(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.payments.len();
        c.each(MOST_ROWS, |c| {
            let (mut id, mut on, mut amount, mut to) = (None, None, None, Place::ABSENT);
            let mut given = 0_i64;
            object!(c, {
                                "id" => id = Some(self.text_of(c.id()?)?),
                                "on" => on = Some(c.date()?),
                                "amount" => amount = Some(c.amount()?),
                                "to" => to = self.maybe_list(c, |own, c| own.allocations(c, &mut given))?,

            })?;
            let payment = Payment {
                on: on?,
                amount: minor(amount),
                decimals: decimals(&[amount], 0, Decimals::default()),
                to,
                id: id?,
            };
            self.payments.push(payment);
            (given <= amount?.minor).then_some(())
        })?;
        let list = Place::between(from, self.payments.len())?;
        self.distinct(list.of(&self.payments)?.iter().map(|payment| payment.id)).then_some(list)
    }

    fn allocations(&mut self, c: &mut Cursor<'_>, given: &mut i64) -> Option<Place> {
        let from = self.allocations.len();
        c.each(MOST_ROWS, |c| {
            let (mut instalment, mut charge, mut amount) = (Place::ABSENT, Place::ABSENT, None);
            object!(c, {
                                "instalment" => instalment = self.text(c)?,
                                "charge" => charge = self.text(c)?,
                                "amount" => amount = Some(c.amount()?),

            })?;
            *given = given.checked_add(amount?.minor)?;
            let part = Allocation {
                amount: minor(amount),
                decimals: decimals(&[amount], 0, Decimals::default()),
                instalment,
                charge,
            };
            self.allocations.push(part);
            ((instalment == Place::ABSENT) != (charge == Place::ABSENT)).then_some(())
        })?;
        Place::between(from, self.allocations.len())
    }

    pub(super) fn charges(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.charges.len();
        c.each(MOST_ROWS, |c| {
            let charge = self.charge(c)?;
            self.charges.push(charge);
            Some(())
        })?;
        let list = Place::between(from, self.charges.len())?;
        self.distinct(list.of(&self.charges)?.iter().map(|charge| charge.id)).then_some(list)
    }

    fn charge(&mut self, c: &mut Cursor<'_>) -> Option<Charge> {
        let (mut id, mut kind, mut amount, mut paid, mut waived) = (None, None, None, None, None);
        let (mut assessed_on, mut accrual, mut bearer, mut due_on) = (None, None, None, None);
        let mut instalment = Place::ABSENT;
        object!(c, {
                        "id" => id = Some(self.text_of(c.id()?)?),
                        "kind" => kind = Some(charge_kind(c)?),
                        "amount" => amount = Some(c.amount()?),
                        "paid" => paid = c.maybe(Cursor::amount)?,
                        "waived" => waived = c.maybe(Cursor::amount)?,
                        "assessed_on" => assessed_on = c.maybe(Cursor::date)?,
                        "accrual" => accrual = c.maybe(read_accrual)?,
                        "bearer" => bearer = c.maybe(read_bearer)?,
                        "instalment" => instalment = self.text(c)?,
                        "due_on" => due_on = c.maybe(Cursor::date)?,

        })?;
        let size = |sum: Option<Sum>| sum.map_or(0, |sum| sum.minor);
        if size(paid).checked_add(size(waived))? > amount?.minor {
            return None;
        }
        let accrual = accrual.map_or(0, |accrual| {
            self.accruals.push(accrual);
            self.accruals.len()
        });
        Some(Charge {
            amount: minor(amount),
            paid: minor(paid),
            waived: minor(waived),
            decimals: decimals(&[amount, paid, waived], 0, Decimals::default()),
            kind: kind?,
            bearer,
            assessed_on,
            due_on,
            id: id?,
            instalment,
            accrual,
        })
    }
}

fn sums([principal, interest, fees]: [Option<Sum>; 3]) -> Sums {
    Sums { principal: minor(principal), interest: minor(interest), fees: minor(fees) }
}

/// Adds the decimals of some amounts to others, from a place on.
fn decimals(sums: &[Option<Sum>], from: u32, to: Decimals) -> Decimals {
    (from..).zip(sums).fold(to, |all, (at, sum)| all.with(at, sum.map_or(0, |sum| sum.decimals)))
}

/// Paid principal, interest and fees.
fn paid_parts(c: &mut Cursor<'_>) -> Option<[Option<Sum>; 3]> {
    let (mut principal, mut interest, mut fees) = (None, None, None);
    object!(c, {
                "principal" => principal = c.maybe(Cursor::amount)?,
                "interest" => interest = c.maybe(Cursor::amount)?,
                "fees" => fees = c.maybe(Cursor::amount)?,

    })?;
    Some([principal, interest, fees])
}

fn charge_kind(c: &mut Cursor<'_>) -> Option<ChargeKind> {
    Some(match c.raw()? {
        b"late_fee" => ChargeKind::LateFee,
        b"penalty_interest" => ChargeKind::PenaltyInterest,
        b"compound_interest" => ChargeKind::CompoundInterest,
        b"guarantee_fee" => ChargeKind::GuaranteeFee,
        b"service_fee" => ChargeKind::ServiceFee,
        b"returned_payment_fee" => ChargeKind::ReturnedPaymentFee,
        b"early_repayment_fee" => ChargeKind::EarlyRepaymentFee,
        b"collection_cost" => ChargeKind::CollectionCost,
        b"other_fee" => ChargeKind::OtherFee,
        _ => return None,
    })
}

fn read_accrual(c: &mut Cursor<'_>) -> Option<Accrual> {
    let (mut from, mut until, mut basis, mut rate, mut days) = (None, None, None, None, None);
    object!(c, {
                "from" => from = Some(c.date()?),
                "until" => until = Some(c.date()?),
                "basis" => basis = c.maybe(Cursor::amount)?,
                "rate" => rate = c.maybe(Cursor::rate)?,
                "day_count" => days = c.maybe(day_count)?,

    })?;
    let (from, until) = (from?, until?);
    let right = from <= until && !matches!(days, Some(DayCount::Month12 | DayCount::Thirty360));
    right.then_some(Accrual { from, until, basis: basis.map(Sum::amount), rate, day_count: days })
}

fn read_bearer(c: &mut Cursor<'_>) -> Option<Bearer> {
    Some(match c.raw()? {
        b"lender" => Bearer::Lender,
        b"guarantor" => Bearer::Guarantor,
        b"funder" => Bearer::Funder,
        _ => return None,
    })
}
