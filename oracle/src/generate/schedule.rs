//! Schedules: by the contract's terms or as a core system may have bent them; rows of nothing, rows due on one day,
//! rows paid, in part or not known.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::{Allocation, Instalment, LoanTerms, Paid, Payment, ScheduleVersion};
use forbear_engine::dates::add_months;
use forbear_engine::money::{Currency, Money};
use forbear_engine::schedule::{Frequency, Kept, RateCalendar, Terms, derive};

use super::account::amount;
use super::setting::Setting;
use crate::dice::{Dice, shifted};

/// One or two versions.
pub fn schedules(dice: &mut Dice, setting: &Setting, terms: &LoanTerms, today: NaiveDate) -> Vec<ScheduleVersion> {
    let rows = rows(dice, setting, terms, today);
    let known_from = shifted(setting.start, -400);
    if !dice.chance(22) {
        return vec![ScheduleVersion { version: 1, known_from, rows }];
    }
    // The earlier version had the same rows, due sooner.
    let mut earlier = rows.clone();
    for row in &mut earlier {
        row.due_on = shifted(row.due_on, -10);
        if dice.chance(30) {
            row.paid = None;
        }
    }
    let changed = shifted(setting.start, *dice.pick(&[-5, 0, 1, 12]));
    vec![
        ScheduleVersion { version: 1, known_from, rows: earlier },
        ScheduleVersion { version: 2, known_from: changed, rows },
    ]
}

fn dues(dice: &mut Dice, setting: &Setting, every: Frequency, count: usize) -> Vec<NaiveDate> {
    let first = shifted(setting.start, *dice.pick(&[-95, -60, -31, -30, -1, 0, 1, 9, 30]));
    let first =
        if dice.chance(30) { add_months(first.with_day0(0).unwrap(), 1).unwrap().pred_opt().unwrap() } else { first };
    let mut dues = every.dues(first, count as u32).unwrap();
    if dice.chance(8) && count > 1 {
        dues[count - 1] = dues[count - 2];
    }
    dues
}

fn rows(dice: &mut Dice, setting: &Setting, terms: &LoanTerms, today: NaiveDate) -> Vec<Instalment> {
    if dice.chance(1) {
        return Vec::new();
    }
    let count = dice.range(1, 6) as usize;
    let dues = dues(dice, setting, terms.every.unwrap_or(Frequency::MONTHLY), count);
    let mut parts: Vec<(i64, i64)> = Vec::new();
    let full = terms.rate.zip(terms.method).zip(terms.day_count);
    if let Some(((rate, method), day_count)) = full.filter(|_| dice.chance(55)) {
        let contract = Terms { currency: Currency::CNY, rate, method, day_count };
        let lent = Money::new(*dice.pick(&[10_000, 30_000, 99_999]), Currency::CNY);
        let start = terms.disbursed_on.filter(|day| *day < dues[0]).unwrap_or(shifted(dues[0], -30));
        if let Ok(derived) = derive(&contract, lent, start, &dues, &RateCalendar::EMPTY, Kept::default()) {
            parts = derived.iter().map(|row| (row.principal.minor(), row.interest.minor())).collect();
        }
    }
    if parts.is_empty() {
        let one =
            |dice: &mut Dice| (*dice.pick(&[0, 1, 5_000, 10_000, 10_000, 9_999]), *dice.pick(&[0, 1, 100, 333, 800]));
        parts = (0..count).map(|_| one(dice)).collect();
    }
    let paid_up = match dice.below(8) {
        0..=2 => dues.iter().filter(|due| **due < today).count(),
        3 => count,
        4 => 1,
        _ => 0,
    };
    let lines = parts.into_iter().zip(dues).enumerate();
    lines.map(|(at, (parts, due_on))| row(dice, at, parts, due_on, at < paid_up)).collect()
}

fn row(dice: &mut Dice, at: usize, (principal, interest): (i64, i64), due_on: NaiveDate, full: bool) -> Instalment {
    let fees = if dice.chance(20) { *dice.pick(&[1, 99, 300]) } else { 0 };
    let part = |dice: &mut Dice, whole: i64| -> i64 {
        match dice.below(4) {
            0 => whole,
            1 => whole / 2,
            2 => (whole - 1).max(0),
            _ => 0,
        }
    };
    let paid = if full {
        [principal, interest, fees]
    } else if dice.chance(22) {
        [part(dice, principal), part(dice, interest), part(dice, fees)]
    } else {
        [0; 3]
    };
    let whole = paid == [principal, interest, fees];
    let paid_on = (whole && dice.chance(60)).then(|| shifted(due_on, *dice.pick(&[0, -1, 1, 10])));
    Instalment {
        id: format!("i{}", at + 1),
        due_on,
        principal: amount(principal),
        interest: amount(interest),
        fees: (fees > 0 || dice.chance(10)).then(|| amount(fees)),
        paid: dice.some(97, |_| Paid {
            principal: Some(amount(paid[0])),
            interest: Some(amount(paid[1])),
            fees: (fees > 0).then(|| amount(paid[2])),
        }),
        paid_on,
    }
}

/// What paid the rows, with or without what went where.
pub fn payments(dice: &mut Dice, setting: &Setting, versions: &[ScheduleVersion], as_of: NaiveDate) -> Vec<Payment> {
    let mut made = Vec::new();
    for row in versions.last().map(|version| version.rows.as_slice()).unwrap_or_default() {
        let Some(paid) = &row.paid else { continue };
        let parts = [paid.principal, paid.interest, paid.fees];
        let sum = parts.into_iter().flatten().fold(amount(0), |sum, part| sum.plus(part).unwrap());
        if sum.0.is_zero() || dice.chance(10) {
            continue;
        }
        let on = row.paid_on.unwrap_or_else(|| setting.near(dice)).min(as_of);
        let to = dice.some(92, |_| vec![Allocation { instalment: Some(row.id.clone()), charge: None, amount: sum }]);
        made.push(Payment { id: format!("pay{}", made.len() + 1), on, amount: sum, to });
    }
    made
}
