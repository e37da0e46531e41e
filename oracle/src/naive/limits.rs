//! What earlier grants leave of a policy's limits.

use forbear_engine::history::Grant;
use forbear_engine::policy::document::{LimitPer, LimitScope};

use super::claim::Open;
use super::fact::{decision, deferred_instalments};
use super::ground::money_given;
use super::{day, is_live};

/// What a policy's limits leave, each with its place.
#[derive(Default)]
pub struct Left {
    /// A limit on decisions that is used up.
    pub used_up: Option<String>,
    /// Whether it was before the request came.
    pub used_up_before: bool,
    /// Money.
    pub amount: Option<(i64, String)>,
    /// Instalments.
    pub instalments: Option<(i64, String)>,
}

/// From proposed to confirmed, net of reversals, also of other declarations where the limit counts them.
#[must_use]
pub fn limits_left(open: &Open<'_>) -> Left {
    let scene = &open.scene;
    let mut left = Left::default();
    let today = scene.today();
    for (at, limit) in scene.policy.limits.iter().enumerate() {
        let pointer = format!("/limits/{at}");
        let scope = limit.scope.unwrap_or(if limit.window.is_some() { LimitScope::Any } else { LimitScope::Event });
        let since = limit.window.as_ref().map(|window| {
            let back = day::plus_months(today, -i64::from(window.months.unwrap_or(0))).unwrap();
            day::plus(back, -i64::from(window.days.unwrap_or(0))).unwrap()
        });
        let counts = |grant: &&Grant| {
            let account = grant.account.as_ref().is_none_or(|other| *other == scene.account.account);
            let scoped = match scope {
                LimitScope::Event => grant.event == scene.standing.document.event,
                LimitScope::Declaration => grant.declaration == scene.standing.document.declaration,
                LimitScope::Any => true,
            };
            is_live(grant)
                && (limit.per == LimitPer::Borrower || account)
                && scoped
                && since.is_none_or(|since| grant.decided_on > since)
        };
        let counted: Vec<&Grant> = scene.history.grants.iter().filter(counts).collect();
        let own = || counted.iter().copied().filter(|grant| grant.policy == scene.policy.policy);
        if let Some(most) = limit.count {
            let mut decisions: Vec<_> = own().map(decision).collect();
            decisions.sort();
            decisions.dedup();
            let asked = scene.request.map(|request| request.requested_on);
            let mut before: Vec<_> =
                own().filter(|grant| asked.is_some_and(|asked| grant.decided_on < asked)).map(decision).collect();
            before.sort();
            before.dedup();
            left.used_up_before |= before.len() >= most as usize;
            if decisions.len() >= most as usize && left.used_up.is_none() {
                left.used_up = Some(pointer);
            }
        } else if let Some(bound) = &limit.deferred_instalments {
            let used: usize = counted.iter().map(|grant| deferred_instalments(grant)).sum();
            let rest = (i64::from(bound.at_most) - used as i64).max(0);
            if left.instalments.as_ref().is_none_or(|(least, _)| rest < *least) {
                left.instalments = Some((rest, pointer));
            }
        } else if limit.currency == Some(scene.account.currency) {
            let currency = scene.account.currency;
            let used: i64 = own().map(|grant| money_given(grant, currency)).sum();
            let rest = (super::ledger::minor(limit.amount.unwrap(), currency) - used).max(0);
            if left.amount.as_ref().is_none_or(|(least, _)| rest < *least) {
                left.amount = Some((rest, pointer));
            }
        }
    }
    left
}
