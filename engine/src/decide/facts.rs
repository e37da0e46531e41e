//! Facts of one account in one decision: where each value comes from.

use chrono::{Datelike, NaiveDate};

use super::value::{Gap, Seen, Value};
use crate::account::position::{Position, Row};
use crate::account::snapshot::{Account, Party, PartyRole};
use crate::adjustment::Adjustment;
use crate::context::Context;
use crate::dates::{Window, days_in_month, whole_months};
use crate::declaration::Declared;
use crate::history::{Grant, History};
use crate::money::{Money, MoneyError};
use crate::policy::facts::{CATALOGUE, FactId, FactRef, FactType};
use crate::policy::program::{Program, Slot};
use crate::region::RegionTree;
use crate::request::Request;

/// Everything that facts are read from.
pub struct Facts<'a> {
    /// The account as reported.
    pub account: &'a Account,
    /// The account's position on the decision day, with relief that the core system has not confirmed.
    pub position: &'a Position,
    /// The declaration as it stands.
    pub declared: &'a Declared<'a>,
    /// The request; none for proactive relief.
    pub request: Option<&'a Request>,
    /// Earlier relief.
    pub history: &'a History,
    /// The circumstances.
    pub context: &'a Context,
    /// Regions.
    pub regions: &'a RegionTree,
    /// The day on which eligibility was first decided: earlier than today for a decision that waited.
    pub first_decided_on: NaiveDate,
    /// The last day of this decision's relief, once it is known.
    pub relief_end: Option<NaiveDate>,
}

impl<'a> Facts<'a> {
    /// What is seen in a slot: one entry, or one for each borrower when the fact is about a person.
    pub fn see(&self, slot: &Slot) -> Result<Vec<Seen>, MoneyError> {
        let name = slot.fact.name();
        if let Some(json) = self.context.facts.get(&name) {
            let read = Value::from_json(json, slot.of, self.account.currency, self.regions);
            return Ok(vec![read.map_or_else(|error| Seen::Unknown(Gap::absent(error)), Seen::Known)]);
        }
        let on = match &slot.on {
            None => self.context.today,
            Some(expr) => match self.date(expr)? {
                Ok(super::dates::Moment::Day(day)) => day,
                // What holds on a day that has not come is taken today.
                Ok(super::dates::Moment::NotYet) => self.context.today,
                Ok(super::dates::Moment::Nothing) => return Ok(vec![Seen::Known(Value::Nothing)]),
                Err(gap) => return Ok(vec![Seen::Unknown(gap)]),
            },
        };
        match slot.fact.id {
            FactId::AreaRegion | FactId::AreaDesignation | FactId::AreaDesignations | FactId::AreaCountsFrom => {
                Ok(self.area(slot, on))
            }
            FactId::BorrowerWithoutIncome | FactId::BorrowerFlags => Ok(self.borrowers(&slot.fact)),
            _ => Ok(vec![self.single(&slot.fact, slot.of, on)?]),
        }
    }

    /// The value of a fact that is not about an area or a person, on a day.
    pub fn single(&self, fact: &FactRef, of: FactType, on: NaiveDate) -> Result<Seen, MoneyError> {
        let name = fact.name();
        if let Some(json) = self.context.facts.get(&name) {
            let read = Value::from_json(json, of, self.account.currency, self.regions);
            return Ok(read.map_or_else(|error| Seen::Unknown(Gap::absent(error)), Seen::Known));
        }
        let seen = match name.split('.').next() {
            Some("account") => self.of_account(fact.id, on)?,
            Some("declaration") => self.of_declaration(fact.id),
            Some("request") => self.of_request(fact.id),
            Some("history") => self.of_history(fact.id),
            Some("context") => self.of_context(fact.id),
            _ => self.of_attributes(fact, of),
        };
        Ok(self.answered(seen, &name, of))
    }

    /// An answer fills in what is unknown; it never overrides what the lender knows.
    fn answered(&self, seen: Seen, name: &str, of: FactType) -> Seen {
        let Seen::Unknown(gap) = seen else { return seen };
        let answer = self.request.and_then(|request| request.answers.get(name));
        match answer.map(|json| Value::from_json(json, of, self.account.currency, self.regions)) {
            Some(Ok(value)) => Seen::Known(value),
            _ => Seen::Unknown(gap),
        }
    }

    fn rows(&self) -> Option<&[Row]> {
        self.position.rows.as_deref()
    }

    fn of_account(&self, id: FactId, on: NaiveDate) -> Result<Seen, MoneyError> {
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

    /// Arrears on a day, by the schedule in force on that day.
    fn arrears(&self, id: FactId, on: NaiveDate) -> Result<Seen, MoneyError> {
        if id == FactId::AccountMonthsPastDue
            && on == self.account.as_of
            && let Some(months) = self.account.months_past_due
        {
            return Ok(Seen::Known(Value::Count(i64::from(months))));
        }
        let unpaid = match self.unpaid_due_dates(on)? {
            Ok(unpaid) => unpaid,
            Err(gap) => return Ok(Seen::Unknown(gap)),
        };
        let oldest = unpaid.iter().min().copied();
        let overdue =
            i64::try_from(unpaid.iter().filter(|due| **due < on).count()).map_err(|_| MoneyError::Overflow)?;
        Ok(Seen::Known(match id {
            FactId::AccountInstalmentsOverdue => Value::Count(overdue),
            FactId::AccountOldestUnpaidDueOn => oldest.map_or(Value::Nothing, Value::Date),
            FactId::AccountMonthsPastDue => Value::Count(oldest.map_or(0, |oldest| whole_months(oldest, on))),
            _ => Value::Count(oldest.map_or(0, |oldest| on.signed_duration_since(oldest).num_days().max(0))),
        }))
    }

    /// Days on which instalments that were not fully paid on `on` had to be paid.
    fn unpaid_due_dates(&self, on: NaiveDate) -> Result<Result<Vec<NaiveDate>, Gap>, MoneyError> {
        if on >= self.account.as_of {
            let Some(rows) = self.rows() else { return Ok(Err(Gap::absent("the schedule is not reported"))) };
            let mut unpaid = Vec::new();
            for row in rows {
                if !row.paid_known && row.state.due_on < on {
                    return Ok(Err(Gap::absent("what is paid of an instalment is not reported")));
                }
                if !row.is_paid()? {
                    unpaid.push(self.position.payable_on(row.state.due_on));
                }
            }
            return Ok(Ok(unpaid));
        }
        let then = Position::of(self.account, on)?;
        let Some(rows) = then.rows else { return Ok(Err(Gap::absent("the schedule is not reported"))) };
        let mut unpaid = Vec::new();
        for row in rows {
            match paid_by(self.account, &row, on)? {
                Some(true) => {}
                Some(false) => unpaid.push(self.position.payable_on(row.state.due_on)),
                None if row.state.due_on < on => {
                    return Ok(Err(Gap::absent("when an instalment was paid is not reported")));
                }
                None => {}
            }
        }
        Ok(Ok(unpaid))
    }

    fn of_declaration(&self, id: FactId) -> Seen {
        let declared = self.declared;
        Seen::Known(match id {
            FactId::DeclarationKind => Value::Name(declared.kind.name().to_owned()),
            FactId::DeclarationSeverity => match declared.severity {
                Some(severity) => Value::Severity(severity),
                None => return Seen::Unknown(Gap::absent("the declaration states no severity")),
            },
            FactId::DeclarationIncidentStart => declared.incident.from.map_or(Value::Nothing, Value::Date),
            FactId::DeclarationIncidentEnd => declared.incident.until.map_or(Value::NotYet, Value::Date),
            _ => Value::Date(declared.declared_on),
        })
    }

    fn of_request(&self, id: FactId) -> Seen {
        let request = self.request;
        match id {
            FactId::RequestMade => Seen::Known(Value::Bool(request.is_some())),
            FactId::RequestVia => {
                let via = request.and_then(|request| request.via.clone());
                Seen::Known(via.map_or(Value::Nothing, Value::Name))
            }
            FactId::RequestRequestedOn => {
                Seen::Known(Value::Date(request.map_or(self.context.today, |request| request.requested_on)))
            }
            FactId::RequestEvidence => {
                Seen::Known(Value::Names(request.map(|request| request.evidence.clone()).unwrap_or_default()))
            }
            _ => Seen::Unknown(Gap::Askable { fact: fact_name(id) }),
        }
    }

    fn of_history(&self, id: FactId) -> Seen {
        let own: Vec<&Grant> = self.history.own(&self.account.account).collect();
        let event = &self.declared.event;
        let decisions = |grants: &mut dyn Iterator<Item = &&Grant>| {
            let keys: std::collections::BTreeSet<_> = grants.map(|grant| grant.decision_key()).collect();
            Value::Count(i64::try_from(keys.len()).unwrap_or(i64::MAX))
        };
        Seen::Known(match id {
            FactId::HistoryGrants => decisions(&mut own.iter()),
            FactId::HistoryGrantsForEvent => decisions(&mut own.iter().filter(|grant| grant.event == *event)),
            FactId::HistoryDeferralsForEvent => {
                decisions(&mut own.iter().filter(|grant| grant.event == *event && grant.is_deferral()))
            }
            FactId::HistoryDeferredInstalments => {
                let chosen = own.iter().map(|grant| grant.deferred_instalments()).sum::<usize>();
                Value::Count(i64::try_from(chosen).unwrap_or(i64::MAX))
            }
            FactId::HistoryLastDeferralOn => {
                let last = own.iter().filter(|grant| grant.is_deferral()).map(|grant| grant.decided_on).max();
                last.map_or(Value::Nothing, Value::Date)
            }
            _ => own.iter().filter_map(|grant| grant.ends_on()).max().map_or(Value::Nothing, Value::Date),
        })
    }

    fn of_context(&self, id: FactId) -> Seen {
        let first = self.first_decided_on;
        let last = days_in_month(first.year(), first.month());
        match id {
            FactId::DecidedOn => Seen::Known(Value::Date(self.context.today)),
            FactId::ProcessingMonthStart => Seen::Known(first.with_day(1).map_or(Value::Nothing, Value::Date)),
            FactId::ProcessingMonthEnd => Seen::Known(first.with_day(last).map_or(Value::Nothing, Value::Date)),
            FactId::ReliefEnd => Seen::Known(self.relief_end.map_or(Value::Nothing, Value::Date)),
            _ => Seen::Known(Value::Nothing),
        }
    }

    fn of_attributes(&self, fact: &FactRef, of: FactType) -> Seen {
        let name = fact.of.as_deref().unwrap_or_default();
        let json = self.account.attributes.get(name);
        match json.map(|json| Value::from_json(json, of, self.account.currency, self.regions)) {
            Some(Ok(value)) => Seen::Known(value),
            Some(Err(error)) => Seen::Unknown(Gap::absent(error)),
            None if self.context.attributes.get(name).is_some_and(|own| own.ask.is_some()) => {
                Seen::Unknown(Gap::Askable { fact: fact.name() })
            }
            None => Seen::Unknown(Gap::absent(format!("{} is not reported", fact.name()))),
        }
    }

    fn borrowers(&self, fact: &FactRef) -> Vec<Seen> {
        let name = fact.name();
        let Some(parties) = &self.account.parties else {
            let unknown = match fact.id {
                FactId::BorrowerWithoutIncome => Seen::Unknown(Gap::Askable { fact: name.clone() }),
                _ => Seen::Unknown(Gap::absent("the parties are not reported")),
            };
            return vec![self.answered(unknown, &name, FactType::Bool)];
        };
        let one = |party: &Party| match fact.id {
            FactId::BorrowerWithoutIncome => match party.without_income {
                Some(yes) => Seen::Known(Value::Bool(yes)),
                None => {
                    let unknown = Seen::Unknown(Gap::Askable { fact: name.clone() });
                    self.answered(unknown, &name, FactType::Bool)
                }
            },
            _ => {
                let flags = party.flags.clone().map(Value::Names);
                Seen::or_absent(flags, "the care flags of a borrower are not reported")
            }
        };
        parties.iter().filter(|party| is_borrower(party)).map(one).collect()
    }
}

/// Whether somebody owes the loan, alone or with others.
pub(super) fn is_borrower(party: &Party) -> bool {
    matches!(party.role, PartyRole::Borrower | PartyRole::CoBorrower)
}

fn fact_name(id: FactId) -> String {
    CATALOGUE.iter().find(|fact| fact.id == id).map(|fact| fact.name.to_owned()).unwrap_or_default()
}

/// Whether a row was fully paid on an earlier day; `None` when that cannot be told.
fn paid_by(account: &Account, row: &Row, on: NaiveDate) -> Result<Option<bool>, MoneyError> {
    if let Some(paid_on) = row.paid_on {
        return Ok(Some(paid_on <= on));
    }
    if row.paid_known && !row.is_paid()? {
        return Ok(Some(false));
    }
    let Some(payments) = &account.payments else { return Ok(None) };
    let mut paid = Money::zero(account.currency);
    for payment in payments.iter().filter(|payment| payment.on <= on) {
        let Some(to) = &payment.to else { return Ok(None) };
        for part in to.iter().filter(|part| part.instalment.as_deref() == Some(row.id.as_str())) {
            paid = paid.add(&part.amount.in_currency(account.currency)?)?;
        }
    }
    Ok(Some(paid.minor() >= row.state.owed.total()?.minor()))
}

impl Grant {
    /// Whether it moves or suspends payments.
    #[must_use]
    pub fn is_deferral(&self) -> bool {
        self.adjustments.iter().any(|adjustment| match adjustment {
            Adjustment::Schedule(change) => !change.chosen.is_empty(),
            Adjustment::Suspension(_) => true,
            _ => false,
        })
    }

    /// How many instalments it deferred.
    #[must_use]
    pub fn deferred_instalments(&self) -> usize {
        let chosen = |adjustment: &Adjustment| match adjustment {
            Adjustment::Schedule(change) => change.chosen.len(),
            _ => 0,
        };
        self.adjustments.iter().map(chosen).sum()
    }

    /// The last day of its deferral, suspension or hold.
    #[must_use]
    pub fn ends_on(&self) -> Option<NaiveDate> {
        let end = |adjustment: &Adjustment| match adjustment {
            Adjustment::Schedule(change) => change.relief_end,
            Adjustment::Suspension(suspension) => Some(suspension.until),
            Adjustment::Hold(hold) => hold.until,
            _ => None,
        };
        self.adjustments.iter().filter_map(end).max()
    }
}

/// What each slot of a program shows for an account.
pub fn see_all(program: &Program, facts: &Facts<'_>) -> Result<Vec<Vec<Seen>>, MoneyError> {
    program.slots.iter().map(|slot| facts.see(slot)).collect()
}

/// The window of an address.
pub(super) fn address_window(address: &crate::account::snapshot::Address) -> Window {
    Window { from: address.valid_from, until: address.valid_until }
}
