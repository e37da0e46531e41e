//! What adjustments do, in words with amounts and dates.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Voice;
use crate::account::Position;
use crate::account::snapshot::{Bearer, ChargeKind};
use crate::adjustment::{
    Adjustment, Cause, Credited, HoldChange, Relieved, RowState, ScheduleChange, StandingOrder, Suspension, Target,
    WindowChange,
};
use crate::dates::add_days;
use crate::facts::Facts;
use crate::money::{Money, MoneyError};
use crate::policy::document::{DeferTo, IfPaid};
use crate::policy::program::{BenefitKind, BenefitProgram, Program};
use crate::rate::Rate;

/// What an effect is told about: the account before, and the policy it comes from.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The account before the decision.
    pub before: &'a Position,
    /// The policy.
    pub program: Option<&'a Program>,
    /// The benefit.
    pub benefit: Option<&'a BenefitProgram>,
    /// What the policy read, for the days that its dates came to.
    pub facts: Option<&'a Facts<'a>>,
}

/// Money relieved, added up over targets that are told together.
struct Sum {
    amount: Money,
    count: usize,
    through: Option<NaiveDate>,
}

/// Told together: waived or refunded, of what, borne by whom.
type Heap = (bool, Option<ChargeKind>, Option<NaiveDate>, Bearer, Option<String>);

impl Voice<'_> {
    /// What a benefit's adjustments do, a sentence each.
    ///
    /// # Errors
    /// An amount leaves its range.
    pub fn effects(&self, adjustments: &[Adjustment], told: Told<'_>) -> Result<Vec<String>, MoneyError> {
        let mut lines = Vec::new();
        let mut heaps: BTreeMap<Heap, Sum> = BTreeMap::new();
        for adjustment in adjustments {
            match adjustment {
                Adjustment::Waiver(relieved) => heap(&mut heaps, relieved, false, told.before)?,
                Adjustment::Refund(relieved) => heap(&mut heaps, relieved, true, told.before)?,
                _ => {}
            }
        }
        lines.extend(heaps.into_iter().map(|(of, sum)| self.relieved(&of, &sum)));
        for adjustment in adjustments {
            match adjustment {
                Adjustment::Waiver(_) | Adjustment::Refund(_) => {}
                Adjustment::Credit { relieved, to } => lines.push(self.credited(relieved, to, told.before)?),
                Adjustment::Schedule(change) => lines.extend(self.rescheduled(change, told)?),
                Adjustment::Suspension(suspension) => lines.push(self.suspended(suspension, told)),
                Adjustment::Hold(hold) => lines.extend(self.on_hold(hold, told)),
                Adjustment::Window(change) => lines.push(self.longer(change)),
                Adjustment::Goodwill { amount } => {
                    let amount = self.money(amount);
                    lines.push(self.say(format!("补偿{amount}"), format!("{amount} given as goodwill")));
                }
                Adjustment::StandingOrder(order) => lines.push(self.standing(order)),
            }
        }
        Ok(lines)
    }

    fn relieved(&self, (was_paid, kind, due_on, bearer, agreement): &Heap, sum: &Sum) -> String {
        let money = self.money(&sum.amount);
        let what = match (kind, due_on) {
            (Some(kind), _) => self.charge(*kind),
            (None, Some(day)) => {
                self.say(format!("{day} 一期的利息"), format!("interest of the instalment due on {day}"))
            }
            (None, None) => self.say("利息", "interest"),
        };
        let mut notes = Vec::new();
        if sum.count > 1 {
            notes.push(self.say(format!("共 {} 笔", sum.count), format!("{} charges", sum.count)));
        }
        if let Some(day) = sum.through {
            notes.push(self.say(format!("计至 {day}"), format!("accrued through {day}")));
        }
        notes.push(self.borne(*bearer, agreement.as_deref()));
        let notes = notes.join(self.language.of(["，", ", "]));
        if *was_paid {
            self.say(format!("退还已付的{what}{money}（{notes}）"), format!("{money} of {what} paid back ({notes})"))
        } else {
            self.say(format!("减免{what}{money}（{notes}）"), format!("{money} of {what} waived ({notes})"))
        }
    }

    fn borne(&self, bearer: Bearer, agreement: Option<&str>) -> String {
        let bearer = self.bearer(bearer);
        match agreement {
            Some(name) => self.say(format!("由{bearer}按协议 {name} 承担"), format!("borne by {bearer} under {name}")),
            None => self.say(format!("由{bearer}承担"), format!("borne by {bearer}")),
        }
    }

    fn credited(&self, relieved: &Relieved, to: &[Credited], before: &Position) -> Result<String, MoneyError> {
        let (money, what) = (self.money(&relieved.amount), relieved.charge);
        let what = what.map_or_else(|| self.say("利息", "interest"), |kind| self.charge(kind));
        let borne = self.borne(relieved.bearer, relieved.agreement.as_deref());
        let mut rows = Vec::new();
        for credited in to {
            let part = self.money(&credited.paid.total()?);
            let part = if to.len() > 1 { self.say(part.clone(), format!(" ({part})")) } else { String::new() };
            let day = due_on(before, &credited.row).map_or_else(|| credited.row.clone(), |day| day.to_string());
            rows.push(self.say(format!("{day} 一期{part}"), format!("the one due on {day}{part}")));
        }
        let rows = self.and(&rows);
        Ok(self.say(
            format!("已付的{what}{money}抵作后续还款：{rows}（{borne}）"),
            format!("{money} of {what} already paid counts towards instalments: {rows} ({borne})"),
        ))
    }

    fn rescheduled(&self, change: &ScheduleChange, told: Told<'_>) -> Result<Vec<String>, MoneyError> {
        let mut lines = Vec::new();
        match change.cause {
            Cause::Deferral => lines.push(self.deferred(change, told)?),
            Cause::Suspension => {}
            Cause::Rate => lines.push(self.cheaper(change, told)),
        }
        if change.cause != Cause::Rate {
            lines.push(if change.added_interest.minor() == 0 {
                self.say("不另计利息", "no interest is added")
            } else {
                let money = self.money(&change.added_interest);
                self.say(format!("另计利息{money}"), format!("{money} of interest is added for the longer time"))
            });
        }
        if change.capitalised.minor() > 0 {
            let money = self.money(&change.capitalised);
            lines.push(self.say(format!("其中{money}计入本金"), format!("{money} of it becomes principal")));
        }
        if let Some(arrears) = change.arrears.filter(|_| change.cause == Cause::Deferral) {
            lines.push(self.arrears(arrears));
        }
        Ok(lines)
    }

    fn deferred(&self, change: &ScheduleChange, told: Told<'_>) -> Result<String, MoneyError> {
        let count = self.count(i64::try_from(change.chosen.len()).unwrap_or(i64::MAX), "instalments");
        let total = self.money(&change.deferred.total()?);
        let days: Vec<NaiveDate> = change.chosen.iter().filter_map(|id| origin_due_on(change, id)).collect();
        let days = self.span(&days);
        let to = match told.benefit.map(|benefit| &benefit.kind) {
            Some(BenefitKind::Defer(program)) => Some(program.to),
            _ => None,
        };
        let whither = to.map(|to| self.deferred_to(to)).unwrap_or_default();
        let whither = if to == Some(DeferTo::LaterDate) {
            let days: Vec<String> = later(change).iter().map(NaiveDate::to_string).collect();
            let days = self.and(&days);
            self.say(format!("改到 {days} 到期"), format!("they are due on {days}"))
        } else {
            whither
        };
        Ok(self.say(
            format!("延期 {count}，合计{total}（原还款日 {days}）：{whither}"),
            format!("{count} with {total} deferred (due {days}): {whither}"),
        ))
    }

    fn cheaper(&self, change: &ScheduleChange, told: Told<'_>) -> String {
        let money = self.money(&change.forgone_interest);
        match told.benefit.map(|benefit| &benefit.kind) {
            Some(BenefitKind::Rate { from, until, to }) => {
                let (from, until) = (self.date(from, told.facts), self.date(until, told.facts));
                let zero = *to == Rate::ZERO;
                let rate = super::amount::percent(to.0, 4);
                let (zh, en) = if zero {
                    ("不计利息".to_owned(), "no interest".to_owned())
                } else {
                    (format!("年利率降至 {rate}"), format!("an annual rate of {rate}"))
                };
                self.say(
                    format!("{from}至{until}{zh}，少收利息{money}"),
                    format!("{en} from {from} to {until}: {money} of interest is not charged"),
                )
            }
            _ => self.say(format!("少收利息{money}"), format!("{money} of interest is not charged")),
        }
    }

    fn suspended(&self, suspension: &Suspension, told: Told<'_>) -> String {
        let Suspension { from, until, rows, then, arrears, .. } = suspension;
        let count = self.count(i64::try_from(rows.len()).unwrap_or(i64::MAX), "instalments");
        let then = match (then, told.program) {
            (Some(id), Some(program)) => {
                let title = self.benefit_title(program, id);
                self.say(format!("结束后适用“{title}”"), format!("then \"{title}\" applies"))
            }
            (Some(_), None) | (None, _) => {
                let day = add_days(*until, 1).unwrap_or(*until);
                self.say(format!("结束后于 {day} 到期"), format!("what fell due is to be paid on {day}"))
            }
        };
        let arrears = self.arrears(*arrears);
        self.say(
            format!("{from} 至 {until} 暂停还款（涉及 {count}），{then}；{arrears}"),
            format!("no payments from {from} to {until} ({count} fall due inside); {then}; {arrears}"),
        )
    }

    fn on_hold(&self, hold: &HoldChange, told: Told<'_>) -> Vec<String> {
        let what: Vec<String> = hold.what.iter().map(|kind| self.held(*kind)).collect();
        let (what, from) = (self.and(&what), hold.from);
        // An end that the policy names but that has no day yet hangs on the end of the disaster.
        let follows =
            matches!(told.benefit.map(|one| &one.kind), Some(BenefitKind::Hold(hold)) if hold.until.is_some());
        let until = match (hold.until, follows) {
            (Some(until), _) => self.say(format!("{from} 至 {until}"), format!("from {from} to {until}")),
            (None, true) => self.say(
                format!("{from} 起（截止日待灾害结束后确定）"),
                format!("from {from} on (the last day follows when the disaster is over)"),
            ),
            (None, false) => self.say(format!("{from} 起，直至解除，"), format!("from {from} until released")),
        };
        let review =
            hold.review_by.map(|day| self.say(format!("，{day} 前复核"), format!("; a person looks again by {day}")));
        let review = review.unwrap_or_default();
        let mut lines = vec![self.say(format!("{until} 停止{what}{review}"), format!("{what} stop {until}{review}"))];
        lines.extend(hold.report_as.map(|how| self.report_as(how)));
        if !hold.correct.is_empty() {
            let days: Vec<String> = hold.correct.iter().map(NaiveDate::to_string).collect();
            let days = self.and(&days);
            lines.push(
                self.say(format!("更正 {days} 已报送的征信记录"), format!("credit reports of {days} are corrected")),
            );
        }
        lines
    }

    fn longer(&self, change: &WindowChange) -> String {
        let (window, days) = (self.extended(change.window), self.count(change.days, "days"));
        match (change.before, change.after) {
            (Some(before), Some(after)) => self.say(
                format!("{window}由 {before} 延至 {after}（增加 {days}）"),
                format!("the {window} ends on {after} instead of {before} ({days} more)"),
            ),
            _ => self.say(format!("{window}增加 {days}"), format!("the {window} is {days} longer")),
        }
    }

    fn standing(&self, order: &StandingOrder) -> String {
        let kinds: Vec<String> = order.charges.iter().map(|kind| self.charge(*kind)).collect();
        let kinds = self.and(&kinds);
        let until = match order.until {
            Some(until) => self.say(format!("截至 {until} "), format!("until {until}")),
            None => self.say("灾害结束日确定前", "while the end of the disaster is not known"),
        };
        let mut notes = Vec::new();
        if order.share != Rate::ONE {
            let share = super::amount::percent(order.share.0, 4);
            notes.push(self.say(format!("减免比例 {share}"), format!("{share} of each")));
        }
        if let Some(left) = &order.cap_left {
            let left = self.money(left);
            notes.push(self.say(format!("额度还余{left}"), format!("{left} left")));
        }
        match order.if_paid {
            IfPaid::Leave => {}
            IfPaid::Refund => notes.push(self.say("已付的退还", "what is paid is paid back")),
            IfPaid::CreditNext => notes.push(self.say("已付的抵作后续还款", "what is paid counts towards instalments")),
        }
        let notes = notes.join(self.language.of(["，", ", "]));
        let notes = if notes.is_empty() { notes } else { self.say(format!("（{notes}）"), format!(" ({notes})")) };
        self.say(
            format!("{until}新产生的{kinds}同样减免{notes}"),
            format!("also waived, {until}: {kinds} still to come{notes}"),
        )
    }

    /// "2021-07-20", "2021-07-20 to 2021-09-20".
    fn span(&self, days: &[NaiveDate]) -> String {
        match (days.iter().min(), days.iter().max()) {
            (Some(first), Some(last)) if first == last => first.to_string(),
            (Some(first), Some(last)) => self.say(format!("{first} 至 {last}"), format!("{first} to {last}")),
            _ => String::new(),
        }
    }
}

fn heap(
    heaps: &mut BTreeMap<Heap, Sum>,
    relieved: &Relieved,
    was_paid: bool,
    before: &Position,
) -> Result<(), MoneyError> {
    let due_on = match &relieved.target {
        Target::Charge(_) => None,
        Target::Interest(row) => due_on(before, row),
    };
    let of = (was_paid, relieved.charge, due_on, relieved.bearer, relieved.agreement.clone());
    let zero = Money::zero(relieved.amount.currency());
    let sum = heaps.entry(of).or_insert(Sum { amount: zero, count: 0, through: None });
    sum.amount = sum.amount.add(&relieved.amount)?;
    sum.count = sum.count.saturating_add(1);
    sum.through = sum.through.max(relieved.through);
    Ok(())
}

fn due_on(before: &Position, row: &str) -> Option<NaiveDate> {
    before.rows.iter().flatten().find(|one| one.id == row).map(|one| one.state.due_on)
}

/// When a chosen instalment was due before.
fn origin_due_on(change: &ScheduleChange, origin: &str) -> Option<NaiveDate> {
    let own = |state: &&RowState| state.origin == origin;
    change.changes.iter().filter_map(|one| one.before.as_ref()).filter(own).map(|state| state.due_on).min()
}

/// The days on which what was chosen is due now.
fn later(change: &ScheduleChange) -> Vec<NaiveDate> {
    let after = change.changes.iter().filter_map(|one| one.after.as_ref());
    let mut days: Vec<NaiveDate> = after
        .filter(|state| change.chosen.contains(&state.origin) && state.owed != state.paid)
        .map(|state| state.due_on)
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}
