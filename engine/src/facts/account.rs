//! Facts of the account itself: status, terms, payments, what is left to pay.

use chrono::NaiveDate;

use super::value::{Gap, Seen, Value};
use super::{Facts, is_borrower};
use crate::money::{Money, MoneyError};
use crate::policy::facts::FactId;

impl Facts<'_> {
    pub(super) fn of_account(&self, id: FactId, on: NaiveDate) -> Result<Seen, MoneyError> {
        let account = self.account;
        let terms = &account.terms;
        let day = |day: Option<NaiveDate>, what| Ok(Seen::or_absent(day.map(Value::Date), what));
        match id {
            FactId::AccountStatus => Ok(self.status(on)),
            FactId::AccountProduct => {
                Ok(Seen::or_absent(account.product.clone().map(Value::Name), "the product is not reported"))
            }
            FactId::AccountCurrency => Ok(Seen::Known(Value::Name(account.currency.code().to_owned()))),
            FactId::AccountMethod => {
                let method = terms.method.and_then(|method| serde_json::to_value(method).ok());
                let name = method.and_then(|method| method.as_str().map(str::to_owned));
                Ok(Seen::or_absent(name.map(Value::Name), "the repayment method is not reported"))
            }
            FactId::AccountRate => {
                Ok(Seen::or_absent(terms.rate.map(|rate| Value::Rate(rate.0)), "the contract rate is not reported"))
            }
            FactId::AccountPrincipal => {
                let money = terms.principal.map(|amount| amount.in_currency(account.currency)).transpose()?;
                Ok(Seen::or_absent(money.map(Value::Amount), "the amount lent is not reported"))
            }
            FactId::AccountDisbursedOn => day(terms.disbursed_on, "the disbursement date is not reported"),
            FactId::AccountCoolingOffEndsOn => {
                day(terms.cooling_off_ends_on, "the end of the cooling-off period is not reported")
            }
            FactId::AccountFirstLoan => {
                let first = account.first_loan.map(Value::Bool);
                Ok(Seen::or_absent(first, "whether it is the first loan is not reported"))
            }
            FactId::AccountReportedOverdue => Ok(self.reported_overdue(on)),
            FactId::AccountFunders => {
                let names = account.funders.as_ref();
                let names = names.map(|list| Value::Names(list.iter().map(|funder| funder.party.clone()).collect()));
                Ok(Seen::or_absent(names, "the funders are not reported"))
            }
            FactId::AccountAgreements => {
                let names = account.agreements.clone().map(Value::Names);
                Ok(Seen::or_absent(names, "the agreements are not reported"))
            }
            FactId::AccountArrangements => {
                let names = account.arrangements.clone().map(Value::Names);
                Ok(Seen::or_absent(names, "other arrangements are not reported"))
            }
            FactId::AccountAddressChangedOn => Ok(self.address_changed_on()),
            FactId::AccountLastPaidOn | FactId::AccountLastFullPaymentOn => self.last_payment(id),
            FactId::AccountUnpaidCharges => self.unpaid_charges(),
            FactId::AccountDaysPastDue
            | FactId::AccountMonthsPastDue
            | FactId::AccountOldestUnpaidDueOn
            | FactId::AccountInstalmentsOverdue => self.arrears(id, on),
            _ => self.of_rows(id),
        }
    }

    fn status(&self, on: NaiveDate) -> Seen {
        let history = self.account.status_history.as_deref().unwrap_or_default();
        let then = history.iter().filter(|entry| entry.from <= on).max_by_key(|entry| entry.from);
        let now = (on >= self.account.as_of || history.is_empty()).then_some(self.account.status).flatten();
        let status = then.map(|entry| entry.status).filter(|_| on < self.account.as_of).or(now);
        let status = status.or_else(|| then.map(|entry| entry.status));
        let name = status.and_then(|status| serde_json::to_value(status).ok());
        let name = name.and_then(|name| name.as_str().map(str::to_owned));
        Seen::or_absent(name.map(Value::Name), "the account's status on that day is not reported")
    }

    fn reported_overdue(&self, on: NaiveDate) -> Seen {
        let reports = self.account.credit_reports.as_ref();
        let last = reports.map(|list| {
            let sent = list.iter().filter(|report| report.sent_on <= on);
            sent.max_by_key(|report| report.sent_on).is_some_and(|report| report.overdue)
        });
        Seen::or_absent(last.map(Value::Bool), "the credit reports are not reported")
    }

    fn address_changed_on(&self) -> Seen {
        let Some(parties) = &self.account.parties else {
            return Seen::Unknown(Gap::absent("the parties are not reported"));
        };
        let addresses =
            parties.iter().filter(|party| is_borrower(party)).flat_map(|party| party.addresses.iter().flatten());
        let latest = addresses.filter_map(|address| address.valid_from).max();
        Seen::Known(latest.map_or(Value::Nothing, Value::Date))
    }

    fn last_payment(&self, id: FactId) -> Result<Seen, MoneyError> {
        let Some(payments) = &self.account.payments else {
            return Ok(Seen::Unknown(Gap::absent("the payments are not reported")));
        };
        if id == FactId::AccountLastPaidOn {
            let last = payments.iter().map(|payment| payment.on).max();
            return Ok(Seen::Known(last.map_or(Value::Nothing, Value::Date)));
        }
        let currency = self.account.currency;
        // One contractual instalment: the smallest row, so that a smaller last one does not hide a full payment.
        let rows = self.rows().unwrap_or_default();
        let mut instalment: Option<Money> = None;
        for row in rows.iter().filter(|row| row.id == row.state.origin) {
            let total = row.state.owed.total()?;
            instalment =
                Some(instalment.map_or(total, |least| if total.minor() < least.minor() { total } else { least }));
        }
        let Some(instalment) = instalment else {
            return Ok(Seen::Unknown(Gap::absent("the schedule is not reported")));
        };
        let mut days = std::collections::BTreeMap::new();
        for payment in payments {
            let paid = days.entry(payment.on).or_insert(Money::zero(currency));
            *paid = paid.add(&payment.amount.in_currency(currency)?)?;
        }
        let last = days.into_iter().rev().find(|(_, paid)| paid.minor() >= instalment.minor());
        Ok(Seen::Known(last.map_or(Value::Nothing, |(day, _)| Value::Date(day))))
    }

    fn unpaid_charges(&self) -> Result<Seen, MoneyError> {
        let Some(charges) = &self.position.charges else {
            return Ok(Seen::Unknown(Gap::absent("the charges are not reported")));
        };
        if charges.iter().any(|charge| !charge.paid_known) {
            return Ok(Seen::Unknown(Gap::absent("what is paid of a charge is not reported")));
        }
        let mut sum = Money::zero(self.account.currency);
        for charge in charges {
            sum = sum.add(&charge.unpaid()?)?;
        }
        Ok(Seen::Known(Value::Amount(sum)))
    }

    fn of_rows(&self, id: FactId) -> Result<Seen, MoneyError> {
        let Some(rows) = self.rows() else { return Ok(Seen::Unknown(Gap::absent("the schedule is not reported"))) };
        let today = self.context.today;
        let date = |day: Option<NaiveDate>| Ok(Seen::Known(day.map_or(Value::Nothing, Value::Date)));
        match id {
            FactId::AccountFirstDueOn => return date(rows.iter().map(|row| row.state.due_on).min()),
            FactId::AccountMaturityOn => return date(rows.iter().map(|row| row.state.due_on).max()),
            FactId::AccountInstalmentsTotal => {
                return Ok(Seen::Known(Value::Count(i64::try_from(rows.len()).map_err(|_| MoneyError::Overflow)?)));
            }
            _ => {}
        }
        if rows.iter().any(|row| !row.paid_known) {
            return Ok(Seen::Unknown(Gap::absent("what is paid of an instalment is not reported")));
        }
        let (mut left, mut principal, mut arrears) =
            (0_i64, Money::zero(self.account.currency), Money::zero(self.account.currency));
        let mut next: Option<(NaiveDate, Money)> = None;
        for row in rows {
            let unpaid = row.unpaid()?;
            if unpaid.is_zero() {
                continue;
            }
            left = left.saturating_add(1);
            principal = principal.add(&unpaid.principal)?;
            let payable = self.position.payable_on(row.state.due_on);
            if payable < today {
                arrears = arrears.add(&unpaid.total()?)?;
            } else if next.is_none_or(|(day, _)| payable < day) {
                next = Some((payable, unpaid.total()?));
            }
        }
        Ok(match id {
            FactId::AccountPrincipalOutstanding => Seen::Known(Value::Amount(principal)),
            FactId::AccountArrears => Seen::Known(Value::Amount(arrears)),
            FactId::AccountInstalmentsLeft => Seen::Known(Value::Count(left)),
            FactId::AccountNextDueOn => Seen::Known(next.map_or(Value::Nothing, |(day, _)| Value::Date(day))),
            FactId::AccountNextPayment => Seen::Known(next.map_or(Value::Nothing, |(_, total)| Value::Amount(total))),
            _ => Seen::Unknown(Gap::absent("no such fact of an account")),
        })
    }
}
