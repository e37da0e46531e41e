//! The lines of a decision: one per benefit and bearer, or one for a policy that came to no benefit.

use chrono::NaiveDate;
use forbear_engine::account::Snapshot;
use forbear_engine::account::snapshot::Bearer;
use forbear_engine::adjustment::{Adjustment, Amounts};
use forbear_engine::decide::decision::{BenefitDecision, Claim};
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::money::{Money, MoneyError};
use forbear_engine::reason::Reason;

use super::Part;
use super::examine::Preview;
use super::place::{Place, place};

/// What happens to one account by one benefit, as far as one bearer carries it.
#[derive(Debug, Clone)]
pub struct Line<'d> {
    /// Which of the account's decisions.
    pub part: Part,
    /// The policy's part of that decision.
    pub claim: &'d Claim,
    /// The benefit; none when the policy came to none.
    pub benefit: Option<&'d BenefitDecision>,
    /// How it ends.
    pub outcome: Outcome,
    /// The first reason, unless it is simply granted.
    pub reason: Option<&'d Reason>,
    /// Who carries it.
    pub bearer: Option<Bearer>,
    /// What it comes to.
    pub amounts: Amounts,
    /// The decision's loss in present value; it stands on the first line that moves payments.
    pub present_value_loss: Money,
    /// Where the account is counted.
    pub place: Place,
}

/// The lines of a decision, in the order of policies and benefits.
///
/// # Errors
/// The sums leave their range.
pub fn lines<'d>(
    preview: &Preview<'_>,
    account: Snapshot<'_>,
    part: Part,
    decision: &'d Decision,
) -> Result<Vec<Line<'d>>, MoneyError> {
    let mut lines = Vec::new();
    let mut loss = decision.totals.present_value_loss;
    for claim in &decision.policies {
        let place = place(account, incident_start(preview, claim));
        let line = Line {
            part,
            claim,
            benefit: None,
            outcome: claim.outcome,
            reason: claim.reasons.first(),
            bearer: None,
            amounts: Amounts::zero(account.currency()),
            present_value_loss: Money::zero(account.currency()),
            place,
        };
        if claim.benefits.is_empty() {
            lines.push(line);
            continue;
        }
        for benefit in &claim.benefits {
            let own = Line {
                benefit: Some(benefit),
                outcome: benefit.outcome,
                reason: benefit.reasons.first(),
                ..line.clone()
            };
            let from = lines.len();
            for bearer in bearers(benefit) {
                let amounts = borne(&benefit.adjustments, bearer, account)?;
                lines.push(Line { bearer: Some(bearer), amounts, ..own.clone() });
            }
            if lines.len() == from {
                lines.push(own);
            }
            let moves = |one: &Adjustment| matches!(one, Adjustment::Schedule(_) | Adjustment::Suspension(_));
            if benefit.adjustments.iter().any(moves)
                && let Some(first) = lines.get_mut(from)
            {
                first.present_value_loss = loss.take().unwrap_or(Money::zero(account.currency()));
            }
        }
    }
    Ok(lines)
}

fn incident_start(preview: &Preview<'_>, claim: &Claim) -> NaiveDate {
    let own = preview.declarations().iter().find(|declared| declared.declaration == claim.declaration);
    own.and_then(|declared| declared.incident.from).unwrap_or(NaiveDate::MIN)
}

/// Who carries an adjustment: of a waiver the one it names, of everything else the lender.
fn bearer(adjustment: &Adjustment) -> Bearer {
    match adjustment {
        Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
            relieved.bearer
        }
        _ => Bearer::Lender,
    }
}

fn bearers(benefit: &BenefitDecision) -> Vec<Bearer> {
    let mut found: Vec<Bearer> = benefit.adjustments.iter().map(bearer).collect();
    // A standing order costs nothing yet: it makes no bearer of its own beside a waiver.
    if benefit.adjustments.len() > 1 {
        let now = benefit.adjustments.iter().filter(|one| !matches!(one, Adjustment::StandingOrder(_)));
        found = now.map(bearer).collect();
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn borne(adjustments: &[Adjustment], by: Bearer, account: Snapshot<'_>) -> Result<Amounts, MoneyError> {
    if adjustments.iter().all(|one| bearer(one) == by) {
        return Amounts::of(adjustments, account.currency());
    }
    let own: Vec<Adjustment> = adjustments.iter().filter(|one| bearer(one) == by).cloned().collect();
    Amounts::of(&own, account.currency())
}
