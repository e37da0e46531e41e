//! `/v1/reviews`: what waits for a person.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{MoneyBody, PageQuery, id, moment, next};
use crate::service::reference::outside;
use crate::service::review::ReviewRow;

/// A review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewResponse {
    /// Its id.
    pub review: String,
    /// referral, threshold or sample.
    pub kind: String,
    /// open, claimed, returned, approved or rejected.
    pub state: String,
    /// The decision that is looked at.
    pub decision: String,
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
    /// referral, threshold or sample.
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

fn shape(row: ReviewRow) -> ReviewResponse {
    ReviewResponse {
        review: outside("review", row.id),
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
    let rows = desk
        .read(move |service, _| service.reviews((query.state.as_deref(), query.kind.as_deref()), after, limit))
        .await?;
    let next = next("review", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(ReviewList { items: rows.into_iter().map(shape).collect(), next }))
}

/// Takes one to look at, so that nobody else does.
#[utoipa::path(tag = "reviews", responses((status = 200, body = ReviewResponse), (status = 409, body = Problem)))]
#[post("/reviews/{review}/claim")]
pub async fn claim(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let review = id("review", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.claim_review(conn, &caller.actor, review)?))
    })
    .await
}
