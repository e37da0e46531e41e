//! Facts, each looked up where the catalogue says that it comes from.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::{Instalment, Party, PartyRole};
use forbear_engine::adjustment::Adjustment;
use forbear_engine::history::Grant;
use forbear_engine::money::Money;
use forbear_engine::policy::document::Arrears;
use forbear_engine::policy::facts::{FactId as F, FactRef, FactType};

use super::ledger::{Row, in_force, minor, three};
use super::value::{Gap, Seen, Value, gravity, read};
use super::{Scene, day};

/// Whether somebody owes the loan.
#[must_use]
pub fn owes(party: &Party) -> bool {
    party.role != PartyRole::Guarantor
}

fn named(of: impl serde::Serialize) -> Option<Value> {
    serde_json::to_value(of).ok()?.as_str().map(|name| Value::Name(name.to_owned()))
}

fn dated(day: Option<NaiveDate>) -> Seen {
    Seen::Known(day.map_or(Value::Nothing, Value::Day))
}

impl Scene<'_> {
    /// A fact that is neither about an area nor about a person, on a day; an answer fills what is unknown.
    pub fn single(&self, fact: &FactRef, of: FactType, on: NaiveDate) -> Seen {
        let name = fact.name();
        let currency = self.account.currency;
        if let Some(json) = self.context.facts.get(&name) {
            return Seen::reported(read(json, of, currency));
        }
        let seen = self.looked_up(fact, of, on);
        let Seen::Unknown(gap) = seen else { return seen };
        let answer = self.request.and_then(|request| request.answers.get(&name));
        answer.and_then(|json| read(json, of, currency)).map_or(Seen::Unknown(gap), Seen::Known)
    }

    /// A fact about a person: one entry for each borrower.
    pub fn of_people(&self, fact: &FactRef) -> Vec<Seen> {
        let income = fact.id == F::BorrowerWithoutIncome;
        let unknown = || {
            if !income {
                return Seen::Unknown(Gap::Absent);
            }
            let answer = self.request.and_then(|request| request.answers.get(&fact.name()));
            let answer = answer.and_then(|json| read(json, FactType::Bool, self.account.currency));
            answer.map_or(Seen::Unknown(Gap::Ask(fact.name())), Seen::Known)
        };
        let Some(parties) = &self.account.parties else { return vec![unknown()] };
        let one = |party: &Party| {
            let value =
                if income { party.without_income.map(Value::Bool) } else { party.flags.clone().map(Value::Names) };
            value.map_or_else(unknown, Seen::Known)
        };
        parties.iter().filter(|party| owes(party)).map(one).collect()
    }

    fn looked_up(&self, fact: &FactRef, of: FactType, on: NaiveDate) -> Seen {
        let (account, terms) = (self.account, &self.account.terms);
        match fact.id {
            F::AccountStatus => self.status(on),
            F::AccountProduct => Seen::reported(account.product.clone().map(Value::Name)),
            F::AccountCurrency => Seen::Known(Value::Name(account.currency.code().to_owned())),
            F::AccountMethod => Seen::reported(terms.method.and_then(named)),
            F::AccountRate => Seen::reported(terms.rate.map(|rate| Value::Rate(rate.0))),
            F::AccountPrincipal => Seen::reported(terms.principal.map(|all| self.money(minor(all, account.currency)))),
            F::AccountDisbursedOn => Seen::reported(terms.disbursed_on.map(Value::Day)),
            F::AccountCoolingOffEndsOn => Seen::reported(terms.cooling_off_ends_on.map(Value::Day)),
            F::AccountFirstLoan => Seen::reported(account.first_loan.map(Value::Bool)),
            F::AccountReportedOverdue => Seen::reported(account.credit_reports.as_ref().map(|reports| {
                let mut sent: Vec<_> = reports.iter().filter(|report| report.sent_on <= on).collect();
                sent.sort_by_key(|report| report.sent_on);
                Value::Bool(sent.last().is_some_and(|report| report.overdue))
            })),
            F::AccountFunders => {
                let names = |list: &Vec<forbear_engine::account::snapshot::FunderShare>| {
                    Value::Names(list.iter().map(|one| one.party.clone()).collect())
                };
                Seen::reported(account.funders.as_ref().map(names))
            }
            F::AccountAgreements => Seen::reported(account.agreements.clone().map(Value::Names)),
            F::AccountArrangements => Seen::reported(account.arrangements.clone().map(Value::Names)),
            F::AccountAddressChangedOn => match &account.parties {
                None => Seen::Unknown(Gap::Absent),
                Some(parties) => {
                    let all =
                        parties.iter().filter(|party| owes(party)).flat_map(|party| party.addresses.iter().flatten());
                    dated(all.filter_map(|address| address.valid_from).max())
                }
            },
            F::AccountLastPaidOn | F::AccountLastFullPaymentOn => self.last_payment(fact.id),
            F::AccountUnpaidCharges => match &self.ledger.charges {
                Some(lines) if lines.iter().all(|line| line.paid_known) => {
                    Seen::Known(self.money(lines.iter().map(super::ledger::Line::unpaid).sum()))
                }
                _ => Seen::Unknown(Gap::Absent),
            },
            F::AccountDaysPastDue
            | F::AccountMonthsPastDue
            | F::AccountOldestUnpaidDueOn
            | F::AccountInstalmentsOverdue => self.arrears(fact.id, on),
            _ => self.beside_the_account(fact, of),
        }
    }

    /// Of the declaration, the request, earlier relief, the decision itself; and the lender's own.
    fn beside_the_account(&self, fact: &FactRef, of: FactType) -> Seen {
        let count = |count: usize| Seen::Known(Value::Count(count as i64));
        let requested = self.request;
        match fact.id {
            F::DeclarationKind => Seen::reported(named(self.standing.document.kind)),
            F::DeclarationSeverity => Seen::reported(self.standing.severity.map(|one| Value::Gravity(gravity(one)))),
            F::DeclarationIncidentStart => Seen::Known(Value::Day(self.standing.document.incident.start)),
            F::DeclarationIncidentEnd => Seen::Known(self.standing.end.map_or(Value::NotYet, Value::Day)),
            F::DeclarationDeclaredOn => Seen::Known(Value::Day(self.standing.document.declared_on)),
            F::RequestMade => Seen::Known(Value::Bool(requested.is_some())),
            F::RequestVia => Seen::Known(requested.and_then(|one| one.via.clone()).map_or(Value::Nothing, Value::Name)),
            F::RequestRequestedOn => dated(Some(requested.map_or(self.today(), |one| one.requested_on))),
            F::RequestEvidence => {
                Seen::Known(Value::Names(requested.map(|one| one.evidence.clone()).unwrap_or_default()))
            }
            F::HistoryGrants => count(decisions(self.own_grants())),
            F::HistoryGrantsForEvent => count(decisions(self.for_event())),
            F::HistoryDeferralsForEvent => count(decisions(self.for_event().filter(|grant| is_deferral(grant)))),
            F::HistoryDeferredInstalments => count(self.own_grants().map(deferred_instalments).sum()),
            F::HistoryLastDeferralOn => {
                dated(self.own_grants().filter(|grant| is_deferral(grant)).map(|grant| grant.decided_on).max())
            }
            F::HistoryLastReliefEndsOn => dated(self.own_grants().filter_map(ends_on).max()),
            F::DecidedOn => dated(Some(self.today())),
            F::ProcessingMonthStart => dated(self.first_decided_on.with_day(1)),
            F::ProcessingMonthEnd => {
                let first = self.first_decided_on;
                dated(first.with_day(day::month_length(first.year(), first.month())))
            }
            F::ReliefEnd => dated(self.relief_end),
            F::RowDue => dated(None),
            F::Attribute => self.attribute(fact, of),
            _ if fact.name().starts_with("account.") => self.of_rows(fact.id),
            _ => Seen::Unknown(Gap::Ask(fact.name())),
        }
    }

    fn money(&self, minor: i64) -> Value {
        Value::Amount(Money::new(minor, self.account.currency))
    }

    fn for_event(&self) -> impl Iterator<Item = &Grant> {
        self.own_grants().filter(|grant| grant.event == self.standing.document.event)
    }

    fn attribute(&self, fact: &FactRef, of: FactType) -> Seen {
        let name = fact.of.clone().unwrap();
        match self.account.attributes.get(&name) {
            Some(json) => Seen::reported(read(json, of, self.account.currency)),
            None if self.context.attributes[&name].ask.is_some() => Seen::Unknown(Gap::Ask(fact.name())),
            None => Seen::Unknown(Gap::Absent),
        }
    }

    /// On the day of the snapshot or later its status, before that the one that the history has for the day.
    fn status(&self, on: NaiveDate) -> Seen {
        let account = self.account;
        let history = account.status_history.as_deref().unwrap_or_default();
        let then = history.iter().filter(|one| one.from <= on).fold(None, |found: Option<(NaiveDate, _)>, one| {
            if found.is_some_and(|(from, _)| from > one.from) { found } else { Some((one.from, one.status)) }
        });
        let then = then.map(|(_, status)| status);
        let status = if on < account.as_of && !history.is_empty() { then } else { account.status.or(then) };
        Seen::reported(status.and_then(named))
    }

    fn last_payment(&self, fact: F) -> Seen {
        let Some(payments) = &self.account.payments else { return Seen::Unknown(Gap::Absent) };
        if fact == F::AccountLastPaidOn {
            return dated(payments.iter().map(|payment| payment.on).max());
        }
        // The smallest row that relief did not make.
        let rows = self.ledger.all_rows().iter().filter(|row| row.id == row.origin);
        let Some(instalment) = rows.map(|row| row.owed.iter().sum::<i64>()).min() else {
            return Seen::Unknown(Gap::Absent);
        };
        let on = |day: NaiveDate| -> i64 {
            let own = payments.iter().filter(|payment| payment.on == day);
            own.map(|payment| minor(payment.amount, self.account.currency)).sum()
        };
        dated(payments.iter().map(|payment| payment.on).filter(|day| on(*day) >= instalment).max())
    }

    fn of_rows(&self, fact: F) -> Seen {
        let Some(rows) = &self.ledger.rows else { return Seen::Unknown(Gap::Absent) };
        match fact {
            F::AccountFirstDueOn => return dated(rows.iter().map(|row| row.due).min()),
            F::AccountMaturityOn => return dated(rows.iter().map(|row| row.due).max()),
            F::AccountInstalmentsTotal => return Seen::Known(Value::Count(rows.len() as i64)),
            _ => {}
        }
        if rows.iter().any(|row| !row.paid_known) {
            return Seen::Unknown(Gap::Absent);
        }
        let unpaid: Vec<&Row> = rows.iter().filter(|row| !row.is_paid()).collect();
        let payable = |row: &Row| self.ledger.payable(row.due);
        let total = |row: &Row| row.unpaid().iter().sum::<i64>();
        let come: Vec<&&Row> = unpaid.iter().filter(|row| payable(row) >= self.today()).collect();
        let next = come.iter().map(|row| payable(row)).min();
        let first = come.iter().find(|row| Some(payable(row)) == next);
        Seen::Known(match fact {
            F::AccountPrincipalOutstanding => self.money(unpaid.iter().map(|row| row.unpaid()[0]).sum()),
            F::AccountArrears => {
                self.money(unpaid.iter().filter(|row| payable(row) < self.today()).map(|row| total(row)).sum())
            }
            F::AccountInstalmentsLeft => Value::Count(unpaid.len() as i64),
            F::AccountNextDueOn => next.map_or(Value::Nothing, Value::Day),
            F::AccountNextPayment => first.map_or(Value::Nothing, |row| self.money(total(row))),
            other => panic!("{other:?} is no fact of rows"),
        })
    }

    /// Arrears on a day, by the schedule in force on it.
    fn arrears(&self, fact: F, on: NaiveDate) -> Seen {
        let reported = self.account.months_past_due.filter(|_| on == self.account.as_of);
        if let Some(months) = reported.filter(|_| fact == F::AccountMonthsPastDue) {
            return Seen::Known(Value::Count(i64::from(months)));
        }
        let Some(unpaid) = self.unpaid_on(on) else { return Seen::Unknown(Gap::Absent) };
        let oldest = unpaid.iter().min().copied();
        let held = self.uncured(on);
        let count = |of: &dyn Fn(NaiveDate, NaiveDate) -> i64| {
            let own = oldest.map_or(0, |oldest| of(oldest, on));
            Value::Count(held.iter().map(|(oldest, on)| of(*oldest, *on)).fold(own, i64::max))
        };
        Seen::Known(match fact {
            F::AccountDaysPastDue => count(&|from, to| day::between(from, to).max(0)),
            F::AccountMonthsPastDue => count(&day::whole_months),
            F::AccountOldestUnpaidDueOn => oldest.map_or(Value::Nothing, Value::Day),
            _ => Value::Count(unpaid.iter().filter(|due| **due < on).count() as i64),
        })
    }

    /// Days on which what was unpaid on a day had to be paid; none when that cannot be told.
    fn unpaid_on(&self, on: NaiveDate) -> Option<Vec<NaiveDate>> {
        let mut unpaid = Vec::new();
        if on >= self.account.as_of {
            for row in self.ledger.rows.as_ref()? {
                if !row.paid_known && row.due < on {
                    return None;
                }
                if !row.is_paid() {
                    unpaid.push(self.ledger.payable(row.due));
                }
            }
            return Some(unpaid);
        }
        let version = in_force(self.account.schedules.as_deref().unwrap_or_default(), on)?;
        for row in &version.rows {
            match self.was_paid(row, on) {
                Some(true) => {}
                Some(false) => unpaid.push(self.ledger.payable(row.due_on)),
                None if row.due_on < on => return None,
                None => {}
            }
        }
        Some(unpaid)
    }

    fn was_paid(&self, row: &Instalment, on: NaiveDate) -> Option<bool> {
        if let Some(day) = row.paid_on {
            return Some(day <= on);
        }
        let number = |amount| minor(amount, self.account.currency);
        let owed = number(row.principal) + number(row.interest) + row.fees.map_or(0, number);
        if let Some(paid) = &row.paid {
            let parts = [paid.principal, paid.interest, paid.fees];
            if parts.into_iter().flatten().map(number).sum::<i64>() < owed {
                return Some(false);
            }
        }
        let mut sum = 0;
        for payment in self.account.payments.as_ref()?.iter().filter(|payment| payment.on <= on) {
            for part in payment.to.as_ref()? {
                if part.instalment.as_ref() == Some(&row.id) {
                    sum += number(part.amount);
                }
            }
        }
        Some(sum >= owed)
    }

    /// Arrears that earlier relief left: the oldest day before it, and the day up to which it counts.
    fn uncured(&self, on: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let mut held = Vec::new();
        for grant in self.own_grants().filter(|grant| grant.decided_on <= on) {
            for adjustment in &grant.adjustments {
                let Adjustment::Schedule(change) = adjustment else { continue };
                let before = change.changes.iter().filter_map(|row| row.before.as_ref());
                let late: Vec<_> = before
                    .filter(|row| three(&row.owed) != three(&row.paid) && row.due_on < grant.decided_on)
                    .collect();
                let Some(oldest) = late.iter().map(|row| row.due_on).min() else { continue };
                let rows = self.ledger.all_rows();
                let goes_on = late.iter().any(|was| rows.iter().any(|row| row.origin == was.origin && !row.is_paid()));
                let ended = change.relief_end.is_some_and(|end| on > end);
                match change.arrears {
                    Some(Arrears::Freeze) if !ended => held.push((oldest, grant.decided_on)),
                    Some(Arrears::Run) if goes_on => held.push((oldest, on)),
                    _ => {}
                }
            }
        }
        held
    }
}

/// Grants of one decision count once.
fn decisions<'a>(grants: impl Iterator<Item = &'a Grant>) -> usize {
    let mut keys: Vec<(String, String)> = grants.map(decision).collect();
    keys.sort();
    keys.dedup();
    keys.len()
}

/// What makes two grants part of one decision.
#[must_use]
pub fn decision(grant: &Grant) -> (String, String) {
    let made_up = format!("{}:{}:{}", grant.policy, grant.event, grant.decided_on);
    (grant.account.clone().unwrap_or_default(), grant.decision.clone().unwrap_or(made_up))
}

/// Whether a grant moves or suspends payments.
#[must_use]
pub fn is_deferral(grant: &Grant) -> bool {
    grant.adjustments.iter().any(|one| match one {
        Adjustment::Schedule(change) => !change.chosen.is_empty(),
        Adjustment::Suspension(_) => true,
        _ => false,
    })
}

/// How many instalments a grant deferred.
#[must_use]
pub fn deferred_instalments(grant: &Grant) -> usize {
    let of = |one: &Adjustment| if let Adjustment::Schedule(change) = one { change.chosen.len() } else { 0 };
    grant.adjustments.iter().map(of).sum()
}

/// The last day of a grant's deferral, suspension or hold.
#[must_use]
pub fn ends_on(grant: &Grant) -> Option<NaiveDate> {
    let end = |one: &Adjustment| match one {
        Adjustment::Schedule(change) => change.relief_end,
        Adjustment::Suspension(suspension) => Some(suspension.until),
        Adjustment::Hold(hold) => hold.until,
        _ => None,
    };
    grant.adjustments.iter().filter_map(end).max()
}
