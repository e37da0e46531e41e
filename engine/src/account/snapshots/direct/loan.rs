//! The loan: terms, schedules, payments, charges.

use super::cursor::{Cursor, Sum, minor, set};
use crate::account::snapshot::{Accrual, Bearer, ChargeKind, Frequency, LoanTerms, Method};
use crate::account::snapshots::Snapshots;
use crate::account::snapshots::records::{Allocation, Charge, Decimals, Payment, Place, Row, Sums, Version};
use crate::account::validate::{MOST_INSTALMENTS, MOST_ROWS, MOST_VERSIONS};
use crate::rate::DayCount;

/// The terms; answers with what was lent.
pub(super) fn terms(c: &mut Cursor<'_>, terms: &mut LoanTerms) -> Option<Option<Sum>> {
    let mut principal = None;
    c.object(|c, key| {
        Some(match key {
            b"principal" => set(&mut principal, c.maybe(Cursor::amount)?, 0),
            b"rate" => set(&mut terms.rate, c.maybe(Cursor::rate)?, 1),
            b"method" => set(&mut terms.method, c.maybe(method)?, 2),
            b"day_count" => set(&mut terms.day_count, c.maybe(day_count)?, 3),
            b"every" => set(&mut terms.every, c.maybe(frequency)?, 4),
            b"disbursed_on" => set(&mut terms.disbursed_on, c.maybe(Cursor::date)?, 5),
            b"cooling_off_ends_on" => set(&mut terms.cooling_off_ends_on, c.maybe(Cursor::date)?, 6),
            b"grace_days" => set(&mut terms.grace_days, c.maybe(|c| u16::try_from(c.count()?).ok())?, 7),
            b"upfront_fee" => set(&mut terms.upfront_fee, c.maybe(Cursor::amount)?.map(Sum::amount), 8),
            _ => return None,
        })
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
    c.object(|c, key| {
        every = Some(match (key, c.count()?) {
            (_, 0) => return None,
            (b"months", count) => Frequency::Months(count),
            (b"days", count) => Frequency::Days(count),
            _ => return None,
        });
        Some(0)
    })?;
    every
}

impl Snapshots {
    pub(super) fn schedules(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.versions.len();
        c.each(MOST_VERSIONS, |c| {
            let (mut version, mut known_from, mut rows) = (None, None, None);
            c.object(|c, key| {
                Some(match key {
                    b"version" => set(&mut version, Some(c.count()?).filter(|version| *version > 0), 0),
                    b"known_from" => set(&mut known_from, Some(c.date()?), 1),
                    b"rows" => set(&mut rows, Some(self.rows(c)?), 2),
                    _ => return None,
                })
            })?;
            self.versions.push(Version { version: version?, known_from: known_from?, rows: rows? });
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
        c.object(|c, key| {
            Some(match key {
                b"id" => set(&mut id, Some(self.keep(c.id()?).ok()?), 0),
                b"due_on" => set(&mut due_on, Some(c.date()?), 1),
                b"principal" => set(&mut principal, Some(c.amount()?), 2),
                b"interest" => set(&mut interest, Some(c.amount()?), 3),
                b"fees" => set(&mut fees, c.maybe(Cursor::amount)?, 4),
                b"paid" => set(&mut paid, c.maybe(paid_parts)?, 5),
                b"paid_on" => set(&mut paid_on, c.maybe(Cursor::date)?, 6),
                _ => return None,
            })
        })?;
        let owed = [Some(principal?), Some(interest?), fees];
        let parts = paid.unwrap_or_default();
        let size = |sum: &Option<Sum>| sum.map_or(0, |sum| sum.minor);
        if parts.iter().zip(&owed).any(|(part, due)| size(part) > size(due)) {
            return None;
        }
        Some(Row {
            due_on: due_on?,
            paid_on,
            owed: sums(owed),
            paid: sums(parts),
            paid_given: paid.is_some(),
            decimals: decimals(&parts, 3, decimals(&owed, 0, Decimals::default())),
            id: id?,
        })
    }

    pub(super) fn payments(&mut self, c: &mut Cursor<'_>) -> Option<Place> {
        let from = self.payments.len();
        c.each(MOST_ROWS, |c| {
            let (mut id, mut on, mut amount, mut to) = (None, None, None, Place::ABSENT);
            let mut given = 0_i64;
            c.object(|c, key| {
                Some(match key {
                    b"id" => set(&mut id, Some(self.keep(c.id()?).ok()?), 0),
                    b"on" => set(&mut on, Some(c.date()?), 1),
                    b"amount" => set(&mut amount, Some(c.amount()?), 2),
                    b"to" => set(&mut to, self.maybe_list(c, |own, c| own.allocations(c, &mut given))?, 3),
                    _ => return None,
                })
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
            c.object(|c, key| {
                Some(match key {
                    b"instalment" => set(&mut instalment, self.text(c)?, 0),
                    b"charge" => set(&mut charge, self.text(c)?, 1),
                    b"amount" => set(&mut amount, Some(c.amount()?), 2),
                    _ => return None,
                })
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
        c.object(|c, key| {
            Some(match key {
                b"id" => set(&mut id, Some(self.keep(c.id()?).ok()?), 0),
                b"kind" => set(&mut kind, Some(charge_kind(c)?), 1),
                b"amount" => set(&mut amount, Some(c.amount()?), 2),
                b"paid" => set(&mut paid, c.maybe(Cursor::amount)?, 3),
                b"waived" => set(&mut waived, c.maybe(Cursor::amount)?, 4),
                b"assessed_on" => set(&mut assessed_on, c.maybe(Cursor::date)?, 5),
                b"accrual" => set(&mut accrual, c.maybe(read_accrual)?, 6),
                b"bearer" => set(&mut bearer, c.maybe(read_bearer)?, 7),
                b"instalment" => set(&mut instalment, self.text(c)?, 8),
                b"due_on" => set(&mut due_on, c.maybe(Cursor::date)?, 9),
                _ => return None,
            })
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
    c.object(|c, key| {
        Some(match key {
            b"principal" => set(&mut principal, c.maybe(Cursor::amount)?, 0),
            b"interest" => set(&mut interest, c.maybe(Cursor::amount)?, 1),
            b"fees" => set(&mut fees, c.maybe(Cursor::amount)?, 2),
            _ => return None,
        })
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
    c.object(|c, key| {
        Some(match key {
            b"from" => set(&mut from, Some(c.date()?), 0),
            b"until" => set(&mut until, Some(c.date()?), 1),
            b"basis" => set(&mut basis, c.maybe(Cursor::amount)?, 2),
            b"rate" => set(&mut rate, c.maybe(Cursor::rate)?, 3),
            b"day_count" => set(&mut days, c.maybe(day_count)?, 4),
            _ => return None,
        })
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
