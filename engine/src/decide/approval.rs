//! Who has to approve: waived, refunded and goodwill money and the loss in present value, with what the borrower
//! was given before for the event, so that splitting does not get under a threshold.

use super::claim::OpenClaim;
use super::decision::{ApprovalDecision, Totals};
use crate::benefit::EngineError;
use crate::money::{Currency, Money};
use crate::policy::document::OneOrMany;

/// The approval that a claim's policy asks for; the strictest of all policies binds.
pub fn approval(claim: &OpenClaim<'_>, totals: &Totals) -> Result<ApprovalDecision, EngineError> {
    let currency = claim.facts.snapshot.currency();
    let positive = |money: Money| Money::new(money.minor().max(0), currency);
    let mut measured = totals.amounts.given()?;
    measured = measured.add(&positive(totals.present_value_loss.unwrap_or(Money::zero(currency))))?;
    let mut deferred = totals.amounts.deferred_principal;
    for grant in claim.facts.history.live().filter(|grant| grant.event == claim.claim.event) {
        let amounts = grant.amounts(currency)?;
        measured = measured.add(&amounts.given()?)?;
        if let Some(loss) = grant.present_value_loss.filter(|loss| loss.currency() == currency) {
            measured = measured.add(&positive(loss))?;
        }
        deferred = deferred.add(&amounts.deferred_principal)?;
    }
    let people = match claim.program.approval() {
        None => 1,
        Some(approval) => {
            let two = bound(approval.two_people_above.as_ref(), currency).is_some_and(|most| measured.minor() > most);
            let within = |most: Option<i64>, money: Money| most.is_some_and(|most| money.minor() <= most);
            let alone = within(bound(approval.automatic_up_to.as_ref(), currency), measured)
                && (approval.deferred_up_to.is_none()
                    || within(bound(approval.deferred_up_to.as_ref(), currency), deferred));
            match (two, alone) {
                (true, _) => 2,
                (false, true) => 0,
                (false, false) => 1,
            }
        }
    };
    Ok(ApprovalDecision { people, measured, deferred })
}

/// The bound in a currency, in minor units.
fn bound(bounds: Option<&OneOrMany<Money>>, currency: Currency) -> Option<i64> {
    let mut own = bounds?.as_slice().iter().filter(|money| money.currency() == currency);
    own.next().map(Money::minor)
}
