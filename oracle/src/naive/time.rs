//! Benefits of time: suspensions, other rates, holds, windows.

use chrono::NaiveDate;
use forbear_engine::account::snapshot::Method;
use forbear_engine::adjustment::{Adjustment, Cause, HoldChange, RowChange, ScheduleChange, Suspension, WindowChange};
use forbear_engine::money::Money;
use forbear_engine::policy::document::{
    DateRule, ExtendWindow, Hold, HoldKind, InterestOnTop, Renew, ReportAs, Suspend, WindowKind,
};
use forbear_engine::reason::Reason;
use rust_decimal::Decimal;

use super::claim::absent;
use super::day;
use super::ground::{Ground, missing, rounded};
use super::interest::{rows, simple};
use super::ledger::{Row, parts, sum};
use super::moment::Moment;

impl Ground<'_> {
    /// The end of the next step of something that is prolonged: asked for after the last grant, within the total.
    fn next_end(
        &self,
        renew: &Renew,
        decided_on: NaiveDate,
        first: NaiveDate,
        until: NaiveDate,
    ) -> Result<Option<NaiveDate>, Reason> {
        if self.scene.request.is_none_or(|request| request.requested_on <= decided_on) {
            return Ok(None);
        }
        let step = self.span_end(&renew.step, day::plus(until, 1).unwrap()).map_err(missing)?;
        let last = self.span_end(&renew.total, first).map_err(missing)?;
        match (step, last) {
            (Some(step), Some(last)) if last > until => Ok(Some(step.min(last))),
            _ => Err(Reason::Limit { pointer: "renew/total".to_owned() }),
        }
    }

    fn stretch(&self, suspend: &Suspend) -> Result<Option<(NaiveDate, NaiveDate, NaiveDate)>, Reason> {
        let mut last: Option<(NaiveDate, &Suspension)> = None;
        for grant in self.own() {
            for one in &grant.adjustments {
                if let Adjustment::Suspension(one) = one
                    && last.is_none_or(|(_, known)| known.until <= one.until)
                {
                    last = Some((grant.decided_on, one));
                }
            }
        }
        if let Some((decided_on, last)) = last {
            let Some(renew) = &suspend.renew else { return Ok(None) };
            let end = self.next_end(renew, decided_on, last.first_from, last.until)?;
            return Ok(end.map(|end| (day::plus(last.until, 1).unwrap(), end, last.first_from)));
        }
        let Moment::Day(from) = self.scene.moment(&suspend.from, None).map_err(missing)? else { return Ok(None) };
        let until = self.span_end(&suspend.length, from).map_err(missing)?;
        Ok(until.map(|until| (from, until, from)))
    }

    /// A time without payments.
    pub fn suspend(&self, suspend: &Suspend) -> Result<Vec<Adjustment>, Reason> {
        let Some((from, until, first_from)) = self.stretch(suspend)? else { return Ok(Vec::new()) };
        let rows = self.scene.ledger.rows.as_ref().ok_or_else(absent)?;
        if rows.iter().any(|row| !row.paid_known) {
            return Err(absent());
        }
        let unpaid: Vec<&Row> = rows.iter().filter(|row| !row.is_paid()).collect();
        if unpaid.is_empty() || until < self.today() {
            return Ok(Vec::new());
        }
        let payable = |row: &Row| self.scene.ledger.payable(row.due);
        let inside: Vec<&Row> =
            unpaid.into_iter().filter(|row| from <= payable(row) && payable(row) <= until).collect();
        let then = (suspend.then != "due_at_end").then(|| suspend.then.clone());
        let mut made = vec![Adjustment::Suspension(Suspension {
            from,
            until,
            first_from,
            rows: inside.iter().map(|row| row.origin.clone()).collect(),
            then: then.clone(),
            arrears: suspend.arrears,
        })];
        if suspend.interest_on_top != InterestOnTop::None && then.is_none() {
            made.extend(self.suspended_interest(suspend, &inside, until)?.map(Adjustment::Schedule));
        }
        Ok(made)
    }

    fn suspended_interest(
        &self,
        suspend: &Suspend,
        inside: &[&Row],
        until: NaiveDate,
    ) -> Result<Option<ScheduleChange>, Reason> {
        let (rate, count) = self.simple_terms()?;
        let currency = self.scene.account.currency;
        let capitalise = suspend.interest_on_top == InterestOnTop::Capitalise;
        let (mut changes, mut added, mut deferred) = (Vec::new(), 0, [0; 3]);
        for row in inside {
            deferred = sum(deferred, row.unpaid());
            let payable = self.scene.ledger.payable(row.due);
            let on_top = simple(row.unpaid()[0], rate, count, payable, day::plus(until, 1).unwrap());
            if on_top == 0 {
                continue;
            }
            added += on_top;
            let mut after = (*row).clone();
            after.owed[usize::from(!capitalise)] += on_top;
            changes.push(RowChange {
                row: row.id.clone(),
                before: Some(row.state(currency)),
                after: Some(after.state(currency)),
            });
        }
        Ok((!changes.is_empty()).then(|| ScheduleChange {
            cause: Cause::Suspension,
            changes,
            chosen: Vec::new(),
            deferred: parts(deferred, currency),
            added_interest: self.money(added),
            forgone_interest: self.money(0),
            capitalised: self.money(if capitalise { added } else { 0 }),
            arrears: Some(suspend.arrears),
            relief_end: Some(until),
        }))
    }

    /// Interest at a lower rate inside a window.
    pub fn at_rate(&self, from: &DateRule, until: &DateRule, to: Decimal) -> Result<Option<ScheduleChange>, Reason> {
        let begins = self.scene.moment(from, None).map_err(missing)?;
        let ends = self.scene.moment(until, None).map_err(missing)?;
        let until = if ends == Moment::NotYet { Some(self.today()) } else { ends.day() };
        let (Some(from), Some(until)) = (begins.day(), until) else { return Ok(None) };
        if until < from {
            return Ok(None);
        }
        let rows = self.scene.ledger.rows.as_ref().ok_or_else(absent)?;
        let contract = self.contract()?;
        if to >= contract.rate {
            return Ok(None);
        }
        // Days that earlier relief made cheaper are not made cheaper again.
        let done = self.rate_until();
        let first = done.and_then(|done| day::plus(done, 1)).map_or(from, |next| next.max(from));
        if until < first {
            return Ok(None);
        }
        let concerned: Vec<&Row> = rows
            .iter()
            .filter(|row| {
                !self.was_made(&row.id) && first <= self.due_before(row) && (!row.is_paid() || !row.paid_known)
            })
            .collect();
        if concerned.is_empty() {
            return Ok(None);
        }
        if concerned.iter().any(|row| !row.paid_known) {
            return Err(absent());
        }
        let after = self.derived(&concerned, contract, (first, until), to).unwrap_or_else(|| {
            let done = done.map(|done| (from, done));
            concerned.iter().map(|row| (row.owed[0], self.cut(row, (first, until), done, contract.rate, to))).collect()
        });
        Ok(self.rate_change(&concerned, &after, until))
    }

    /// Rows by the contract, with the window; none when without it they are not what the core system sent.
    fn derived(
        &self,
        concerned: &[&Row],
        contract: super::interest::Contract,
        (first, until): (NaiveDate, NaiveDate),
        to: Decimal,
    ) -> Option<Vec<(i64, i64)>> {
        if concerned.iter().any(|row| self.was_moved(&row.origin)) {
            return None;
        }
        let start = self.accrued_from(concerned[0].due);
        let dues: Vec<NaiveDate> = concerned.iter().map(|row| row.due).collect();
        let mut before = start;
        for due in &dues {
            if *due <= before {
                return None;
            }
            before = *due;
        }
        let lent = concerned.iter().map(|row| row.owed[0]).sum();
        let level = Some(concerned[0].owed[0] + concerned[0].owed[1]);
        let sent: Vec<(i64, i64)> = concerned.iter().map(|row| (row.owed[0], row.owed[1])).collect();
        if contract.method == Method::Flat || rows(contract, lent, start, &dues, None, level) != sent {
            return None;
        }
        let made = rows(contract, lent, start, &dues, Some((first, until, to)), level);
        // What is paid ahead stays where it was paid.
        let enough = made.iter().zip(concerned).all(|((principal, _), row)| *principal >= row.paid[0]);
        enough.then_some(made)
    }

    /// A row's interest less the share of its period's days that are inside.
    fn cut(
        &self,
        row: &Row,
        window: (NaiveDate, NaiveDate),
        done: Option<(NaiveDate, NaiveDate)>,
        rate: Decimal,
        to: Decimal,
    ) -> i64 {
        let due = self.due_before(row);
        let from = self.accrued_from(due);
        let within = |(first, last): (NaiveDate, NaiveDate)| {
            let days = 1..=day::between(from, due);
            Decimal::from(days.filter(|at| (first..=last).contains(&day::plus(from, *at).unwrap())).count())
        };
        let saved = Decimal::ONE - to / rate;
        let left = Decimal::from(day::between(from, due)) - saved * done.map_or(Decimal::ZERO, within);
        let share = if left.is_zero() { Decimal::ZERO } else { (saved * within(window) / left).min(Decimal::ONE) };
        // What a deferral put on top is no interest of these days.
        let own = self.own_unpaid(row)[1];
        row.owed[1] - rounded(Decimal::from(own + row.paid[1]) * share).min(own)
    }

    fn rate_change(&self, concerned: &[&Row], after: &[(i64, i64)], until: NaiveDate) -> Option<ScheduleChange> {
        let currency = self.scene.account.currency;
        let (mut changes, mut forgone) = (Vec::new(), 0);
        for (row, (principal, interest)) in concerned.iter().zip(after) {
            let mut now = (*row).clone();
            now.owed[0] = *principal;
            now.owed[1] = (*interest).max(row.paid[1]);
            if now != **row {
                forgone += row.owed[1] - now.owed[1];
                changes.push(RowChange {
                    row: row.id.clone(),
                    before: Some(row.state(currency)),
                    after: Some(now.state(currency)),
                });
            }
        }
        (forgone > 0).then(|| ScheduleChange {
            cause: Cause::Rate,
            changes,
            chosen: Vec::new(),
            deferred: parts([0; 3], currency),
            added_interest: self.money(0),
            forgone_interest: self.money(forgone),
            capitalised: self.money(0),
            arrears: None,
            relief_end: Some(until),
        })
    }

    /// Something that the lender stops doing.
    pub fn hold(&self, hold: &Hold) -> Result<Option<HoldChange>, Reason> {
        let day_of =
            |rule: Option<&DateRule>| rule.map(|rule| self.scene.moment(rule, None)).transpose().map_err(missing);
        let Some(Moment::Day(mut from)) = day_of(Some(&hold.from))? else { return Ok(None) };
        let ends = day_of(hold.until.as_ref())?;
        let mut open = matches!(ends, None | Some(Moment::NotYet));
        if ends == Some(Moment::Nothing) {
            return Ok(None);
        }
        let mut until = ends.and_then(Moment::day);
        let review = day_of(hold.review_by.as_ref())?;
        if matches!(review, Some(Moment::Nothing | Moment::NotYet)) {
            return Ok(None);
        }
        let before: Vec<(NaiveDate, &HoldChange)> = self
            .own()
            .flat_map(|grant| grant.adjustments.iter().map(|one| (grant.decided_on, one)))
            .filter_map(|(on, one)| if let Adjustment::Hold(hold) = one { Some((on, hold)) } else { None })
            .collect();
        if let Some(first) = before.iter().map(|(_, hold)| hold.from).min() {
            let latest = before.iter().map(|(on, _)| *on).max().unwrap();
            let (decided_on, last) = before.iter().rfind(|(on, _)| *on == latest).unwrap();
            let after = |last: NaiveDate| day::plus(last, 1).unwrap().max(from);
            match last.until {
                // An open hold stands until its end becomes known.
                None if until.is_none() => return Ok(None),
                None => {}
                Some(last) if open || until.is_some_and(|until| until > last) => from = after(last),
                Some(last) => {
                    let Some(renew) = &hold.renew else { return Ok(None) };
                    let Some(end) = self.next_end(renew, *decided_on, first, last)? else { return Ok(None) };
                    (from, until, open) = (after(last), Some(end), false);
                }
            }
        }
        let correct = self.to_correct(hold, from, until, &before);
        if !open {
            let until = until.unwrap();
            if until < from || (until < self.today() && correct.is_empty()) {
                return Ok(None);
            }
        }
        let (what, report_as) = (hold.what.clone(), hold.report_as);
        Ok(Some(HoldChange { what, from, until, review_by: review.and_then(Moment::day), report_as, correct }))
    }

    fn to_correct(
        &self,
        hold: &Hold,
        from: NaiveDate,
        until: Option<NaiveDate>,
        before: &[(NaiveDate, &HoldChange)],
    ) -> Vec<NaiveDate> {
        let protects =
            matches!(hold.report_as, Some(ReportAs::NotReported | ReportAs::NotOverdue | ReportAs::AsAtStart));
        if hold.correct_past != Some(true) || !protects || !hold.what.contains(&HoldKind::CreditReporting) {
            return Vec::new();
        }
        let reports = self.scene.account.credit_reports.clone().unwrap_or_default();
        let wrong = reports.iter().filter(|report| report.overdue).map(|report| report.sent_on);
        wrong
            .filter(|day| from <= *day && until.is_none_or(|until| *day <= until))
            .filter(|day| before.iter().all(|(_, hold)| !hold.correct.contains(day)))
            .collect()
    }

    /// A longer window, less what was given before.
    pub fn extend(&self, extend: &ExtendWindow) -> Result<Option<WindowChange>, Reason> {
        let given: i64 = self
            .own()
            .flat_map(|grant| &grant.adjustments)
            .map(|one| if let Adjustment::Window(one) = one { one.days } else { 0 })
            .sum();
        let end = match extend.window {
            WindowKind::CoolingOff => Some(self.scene.account.terms.cooling_off_ends_on.ok_or_else(absent)?),
            WindowKind::Grace => None,
        };
        let from = end.unwrap_or(self.today());
        let Some(last) = self.span_end(&extend.by, day::plus(from, 1).unwrap()).map_err(missing)? else {
            return Ok(None);
        };
        let days = day::between(from, last) - given;
        let before = end.and_then(|end| day::plus(end, given));
        Ok((days > 0).then_some(WindowChange { window: extend.window, before, after: end.map(|_| last), days }))
    }

    /// Money given once for an event; `most` is what a limit leaves.
    pub fn goodwill(
        &self,
        amounts: &[forbear_engine::policy::document::Quantity],
        most: Option<i64>,
    ) -> Result<Option<Money>, Reason> {
        if self.own().next().is_some() {
            return Ok(None);
        }
        let currency = self.scene.account.currency;
        for quantity in amounts.iter().filter(|quantity| !super::ground::is_foreign(quantity, currency)) {
            if let Some(amount) = self.quantity(quantity).map_err(missing)?.amount(currency) {
                let amount = most.map_or(amount, |most| amount.min(most));
                return Ok((amount > 0).then(|| self.money(amount)));
            }
        }
        Err(Reason::NoCapInCurrency { currency: currency.code().to_owned() })
    }
}
