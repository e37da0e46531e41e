//! From a decision to grants: what was granted becomes real, once.

use chrono::NaiveDateTime;
use forbear_engine::adjustment::{Adjustment, Amounts, Relieved, Target};
use forbear_engine::decide::decision::{BenefitDecision, Claim};
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::history::{Grant, History};
use forbear_engine::policy::document::EvidenceDue;
use serde_json::json;

use super::appeal::{APPEAL, Hearing};
use super::decide::Made;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::decision::{self, AwaitingRow, DecisionRow};
use crate::store::grant::{self, TargetRow};
use crate::store::review::{self, ReviewRow};
use crate::store::{Connection, id};

pub use crate::store::grant::GrantRow;

/// What a decision led to.
pub struct Proposed {
    /// The decision, kept.
    pub decision: DecisionRow,
    /// Its grants.
    pub grants: Vec<GrantRow>,
}

/// Who decided what, and when.
pub(super) struct Act<'a> {
    pub actor: &'a Actor,
    pub now: NaiveDateTime,
    pub account: &'a AccountRow,
    pub request: Option<i64>,
    pub hearing: Hearing,
    /// Whether nobody asked for this account: what was taken back stays so.
    pub unasked: bool,
}

impl Service {
    /// Keeps a decision and makes its grants: those that need nobody are approved at once, the others wait for people,
    /// for the borrower, or for money.
    pub(super) fn propose(&self, conn: &mut Connection, act: &Act<'_>, made: &Made) -> Served<Proposed> {
        let decision = keep(conn, act, made)?;
        let mut grants = Vec::new();
        if !waits_for_borrower(&made.decision) {
            // What rests on a finding needs somebody else than who found it, and an appeal somebody else than who decided
            // first, whatever they come to.
            let looks = !made.inputs.found.is_empty() || act.hearing != Hearing::None;
            let people = people(&made.decision)?.max(i16::from(looks));
            for (claim, benefit) in granted(&made.decision) {
                let back = act.unasked && self.was_taken_back(conn, act.account, (claim, benefit))?;
                if back || self.stays_released(conn, act, made, (claim, benefit))? {
                    continue;
                }
                if let Some(grant) = self.make_grant(conn, act, made, &decision, (claim, benefit), people)? {
                    grants.push(grant);
                }
            }
        }
        self.ask_people(conn, act, made, &decision, &grants)?;
        Ok(Proposed { decision, grants })
    }

    fn make_grant(
        &self,
        conn: &mut Connection,
        act: &Act<'_>,
        made: &Made,
        decision: &DecisionRow,
        (claim, benefit): (&Claim, &BenefitDecision),
        people: i16,
    ) -> Served<Option<GrantRow>> {
        let mut row = row(act, made, decision, claim, benefit)?;
        row.people = people;
        row.state = if people == 0 { "approved" } else { "pending_approval" }.to_owned();
        grant::add(conn, &row)?;
        add_targets(conn, &row, &benefit.adjustments, &made.inputs.history, &act.account.number)?;
        let detail = json!({"policy": row.policy, "version": row.version, "benefit": row.benefit, "people": people});
        log(conn, act.now, act.actor, "grant.propose", &id::outside("grant", row.id), &detail)?;
        if let Some(budget) = self.reserve(conn, &made.terms, &row)? {
            row.waits_for = Some(budget);
            row.state = "proposed".to_owned();
            let from = if people == 0 { "approved" } else { "pending_approval" };
            super::advanced(grant::advance(conn, &row, from)?)?;
            row.revision = row.revision.saturating_add(1);
        }
        Ok(Some(row))
    }

    /// Puts before people what they have to look at.
    fn ask_people(
        &self,
        conn: &mut Connection,
        act: &Act<'_>,
        made: &Made,
        decision: &DecisionRow,
        grants: &[GrantRow],
    ) -> Served<()> {
        let referred = made.decision.policies.iter().filter(|claim| claim.outcome == Outcome::Referred);
        let referred = referred.map(|claim| ("referral", claim, 0));
        let waiting = |claim: &&Claim| {
            let of = |grant: &&GrantRow| grant.policy == claim.policy && grant.event == claim.event;
            grants.iter().filter(of).any(|grant| grant.people > 0)
        };
        let measured = |claim: &Claim| claim.approval.as_ref().map_or(0, |approval| approval.measured.minor());
        let large = made.decision.policies.iter().filter(waiting).map(|claim| ("threshold", claim, measured(claim)));
        let all: Vec<(&str, &Claim, i64)> = referred.chain(large).collect();
        if act.hearing != Hearing::None {
            // One person hears the whole appeal; also what would be declined, until somebody has looked.
            let due = act.hearing == Hearing::Due && !waits_for_borrower(&made.decision);
            if due || !all.is_empty() {
                let amount = all.iter().map(|(_, _, amount)| *amount).max().unwrap_or(0);
                let declaration = made.decision.policies.first().map(|claim| claim.declaration.clone());
                review::add(conn, &ReviewRow { declaration, ..opened(act, decision, APPEAL, amount) })?;
            }
            return Ok(());
        }
        for (kind, claim, amount) in all {
            let (declaration, policy) = (Some(claim.declaration.clone()), Some(claim.policy.clone()));
            review::add(conn, &ReviewRow { declaration, policy, ..opened(act, decision, kind, amount) })?;
        }
        Ok(())
    }
}

/// A review that has just come, of the whole decision.
fn opened(act: &Act<'_>, decision: &DecisionRow, kind: &str, amount: i64) -> ReviewRow {
    ReviewRow {
        id: id::new_id(),
        kind: kind.to_owned(),
        account_id: act.account.id,
        decision_id: decision.id,
        request_id: act.request,
        declaration: None,
        policy: None,
        currency: act.account.currency.clone(),
        amount,
        state: "open".to_owned(),
        claimed_by: None,
        closed_by: None,
        reason: None,
        created_at: act.now,
        changed_at: act.now,
        revision: 0,
    }
}

fn keep(conn: &mut Connection, act: &Act<'_>, made: &Made) -> Served<DecisionRow> {
    let receipt = made.decision.receipt.as_ref().map(|receipt| receipt.inputs.clone());
    let row = DecisionRow {
        id: id::new_id(),
        account_id: act.account.id,
        request_id: act.request,
        decided_on: made.decision.decided_on,
        decided_at: act.now,
        outcome: made.decision.outcome.name().to_owned(),
        inputs: serde_json::to_string(&made.inputs).map_err(ServiceError::unknown)?,
        inputs_digest: receipt.unwrap_or_default(),
        body: made.body.clone(),
        body_digest: made.body_digest.clone(),
        made_by: act.actor.person.clone(),
    };
    decision::add(conn, &row)?;
    for claim in &made.decision.policies {
        let Some(awaiting) = &claim.awaiting else { continue };
        let waits = AwaitingRow {
            account_id: act.account.id,
            policy: claim.policy.clone(),
            version: i32::try_from(claim.version).map_err(ServiceError::unknown)?,
            event: claim.event.clone(),
            rule: awaiting.rule.clone(),
            decided_on: made.decision.decided_on,
        };
        decision::await_rule(conn, &waits)?;
    }
    Ok(row)
}

/// Whether the borrower has to say or show something before anything is granted.
#[must_use]
pub fn waits_for_borrower(decision: &Decision) -> bool {
    decision.outcome == Outcome::NeedsInformation
        || !decision.offers.is_empty()
        || !missing_evidence(decision).is_empty()
}

/// What has to be shown before anything is posted, and is not there.
#[must_use]
pub fn missing_evidence(decision: &Decision) -> Vec<String> {
    let granted = decision.policies.iter().filter(|claim| claim.outcome == Outcome::Granted);
    let wanted = granted.flat_map(|claim| &claim.evidence);
    let mut kinds: Vec<String> = wanted
        .filter(|one| !one.supplied && matches!(one.due, EvidenceDue::BeforePosting))
        .map(|one| one.kind.clone())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What is granted now: not what still waits for something.
pub(super) fn granted(decision: &Decision) -> impl Iterator<Item = (&Claim, &BenefitDecision)> {
    let claims = decision.policies.iter().filter(|claim| claim.outcome == Outcome::Granted);
    claims.flat_map(|claim| {
        let waits = claim.awaiting.as_ref().map(|awaiting| awaiting.rule.as_str());
        let benefits = claim.benefits.iter().filter(move |benefit| Some(benefit.rule.as_str()) != waits);
        benefits
            .filter(|benefit| benefit.outcome == Outcome::Granted && !benefit.adjustments.is_empty())
            .map(move |benefit| (claim, benefit))
    })
}

/// How many people have to approve: where policies stack, the strictest binds.
pub(super) fn people(decision: &Decision) -> Served<i16> {
    let asked = decision.policies.iter().filter(|claim| claim.outcome == Outcome::Granted);
    let most = asked.filter_map(|claim| claim.approval.as_ref()).map(|approval| approval.people).max();
    Ok(i16::from(most.unwrap_or(1)))
}

fn row(
    act: &Act<'_>,
    made: &Made,
    decision: &DecisionRow,
    claim: &Claim,
    benefit: &BenefitDecision,
) -> Served<GrantRow> {
    let currency = made.decision.before.principal.currency();
    let amounts = Amounts::of(&benefit.adjustments, currency).map_err(ServiceError::unknown)?;
    Ok(GrantRow {
        id: id::new_id(),
        decision_id: decision.id,
        account_id: act.account.id,
        event: claim.event.clone(),
        declaration: claim.declaration.clone(),
        policy: claim.policy.clone(),
        version: i32::try_from(claim.version).map_err(ServiceError::unknown)?,
        rule: benefit.rule.clone(),
        benefit: benefit.benefit.clone(),
        decided_on: made.decision.decided_on,
        state: String::new(),
        people: 0,
        approvals: 0,
        consent: benefit.consent,
        shown_digest: made.body_digest.clone(),
        currency: currency.code().to_owned(),
        waived: amounts.waived.minor(),
        refunded: amounts.refunded.minor(),
        goodwill: amounts.goodwill.minor(),
        deferred: amounts.deferred.minor(),
        deferred_principal: amounts.deferred_principal.minor(),
        added_interest: amounts.added_interest.minor(),
        forgone_interest: amounts.forgone_interest.minor(),
        capitalised: amounts.capitalised.minor(),
        present_value_loss: loss(&made.decision, benefit),
        adjustments: serde_json::to_string(&benefit.adjustments).map_err(ServiceError::unknown)?,
        region: act.account.region.clone(),
        opt_out_by: claim.opt_out_by,
        instruction_id: None,
        waits_for: None,
        changed_at: act.now,
        revision: 0,
    })
}

/// The loss in present value is of the decision; the first grant that moves rows carries it.
fn loss(decision: &Decision, benefit: &BenefitDecision) -> Option<i64> {
    let moves = |adjustments: &[Adjustment]| {
        adjustments.iter().any(|one| matches!(one, Adjustment::Schedule(_) | Adjustment::Suspension(_)))
    };
    let first = granted(decision).map(|(_, benefit)| benefit).find(|benefit| moves(&benefit.adjustments))?;
    let loss = decision.totals.present_value_loss?;
    std::ptr::eq(first, benefit).then(|| loss.minor())
}

/// Keeps what a grant is of.
pub(super) fn add_targets(
    conn: &mut Connection,
    row: &GrantRow,
    adjustments: &[Adjustment],
    earlier: &History,
    account: &str,
) -> Served<()> {
    let keys = targets(adjustments).into_iter().map(|target| {
        let (step, attempt) = place(earlier, account, row, &target)?;
        Ok(TargetRow {
            event: row.event.clone(),
            account_id: row.account_id,
            policy: row.policy.clone(),
            benefit: row.benefit.clone(),
            target,
            step,
            attempt,
            grant_id: row.id,
        })
    });
    Ok(grant::add_targets(conn, &keys.collect::<Served<Vec<_>>>()?)?)
}

/// The place of a grant among those of the same target that the decision knew of: renewals and top-ups are further steps,
/// what was taken back is another attempt. A decision that did not know of one that is there comes to its key, and is
/// refused.
fn place(history: &History, account: &str, row: &GrantRow, target: &str) -> Served<(i32, i32)> {
    let same = history.grants.iter().filter(|earlier| {
        earlier.account.as_deref() == Some(account)
            && (&earlier.event, &earlier.policy, &earlier.benefit) == (&row.event, &row.policy, &row.benefit)
            && targets(&earlier.adjustments).iter().any(|known| known == target)
    });
    let (live, ended): (Vec<&Grant>, Vec<&Grant>) = same.partition(|earlier| earlier.state.is_live());
    let next = |known: &[&Grant]| i32::try_from(known.len()).map(|count| count.saturating_add(1));
    Ok((next(&live).map_err(ServiceError::unknown)?, next(&ended).map_err(ServiceError::unknown)?))
}

/// What a benefit is of: each charge, each row of interest, the first instalment that moves, or the account.
fn targets(adjustments: &[Adjustment]) -> Vec<String> {
    let mut keys: Vec<String> = adjustments.iter().map(target).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn target(adjustment: &Adjustment) -> String {
    match adjustment {
        Adjustment::Waiver(relieved) => format!("{}:waived", relieved_on(relieved)),
        Adjustment::Refund(relieved) => format!("{}:refunded", relieved_on(relieved)),
        Adjustment::Credit { relieved, .. } => format!("{}:credited", relieved_on(relieved)),
        Adjustment::Schedule(change) => {
            let first = change.chosen.first().or_else(|| change.changes.first().map(|change| &change.row));
            format!("instalment:{}", first.map_or("none", String::as_str))
        }
        Adjustment::Suspension(_) => "suspension".to_owned(),
        Adjustment::Hold(_) => "hold".to_owned(),
        Adjustment::Window(_) => "window".to_owned(),
        Adjustment::Goodwill { .. } => "account".to_owned(),
        Adjustment::StandingOrder(_) => "standing_order".to_owned(),
    }
}

fn relieved_on(relieved: &Relieved) -> String {
    match &relieved.target {
        Target::Charge(id) => format!("charge:{id}"),
        Target::Interest(id) => format!("interest:{id}"),
    }
}
