//! What has happened to a sample loan by its day: payments, arrears, charges. Rows, payments and charges agree:
//! what a row or a charge says is paid is the sum of what payments gave to it.

use chrono::NaiveDate;
use forbear_engine::account::snapshot::{
    Accrual, Allocation, Bearer, Charge, ChargeKind, CreditReport, Instalment, Paid, Payment,
};
use forbear_engine::dates::{add_days, add_months};
use forbear_engine::money::{Amount, Currency, Money};
use forbear_engine::rate::{DayCount, Rate};
use rust_decimal::Decimal;

use super::dice::{Dice, back};
use super::plan::{Plan, Row, share_of};

/// How this borrower pays, and what this lender charges.
pub(super) struct Habit {
    pub as_of: NaiveDate,
    /// How many due rows are unpaid.
    pub behind: usize,
    /// Whether rows before were sometimes paid late.
    pub often_late: bool,
    pub grace_days: i64,
    /// A scheduled fee in every row, minor units.
    pub row_fee: i64,
    /// A guarantor's fee for every period, minor units.
    pub guarantee_fee: i64,
    /// A late fee of so much; absent, five percent of the row.
    pub late_fee: Option<i64>,
    /// Whether overdue principal accrues penalty interest, overdue interest compound interest.
    pub penalty: bool,
    pub compound: bool,
    /// For running the loan, paid when it began.
    pub service_fee: i64,
}

/// Rows, payments and charges on the day.
#[derive(Default)]
pub(super) struct Past {
    pub rows: Vec<Instalment>,
    pub payments: Vec<Payment>,
    pub charges: Vec<Charge>,
}

pub(super) struct Teller<'a> {
    pub dice: &'a mut Dice,
    pub plan: &'a Plan,
    pub habit: &'a Habit,
    pub past: Past,
}

impl Teller<'_> {
    fn amount(&self, minor: i64) -> Amount {
        amount(minor, self.plan.currency)
    }

    /// Lives through all rows in order.
    pub(super) fn tell(mut self, rows: &[Row]) -> Past {
        self.service_fee();
        let due = rows.iter().filter(|row| row.due_on <= self.habit.as_of).count();
        let first_unpaid = due.saturating_sub(self.habit.behind);
        let (mut begins, mut last_paid) = (self.plan.start, self.plan.start);
        for (at, row) in rows.iter().enumerate() {
            let id = at.saturating_add(1).to_string();
            let first_charge = self.past.charges.len();
            if self.habit.guarantee_fee > 0 && begins <= self.habit.as_of {
                self.guarantee_fee(&id, begins, row.due_on);
            }
            let (paid, paid_on) = if at < first_unpaid {
                last_paid = self.pays(&id, row, last_paid, first_charge);
                (self.whole(row), Some(last_paid))
            } else if at < due {
                (self.falls_behind(&id, row, at == first_unpaid), None)
            } else {
                (Paid::default(), None)
            };
            self.past.rows.push(Instalment {
                id,
                due_on: row.due_on,
                principal: self.amount(row.principal),
                interest: self.amount(row.interest),
                fees: (self.habit.row_fee > 0).then(|| self.amount(self.habit.row_fee)),
                paid: Some(paid),
                paid_on,
            });
            begins = row.due_on;
        }
        self.past
    }

    fn whole(&self, row: &Row) -> Paid {
        Paid {
            principal: Some(self.amount(row.principal)),
            interest: Some(self.amount(row.interest)),
            fees: (self.habit.row_fee > 0).then(|| self.amount(self.habit.row_fee)),
        }
    }

    fn service_fee(&mut self) {
        if self.habit.service_fee == 0 {
            return;
        }
        let fee = self.amount(self.habit.service_fee);
        let begun = self.plan.start;
        self.past.charges.push(Charge {
            paid: Some(fee),
            assessed_on: Some(begun),
            due_on: Some(begun),
            ..charge("S1".to_owned(), ChargeKind::ServiceFee, fee)
        });
        self.payment(begun, vec![to_charge("S1", fee)]);
    }

    fn guarantee_fee(&mut self, row: &str, assessed_on: NaiveDate, due_on: NaiveDate) {
        self.past.charges.push(Charge {
            assessed_on: Some(assessed_on),
            due_on: Some(due_on),
            bearer: Some(Bearer::Guarantor),
            instalment: Some(row.to_owned()),
            ..charge(format!("G{row}"), ChargeKind::GuaranteeFee, self.amount(self.habit.guarantee_fee))
        });
    }

    /// Pays a row and every charge on it; the day comes back.
    fn pays(&mut self, id: &str, row: &Row, not_before: NaiveDate, first_charge: usize) -> NaiveDate {
        let lag = if self.habit.often_late && self.dice.permille(250) {
            self.dice.between(1, 25)
        } else {
            self.dice.between(-3, 0)
        };
        let day = add_days(row.due_on, lag).unwrap_or(row.due_on).max(not_before).min(self.habit.as_of);
        self.late_charges(id, row, row.principal, row.interest, day);
        let mut parts = vec![Allocation {
            instalment: Some(id.to_owned()),
            charge: None,
            amount: self.amount(row.principal.saturating_add(row.interest).saturating_add(self.habit.row_fee)),
        }];
        let nothing = self.amount(0);
        for charge in self.past.charges.iter_mut().skip(first_charge) {
            if charge.kind == ChargeKind::LateFee && self.dice.permille(80) {
                charge.waived = Some(charge.amount);
                charge.paid = Some(nothing);
            } else {
                charge.paid = Some(charge.amount);
                parts.push(to_charge(&charge.id, charge.amount));
            }
        }
        self.payment(day, parts);
        day
    }

    /// Leaves a row unpaid, or pays part of the first such row on its day: fees, then interest, then principal.
    fn falls_behind(&mut self, id: &str, row: &Row, first: bool) -> Paid {
        let fee = self.habit.row_fee;
        let all = row.principal.saturating_add(row.interest).saturating_add(fee);
        let part =
            if first && all > 1 && self.dice.permille(250) { self.dice.between(1, all.saturating_sub(1)) } else { 0 };
        let fees = part.min(fee);
        let interest = part.saturating_sub(fees).min(row.interest);
        let principal = part.saturating_sub(fees).saturating_sub(interest);
        if part > 0 {
            let parts = vec![Allocation { instalment: Some(id.to_owned()), charge: None, amount: self.amount(part) }];
            self.payment(row.due_on, parts);
        }
        let (left, left_interest) = (row.principal.saturating_sub(principal), row.interest.saturating_sub(interest));
        self.late_charges(id, row, left, left_interest, self.habit.as_of);
        Paid {
            principal: (principal > 0).then(|| self.amount(principal)),
            interest: (interest > 0).then(|| self.amount(interest)),
            fees: (fees > 0).then(|| self.amount(fees)),
        }
    }

    /// What a row costs that is unpaid until a day; nothing within the days of grace.
    fn late_charges(&mut self, id: &str, row: &Row, principal: i64, interest: i64, until: NaiveDate) {
        let late = until.signed_duration_since(row.due_on).num_days();
        if late <= self.habit.grace_days {
            return;
        }
        let five_percent = share_of(row.principal.saturating_add(row.interest), Decimal::new(5, 2), self.plan.currency);
        let late_fee = self.habit.late_fee.unwrap_or(five_percent);
        let assessed_on = add_days(row.due_on, self.habit.grace_days.saturating_add(1));
        if late_fee > 0 {
            let new = charge(format!("L{id}"), ChargeKind::LateFee, self.amount(late_fee));
            self.past.charges.push(Charge { assessed_on, instalment: Some(id.to_owned()), ..new });
        }
        if self.habit.late_fee.is_none() && self.dice.permille(60) {
            let new = charge(format!("R{id}"), ChargeKind::ReturnedPaymentFee, self.amount(2500));
            self.past.charges.push(Charge { assessed_on: Some(row.due_on), instalment: Some(id.to_owned()), ..new });
        }
        if self.habit.penalty {
            self.accrues(id, ("P", ChargeKind::PenaltyInterest), row.due_on, principal, until);
        }
        if self.habit.compound {
            self.accrues(id, ("C", ChargeKind::CompoundInterest), row.due_on, interest, until);
        }
    }

    /// Daily from the day after the due date, at half as much again as the contract rate, actual days over 360.
    fn accrues(
        &mut self,
        row: &str,
        (mark, kind): (&str, ChargeKind),
        due_on: NaiveDate,
        basis: i64,
        until: NaiveDate,
    ) {
        let rate = (self.plan.rate * Decimal::new(15, 1)).normalize();
        let sum = share_of(basis, rate * DayCount::Act360.year_fraction(due_on, until), self.plan.currency);
        if sum == 0 {
            return;
        }
        let accrual = Accrual {
            from: add_days(due_on, 1).unwrap_or(due_on),
            until,
            basis: Some(self.amount(basis)),
            rate: Some(Rate(rate)),
            day_count: Some(DayCount::Act360),
        };
        let new = charge(format!("{mark}{row}"), kind, self.amount(sum));
        self.past.charges.push(Charge { accrual: Some(accrual), instalment: Some(row.to_owned()), ..new });
    }

    fn payment(&mut self, on: NaiveDate, to: Vec<Allocation>) {
        let id = format!("PAY{}", self.past.payments.len().saturating_add(1));
        let sum = to.iter().map(|part| part.amount.0).sum();
        self.past.payments.push(Payment { id, on, amount: Amount(sum), to: Some(to) });
    }
}

pub(super) fn amount(minor: i64, currency: Currency) -> Amount {
    Amount::from(Money::new(minor, currency))
}

pub(super) fn to_charge(charge: &str, amount: Amount) -> Allocation {
    Allocation { instalment: None, charge: Some(charge.to_owned()), amount }
}

/// A charge of which nothing is paid.
fn charge(id: String, kind: ChargeKind, amount: Amount) -> Charge {
    let nothing = Amount(Decimal::new(0, amount.0.scale()));
    Charge {
        id,
        kind,
        amount,
        paid: Some(nothing),
        waived: None,
        assessed_on: None,
        accrual: None,
        bearer: None,
        instalment: None,
        due_on: None,
    }
}

/// What the bureau heard at the last six month ends.
pub(super) fn credit_reports(rows: &[Instalment], begun: NaiveDate, as_of: NaiveDate) -> Vec<CreditReport> {
    let first = chrono::Datelike::with_day(&as_of, 1).unwrap_or(as_of);
    let ends = (0..6).rev().filter_map(|months| add_months(first, -months).map(|day| back(day, 1)));
    ends.filter(|day| *day > begun)
        .map(|day| {
            let unpaid = |row: &Instalment| row.due_on < day && row.paid_on.is_none_or(|paid| paid > day);
            CreditReport { sent_on: day, overdue: rows.iter().any(unpaid) }
        })
        .collect()
}
