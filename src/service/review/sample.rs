//! Samples: of what was posted without anybody's approval, a share is looked at a second time, by lot. Nothing waits for it.
//!
//! The lot of a grant follows from the salt and the grant's id: the first eight bytes of the SHA-256 of both with a blank between, as
//! a number, modulo 1,000. Whoever has the salt can draw again. A lot below the share is drawn.

use std::collections::BTreeMap;

use forbear_engine::digest::hex;
use rand::RngExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::grant::GrantRow;
use crate::store::review::{self, ReviewRow};
use crate::store::sample::{self, LotteryRow, SampleRow};
use crate::store::{Connection, decision, guard, id};

/// The kind of such a review.
pub(in crate::service) const SAMPLE: &str = "sample";

/// How often those who looked again agreed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// The policy.
    pub policy: String,
    /// Not looked at yet.
    pub waiting: u64,
    /// Would have been decided so.
    pub agreed: u64,
    /// Would have been decided otherwise.
    pub disagreed: u64,
}

impl Service {
    /// Draws the lot of a grant that was posted without anybody's approval.
    pub(in crate::service) fn draw_lot(
        &self,
        conn: &mut Connection,
        known: Option<&LotteryRow>,
        row: &GrantRow,
    ) -> Served<()> {
        let Some(lottery) = self.lottery(conn, known)? else { return Ok(()) };
        let lot = lot(&lottery.salt, row.id);
        if lot >= lottery.per_mille {
            return Ok(());
        }
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        let now = self.clock.now();
        let review = ReviewRow {
            id: id::new_id(),
            kind: SAMPLE.to_owned(),
            account_id: row.account_id,
            decision_id: row.decision_id,
            request_id: made.request_id,
            declaration: Some(row.declaration.clone()),
            policy: Some(row.policy.clone()),
            currency: row.currency.clone(),
            amount: row.waived.saturating_add(row.refunded).saturating_add(row.goodwill),
            state: "open".to_owned(),
            claimed_by: None,
            closed_by: None,
            reason: None,
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        review::add(conn, &review)?;
        let drawn = SampleRow { grant_id: row.id, lottery_id: lottery.id, lot, review_id: review.id };
        sample::add(conn, &drawn)?;
        let detail = json!({"review": id::outside("review", review.id), "lottery": id::outside("lottery", lottery.id), "lot": lot});
        Ok(log(conn, now, &Actor::system(), "grant.sample", &id::outside("grant", row.id), &detail)?)
    }

    /// What is drawn by: the last salt, or a new one where the share was set anew. None where nothing is to be drawn.
    fn lottery(&self, conn: &mut Connection, known: Option<&LotteryRow>) -> Served<Option<LotteryRow>> {
        let per_mille = i32::try_from(self.relief.sample_per_mille).map_err(ServiceError::unknown)?;
        if per_mille == 0 {
            return Ok(None);
        }
        let own = |row: &LotteryRow| row.per_mille == per_mille;
        if let Some(known) = known.filter(|row| own(row)) {
            return Ok(Some(known.clone()));
        }
        // Of several who begin at once, one does.
        let mut name = vec!["lottery".to_owned()];
        guard::make(conn, &name)?;
        guard::take(conn, &mut name)?;
        if let Some(known) = sample::lottery(conn)?.filter(own) {
            return Ok(Some(known));
        }
        let salt = hex(&rand::rng().random::<[u8; 16]>());
        let row = LotteryRow { id: id::new_id(), salt, per_mille, since: self.clock.now() };
        sample::begin(conn, &row)?;
        let detail = json!({"per_mille": per_mille});
        log(conn, row.since, &Actor::system(), "lottery.begin", &id::outside("lottery", row.id), &detail)?;
        Ok(Some(row))
    }

    /// Keeps whether somebody who looked again would have decided so.
    pub(super) fn judge_sample(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ReviewRow,
        disagrees: Option<&str>,
    ) -> Served<ReviewRow> {
        let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
        if made.made_by == actor.person {
            return Err(ServiceError::Forbidden("who let something be decided does not look at it again".to_owned()));
        }
        row.state = if disagrees.is_some() { "rejected" } else { "approved" }.to_owned();
        row.reason = disagrees.map(str::to_owned);
        row.claimed_by = None;
        row.closed_by = Some(actor.person.clone());
        row.changed_at = self.clock.now();
        crate::service::policy::changed(review::update(conn, &row)?)?;
        let detail = json!({"state": row.state, "agrees": disagrees.is_none()});
        log(conn, row.changed_at, actor, "review.judge", &id::outside("review", row.id), &detail)?;
        review::find(conn, row.id)?.ok_or(ServiceError::Missing("review"))
    }

    /// How often those who looked again agreed, by policy; of a declaration only.
    ///
    /// # Errors
    /// The store fails.
    pub fn agreement(&self, declaration: Option<&str>) -> Served<Vec<Agreement>> {
        let counts = self.store.read(|conn| sample::counts(conn, declaration))?;
        let mut lines: BTreeMap<String, Agreement> = BTreeMap::new();
        for (policy, state, count) in counts {
            let policy = policy.unwrap_or_default();
            let line = lines.entry(policy.clone()).or_insert_with(|| Agreement { policy, ..Agreement::default() });
            let count = u64::try_from(count).map_err(ServiceError::unknown)?;
            let sum = match state.as_str() {
                "approved" => &mut line.agreed,
                "rejected" => &mut line.disagreed,
                _ => &mut line.waiting,
            };
            *sum = sum.saturating_add(count);
        }
        Ok(lines.into_values().collect())
    }
}

/// The grants that reviews look at again: review, grant.
///
/// # Errors
/// The store fails.
pub fn sampled(conn: &mut Connection, reviews: &[ReviewRow]) -> Served<BTreeMap<i64, i64>> {
    let of: Vec<i64> = reviews.iter().filter(|row| row.kind == SAMPLE).map(|row| row.id).collect();
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    Ok(sample::grants(conn, &of)?.into_iter().collect())
}

/// The lot of a grant, from 0 to 999.
#[must_use]
pub fn lot(salt: &str, grant: i64) -> i32 {
    let digest = Sha256::digest(format!("{salt} {}", id::outside("grant", grant)));
    let first = digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    i32::try_from(first % 1_000).unwrap_or_default()
}

/// Samples looked at together.
const PAGE: i64 = 1_000;

/// Samples whose lot is not what their salt draws.
pub(in crate::service) fn misdrawn(conn: &mut Connection) -> Served<Vec<String>> {
    let (mut broken, mut after) = (Vec::new(), 0);
    loop {
        let page = sample::page(conn, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(broken) };
        after = last.grant_id;
        for (row, lottery) in &page {
            if row.lot != lot(&lottery.salt, row.grant_id) || row.lot >= lottery.per_mille {
                broken.push(format!("{}: its lot is not what its salt draws", id::outside("grant", row.grant_id)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_what_sha256sum_says() {
        // printf 'abc grant_0000000000011' | sha256sum
        // begins with f3ac66e252a51ac0.
        assert_eq!(lot("abc", 33), 328);
        let drawn = (0..10_000).filter(|grant| lot("salt", *grant) < 100).count();
        assert!((900..1_100).contains(&drawn), "{drawn} of 10,000 for a tenth");
    }
}
