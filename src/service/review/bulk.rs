//! Reviews as a person sees them before judging: what waits, whose thresholds it passed, and what approving would do.

use std::collections::BTreeMap;

use forbear_engine::policy::document::Approval;
use serde_json::Value;

use super::{ReviewRow, waiting};
use crate::service::access::Principal;
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, account, decision, document, policy, review};

/// A review with what waits in it.
pub struct Look {
    /// The review.
    pub row: ReviewRow,
    /// The account's number.
    pub account: String,
    /// Grants that wait for approval in it.
    pub waiting: Vec<GrantRow>,
    /// Why the one who looks cannot approve it.
    pub hinders: Option<Hinders>,
}

/// Why somebody cannot approve a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hinders {
    /// It has ended.
    Ended,
    /// It needs another judgement: nothing waits for approval in it.
    NothingWaits,
    /// Somebody else looks at it.
    Claimed,
    /// They let it be decided.
    Own,
    /// They approved it already.
    Approved,
}

/// Reviews of one policy and currency that are about to be approved, in minor units.
pub struct Group {
    /// The policy with its version.
    pub policy: (String, i32),
    /// The currency.
    pub currency: String,
    /// When a person has to approve, as the policy says.
    pub approval: Approval,
    /// Reviews.
    pub reviews: u64,
    /// Grants in them.
    pub grants: u64,
    /// Grants that go on with this approval; the others wait for one more person.
    pub last: u64,
    /// Sums: waived, refunded, goodwill money, deferred.
    pub sums: [i64; 4],
}

/// What approving several reviews would do.
pub struct About {
    /// They, in the order in which they were named.
    pub looks: Vec<Look>,
    /// Those that can be approved, put together.
    pub groups: Vec<Group>,
}

impl Group {
    /// Grants that wait for one more person afterwards.
    #[must_use]
    pub const fn further(&self) -> u64 {
        self.grants.saturating_sub(self.last)
    }
}

impl Look {
    /// The digest of what is shown to whoever approves.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        self.waiting.first().map(|grant| grant.shown_digest.as_str())
    }
}

impl Service {
    /// The queue as somebody sees it, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn look_at_queue(
        &self,
        caller: &Principal,
        of: (Option<&str>, Option<&str>),
        after: i64,
        most: i64,
    ) -> Served<Vec<Look>> {
        self.store.read(|conn| {
            let rows = review::page(conn, of, after, most)?;
            rows.into_iter().map(|row| look(conn, caller, row)).collect()
        })
    }

    /// One review as somebody sees it.
    ///
    /// # Errors
    /// There is none.
    pub fn look_at_review(&self, caller: &Principal, id: i64) -> Served<Look> {
        self.store.read(|conn| {
            let row = review::find(conn, id)?.ok_or(ServiceError::Missing("review"))?;
            look(conn, caller, row)
        })
    }

    /// What approving these reviews would do, before it is done.
    ///
    /// # Errors
    /// One of them is none.
    pub fn about_to_approve(&self, caller: &Principal, ids: &[i64]) -> Served<About> {
        self.store.read(|conn| {
            let (mut looks, mut groups) = (Vec::new(), BTreeMap::new());
            for id in ids {
                let row = review::find(conn, *id)?.ok_or(ServiceError::Missing("review"))?;
                let own = look(conn, caller, row)?;
                if own.hinders.is_none() {
                    put_together(conn, &own, &mut groups)?;
                }
                looks.push(own);
            }
            Ok(About { looks, groups: groups.into_values().collect() })
        })
    }
}

fn look(conn: &mut Connection, caller: &Principal, row: ReviewRow) -> Served<Look> {
    let own = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
    let waiting = if row.is_pending() { waiting(conn, &row)? } else { Vec::new() };
    let hinders = hinders(conn, caller, &row, &waiting)?;
    Ok(Look { row, account: own.number, waiting, hinders })
}

fn hinders(
    conn: &mut Connection,
    caller: &Principal,
    row: &ReviewRow,
    waiting: &[GrantRow],
) -> Served<Option<Hinders>> {
    let person = caller.actor.person.as_str();
    if !row.is_pending() {
        return Ok(Some(Hinders::Ended));
    }
    if matches!(row.kind.as_str(), "referral" | "sample") || waiting.is_empty() {
        return Ok(Some(Hinders::NothingWaits));
    }
    if row.state == "claimed" && row.claimed_by.as_deref() != Some(person) {
        return Ok(Some(Hinders::Claimed));
    }
    let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
    if made.made_by == person {
        return Ok(Some(Hinders::Own));
    }
    for waits in waiting {
        if grant::approvals(conn, waits.id)?.iter().any(|known| known.person == person) {
            return Ok(Some(Hinders::Approved));
        }
    }
    Ok(None)
}

type Groups = BTreeMap<(String, i32, String), Group>;

fn put_together(conn: &mut Connection, look: &Look, groups: &mut Groups) -> Served<()> {
    let mut counted = None;
    for grant in &look.waiting {
        let key = (grant.policy.clone(), grant.version, grant.currency.clone());
        if !groups.contains_key(&key) {
            let group = Group {
                policy: (grant.policy.clone(), grant.version),
                currency: grant.currency.clone(),
                approval: approval(conn, &grant.policy, grant.version)?,
                reviews: 0,
                grants: 0,
                last: 0,
                sums: [0; 4],
            };
            groups.insert(key.clone(), group);
        }
        let Some(group) = groups.get_mut(&key) else { continue };
        if counted.as_ref() != Some(&key) {
            group.reviews = group.reviews.saturating_add(1);
        }
        group.grants = group.grants.saturating_add(1);
        let last = grant.approvals.saturating_add(1) >= grant.people;
        group.last = group.last.saturating_add(u64::from(last));
        let given = [grant.waived, grant.refunded, grant.goodwill, grant.deferred];
        for (sum, amount) in group.sums.iter_mut().zip(given) {
            *sum = sum.saturating_add(amount);
        }
        counted = Some(key);
    }
    Ok(())
}

/// When a person has to approve, as a version of a policy says.
fn approval(conn: &mut Connection, slug: &str, version: i32) -> Served<Approval> {
    let row = policy::find(conn, slug, version)?.ok_or(ServiceError::Missing("policy version"))?;
    let text = document::body(conn, &row.digest)?.ok_or_else(|| ServiceError::unknown("no text of a policy"))?;
    let said: Value = serde_json::from_str(&text).map_err(ServiceError::unknown)?;
    let own = said.get("approval").cloned().map(serde_json::from_value).transpose();
    Ok(own.map_err(ServiceError::unknown)?.unwrap_or_default())
}
