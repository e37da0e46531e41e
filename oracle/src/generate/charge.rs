//! Charges: assessed on a day or accrued over days, paid and waived in part, about the days and sizes that matter.

use forbear_engine::account::snapshot::{Accrual, Charge, ChargeKind, ScheduleVersion};
use forbear_engine::rate::{DayCount, Rate};

use super::account::{amount, bearer};
use super::amount::size;
use super::setting::Setting;
use crate::dice::{Dice, shifted};

const USUAL: &[ChargeKind] = &[
    ChargeKind::LateFee,
    ChargeKind::LateFee,
    ChargeKind::PenaltyInterest,
    ChargeKind::PenaltyInterest,
    ChargeKind::GuaranteeFee,
];
const RARE: &[ChargeKind] = &[
    ChargeKind::CompoundInterest,
    ChargeKind::ServiceFee,
    ChargeKind::ReturnedPaymentFee,
    ChargeKind::EarlyRepaymentFee,
    ChargeKind::CollectionCost,
    ChargeKind::OtherFee,
];

/// Up to four charges.
pub fn charges(dice: &mut Dice, setting: &Setting, versions: &[ScheduleVersion]) -> Vec<Charge> {
    let count = *dice.pick(&[0, 1, 2, 3, 3, 4]);
    (0..count).map(|at| charge(dice, setting, versions, at)).collect()
}

fn charge(dice: &mut Dice, setting: &Setting, versions: &[ScheduleVersion], at: usize) -> Charge {
    let whole = if dice.chance(5) { 0 } else { size(dice).min(10_001) };
    let paid = match dice.below(8) {
        0..=2 => whole,
        3 => whole / 2,
        4 => (whole - 1).max(0),
        _ => 0,
    };
    let waived = if dice.chance(15) { (whole - paid) / 3 } else { 0 };
    let dated = dice.below(20);
    let instalment = dice.some(40, |dice| {
        let rows = versions.last().map(|version| version.rows.as_slice()).unwrap_or_default();
        (!rows.is_empty()).then(|| dice.pick(rows).id.clone())
    });
    Charge {
        id: format!("c{}", at + 1),
        kind: if dice.chance(80) { *dice.pick(USUAL) } else { *dice.pick(RARE) },
        amount: amount(whole),
        paid: dice.some(96, |_| amount(paid)),
        waived: dice.some(60, |_| amount(waived)),
        assessed_on: (dated < 10).then(|| setting.near(dice)),
        accrual: (10..19).contains(&dated).then(|| accrual(dice, setting)),
        bearer: bearer(dice),
        instalment: instalment.flatten(),
        due_on: dice.some(20, |dice| setting.near(dice)),
    }
}

fn accrual(dice: &mut Dice, setting: &Setting) -> Accrual {
    let from = setting.near(dice);
    Accrual {
        from,
        until: shifted(from, *dice.pick(&[0, 1, 9, 30, 45])),
        basis: dice.some(94, |dice| amount(*dice.pick(&[100_000, 99_999, 1_000]))),
        rate: dice.some(96, |dice| Rate((*dice.pick(&["0.18", "0.36", "0.365"])).parse().unwrap())),
        day_count: dice.some(96, |dice| *dice.pick(&[DayCount::Act365, DayCount::Act360])),
    }
}
