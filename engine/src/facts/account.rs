//! Facts of the account itself: status, terms, payments, what is left to pay.

use chrono::NaiveDate;

use super::Facts;
use super::value::{Missing, Names, Seen, Value};
use crate::account::snapshots::records::Payment;
use crate::money::{Money, MoneyError};
use crate::policy::facts::FactId;

impl<'a> Facts<'a> {
    pub(super) fn of_account(&self, id: FactId, on: NaiveDate) -> Result<Seen<'a>, MoneyError> {
        let account = self.snapshot;
        let head = account.head();
        let seen = |value: Option<Value<'a>>, what| Ok(Seen::or_unreported(value, what));
        match id {
            FactId::AccountStatus => Ok(self.status(on)),
            FactId::AccountProduct => seen(account.product().map(Value::Name), "the product is not reported"),
            FactId::AccountCurrency => Ok(Seen::Known(Value::Name(head.currency.code()))),
            FactId::AccountMethod => {
                let method = account.terms().method.map(|method| Value::Name(method.name()));
                seen(method, "the repayment method is not reported")
            }
            FactId::AccountRate => {
                let rate = account.terms().rate.map(|rate| Value::Rate(rate.0));
                seen(rate, "the contract rate is not reported")
            }
            FactId::AccountPrincipal => seen(account.principal().map(Value::Amount), "the amount lent is not reported"),
            FactId::AccountDisbursedOn => {
                seen(head.disbursed_on.map(Value::Date), "the disbursement date is not reported")
            }
            FactId::AccountCoolingOffEndsOn => {
                let end = account.terms().cooling_off_ends_on.map(Value::Date);
                seen(end, "the end of the cooling-off period is not reported")
            }
            FactId::AccountFirstLoan => {
                seen(head.first_loan.map(Value::Bool), "whether it is the first loan is not reported")
            }
            FactId::AccountReportedOverdue => Ok(self.reported_overdue(on)),
            FactId::AccountFunders => {
                let funders = account.funders().map(|list| Value::Names(Names::Funders(list)));
                seen(funders, "the funders are not reported")
            }
            FactId::AccountAgreements => seen(self.listed(head.agreements), "the agreements are not reported"),
            FactId::AccountArrangements => seen(self.listed(head.arrangements), "other arrangements are not reported"),
            FactId::AccountAddressChangedOn => Ok(self.address_changed_on()),
            FactId::AccountLastPaidOn | FactId::AccountLastFullPaymentOn => self.last_payment(id),
            FactId::AccountUnpaidCharges => Ok(match self.unpaid_charges_sum()? {
                None => Seen::Unknown(Missing::Unreported("the charges are not reported")),
                Some(Err(what)) => Seen::Unknown(Missing::Unreported(what)),
                Some(Ok(sum)) => Seen::Known(Value::Amount(sum)),
            }),
            FactId::AccountDaysPastDue
            | FactId::AccountMonthsPastDue
            | FactId::AccountOldestUnpaidDueOn
            | FactId::AccountInstalmentsOverdue => self.arrears(id, on),
            _ => self.of_rows(id),
        }
    }

    fn status(&self, on: NaiveDate) -> Seen<'a> {
        let history = self.snapshot.status_history();
        let then = history.iter().filter(|entry| entry.from <= on).max_by_key(|entry| entry.from);
        let now = (on >= self.snapshot.as_of() || history.is_empty()).then_some(self.snapshot.status()).flatten();
        let status = then.map(|entry| entry.status).filter(|_| on < self.snapshot.as_of()).or(now);
        let status = status.or_else(|| then.map(|entry| entry.status));
        let name = status.map(|status| Value::Name(status.name()));
        Seen::or_unreported(name, "the account's status on that day is not reported")
    }

    fn reported_overdue(&self, on: NaiveDate) -> Seen<'a> {
        let last = self.snapshot.credit_reports().map(|list| {
            let sent = list.iter().filter(|report| report.sent_on <= on);
            sent.max_by_key(|report| report.sent_on).is_some_and(|report| report.overdue)
        });
        Seen::or_unreported(last.map(Value::Bool), "the credit reports are not reported")
    }

    fn address_changed_on(&self) -> Seen<'a> {
        let Some(parties) = self.snapshot.parties() else {
            return Seen::Unknown(Missing::Unreported("the parties are not reported"));
        };
        let addresses =
            parties.iter().filter(|party| party.is_borrower()).filter_map(|party| self.snapshot.addresses(party));
        let latest = addresses.flatten().filter_map(|address| address.valid_from).max();
        Seen::Known(latest.map_or(Value::Nothing, Value::Date))
    }

    fn last_payment(&self, id: FactId) -> Result<Seen<'a>, MoneyError> {
        let Some(payments) = self.snapshot.payments() else {
            return Ok(Seen::Unknown(Missing::Unreported("the payments are not reported")));
        };
        if id == FactId::AccountLastPaidOn {
            let last = payments.iter().map(|payment| payment.on).max();
            return Ok(Seen::Known(last.map_or(Value::Nothing, Value::Date)));
        }
        // One contractual instalment: the smallest row, so that a smaller last one does not hide a full payment.
        let mut instalment: Option<Money> = None;
        if let Some(rows) = self.rows() {
            self.each_row(rows, |row| {
                let total = row.owed.total()?;
                if row.original && instalment.is_none_or(|least| total.minor() < least.minor()) {
                    instalment = Some(total);
                }
                Ok(())
            })?;
        }
        let Some(instalment) = instalment else {
            return Ok(Seen::Unknown(Missing::Unreported("the schedule is not reported")));
        };
        let mut last = None;
        for day in payments.iter().map(|payment| payment.on) {
            if last.is_none_or(|known| known < day) && self.paid_on(payments, day)?.minor() >= instalment.minor() {
                last = Some(day);
            }
        }
        Ok(Seen::Known(last.map_or(Value::Nothing, Value::Date)))
    }

    /// The payments of a day.
    fn paid_on(&self, payments: &[Payment], day: NaiveDate) -> Result<Money, MoneyError> {
        let own = payments.iter().filter(|payment| payment.on == day);
        own.map(|payment| self.snapshot.money(payment.amount.or_zero()))
            .try_fold(self.snapshot.money(0), |sum, paid| sum.add(&paid))
    }

    fn of_rows(&self, id: FactId) -> Result<Seen<'a>, MoneyError> {
        let Some(rows) = self.rows() else {
            return Ok(Seen::Unknown(Missing::Unreported("the schedule is not reported")));
        };
        let today = self.context.today;
        let zero = self.snapshot.money(0);
        let (mut total, mut left, mut principal, mut arrears) = (0_i64, 0_i64, zero, zero);
        let (mut first, mut last): (Option<NaiveDate>, Option<NaiveDate>) = (None, None);
        let mut next: Option<(NaiveDate, Money)> = None;
        let mut all_known = true;
        self.each_row(rows, |row| {
            total = total.saturating_add(1);
            first = Some(first.map_or(row.due_on, |day| day.min(row.due_on)));
            last = last.max(Some(row.due_on));
            all_known &= row.paid_known;
            let unpaid = row.unpaid()?;
            if unpaid.is_zero() {
                return Ok(());
            }
            left = left.saturating_add(1);
            principal = principal.add(&unpaid.principal)?;
            let payable = self.payable_on(row.due_on);
            if payable < today {
                arrears = arrears.add(&unpaid.total()?)?;
            } else if next.is_none_or(|(day, _)| payable < day) {
                next = Some((payable, unpaid.total()?));
            }
            Ok(())
        })?;
        let date = |day: Option<NaiveDate>| day.map_or(Value::Nothing, Value::Date);
        Ok(Seen::Known(match id {
            FactId::AccountFirstDueOn => date(first),
            FactId::AccountMaturityOn => date(last),
            FactId::AccountInstalmentsTotal => Value::Count(total),
            _ if !all_known => {
                return Ok(Seen::Unknown(Missing::Unreported("what is paid of an instalment is not reported")));
            }
            FactId::AccountPrincipalOutstanding => Value::Amount(principal),
            FactId::AccountArrears => Value::Amount(arrears),
            FactId::AccountInstalmentsLeft => Value::Count(left),
            FactId::AccountNextDueOn => date(next.map(|(day, _)| day)),
            FactId::AccountNextPayment => next.map_or(Value::Nothing, |(_, total)| Value::Amount(total)),
            _ => return Ok(Seen::Unknown(Missing::Unreported("no such fact of an account"))),
        }))
    }
}
