//! The loan: terms, schedules, payments, charges.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::cursor::{Cursor, Sum, set};
use crate::account::snapshot::{
    Accrual, Allocation, Bearer, Charge, ChargeKind, Frequency, Instalment, LoanTerms, Method, Paid, Payment,
    ScheduleVersion,
};
use crate::account::validate::{MOST_INSTALMENTS, MOST_ROWS, MOST_VERSIONS};
use crate::rate::DayCount;

/// Whether ids are all different.
pub(super) fn distinct<'i>(ids: impl Iterator<Item = &'i str> + Clone) -> bool {
    // Most lists count upwards (1, 2 … 10), which one pass shows.
    let count_up = |a: &&str, b: &&str| a.len().cmp(&b.len()).then_with(|| a.cmp(b)) == Ordering::Less;
    if ids.clone().is_sorted_by(count_up) {
        return true;
    }
    let mut seen = HashSet::new();
    ids.into_iter().all(|id| seen.insert(id))
}

pub(super) fn terms(c: &mut Cursor<'_>) -> Option<LoanTerms> {
    let mut terms = LoanTerms::default();
    c.object(|c, key| {
        Some(match key {
            b"principal" => set(&mut terms.principal, c.maybe(Cursor::amount)?.map(|sum| sum.amount), 0),
            b"rate" => set(&mut terms.rate, c.maybe(Cursor::rate)?, 1),
            b"method" => set(&mut terms.method, c.maybe(method)?, 2),
            b"day_count" => set(&mut terms.day_count, c.maybe(day_count)?, 3),
            b"every" => set(&mut terms.every, c.maybe(frequency)?, 4),
            b"disbursed_on" => set(&mut terms.disbursed_on, c.maybe(Cursor::date)?, 5),
            b"cooling_off_ends_on" => set(&mut terms.cooling_off_ends_on, c.maybe(Cursor::date)?, 6),
            b"grace_days" => set(&mut terms.grace_days, c.maybe(|c| u16::try_from(c.count()?).ok())?, 7),
            b"upfront_fee" => set(&mut terms.upfront_fee, c.maybe(Cursor::amount)?.map(|sum| sum.amount), 8),
            _ => return None,
        })
    })?;
    Some(terms)
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

pub(super) fn schedules(c: &mut Cursor<'_>) -> Option<Vec<ScheduleVersion>> {
    let list = c.list(MOST_VERSIONS, |c| {
        let (mut version, mut known_from, mut rows) = (None, None, None);
        c.object(|c, key| {
            Some(match key {
                b"version" => set(&mut version, Some(c.count()?).filter(|version| *version > 0), 0),
                b"known_from" => set(&mut known_from, Some(c.date()?), 1),
                b"rows" => set(&mut rows, Some(c.list(MOST_INSTALMENTS, instalment)?), 2),
                _ => return None,
            })
        })?;
        let rows = rows?;
        let right = rows.is_sorted_by_key(|row| row.due_on) && distinct(rows.iter().map(|row| row.id.as_str()));
        right.then_some(ScheduleVersion { version: version?, known_from: known_from?, rows })
    })?;
    let rising = |a: &ScheduleVersion, b: &ScheduleVersion| a.version < b.version && a.known_from <= b.known_from;
    list.is_sorted_by(rising).then_some(list)
}

fn instalment(c: &mut Cursor<'_>) -> Option<Instalment> {
    let (mut id, mut due_on, mut principal, mut interest) = (None, None, None, None);
    let (mut fees, mut paid, mut paid_on) = (None, None, None);
    c.object(|c, key| {
        Some(match key {
            b"id" => set(&mut id, Some(c.id()?), 0),
            b"due_on" => set(&mut due_on, Some(c.date()?), 1),
            b"principal" => set(&mut principal, Some(c.amount()?), 2),
            b"interest" => set(&mut interest, Some(c.amount()?), 3),
            b"fees" => set(&mut fees, c.maybe(Cursor::amount)?, 4),
            b"paid" => set(&mut paid, c.maybe(paid_parts)?, 5),
            b"paid_on" => set(&mut paid_on, c.maybe(Cursor::date)?, 6),
            _ => return None,
        })
    })?;
    let (principal, interest) = (principal?, interest?);
    let dues = [Some(principal), Some(interest), fees];
    let within = |(part, due): (&Option<Sum>, &Option<Sum>)| size(*part) <= size(*due);
    let [of_principal, of_interest, of_fees] = paid.unwrap_or_default();
    if ![of_principal, of_interest, of_fees].iter().zip(&dues).all(within) {
        return None;
    }
    let amount = |sum: Option<Sum>| sum.map(|sum| sum.amount);
    let paid =
        paid.map(|_| Paid { principal: amount(of_principal), interest: amount(of_interest), fees: amount(of_fees) });
    Some(Instalment {
        id: id?,
        due_on: due_on?,
        principal: principal.amount,
        interest: interest.amount,
        fees: amount(fees),
        paid,
        paid_on,
    })
}

fn size(sum: Option<Sum>) -> i64 {
    sum.map_or(0, |sum| sum.size)
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

pub(super) fn payments(c: &mut Cursor<'_>) -> Option<Vec<Payment>> {
    let list = c.list(MOST_ROWS, |c| {
        let (mut id, mut on, mut amount, mut to) = (None, None, None, None);
        let mut given = 0_i64;
        c.object(|c, key| {
            Some(match key {
                b"id" => set(&mut id, Some(c.id()?), 0),
                b"on" => set(&mut on, Some(c.date()?), 1),
                b"amount" => set(&mut amount, Some(c.amount()?), 2),
                b"to" => set(&mut to, c.maybe(|c| c.list(MOST_ROWS, |c| allocation(c, &mut given)))?, 3),
                _ => return None,
            })
        })?;
        let amount = amount?;
        (given <= amount.size).then_some(Payment { id: id?, on: on?, amount: amount.amount, to })
    })?;
    distinct(list.iter().map(|payment| payment.id.as_str())).then_some(list)
}

fn allocation(c: &mut Cursor<'_>, given: &mut i64) -> Option<Allocation> {
    let (mut instalment, mut charge, mut amount) = (None, None, None);
    c.object(|c, key| {
        Some(match key {
            b"instalment" => set(&mut instalment, c.maybe(Cursor::owned)?, 0),
            b"charge" => set(&mut charge, c.maybe(Cursor::owned)?, 1),
            b"amount" => set(&mut amount, Some(c.amount()?), 2),
            _ => return None,
        })
    })?;
    let Sum { amount, size } = amount?;
    *given = given.checked_add(size)?;
    (instalment.is_some() != charge.is_some()).then_some(Allocation { instalment, charge, amount })
}

pub(super) fn charges(c: &mut Cursor<'_>) -> Option<Vec<Charge>> {
    let list = c.list(MOST_ROWS, charge)?;
    distinct(list.iter().map(|charge| charge.id.as_str())).then_some(list)
}

fn charge(c: &mut Cursor<'_>) -> Option<Charge> {
    let (mut id, mut kind, mut amount, mut paid, mut waived) = (None, None, None, None, None);
    let (mut assessed_on, mut accrual, mut bearer, mut instalment, mut due_on) = (None, None, None, None, None);
    c.object(|c, key| {
        Some(match key {
            b"id" => set(&mut id, Some(c.id()?), 0),
            b"kind" => set(&mut kind, Some(charge_kind(c)?), 1),
            b"amount" => set(&mut amount, Some(c.amount()?), 2),
            b"paid" => set(&mut paid, c.maybe(Cursor::amount)?, 3),
            b"waived" => set(&mut waived, c.maybe(Cursor::amount)?, 4),
            b"assessed_on" => set(&mut assessed_on, c.maybe(Cursor::date)?, 5),
            b"accrual" => set(&mut accrual, c.maybe(read_accrual)?, 6),
            b"bearer" => set(&mut bearer, c.maybe(read_bearer)?, 7),
            b"instalment" => set(&mut instalment, c.maybe(Cursor::owned)?, 8),
            b"due_on" => set(&mut due_on, c.maybe(Cursor::date)?, 9),
            _ => return None,
        })
    })?;
    let whole = amount?;
    let settled = size(paid).checked_add(size(waived))?;
    let amount = |sum: Option<Sum>| sum.map(|sum| sum.amount);
    (settled <= whole.size).then_some(Charge {
        id: id?,
        kind: kind?,
        amount: whole.amount,
        paid: amount(paid),
        waived: amount(waived),
        assessed_on,
        accrual,
        bearer,
        instalment,
        due_on,
    })
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
    right.then_some(Accrual { from, until, basis: basis.map(|sum| sum.amount), rate, day_count: days })
}

fn read_bearer(c: &mut Cursor<'_>) -> Option<Bearer> {
    Some(match c.raw()? {
        b"lender" => Bearer::Lender,
        b"guarantor" => Bearer::Guarantor,
        b"funder" => Bearer::Funder,
        _ => return None,
    })
}
