//! The loss in present value, in floating point: another arithmetic than the engine's, compared within a minor unit.
#![allow(clippy::disallowed_types, clippy::float_arithmetic)]

use chrono::NaiveDate;
use forbear_engine::account::Account;

use super::day::between;
use super::ledger::{Ledger, minor};

/// What the loss should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// The terms do not allow it.
    None,
    /// About so many minor units.
    About(f64),
    /// The rate is beyond any that a loan has, where two arithmetics need not agree.
    Beyond,
}

impl Loss {
    /// Whether a figure fits.
    #[must_use]
    pub fn fits(&self, found: Option<i64>) -> bool {
        match (self, found) {
            (Self::Beyond, _) | (Self::None, None) => true,
            (Self::About(expected), Some(found)) => (expected - found as f64).abs() <= 2.0,
            _ => false,
        }
    }
}

/// Present value before less present value after, at the rate of the schedule first agreed.
#[must_use]
pub fn loss(account: &Account, before: &Ledger, after: &Ledger, today: NaiveDate) -> Loss {
    let growth = match growth(account) {
        Ok(growth) => growth,
        Err(loss) => return loss,
    };
    let value = |ledger: &Ledger| -> f64 {
        let rows = ledger.all_rows().iter();
        let flows = rows.map(|row| (ledger.payable(row.due), row.unpaid().iter().sum::<i64>()));
        let worth = flows
            .filter(|(_, unpaid)| *unpaid > 0)
            .map(|(due, unpaid)| unpaid as f64 / growth.powf(between(today, due).max(0) as f64));
        worth.sum::<f64>().round()
    };
    Loss::About(value(before) - value(after))
}

/// What a unit grows to in a day at the loan's own rate.
fn growth(account: &Account) -> Result<f64, Loss> {
    let versions = account.schedules.as_deref().unwrap_or_default();
    let first = versions.iter().min_by_key(|version| (version.known_from, version.version)).ok_or(Loss::None)?;
    let lent_on = account.terms.disbursed_on.ok_or(Loss::None)?;
    let lent = account.terms.principal.ok_or(Loss::None)?;
    if account.terms.rate.is_some_and(|rate| rate.0.is_zero()) && account.terms.upfront_fee.is_none() {
        return Ok(1.0);
    }
    let number = |amount| minor(amount, account.currency);
    let mut flows: std::collections::BTreeMap<NaiveDate, i64> = std::collections::BTreeMap::new();
    *flows.entry(lent_on).or_default() += number(lent) - account.terms.upfront_fee.map_or(0, number);
    for row in &first.rows {
        *flows.entry(row.due_on).or_default() -=
            number(row.principal) + number(row.interest) + row.fees.map_or(0, number);
    }
    let flows: Vec<(NaiveDate, i64)> = flows.into_iter().filter(|(_, sum)| *sum != 0).collect();
    let both = flows.iter().any(|(_, sum)| *sum > 0) && flows.iter().any(|(_, sum)| *sum < 0);
    if !both || flows[0].1 < 0 {
        return Err(Loss::None);
    }
    // More than one change of sign has more than one rate; so has a rate that no loan has no sure figure.
    let changes = flows.windows(2).filter(|pair| (pair[0].1 > 0) != (pair[1].1 > 0)).count();
    let worth = |growth: f64| -> f64 {
        flows.iter().map(|(on, sum)| *sum as f64 / growth.powf(between(flows[0].0, *on) as f64)).sum()
    };
    let (mut low, mut high) = (0.995, 1.01);
    if changes > 1 || worth(low) > 0.0 || worth(high) < 0.0 {
        return Err(Loss::Beyond);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if worth(middle) < 0.0 { low = middle } else { high = middle }
    }
    Ok(low)
}
