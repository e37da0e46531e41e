//! `/v1/reviews`: what waits for a person.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, json};
use super::grants::{agreed, decided_again};
use super::problem::Problem;
use super::shape::{MoneyBody, PageQuery, id, moment, next};
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::review::sample::sampled;
use crate::service::review::{ReviewRow, Verdict};
use crate::service::{Conn, Served};

/// A review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewResponse {
    /// Its id.
    pub review: String,
    /// referral, threshold, sample or appeal.
    pub kind: String,
    /// open, claimed, returned, approved or rejected.
    pub state: String,
    /// The decision that is looked at.
    pub decision: String,
    /// Of a sample: the grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// The policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What was measured against the threshold.
    pub amount: MoneyBody,
    /// Who looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// When it came.
    pub created_at: String,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewList {
    /// The oldest first.
    pub items: Vec<ReviewResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReviewQuery {
    /// Only what stands so.
    #[serde(default)]
    pub state: Option<String>,
    /// referral, threshold, sample or appeal.
    #[serde(default)]
    pub kind: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// What a reviewer says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictBody {
    /// approve, reject, return or, of a referral or an appeal, decide; of a sample, agree or disagree.
    pub verdict: String,
    /// To approve: the digest of what was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// To reject: why, as the borrower sees it. To disagree: why. To return: what the borrower is asked. To decide: how it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// To decide: values that the core system does not report, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
    /// To decide: numbers left to the reviewer, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
}

/// Several reviews, judged alike.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveManyBody {
    /// Each review with the digest of what was shown of it.
    pub reviews: Vec<ShownReviewBody>,
}

/// A review and what was shown of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownReviewBody {
    /// The review.
    pub review: String,
    /// The digest of what was shown.
    pub shown: String,
}

/// What became of several reviews.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManyResponse {
    /// Of each, in order.
    pub items: Vec<JudgedResponse>,
}

/// What became of one of several reviews.
#[derive(Debug, Serialize, ToSchema)]
pub struct JudgedResponse {
    /// The review.
    pub review: String,
    /// Where it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why it was left as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

fn verdict(body: &VerdictBody) -> Result<Verdict, Problem> {
    let reason = || body.reason.clone().ok_or_else(|| Problem::unreadable("/reason", "say why"));
    Ok(match body.verdict.as_str() {
        "approve" => Verdict::Approve {
            shown: body.shown.clone().ok_or_else(|| Problem::unreadable("/shown", "say what was shown"))?,
        },
        "reject" => Verdict::Reject { reason: reason()? },
        "agree" => Verdict::Agree,
        "disagree" => Verdict::Disagree { reason: reason()? },
        "return" => Verdict::Return { question: reason()? },
        "decide" => Verdict::Decide { facts: body.facts.clone(), choices: body.choices.clone(), reason: reason()? },
        other => {
            let message = format!("{other}: a verdict is approve, reject, return, decide, agree or disagree");
            return Err(Problem::unreadable("/verdict", message));
        }
    })
}

/// A review, with the grant that it looks at again.
fn single(conn: &mut Conn, row: ReviewRow) -> Served<ReviewResponse> {
    let rows = [row];
    let grants = sampled(conn, &rows)?;
    let [row] = rows;
    Ok(shape(row, &grants))
}

fn shape(row: ReviewRow, grants: &BTreeMap<i64, i64>) -> ReviewResponse {
    ReviewResponse {
        review: outside("review", row.id),
        grant: grants.get(&row.id).map(|id| outside("grant", *id)),
        kind: row.kind,
        state: row.state,
        decision: outside("decision", row.decision_id),
        request: row.request_id.map(|id| outside("request", id)),
        declaration: row.declaration,
        policy: row.policy,
        amount: MoneyBody::of(row.amount, &row.currency),
        claimed_by: row.claimed_by,
        created_at: moment(row.created_at),
    }
}

/// The queue.
#[utoipa::path(tag = "reviews", params(ReviewQuery), responses((status = 200, body = ReviewList)))]
#[get("/reviews")]
pub async fn list(desk: Desk, query: web::Query<ReviewQuery>) -> Result<web::Json<ReviewList>, Problem> {
    let query = query.into_inner();
    let page = PageQuery { after: query.after.clone(), limit: query.limit, state: None };
    let (after, limit) = page.read("review")?;
    let (rows, grants) = desk
        .read(move |service, _| {
            let rows = service.reviews((query.state.as_deref(), query.kind.as_deref()), after, limit)?;
            let grants = service.store.read(|conn| sampled(conn, &rows))?;
            Ok((rows, grants))
        })
        .await?;
    let next = next("review", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(ReviewList { items: rows.into_iter().map(|row| shape(row, &grants)).collect(), next }))
}

/// Takes one to look at, so that nobody else does.
#[utoipa::path(tag = "reviews", responses((status = 200, body = ReviewResponse), (status = 409, body = Problem)))]
#[post("/reviews/{review}/claim")]
pub async fn claim(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let review = id("review", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        let claimed = service.claim_review(conn, &caller.actor, review)?;
        single(conn, claimed)
    })
    .await
}

/// Judges one: every grant that waits in it is approved or turned down, or its borrower is asked something first.
#[utoipa::path(tag = "reviews", request_body = VerdictBody,
    responses((status = 200, body = ReviewResponse), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/reviews/{review}/judge")]
pub async fn judge(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (review, body): (_, VerdictBody) = (id("review", &path)?, json(&body)?);
    let verdict = verdict(&body)?;
    agreed(desk, body, move |service, conn, caller, _| {
        Ok(match service.judge_review(conn, &caller.actor, review, &verdict)? {
            Agreed::Done(row) => Agreed::Done(single(conn, row)?),
            Agreed::DecidedAgain(decision) => Agreed::DecidedAgain(decision),
        })
    })
    .await
}

/// Approves many, each by itself: one that cannot be is named and left, the others are approved.
#[utoipa::path(tag = "reviews", request_body = ApproveManyBody, responses((status = 200, body = ManyResponse)))]
#[post("/reviews/approve")]
pub async fn approve_many(desk: Desk, body: web::Bytes) -> Result<web::Json<ManyResponse>, Problem> {
    let body: ApproveManyBody = json(&body)?;
    let items = desk
        .read(move |service, caller| {
            let judged = body.reviews.into_iter().map(|seen| {
                let verdict = Verdict::Approve { shown: seen.shown };
                let done = id("review", &seen.review).and_then(|review| {
                    let judged =
                        service.store.write(|conn| service.judge_review(conn, &caller.actor, review, &verdict));
                    match judged? {
                        Agreed::Done(row) => Ok(row.state),
                        Agreed::DecidedAgain(decision) => Err(decided_again(decision).into()),
                    }
                });
                let (state, problem) = match done {
                    Ok(state) => (Some(state), None),
                    Err(problem) => (None, Some(problem)),
                };
                JudgedResponse { review: seen.review, state, problem }
            });
            Ok(judged.collect())
        })
        .await?;
    Ok(web::Json(ManyResponse { items }))
}
