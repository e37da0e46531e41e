//! What waits for a person: one queue for referrals, thresholds, samples and appeals.

pub mod ageing;
pub mod bulk;
pub mod sample;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::audit::{Actor, log};
use super::relief::approve::Agreed;
use super::relief::found::Finding;
use super::relief::history::hold;
use super::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, decision, id, review};

pub use crate::store::review::ReviewRow;

impl Service {
    /// The queue, the oldest first; of a state or kind only.
    ///
    /// # Errors
    /// The store fails.
    pub fn reviews(
        &self,
        (state, kind): (Option<&str>, Option<&str>),
        after: i64,
        most: i64,
    ) -> Served<Vec<ReviewRow>> {
        self.store.read(|conn| Ok(review::page(conn, (state, kind), after, most)?))
    }

    /// Takes a review to look at.
    ///
    /// # Errors
    /// Somebody else has it, or it has ended.
    pub fn claim_review(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<ReviewRow> {
        let mut row = review::find(conn, id)?.ok_or(ServiceError::Missing("review"))?;
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        self.impartial(conn, actor, &made)?;
        match (row.state.as_str(), row.claimed_by.as_deref()) {
            ("claimed", Some(own)) if own == actor.person => return Ok(row),
            ("open" | "returned", _) => {}
            ("claimed", _) => {
                return Err(ServiceError::conflict("claimed_already", "somebody else looks at it already"));
            }
            (state, _) => {
                return Err(ServiceError::conflict("wrong_state", format!("the review is {state}: it has ended")));
            }
        }
        row.state = "claimed".to_owned();
        row.claimed_by = Some(actor.person.clone());
        row.changed_at = self.clock.now();
        super::policy::changed(review::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, "review.claim", &id::outside("review", id), &json!({}))?;
        review::find(conn, id)?.ok_or(ServiceError::Missing("review"))
    }
}

/// What a reviewer says.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// What waits is to be given; bound to what was shown.
    Approve {
        /// The digest of what was shown.
        shown: String,
    },
    /// It is not to be given.
    Reject {
        /// Why.
        reason: String,
    },
    /// It is decided again with what was found.
    Decide {
        /// Values that the core system does not report, by fact.
        facts: BTreeMap<String, Value>,
        /// Numbers left to the reviewer, by benefit.
        choices: BTreeMap<String, u32>,
        /// How it is known.
        reason: String,
    },
    /// A sample would have been decided so again.
    Agree,
    /// A sample would have been decided otherwise.
    Disagree {
        /// Why.
        reason: String,
    },
    /// The borrower is asked something first.
    Return {
        /// What.
        question: String,
    },
}

impl Service {
    /// Ends a review, or gives it back with a question. Approving one approves every grant of its decision that waits for
    /// the caller; what has changed since is decided again instead.
    ///
    /// # Errors
    /// Somebody else looks at it, it has ended, or its grants cannot be approved by the caller.
    pub fn judge_review(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        verdict: &Verdict,
    ) -> Served<Agreed<ReviewRow>> {
        let mut row = self.claim_review(conn, actor, id)?;
        if let Some(disagrees) = of_sample(&row, verdict)? {
            return Ok(Agreed::Done(self.judge_sample(conn, actor, row, disagrees)?));
        }
        let to = match verdict {
            Verdict::Approve { shown } => {
                if row.kind == "referral" || (row.kind == "appeal" && waiting(conn, &row)?.is_empty()) {
                    let message =
                        "nothing of this waits for approval: decide it with what you found, or ask the borrower";
                    return Err(ServiceError::conflict("nothing_to_approve", message));
                }
                for waits in waiting(conn, &row)? {
                    if let Agreed::DecidedAgain(decision) = self.approve_grant(conn, actor, waits.id, shown)? {
                        return Ok(Agreed::DecidedAgain(decision));
                    }
                }
                // With more approvals to come it goes back into the queue.
                if waiting(conn, &row)?.is_empty() { "approved" } else { "open" }
            }
            Verdict::Reject { reason } => {
                row.reason = Some(reason.clone());
                for waits in waiting(conn, &row)? {
                    self.refuse_grant(conn, actor, waits.id, reason)?;
                }
                "rejected"
            }
            Verdict::Decide { facts, choices, reason } => {
                let (facts, choices) = (facts.clone(), choices.clone());
                let finding = Finding { facts, choices, by: actor.person.clone(), reason: reason.clone() };
                return self.decide_referral(conn, actor, row, &finding);
            }
            Verdict::Return { question } => {
                let Some(request) = row.request_id else {
                    let message = "nobody asked for this: there is nobody to ask back";
                    return Err(ServiceError::conflict("nobody_to_ask", message));
                };
                row.reason = Some(question.clone());
                self.ask_back(conn, request, question)?;
                "returned"
            }
            Verdict::Agree | Verdict::Disagree { .. } => return Err(no_sample()),
        };
        row.state = to.to_owned();
        row.claimed_by = None;
        row.closed_by = (to != "open").then(|| actor.person.clone());
        row.changed_at = self.clock.now();
        super::policy::changed(review::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, "review.judge", &id::outside("review", id), &json!({"state": to}))?;
        match (verdict, row.request_id) {
            (Verdict::Reject { reason }, Some(request)) => {
                self.turn_down(conn, actor, (request, row.decision_id), reason)?;
            }
            (Verdict::Approve { .. }, Some(request)) if row.kind == "appeal" && to == "approved" => {
                self.step(conn, request, "granted")?;
            }
            _ => {}
        }
        Ok(Agreed::Done(review::find(conn, id)?.ok_or(ServiceError::Missing("review"))?))
    }
}

impl Service {
    /// Turns down a grant that waits for approval, money or the borrower. A review that has nothing left to approve ends with it,
    /// and so does the request that has nothing left.
    ///
    /// # Errors
    /// It is posted, or has ended.
    pub fn refuse(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<GrantRow> {
        let refused = self.refuse_grant(conn, actor, id, reason)?;
        for mut row in review::of_decision(conn, refused.decision_id)? {
            let approves = matches!(row.kind.as_str(), "threshold" | "appeal");
            if !row.is_pending() || !approves || left(conn, &row)? {
                continue;
            }
            row.state = "rejected".to_owned();
            row.reason = Some(reason.to_owned());
            row.claimed_by = None;
            row.closed_by = Some(actor.person.clone());
            row.changed_at = self.clock.now();
            super::policy::changed(review::update(conn, &row)?)?;
            let detail = json!({"state": row.state});
            log(conn, row.changed_at, actor, "review.judge", &id::outside("review", row.id), &detail)?;
        }
        let made = decision::find(conn, refused.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        if let Some(request) = made.request_id {
            self.turn_down(conn, actor, (request, made.id), reason)?;
        }
        Ok(refused)
    }

    /// Ends a referral by deciding again with what was found.
    fn decide_referral(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ReviewRow,
        finding: &Finding,
    ) -> Served<Agreed<ReviewRow>> {
        if !matches!(row.kind.as_str(), "referral" | "appeal") {
            let message = "only what was referred, or an appeal, is decided with what a reviewer found: approve this, or reject it";
            return Err(ServiceError::conflict("not_a_referral", message));
        }
        hold(conn, row.account_id)?;
        let before = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        // First, so that it does not count as outdated by its own decision.
        row.state = "approved".to_owned();
        row.reason = Some(finding.reason.clone());
        row.claimed_by = None;
        row.closed_by = Some(actor.person.clone());
        row.changed_at = self.clock.now();
        super::policy::changed(review::update(conn, &row)?)?;
        let again = self.decide_with(conn, actor, &before, finding)?;
        let detail = json!({"state": "approved", "facts": finding.facts, "choices": finding.choices,
            "reason": finding.reason, "decision": id::outside("decision", again)});
        log(conn, row.changed_at, actor, "review.decide", &id::outside("review", row.id), &detail)?;
        Ok(Agreed::Done(review::find(conn, row.id)?.ok_or(ServiceError::Missing("review"))?))
    }
}

/// What is said of a sample, if it is one: why somebody disagrees, or nothing.
fn of_sample<'a>(row: &ReviewRow, verdict: &'a Verdict) -> Served<Option<Option<&'a str>>> {
    match (row.kind == sample::SAMPLE, verdict) {
        (true, Verdict::Agree) => Ok(Some(None)),
        (true, Verdict::Disagree { reason }) => Ok(Some(Some(reason))),
        (true, _) => {
            let message = "this is a sample of what was posted: say whether you agree or disagree";
            Err(ServiceError::conflict("a_sample", message))
        }
        (false, Verdict::Agree | Verdict::Disagree { .. }) => Err(no_sample()),
        (false, _) => Ok(None),
    }
}

fn no_sample() -> ServiceError {
    ServiceError::conflict("no_sample", "this waits for a decision: only of a sample somebody agrees or disagrees")
}

/// Whether anything of a review's decision and policy still waits for approval, or for money before it.
fn left(conn: &mut Connection, row: &ReviewRow) -> Served<bool> {
    let all = grant::of_decision(conn, row.decision_id)?;
    let own = |grant: &&GrantRow| row.policy.as_ref().is_none_or(|policy| *policy == grant.policy);
    Ok(all.iter().filter(own).any(|grant| matches!(grant.state.as_str(), "proposed" | "pending_approval")))
}

/// Grants of a review's decision and policy that wait for approval.
fn waiting(conn: &mut Connection, row: &ReviewRow) -> Served<Vec<GrantRow>> {
    let all = grant::of_decision(conn, row.decision_id)?;
    let own = |grant: &GrantRow| row.policy.as_ref().is_none_or(|policy| *policy == grant.policy);
    Ok(all.into_iter().filter(|grant| grant.state == "pending_approval" && own(grant)).collect())
}
