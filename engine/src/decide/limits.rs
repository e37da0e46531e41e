//! Limits of a policy: what earlier grants have used of them, and what is left.

use std::collections::BTreeSet;

use crate::dates::{add_days, add_months};
use crate::facts::Facts;
use crate::history::Grant;
use crate::money::{Money, MoneyError};
use crate::policy::document::{LimitPer, LimitScope};
use crate::policy::program::{LimitMeasure, LimitProgram, Program};

/// What the limits of a policy leave; each with its place in the policy.
#[derive(Debug, Clone, Default)]
pub struct LimitsLeft {
    /// A limit on granted decisions that is used up.
    pub used_up: Option<String>,
    /// Whether it was used up before the request, so that what answers the request is a renewal and no decision that counts.
    pub used_up_before: bool,
    /// Money that may still be given.
    pub amount: Option<(Money, String)>,
    /// Instalments that may still be deferred.
    pub instalments: Option<(i64, String)>,
}

/// What is left, from proposed to confirmed, net of reversals, also of other declarations where the limit counts them.
pub fn limits_left(program: &Program, facts: &Facts<'_>) -> Result<LimitsLeft, MoneyError> {
    let mut left = LimitsLeft::default();
    let currency = facts.snapshot.currency();
    for limit in &program.limits {
        let counted: Vec<&Grant> = counted(limit, facts);
        match limit.measure {
            LimitMeasure::Count(most) => {
                let own = counted.iter().filter(|grant| grant.policy == program.slug());
                let own: Vec<&Grant> = own.copied().collect();
                let asked = facts.request.map(|request| request.requested_on);
                if decisions(own.iter().copied()) >= most {
                    left.used_up.get_or_insert(limit.pointer.clone());
                }
                let before = own.into_iter().filter(|grant| asked.is_some_and(|asked| grant.decided_on < asked));
                left.used_up_before |= decisions(before) >= most;
            }
            LimitMeasure::DeferredInstalments(most) => {
                let used: usize = counted.iter().map(|grant| grant.deferred_instalments()).sum();
                let rest = most.saturating_sub(i64::try_from(used).map_err(|_| MoneyError::Overflow)?).max(0);
                if left.instalments.as_ref().is_none_or(|(least, _)| rest < *least) {
                    left.instalments = Some((rest, limit.pointer.clone()));
                }
            }
            LimitMeasure::Amount(most) if most.currency() == currency => {
                let mut rest = most;
                for grant in counted.iter().filter(|grant| grant.policy == program.slug()) {
                    rest = rest.sub(&grant.amounts(currency)?.given()?)?;
                }
                let rest = Money::new(rest.minor().max(0), currency);
                if left.amount.as_ref().is_none_or(|(least, _)| rest.minor() < least.minor()) {
                    left.amount = Some((rest, limit.pointer.clone()));
                }
            }
            // A limit in another currency says nothing about this account.
            LimitMeasure::Amount(_) => {}
        }
    }
    Ok(left)
}

/// How many decisions grants are of.
fn decisions<'a>(grants: impl Iterator<Item = &'a Grant>) -> i64 {
    let keys: BTreeSet<_> = grants.map(Grant::decision_key).collect();
    i64::try_from(keys.len()).unwrap_or(i64::MAX)
}

fn counted<'a>(limit: &LimitProgram, facts: &Facts<'a>) -> Vec<&'a Grant> {
    let since = limit.window.and_then(|(months, days)| {
        let back = add_months(facts.context.today, i64::from(months).saturating_neg())?;
        add_days(back, i64::from(days).saturating_neg())
    });
    let account = facts.snapshot.number();
    facts
        .history
        .live()
        .filter(|grant| match limit.per {
            LimitPer::Account => grant.account.as_deref().is_none_or(|other| other == account),
            LimitPer::Borrower => true,
        })
        .filter(|grant| match limit.scope {
            LimitScope::Event => grant.event == facts.declared.event,
            LimitScope::Declaration => grant.declaration == facts.declared.declaration,
            LimitScope::Any => true,
        })
        .filter(|grant| since.is_none_or(|since| grant.decided_on > since))
        .collect()
}
