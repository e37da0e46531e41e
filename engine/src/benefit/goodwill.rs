//! `goodwill`: money given, once for an event.

use super::ground::{Effect, EngineError, Ground};
use crate::adjustment::Adjustment;
use crate::money::Money;
use crate::policy::program::QuantityExpr;
use crate::reason::Reason;

/// The amount in the account's currency; `most` is what a limit leaves.
pub fn goodwill(ground: &Ground<'_>, amounts: &[QuantityExpr], most: Option<Money>) -> Result<Effect, EngineError> {
    if ground.given.grants(ground.policy, &ground.benefit.id).next().is_some() {
        return Ok(Effect::nothing());
    }
    let currency = ground.position.currency;
    for quantity in amounts {
        match (quantity, ground.quantity(quantity)?) {
            (QuantityExpr::Amount(money), _) if money.currency() != currency => {}
            (_, Err(gap)) => return Ok(Effect::because(gap.into())),
            (_, Ok(measure)) => {
                let Some(amount) = measure.amount_in(currency) else { continue };
                let minor = most.map_or(amount.minor(), |most| most.minor().min(amount.minor()));
                if minor <= 0 {
                    return Ok(Effect::nothing());
                }
                let amount = Money::new(minor, currency);
                return Ok(Effect { adjustments: vec![Adjustment::Goodwill { amount }], reasons: Vec::new() });
            }
        }
    }
    Ok(Effect::because(Reason::NoCapInCurrency { currency: currency.code().to_owned() }))
}
