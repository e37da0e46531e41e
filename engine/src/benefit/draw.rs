//! Draws on standing orders: charges that accrued since inside a window that was still open when relief was granted.
//!
//! What a charge has grown by is relieved, never twice what was relieved before; nobody decides anew. The window is that
//! of the order, or what it has become since its end is known.

use chrono::NaiveDate;

use super::credit::credit;
use super::given::Given;
use super::ground::EngineError;
use super::waive::{accrued_in, in_window};
use crate::account::position::{ChargeLine, Position};
use crate::account::snapshot::Bearer;
use crate::adjustment::{Adjustment, Amounts, Relieved, StandingOrder, Target};
use crate::dates::{Window, add_days};
use crate::facts::moment::OpenWindow;
use crate::history::Grant;
use crate::money::{Money, Rounding};
use crate::policy::document::IfPaid;
use crate::policy::program::{BenefitKind, Program};
use crate::reason::Reason;

/// A standing order, with what it stands on.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The grant that gave it.
    pub grant: &'a Grant,
    /// It.
    pub order: &'a StandingOrder,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draw {
    /// Nothing when no charge has grown.
    pub adjustments: Vec<Adjustment>,
    /// What a person has to look at.
    pub reasons: Vec<Reason>,
}

/// The standing orders of live grants for an event: of each benefit the latest.
#[must_use]
pub fn orders<'a>(grants: &[&'a Grant]) -> Vec<Order<'a>> {
    let mut found: Vec<Order<'a>> = Vec::new();
    for grant in grants {
        for adjustment in &grant.adjustments {
            let Adjustment::StandingOrder(order) = adjustment else { continue };
            let same = |known: &Order<'_>| {
                (&known.grant.event, &known.grant.policy, &known.grant.benefit)
                    == (&grant.event, &grant.policy, &grant.benefit)
            };
            found.retain(|known| !same(known));
            found.push(Order { grant, order });
        }
    }
    found
}

/// Draws on an order. `position` has all earlier relief on it, `grants` are the live ones to the account, oldest first.
///
/// # Errors
/// Amounts or dates leave their range.
pub fn draw(
    order: &Order<'_>,
    program: &Program,
    position: &mut Position,
    grants: &[&Grant],
    today: NaiveDate,
) -> Result<Draw, EngineError> {
    let event = grants.iter().copied().filter(|grant| grant.event == order.grant.event);
    let given = Given::of(event, std::iter::empty())?;
    let mut left = cap_left(order, position, grants)?;
    let until = order.order.until;
    let window = OpenWindow { window: Window { from: order.order.from, until }, open: until.is_none(), empty: false };
    let mut charges: Vec<ChargeLine> = position.charges.iter().flatten().cloned().collect();
    charges.retain(|charge| order.order.charges.contains(&charge.kind));
    charges.sort_by(|one, other| (one.dated(), &one.id).cmp(&(other.dated(), &other.id)));
    let mut draw = Draw::default();
    for charge in &charges {
        let (part, through) = match in_window(charge, window)? {
            Ok(Some(inside)) => inside,
            Ok(None) => continue,
            Err(reason) => {
                draw.reasons.push(reason);
                continue;
            }
        };
        if !charge.paid_known {
            draw.reasons.push(Reason::Absent { what: format!("what is paid of charge {} is not reported", charge.id) });
            continue;
        }
        let target = Target::Charge(charge.id.clone());
        let before = given.on(&target).unwrap_or(Money::zero(position.currency));
        let mut size = part.mul(order.order.share.0, Rounding::HalfUp)?.sub(&before)?;
        if let Some(left) = left {
            size = Money::new(size.minor().min(left.minor()), size.currency());
        }
        let (bearer, agreement) = bearer(&order.grant.benefit, program, charge.bearer);
        let relieved = Relieved { target, charge: Some(charge.kind), amount: size, bearer, agreement, through };
        let done = relieve(position, charge, &relieved, order.order.if_paid, today)?;
        for adjustment in &done {
            position.apply(adjustment)?;
        }
        let drawn = Amounts::of(&done, position.currency)?.given()?;
        left = left.map(|left| left.sub(&drawn)).transpose()?;
        draw.adjustments.extend(done);
    }
    Ok(draw)
}

/// What will probably be drawn on an order of a benefit, by who bears it: charges that accrue daily go on as they did until
/// the order's end, or until a day where that is open. What is assessed on a day cannot be foreseen and is no part of it, nor what
/// accrues on a basis or at a rate that is not reported.
///
/// # Errors
/// Amounts or dates leave their range.
pub fn estimate(
    (order, benefit): (&StandingOrder, &str),
    program: &Program,
    position: &Position,
    until: NaiveDate,
) -> Result<Vec<(Bearer, Money)>, EngineError> {
    let until = order.until.unwrap_or(until);
    let mut left = order.cap_left;
    let mut found: Vec<(Bearer, Money)> = Vec::new();
    let own = position.charges.iter().flatten().filter(|charge| order.charges.contains(&charge.kind));
    for charge in own {
        let Some(accrual) = &charge.accrual else { continue };
        let Some(next) = add_days(accrual.until, 1) else { continue };
        let from = order.from.map_or(next, |from| from.max(next));
        if from > until {
            continue;
        }
        let days = Window { from: Some(from), until: Some(until) };
        let most = Money::new(i64::MAX, position.currency);
        let Some(whole) = accrued_in(accrual, days, most)? else { continue };
        let mut part = whole.mul(order.share.0, Rounding::HalfUp)?;
        if let Some(cap) = left {
            part = Money::new(part.minor().min(cap.minor()), part.currency());
            left = Some(cap.sub(&part)?);
        }
        let (who, _) = bearer(benefit, program, charge.bearer);
        match found.iter_mut().find(|(known, _)| *known == who) {
            Some((_, sum)) => *sum = sum.add(&part)?,
            None => found.push((who, part)),
        }
    }
    Ok(found)
}

/// What is left of the account's cap: what the order said, less what was drawn on it since.
fn cap_left(order: &Order<'_>, position: &Position, grants: &[&Grant]) -> Result<Option<Money>, EngineError> {
    let Some(mut left) = order.order.cap_left else { return Ok(None) };
    let later = grants.iter().skip_while(|grant| !std::ptr::eq(**grant, order.grant)).skip(1);
    let own = later.filter(|grant| {
        (&grant.event, &grant.policy, &grant.benefit) == (&order.grant.event, &order.grant.policy, &order.grant.benefit)
    });
    for grant in own {
        left = left.sub(&grant.amounts(position.currency)?.given()?)?;
    }
    Ok(Some(Money::new(left.minor().max(0), left.currency())))
}

/// What is unpaid of it is waived first; the rest was paid, and goes back as the order says.
fn relieve(
    position: &Position,
    charge: &ChargeLine,
    relieved: &Relieved,
    if_paid: IfPaid,
    today: NaiveDate,
) -> Result<Vec<Adjustment>, EngineError> {
    let currency = position.currency;
    let unpaid = charge.unpaid()?;
    let waived = Money::new(relieved.amount.minor().min(unpaid.minor()).max(0), currency);
    let rest = relieved.amount.sub(&waived)?;
    let back = Money::new(rest.minor().min(charge.paid.minor()).max(0), currency);
    let mut done = Vec::new();
    if waived.minor() > 0 {
        done.push(Adjustment::Waiver(Relieved { amount: waived, ..relieved.clone() }));
    }
    if back.minor() > 0 {
        let refunded = Relieved { amount: back, ..relieved.clone() };
        match if_paid {
            IfPaid::Leave => {}
            IfPaid::Refund => done.push(Adjustment::Refund(refunded)),
            IfPaid::CreditNext => done.extend(credit(position, Some(today), &refunded)?),
        }
    }
    Ok(done)
}

/// Who bears it: as the benefit says, else whoever earns the charge.
fn bearer(benefit: &str, program: &Program, earns: Bearer) -> (Bearer, Option<String>) {
    let benefits = program.rules.iter().flat_map(|rule| &rule.benefits);
    let named = benefits.filter(|own| own.id == benefit).find_map(|own| match &own.kind {
        BenefitKind::Waive(waive) => waive.borne_by.clone(),
        _ => None,
    });
    named.unwrap_or((earns, None))
}
