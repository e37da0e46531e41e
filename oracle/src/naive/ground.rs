//! What a benefit stands on: the scene as benefits before it left the account, and what was given for the event before.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use forbear_engine::adjustment::{Adjustment, Cause, Relieved, RowState, ScheduleChange, Target};
use forbear_engine::history::Grant;
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::document::{Benefit, Cap, CapPer, Chooser, OneOrMany, Quantity, QuantityObject, Span};
use forbear_engine::policy::facts::FactRef;
use forbear_engine::reason::Reason;
use rust_decimal::{Decimal, RoundingStrategy};

use super::claim::absent;
use super::ledger::{Row, three};
use super::value::{Gap, Seen, Value};
use super::{Scene, day};

/// One benefit of one claim.
pub struct Ground<'a> {
    /// The account as it stands.
    pub scene: Scene<'a>,
    /// The benefit.
    pub benefit: &'a Benefit,
    /// Live grants to the account for the event, oldest first.
    pub given: Vec<&'a Grant>,
    /// Live grants to the account for other events that were decided beside this claim.
    pub beside: Vec<&'a Grant>,
}

/// A number or an amount in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A number.
    Count(i64),
    /// An amount.
    Amount(Money),
}

impl Measure {
    /// The number; an amount is none.
    #[must_use]
    pub fn count(self) -> Option<i64> {
        if let Self::Count(count) = self { Some(count) } else { None }
    }

    /// The amount in minor units; a number is none, nor is an amount in another currency.
    #[must_use]
    pub fn amount(self, currency: Currency) -> Option<i64> {
        match self {
            Self::Amount(money) if money.currency() == currency => Some(money.minor()),
            _ => None,
        }
    }

    fn unit(self) -> Option<Currency> {
        if let Self::Amount(money) = self { Some(money.currency()) } else { None }
    }

    fn size(self) -> i64 {
        match self {
            Self::Count(count) => count,
            Self::Amount(money) => money.minor(),
        }
    }
}

/// Half-up to whole units.
#[must_use]
pub fn rounded(number: Decimal) -> i64 {
    i64::try_from(number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)).unwrap()
}

fn relieved(adjustment: &Adjustment) -> Option<&Relieved> {
    match adjustment {
        Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
            Some(relieved)
        }
        _ => None,
    }
}

/// Waived, refunded and goodwill money of a grant, in a currency.
#[must_use]
pub fn money_given(grant: &Grant, currency: Currency) -> i64 {
    let of = |one: &Adjustment| match one {
        Adjustment::Goodwill { amount } => Some(*amount),
        other => relieved(other).map(|relieved| relieved.amount),
    };
    grant
        .adjustments
        .iter()
        .filter_map(of)
        .filter(|money| money.currency() == currency)
        .map(|money| money.minor())
        .sum()
}

/// What the payments moved by adjustments come to, part by part.
#[must_use]
pub fn moved(adjustments: &[Adjustment], currency: Currency) -> [i64; 3] {
    let of = |one: &Adjustment| match one {
        Adjustment::Schedule(change) if change.added_interest.currency() == currency => three(&change.deferred),
        _ => [0; 3],
    };
    adjustments.iter().map(of).fold([0; 3], super::ledger::sum)
}

impl<'a> Ground<'a> {
    /// The decision day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.scene.today()
    }

    /// An amount in the account's currency.
    #[must_use]
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.scene.account.currency)
    }

    /// Grants of this very benefit.
    pub fn own(&self) -> impl Iterator<Item = &'a Grant> + '_ {
        self.given
            .iter()
            .copied()
            .filter(|grant| grant.policy == self.scene.policy.policy && grant.benefit == self.benefit.id)
    }

    /// Relieved on a target, by anything or by this benefit.
    #[must_use]
    pub fn relieved_on(&self, target: &Target, by_this: bool) -> i64 {
        let grants: Vec<&Grant> = if by_this { self.own().collect() } else { self.given.clone() };
        let all = grants.iter().flat_map(|grant| &grant.adjustments).filter_map(relieved);
        all.filter(|one| one.target == *target).map(|one| one.amount.minor()).sum()
    }

    /// Relieved by this benefit.
    #[must_use]
    pub fn used(&self) -> i64 {
        self.own().flat_map(|grant| &grant.adjustments).filter_map(relieved).map(|one| one.amount.minor()).sum()
    }

    /// Everything that was done to rows before, oldest first: for the event, and beside this claim.
    fn done(&self) -> impl Iterator<Item = &'a Adjustment> + '_ {
        let mut all: Vec<&'a Grant> = self.given.iter().chain(&self.beside).copied().collect();
        all.sort_by_key(|grant| grant.decided_on);
        all.into_iter().flat_map(|grant| &grant.adjustments)
    }

    fn changes(&self) -> impl Iterator<Item = &'a ScheduleChange> + '_ {
        self.done().filter_map(|one| if let Adjustment::Schedule(change) = one { Some(change) } else { None })
    }

    /// Whether interest of a row was relieved, or a credit paid of it.
    #[must_use]
    pub fn was_emptied(&self, row: &str) -> bool {
        let target = Target::Interest(row.to_owned());
        self.done().any(|one| {
            relieved(one).is_some_and(|relieved| relieved.target == target)
                || matches!(one, Adjustment::Credit { to, .. } if to.iter().any(|credited| credited.row == row))
        })
    }

    /// What deferrals and suspensions put on the rows of an instalment; none when they did nothing to them.
    pub(super) fn put_on(&self, origin: &str) -> Option<[i64; 3]> {
        self.put_where(|_, state| state.origin == origin)
    }

    /// What changes put on some rows, one after another; taking away more than was put on leaves nothing put on.
    fn put_where(&self, concerns: impl Fn(&str, &RowState) -> bool) -> Option<[i64; 3]> {
        let mut sum: Option<[i64; 3]> = None;
        for change in self.changes().filter(|change| change.cause != Cause::Rate) {
            for part in 0..3 {
                let (mut step, mut touched) = (0, false);
                for row in &change.changes {
                    for (state, sign) in [(&row.before, -1), (&row.after, 1)] {
                        if let Some(state) = state.as_ref().filter(|state| concerns(&row.row, state)) {
                            touched = true;
                            step += sign * super::ledger::less(three(&state.owed), three(&state.paid))[part];
                        }
                    }
                }
                if touched {
                    let known = sum.get_or_insert([0; 3]);
                    known[part] = (known[part] + step).max(0);
                }
            }
        }
        sum
    }

    /// Whether a deferral or a suspension did something to the rows of an instalment.
    #[must_use]
    pub fn was_moved(&self, origin: &str) -> bool {
        self.put_on(origin).is_some()
    }

    /// What a row still owes of what was owed before deferrals: every row keeps what was not put on it while there is some
    /// of the instalment's own left; what is left after that goes to the first rows.
    #[must_use]
    pub fn own_unpaid(&self, row: &Row) -> [i64; 3] {
        let Some(put_on) = self.put_on(&row.origin) else { return row.unpaid() };
        let rows = self.scene.ledger.all_rows();
        let siblings: Vec<&Row> = rows.iter().filter(|one| one.origin == row.origin).collect();
        let at = siblings.iter().position(|one| one.id == row.id).unwrap();
        [0, 1, 2].map(|part| {
            let owed: Vec<i64> = siblings.iter().map(|one| one.unpaid()[part].max(0)).collect();
            let put = siblings.iter().map(|one| self.put_where(|id, _| id == one.id).map_or(0, |put| put[part]));
            let mut own: Vec<i64> = vec![0; owed.len()];
            let most = (owed.iter().sum::<i64>() - put_on[part]).max(0);
            for (at, put) in put.enumerate() {
                own[at] = (owed[at] - put).clamp(0, most - own.iter().sum::<i64>());
            }
            for at in 0..owed.len() {
                let rest = most - own.iter().sum::<i64>();
                own[at] += (owed[at] - own[at]).clamp(0, rest);
            }
            own[at]
        })
    }

    /// Live grants of others that were decided when this claim stood as it does: asked for, declared and in force.
    fn rivals(&self) -> impl Iterator<Item = &'a Grant> + '_ {
        let since = since(&self.scene);
        self.scene.own_grants().filter(move |grant| grant.decided_on >= since)
    }

    /// Who relieved one of some targets beside this claim: a policy, or the same one for another event.
    #[must_use]
    pub fn relieved_by_rival(&self, targets: &[Target]) -> Option<Reason> {
        let (policy, event) = (&self.scene.policy.policy, &self.scene.standing.document.event);
        self.rivals().filter(|grant| (&grant.policy, &grant.event) != (policy, event)).find_map(|grant| {
            let hit = grant.adjustments.iter().filter_map(relieved).any(|one| targets.contains(&one.target));
            let same = grant.policy == *policy;
            let other = if same { format!("{policy} ({})", grant.event) } else { grant.policy.clone() };
            hit.then_some(Reason::LostTo { other })
        })
    }

    /// Which other benefit changed the rate beside this one.
    #[must_use]
    pub fn rate_of_rival(&self) -> Option<Reason> {
        let own = (&self.scene.policy.policy, &self.scene.standing.document.event, &self.benefit.id);
        let others = self.rivals().filter(|grant| (&grant.policy, &grant.event, &grant.benefit) != own);
        let changed = others.filter(|grant| {
            grant.adjustments.iter().any(|one| matches!(one, Adjustment::Schedule(one) if one.cause == Cause::Rate))
        });
        changed.map(|grant| Reason::LostTo { other: format!("{}/{}", grant.policy, grant.benefit) }).next()
    }

    /// The last day on which interest was paused or reduced before.
    #[must_use]
    pub fn rate_until(&self) -> Option<NaiveDate> {
        let own = self.given.iter().flat_map(|grant| &grant.adjustments);
        let ends = own.filter_map(|one| match one {
            Adjustment::Schedule(change) if change.cause == Cause::Rate => change.relief_end,
            _ => None,
        });
        ends.max()
    }

    /// Whether an instalment was deferred before.
    #[must_use]
    pub fn was_chosen(&self, origin: &str) -> bool {
        self.changes().any(|change| change.chosen.iter().any(|chosen| chosen == origin))
    }

    /// Whether a row was made by relief: a balance, an additional term.
    #[must_use]
    pub fn was_made(&self, row: &str) -> bool {
        self.changes().flat_map(|change| &change.changes).any(|one| {
            one.row == row && one.before.is_none() && one.after.as_ref().is_some_and(|after| after.origin == row)
        })
    }

    fn first_due(&self, origin: &str) -> Option<NaiveDate> {
        let before = self.changes().flat_map(|change| &change.changes).filter_map(|one| one.before.as_ref());
        before.filter(|before| before.origin == origin).map(|before| before.due_on).next()
    }

    /// When a row was due before this event's relief.
    #[must_use]
    pub fn due_before(&self, row: &Row) -> NaiveDate {
        let first = self.changes().flat_map(|change| &change.changes).find(|one| one.row == row.id);
        let own = first.and_then(|one| Some(one.before.as_ref()?.due_on));
        own.or_else(|| self.first_due(&row.origin)).unwrap_or(row.due)
    }

    /// The days on which instalments were due before this event's relief: of rows that are there and that are not.
    #[must_use]
    pub fn dues_before(&self) -> Vec<NaiveDate> {
        let rows = self.scene.ledger.all_rows().iter().filter(|row| !self.was_made(&row.id));
        let mut dues: Vec<NaiveDate> = rows.map(|row| self.due_before(row)).collect();
        let origins: BTreeSet<&String> =
            self.changes().flat_map(|one| &one.changes).filter_map(|one| Some(&one.before.as_ref()?.origin)).collect();
        dues.extend(origins.into_iter().filter(|origin| !self.was_made(origin)).filter_map(|one| self.first_due(one)));
        dues
    }

    /// Instalments of which no row owes anything any more and that were not deferred themselves, with their days: they were
    /// put together with others.
    #[must_use]
    pub fn put_together(&self) -> Vec<(NaiveDate, String)> {
        let rows = self.scene.ledger.all_rows();
        let befores = self.changes().flat_map(|change| &change.changes).filter_map(|one| one.before.as_ref());
        let origins: BTreeSet<&String> = befores.map(|before| &before.origin).collect();
        let paid = |row: &Row| row.paid_known && row.unpaid().iter().all(|part| *part <= 0);
        let lost = |origin: &&String| {
            let emptied = self.left_empty(origin);
            let none = rows.iter().filter(|row| row.origin == **origin).all(|row| emptied && paid(row));
            !self.was_made(origin) && !self.was_chosen(origin) && none
        };
        origins.into_iter().filter(lost).map(|origin| (self.first_due(origin).unwrap(), origin.clone())).collect()
    }

    /// Whether the last deferral or suspension that touched an instalment took from it all that it owed.
    fn left_empty(&self, origin: &str) -> bool {
        let mut empty = false;
        for change in self.changes().filter(|change| change.cause != Cause::Rate) {
            let owes = |state: &Option<RowState>| match state {
                Some(state) if state.origin == origin => {
                    super::ledger::less(three(&state.owed), three(&state.paid)) != [0; 3]
                }
                _ => false,
            };
            if change.changes.iter().any(|row| owes(&row.after)) {
                empty = false;
            } else if change.changes.iter().any(|row| owes(&row.before)) {
                empty = true;
            }
        }
        empty
    }

    /// Days on which deferred instalments were due that no row holds any more.
    #[must_use]
    pub fn gone(&self) -> Vec<NaiveDate> {
        let chosen: BTreeSet<&String> = self.changes().flat_map(|change| &change.chosen).collect();
        let rows = self.scene.ledger.all_rows();
        let gone = chosen.into_iter().filter(|origin| rows.iter().all(|row| row.origin != **origin));
        gone.filter_map(|origin| self.first_due(origin)).collect()
    }

    /// A quantity.
    pub fn quantity(&self, quantity: &Quantity) -> Result<Measure, Gap> {
        match quantity {
            Quantity::Count(count) => Ok(Measure::Count(i64::from(*count))),
            Quantity::Object(object) => self.dependent(object),
        }
    }

    fn dependent(&self, object: &QuantityObject) -> Result<Measure, Gap> {
        if let Some(most) = object.up_to {
            return Ok(Measure::Count(i64::from(most)));
        }
        if let (Some(amount), Some(currency)) = (object.amount, object.currency) {
            return Ok(Measure::Amount(Money::new(super::ledger::minor(amount, currency), currency)));
        }
        if let Some(fact) = &object.fact {
            return self.fact(fact);
        }
        if let Some(parts) = &object.min {
            let all: Result<Vec<Measure>, Gap> = parts.iter().map(|part| self.quantity(part)).collect();
            let all = all?;
            // Only like can be compared with like.
            if all.iter().any(|one| one.unit() != all[0].unit()) {
                return Err(Gap::Absent);
            }
            return Ok(all.into_iter().min_by_key(|one| one.size()).unwrap());
        }
        if let Some(parts) = &object.minus {
            return match (self.quantity(&parts[0])?, self.quantity(&parts[1])?) {
                (Measure::Count(a), Measure::Count(b)) => Ok(Measure::Count((a - b).max(0))),
                (Measure::Amount(a), Measure::Amount(b)) if a.currency() == b.currency() => {
                    Ok(Measure::Amount(Money::new((a.minor() - b.minor()).max(0), a.currency())))
                }
                _ => Err(Gap::Absent),
            };
        }
        if let (Some(share), Some(of)) = (object.share, &object.of) {
            return Ok(match self.fact(of)? {
                Measure::Amount(money) => {
                    Measure::Amount(Money::new(rounded(Decimal::from(money.minor()) * share.0), money.currency()))
                }
                count => count,
            });
        }
        if let Some(choose) = &object.choose {
            let choices = match choose.by {
                Chooser::Borrower => self.scene.request.map(|request| &request.choices),
                Chooser::Reviewer => Some(&self.scene.context.reviewer_choices),
            };
            let full = format!("{}/{}", self.scene.policy.policy, self.benefit.id);
            let chosen = choices.and_then(|all| all.get(&full).or(all.get(&self.benefit.id))).copied();
            return Ok(Measure::Count(i64::from(chosen.unwrap_or(choose.default).clamp(choose.from, choose.up_to))));
        }
        let window = self.scene.days(object.interrupted.as_ref())?;
        // While the incident goes on, what it interrupted so far counts.
        let last = self.scene.standing.end.unwrap_or(self.today());
        let mut count = 0;
        let mut at = self.scene.standing.document.incident.start;
        while at <= last {
            count += i64::from(window.has(at));
            at = day::plus(at, 1).unwrap();
        }
        Ok(Measure::Count(count))
    }

    fn fact(&self, name: &str) -> Result<Measure, Gap> {
        let (fact, of) = FactRef::find(name, &self.scene.context.attributes).unwrap();
        match self.scene.single(&fact, of, self.today()) {
            Seen::Known(Value::Count(count)) => Ok(Measure::Count(count)),
            Seen::Known(Value::Amount(money)) => Ok(Measure::Amount(money)),
            Seen::Known(_) => Err(Gap::Absent),
            Seen::Unknown(gap) | Seen::Partly(_, gap) => Err(gap),
        }
    }

    /// The last day of a span from a day on; none when it is empty.
    pub fn span_end(&self, span: &Span, from: NaiveDate) -> Result<Option<NaiveDate>, Gap> {
        let (quantity, months) = match (&span.days, &span.months) {
            (Some(days), _) => (days, false),
            (None, months) => (months.as_ref().unwrap(), true),
        };
        let count = self.quantity(quantity)?.count().unwrap_or(0);
        if count <= 0 {
            return Ok(None);
        }
        let after = if months { day::plus_months(from, count) } else { day::plus(from, count) };
        Ok(day::plus(after.unwrap(), -1))
    }

    /// The caps that hold in the account's currency; an error where there are some, but none in it.
    pub fn caps(&self, caps: Option<&OneOrMany<Cap>>) -> Result<Vec<(CapPer, i64)>, Reason> {
        let Some(caps) = caps else { return Ok(Vec::new()) };
        let currency = self.scene.account.currency;
        let mut found = Vec::new();
        for cap in caps.as_slice() {
            let amount = match &cap.most {
                Some(most) => {
                    if is_foreign(most, currency) {
                        continue;
                    }
                    self.quantity(most).map_err(missing)?
                }
                None if cap.currency != Some(currency) => continue,
                None => Measure::Amount(self.money(super::ledger::minor(cap.amount.unwrap(), currency))),
            };
            found.extend(amount.amount(currency).map(|amount| (cap.per, amount)));
        }
        if found.is_empty() {
            return Err(Reason::NoCapInCurrency { currency: currency.code().to_owned() });
        }
        Ok(found)
    }
}

/// A constant amount in another currency says nothing about this account.
#[must_use]
pub fn is_foreign(quantity: &Quantity, currency: Currency) -> bool {
    matches!(quantity, Quantity::Object(object) if object.currency.is_some_and(|own| own != currency))
}

/// The last of the days on which a claim was asked for, its declaration made as it stands, its policy put in force.
#[must_use]
pub fn since(scene: &Scene<'_>) -> NaiveDate {
    let asked = scene.request.map(|request| request.requested_on);
    let days = [Some(scene.policy.effective.from), Some(scene.standing.made_on), asked];
    days.into_iter().flatten().max().unwrap()
}

/// A gap in what a benefit needs: a person looks.
pub fn missing(_: Gap) -> Reason {
    absent()
}
