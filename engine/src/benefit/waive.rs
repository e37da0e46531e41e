//! `waive`: charges, or the interest of instalments, that are no longer owed; the paid part as the policy says.
//!
//! What a benefit could take is prepared per target; who takes it where policies stack is decided in
//! [`crate::decide::combine`].

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::ground::{EngineError, Ground};
use crate::account::position::{ChargeLine, Row};
use crate::account::snapshot::{Accrual, Bearer, ChargeKind};
use crate::adjustment::{StandingOrder, Target};
use crate::dates::Window;
use crate::facts::moment::OpenWindow;
use crate::money::{Money, Rounding};
use crate::policy::document::{CapPer, IfPaid};
use crate::policy::program::{CapProgram, QuantityExpr, WaiveProgram, WaiveTarget};
use crate::rate::DayCount;
use crate::reason::Reason;

/// What a waiver could take from one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimable {
    /// The target.
    pub target: Target,
    /// The charge's kind.
    pub charge: Option<ChargeKind>,
    /// The day that puts targets in order.
    pub dated: Option<NaiveDate>,
    /// The share of it, less what earlier relief for the event took.
    pub entitled: Money,
    /// What this benefit took of it before for the event; it counts against a cap per charge.
    pub used: Money,
    /// Owed.
    pub unpaid: Money,
    /// Paid.
    pub paid: Money,
    /// Who bears it.
    pub bearer: Bearer,
    /// By which agreement.
    pub agreement: Option<String>,
    /// For a charge that accrues: the last day in the window.
    pub through: Option<NaiveDate>,
}

/// Everything a waiver could take.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedWaiver {
    /// Its targets.
    pub targets: Vec<Claimable>,
    /// What is left of the account's cap.
    pub cap_left: Option<Money>,
    /// The cap of each charge.
    pub charge_cap: Option<Money>,
    /// What happens to paid parts.
    pub if_paid: IfPaid,
    /// Charges still to accrue.
    pub standing: Option<StandingOrder>,
    /// What a person has to look at.
    pub reasons: Vec<Reason>,
}

/// A charge's part inside the window: how much, and through which day it accrued.
pub(super) type InWindow = Option<(Money, Option<NaiveDate>)>;

/// Prepares a waiver.
pub fn prepare(ground: &Ground<'_>, waive: &WaiveProgram) -> Result<PreparedWaiver, EngineError> {
    let currency = ground.position.currency;
    let mut prepared = PreparedWaiver {
        targets: Vec::new(),
        cap_left: None,
        charge_cap: None,
        if_paid: waive.if_paid,
        standing: None,
        reasons: Vec::new(),
    };
    let caps = match caps(ground, &waive.caps)? {
        Ok(caps) => caps,
        Err(reason) => {
            prepared.reasons.push(reason);
            return Ok(prepared);
        }
    };
    let used = ground.given.by(ground.policy, &ground.benefit.id).unwrap_or(Money::zero(currency));
    for (per, cap) in caps {
        match per {
            CapPer::Charge => prepared.charge_cap = Some(cap),
            CapPer::Account => {
                let left = cap.sub(&used)?;
                prepared.cap_left = Some(Money::new(left.minor().max(0), currency));
            }
        }
    }
    let window = match ground.facts.window(&waive.accrued)? {
        Ok(window) => window,
        Err(gap) => {
            prepared.reasons.push(gap.into());
            return Ok(prepared);
        }
    };
    match &waive.target {
        WaiveTarget::Charges(kinds) => {
            charges(ground, waive, kinds, window, &mut prepared)?;
            // Without its agreement nobody may promise anything for the time to come.
            let borne = waive.borne_by.is_none() || bearer(ground, waive, Bearer::Lender).is_ok();
            if borne {
                prepared.standing = standing_order(ground, waive, kinds, window, prepared.cap_left);
            }
        }
        WaiveTarget::Interest(choice) => match ground.choose(choice, true)? {
            Err(reason) => prepared.reasons.push(reason),
            Ok(chosen) => interest(ground, waive, &chosen.all, &mut prepared)?,
        },
    }
    Ok(prepared)
}

/// The interest of rows, instalment by instalment, as it was before deferrals: what earlier relief took of it included,
/// what a deferral put on top left out.
fn interest(
    ground: &Ground<'_>,
    waive: &WaiveProgram,
    rows: &[&Row],
    prepared: &mut PreparedWaiver,
) -> Result<(), EngineError> {
    let (bearer, agreement) = match bearer(ground, waive, Bearer::Lender) {
        Ok(found) => found,
        Err(reason) => {
            prepared.reasons.push(reason);
            return Ok(());
        }
    };
    let mut origins: Vec<&str> = Vec::new();
    for row in rows {
        if !origins.contains(&row.state.origin.as_str()) {
            origins.push(&row.state.origin);
        }
    }
    for origin in origins {
        let own: Vec<&Row> = rows.iter().copied().filter(|row| row.state.origin == origin).collect();
        let (entitled, used) = entitled(ground, waive, origin)?;
        let targets: Vec<Target> = own.iter().map(|row| Target::Interest(row.id.clone())).collect();
        if let Some(other) = ground.relieved_by_other(&targets) {
            if entitled.minor() > 0 {
                push_once(&mut prepared.reasons, Reason::LostTo { other });
            }
            continue;
        }
        for (row, entitled) in share_out(ground, waive, &own, entitled)? {
            prepared.targets.push(Claimable {
                target: Target::Interest(row.id.clone()),
                charge: None,
                dated: Some(row.state.due_on),
                entitled,
                used,
                unpaid: ground.unpaid_before(row)?.interest,
                paid: row.state.paid.interest,
                bearer,
                agreement: agreement.clone(),
                through: None,
            });
        }
    }
    Ok(())
}

/// What is left of the share of an instalment's interest, and what this benefit took of it before.
fn entitled(ground: &Ground<'_>, waive: &WaiveProgram, origin: &str) -> Result<(Money, Money), EngineError> {
    let zero = Money::zero(ground.position.currency);
    let (mut whole, mut relieved, mut used) = (zero, zero, zero);
    let rows = ground.position.rows.iter().flatten().filter(|row| row.state.origin == origin);
    for row in rows {
        let target = Target::Interest(row.id.clone());
        whole = whole.add(&row.unpaid()?.interest)?.add(&row.state.paid.interest)?;
        relieved = relieved.add(&ground.given.on(&target).unwrap_or(zero))?;
        used = used.add(&ground.used_on(&target))?;
    }
    // What a deferral put on top stays its price when it is paid, by a credit too.
    let price = ground.given.moved(origin).map_or(0, |moved| moved.interest.minor().max(0));
    let own = Money::new(whole.minor().saturating_sub(price).max(0), whole.currency());
    let entitled = own.add(&relieved)?.mul(waive.share.0, Rounding::HalfUp)?.sub(&relieved)?;
    Ok((entitled, used))
}

/// Puts what is left of an instalment's share on its rows: what is unpaid first, oldest first; the last row has the rest.
fn share_out<'r>(
    ground: &Ground<'_>,
    waive: &WaiveProgram,
    rows: &[&'r Row],
    entitled: Money,
) -> Result<Vec<(&'r Row, Money)>, EngineError> {
    let mut shares: Vec<(&Row, Money)> = rows.iter().map(|row| (*row, Money::zero(ground.position.currency))).collect();
    let mut left = entitled;
    for paid in [false, true] {
        for (row, share) in &mut shares {
            let reach = match (paid, waive.if_paid) {
                (false, _) => ground.unpaid_before(row)?.interest,
                (true, IfPaid::Leave) => continue,
                (true, IfPaid::Refund | IfPaid::CreditNext) => row.state.paid.interest,
            };
            let size = Money::new(left.minor().min(reach.minor()).max(0), left.currency());
            *share = share.add(&size)?;
            left = left.sub(&size)?;
        }
    }
    if let Some((_, share)) = shares.last_mut() {
        *share = share.add(&left)?;
    }
    Ok(shares)
}

fn charges(
    ground: &Ground<'_>,
    waive: &WaiveProgram,
    kinds: &[ChargeKind],
    window: OpenWindow,
    prepared: &mut PreparedWaiver,
) -> Result<(), EngineError> {
    let Some(charges) = &ground.position.charges else {
        prepared.reasons.push(Reason::Absent { what: "the charges are not reported".to_owned() });
        return Ok(());
    };
    // Oldest first, so that the order in which they were sent decides nothing.
    let mut charges: Vec<&ChargeLine> = charges.iter().filter(|charge| kinds.contains(&charge.kind)).collect();
    charges.sort_by_key(|charge| (charge.dated(), &charge.id));
    for charge in charges {
        let inside = match in_window(charge, window)? {
            Ok(Some(inside)) => inside,
            Ok(None) => continue,
            Err(reason) => {
                prepared.reasons.push(reason);
                continue;
            }
        };
        if !charge.paid_known {
            prepared
                .reasons
                .push(Reason::Absent { what: format!("what is paid of charge {} is not reported", charge.id) });
            continue;
        }
        let (bearer, agreement) = match bearer(ground, waive, charge.bearer) {
            Ok(found) => found,
            Err(reason) => {
                push_once(&mut prepared.reasons, reason);
                continue;
            }
        };
        let target = Target::Charge(charge.id.clone());
        let before = ground.given.on(&target).unwrap_or(Money::zero(ground.position.currency));
        let entitled = inside.0.mul(waive.share.0, Rounding::HalfUp)?.sub(&before)?;
        if let Some(other) = ground.relieved_by_other(std::slice::from_ref(&target)) {
            if entitled.minor() > 0 {
                push_once(&mut prepared.reasons, Reason::LostTo { other });
            }
            continue;
        }
        prepared.targets.push(Claimable {
            entitled,
            used: ground.used_on(&target),
            target,
            charge: Some(charge.kind),
            dated: charge.dated(),
            unpaid: charge.unpaid()?,
            paid: charge.paid,
            bearer,
            agreement,
            through: inside.1,
        });
    }
    Ok(())
}

fn push_once(reasons: &mut Vec<Reason>, reason: Reason) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}

/// The part of a charge that lies in the window. A charge assessed on a day is wholly in or out; one that accrues
/// daily is cut from its basis and rate; one without dates is never prorated.
pub(super) fn in_window(charge: &ChargeLine, window: OpenWindow) -> Result<Result<InWindow, Reason>, EngineError> {
    if window.empty {
        return Ok(Ok(None));
    }
    let days = window.window;
    if let Some(accrual) = &charge.accrual {
        let accrued = Window { from: Some(accrual.from), until: Some(accrual.until) };
        let Some(overlap) = accrued.overlap(&days) else { return Ok(Ok(None)) };
        if overlap == accrued {
            return Ok(Ok(Some((charge.amount, Some(accrual.until)))));
        }
        let Some(part) = accrued_in(accrual, overlap, charge.amount)? else {
            let what =
                format!("basis, rate and day count of charge {} are not reported, so it cannot be cut", charge.id);
            return Ok(Err(Reason::Absent { what }));
        };
        return Ok(Ok(Some((part, overlap.until))));
    }
    match charge.assessed_on {
        Some(day) => Ok(Ok(days.contains(day).then_some((charge.amount, None)))),
        None if days == Window::default() && !window.open => Ok(Ok(Some((charge.amount, None)))),
        None => Ok(Err(Reason::Absent { what: format!("when charge {} was assessed is not reported", charge.id) })),
    }
}

/// Basis × rate × days / 360 or 365, half-up, never more than the charge.
pub(super) fn accrued_in(accrual: &Accrual, days: Window, whole: Money) -> Result<Option<Money>, EngineError> {
    let (Some(basis), Some(rate), Some(day_count)) = (accrual.basis, accrual.rate, accrual.day_count) else {
        return Ok(None);
    };
    let year = match day_count {
        DayCount::Act360 => 360,
        DayCount::Act365 => 365,
        // A month's interest has no daily part that could be cut.
        DayCount::Month12 | DayCount::Thirty360 => return Ok(None),
    };
    let Some(count) = days.days() else { return Ok(None) };
    let basis = basis.in_currency(whole.currency())?;
    let daily = rate.0.checked_mul(Decimal::from(count)).and_then(|all| all.checked_div(Decimal::from(year)));
    let factor = daily.ok_or(crate::money::MoneyError::Overflow)?;
    // Half of a minor unit must not be lost to the division's last digit.
    let part = Decimal::from(basis.minor()).checked_mul(factor).ok_or(crate::money::MoneyError::Overflow)?.round_dp(12);
    let part = Money::from_decimal(
        part.checked_div(Decimal::from(10_i64.pow(whole.currency().decimals())))
            .ok_or(crate::money::MoneyError::Overflow)?,
        whole.currency(),
        Rounding::HalfUp,
    )?;
    Ok(Some(Money::new(part.minor().min(whole.minor()), whole.currency())))
}

/// Who bears it. Nobody but the lender does without an agreement that the account names.
fn bearer(ground: &Ground<'_>, waive: &WaiveProgram, earns: Bearer) -> Result<(Bearer, Option<String>), Reason> {
    let (party, agreement) = waive.borne_by.clone().unwrap_or((earns, None));
    if party == Bearer::Lender {
        return Ok((party, agreement));
    }
    let on_account = |name: &str| ground.facts.snapshot.agreements().any(|own| own == name);
    match agreement {
        Some(name) if on_account(&name) => Ok((party, Some(name))),
        agreement => Err(Reason::NoAgreement { agreement }),
    }
}

/// The caps that hold for the account's currency; an error when there are caps, but none in it.
pub fn caps(ground: &Ground<'_>, caps: &[CapProgram]) -> Result<Result<Vec<(CapPer, Money)>, Reason>, EngineError> {
    let currency = ground.position.currency;
    let mut found = Vec::new();
    for cap in caps {
        match (&cap.most, ground.quantity(&cap.most)?) {
            (QuantityExpr::Amount(money), _) if money.currency() != currency => {}
            (_, Ok(measure)) => found.extend(measure.amount_in(currency).map(|money| (cap.per, money))),
            (_, Err(gap)) => return Ok(Err(gap.into())),
        }
    }
    if found.is_empty() && !caps.is_empty() {
        return Ok(Err(Reason::NoCapInCurrency { currency: currency.code().to_owned() }));
    }
    Ok(Ok(found))
}

/// The rest of a window that is not over yet.
fn standing_order(
    ground: &Ground<'_>,
    waive: &WaiveProgram,
    kinds: &[ChargeKind],
    window: OpenWindow,
    cap_left: Option<Money>,
) -> Option<StandingOrder> {
    let today = ground.today();
    let goes_on = window.open || window.window.until.is_some_and(|until| until > today);
    let stands = ground.given.standing_order(ground.policy, &ground.benefit.id);
    // Once given it stands; it is only replaced when the window's end has become known or has moved.
    let same = stands.is_some_and(|order| order.until == window.window.until);
    (goes_on && !window.empty && !same && cap_left.is_none_or(|left| left.minor() > 0)).then(|| StandingOrder {
        charges: kinds.to_vec(),
        from: window.window.from,
        until: window.window.until,
        share: waive.share,
        if_paid: waive.if_paid,
        cap_left,
    })
}
