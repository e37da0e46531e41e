//! The defects that real books have, put into sample accounts on purpose. The account stays possible: what a
//! lender forgot to report, wrote in its own way, or corrected later.

use std::fmt;

use forbear_engine::account::Account;
use forbear_engine::account::snapshot::{Address, Charge, Payment};
use forbear_engine::dates::add_days;
use forbear_engine::money::Amount;
use rust_decimal::Decimal;

use super::Country;
use super::dice::Dice;
use super::history::to_charge;
use super::people::new_year;
use super::place::{ABOLISHED, UNKNOWN, anywhere};

/// A kind of defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// No address says since when.
    NoAddressDates,
    /// No party has an address.
    NoAddresses,
    /// Rows do not say what is paid, and no payments are reported.
    NoPayments,
    /// The contract rate is not reported.
    NoRate,
    /// The day count is not reported.
    NoDayCount,
    /// The day of disbursement is not reported.
    NoDisbursement,
    /// The status is not reported.
    NoStatus,
    /// No schedule is reported.
    NoSchedule,
    /// A growing charge does not say on what it grows, or how fast.
    NoAccrualBasis,
    /// Charges have neither a day nor a span of days.
    NoChargeDates,
    /// A charge does not say what is paid of it.
    NoChargePaid,
    /// Guarantee fees without the number of the agreement.
    NoAgreement,
    /// An address under a code that was abolished.
    AbolishedRegion,
    /// An address under a code that never was.
    UnknownRegion,
    /// A charge that is paid in part.
    PartPaidFee,
    /// The same snapshot twice.
    Duplicate,
    /// A later snapshot corrects this one.
    LateCorrection,
}

impl Defect {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::NoAddressDates,
        Self::NoAddresses,
        Self::NoPayments,
        Self::NoRate,
        Self::NoDayCount,
        Self::NoDisbursement,
        Self::NoStatus,
        Self::NoSchedule,
        Self::NoAccrualBasis,
        Self::NoChargeDates,
        Self::NoChargePaid,
        Self::NoAgreement,
        Self::AbolishedRegion,
        Self::UnknownRegion,
        Self::PartPaidFee,
        Self::Duplicate,
        Self::LateCorrection,
    ];

    /// In words, for the report at the end.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAddressDates => "addresses without dates",
            Self::NoAddresses => "no addresses",
            Self::NoPayments => "no paid parts",
            Self::NoRate => "no rate",
            Self::NoDayCount => "no day count",
            Self::NoDisbursement => "no disbursement date",
            Self::NoStatus => "no status",
            Self::NoSchedule => "no schedule",
            Self::NoAccrualBasis => "accrual without basis or rate",
            Self::NoChargeDates => "charges without dates",
            Self::NoChargePaid => "charge without its paid part",
            Self::NoAgreement => "guarantee without agreement",
            Self::AbolishedRegion => "abolished region code",
            Self::UnknownRegion => "unknown region code",
            Self::PartPaidFee => "part-paid fee",
            Self::Duplicate => "sent twice",
            Self::LateCorrection => "corrected later",
        }
    }

    /// Puts the defect into an account; `again` is a second snapshot to send. False when it does not apply.
    pub(super) fn put(self, dice: &mut Dice, account: &mut Account, again: &mut Option<Account>) -> bool {
        match self {
            Self::NoAddressDates => addresses(account, |address| address.valid_from.take().is_some()),
            Self::NoAddresses => {
                let parties = account.parties.iter_mut().flatten();
                parties.filter_map(|party| party.addresses.take()).count() > 0
            }
            Self::NoPayments => no_payments(account),
            Self::NoRate => account.terms.rate.take().is_some(),
            Self::NoDayCount => account.terms.day_count.take().is_some(),
            Self::NoDisbursement => account.terms.disbursed_on.take().is_some(),
            Self::NoStatus => account.status.take().is_some(),
            Self::NoSchedule => account.schedules.take().is_some_and(|schedules| !schedules.is_empty()),
            Self::NoAccrualBasis => {
                let half = dice.permille(500);
                charges(account, |charge| {
                    let Some(accrual) = &mut charge.accrual else { return false };
                    if half { accrual.basis.take().is_some() } else { accrual.rate.take().is_some() }
                })
            }
            Self::NoChargeDates => {
                charges(account, |charge| charge.assessed_on.take().is_some() || charge.accrual.take().is_some())
            }
            Self::NoChargePaid => {
                account.charges.iter_mut().flatten().last().is_some_and(|charge| charge.paid.take().is_some())
            }
            Self::NoAgreement => account.agreements.take().is_some(),
            Self::AbolishedRegion => abolished(dice, account),
            Self::UnknownRegion => unknown(dice, account),
            Self::PartPaidFee => part_paid(account),
            Self::Duplicate => {
                let free = again.is_none();
                again.get_or_insert_with(|| account.clone());
                free
            }
            Self::LateCorrection => corrected(dice, account, again),
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Changes every charge; whether any changed.
fn charges(account: &mut Account, change: impl FnMut(&mut Charge) -> bool) -> bool {
    account.charges.iter_mut().flatten().map(change).filter(|changed| *changed).count() > 0
}

/// Changes every address; whether any changed.
fn addresses(account: &mut Account, change: impl FnMut(&mut Address) -> bool) -> bool {
    let all = account.parties.iter_mut().flatten().flat_map(|party| party.addresses.iter_mut().flatten());
    all.map(change).filter(|changed| *changed).count() > 0
}

/// The borrower's present home.
fn home(account: &mut Account) -> Option<&mut Address> {
    let borrower = account.parties.as_mut()?.first_mut()?;
    let present = |address: &&mut Address| address.role == "home" && address.valid_until.is_none();
    borrower.addresses.as_mut()?.iter_mut().find(present)
}

fn no_payments(account: &mut Account) -> bool {
    let rows = account.schedules.iter_mut().flatten().flat_map(|schedule| &mut schedule.rows);
    let any = rows.fold(false, |any, row| {
        row.paid_on = None;
        row.paid.take().is_some() || any
    });
    if any {
        account.payments = None;
        account.charges.iter_mut().flatten().for_each(|charge| charge.paid = None);
    }
    any
}

fn abolished(dice: &mut Dice, account: &mut Account) -> bool {
    let (country, as_of) = (Country::of(&account.account), account.as_of);
    let codes: Vec<_> = ABOLISHED.iter().filter(|(of, ..)| Some(*of) == country).collect();
    let Some(first) = codes.first() else { return false };
    let (_, code, year) = dice.pick(&codes, first);
    // After a move the older date would make two homes overlap.
    let moved = |address: &Address| address.valid_until.is_some();
    if account.parties.iter().flatten().flat_map(|party| party.addresses.iter().flatten()).any(moved) {
        return false;
    }
    let Some(home) = home(account) else { return false };
    home.region = (*code).to_owned();
    home.valid_from = Some(new_year(as_of, *year));
    true
}

fn unknown(dice: &mut Dice, account: &mut Account) -> bool {
    let country = Country::of(&account.account);
    let codes: Vec<_> = UNKNOWN.iter().filter(|(of, _)| Some(*of) == country).collect();
    let Some(first) = codes.first() else { return false };
    let (_, code) = dice.pick(&codes, first);
    let Some(home) = home(account) else { return false };
    home.region = (*code).to_owned();
    true
}

/// Half of the first charge of which nothing is paid or waived is paid on the day.
fn part_paid(account: &mut Account) -> bool {
    let Some(payments) = &mut account.payments else { return false };
    let open = |charge: &&mut Charge| {
        charge.paid.is_some_and(|paid| paid.0.is_zero()) && charge.waived.is_none() && charge.amount.0 > Decimal::ONE
    };
    let Some(charge) = account.charges.iter_mut().flatten().find(open) else { return false };
    let half = Amount((charge.amount.0 / Decimal::TWO).trunc_with_scale(charge.amount.0.scale()));
    charge.paid = Some(half);
    let id = format!("PAY{}", payments.len().saturating_add(1));
    payments.push(Payment { id, on: account.as_of, amount: half, to: Some(vec![to_charge(&charge.id, half)]) });
    true
}

/// A few days later the core system reports another home, and has waived what was open of the last charge.
fn corrected(dice: &mut Dice, account: &Account, again: &mut Option<Account>) -> bool {
    if again.is_some() {
        return false;
    }
    let mut later = account.clone();
    later.as_of = add_days(account.as_of, dice.between(1, 5)).unwrap_or(account.as_of);
    let country = Country::of(&account.account).unwrap_or(Country::Cn);
    if let Some(home) = home(&mut later) {
        home.region = anywhere(dice, country);
        home.source = Some("correction".to_owned());
    }
    if let Some(charge) = later.charges.iter_mut().flatten().last()
        && let Some(paid) = charge.paid
        && charge.waived.is_none()
        && paid.0 < charge.amount.0
    {
        charge.waived = Some(Amount(charge.amount.0 - paid.0));
    }
    *again = Some(later);
    true
}
