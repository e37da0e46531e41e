//! `/v1/policies`: versions of policies, where each stands, and what is in flight under it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::{PageQuery, kept, moment};
use crate::service::policy::flight::{Flight, Flights};
use crate::service::policy::{PolicyAct, PolicyRow};
use crate::service::reference::outside;

/// A version of a policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyResponse {
    /// The policy.
    pub policy: String,
    /// The version.
    pub version: i32,
    /// draft, submitted, approved, effective, superseded or withdrawn.
    pub state: String,
    /// SHA-256 of its canonical JSON: what is approved.
    pub digest: String,
    /// The first day on which it may be chosen.
    pub effective_from: chrono::NaiveDate,
    /// The last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<chrono::NaiveDate>,
    /// Who wrote it.
    pub drafted_by: String,
    /// Who submitted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When it last changed.
    pub changed_at: String,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
}

/// Versions of policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyList {
    /// They.
    pub items: Vec<PolicyResponse>,
}

/// Which policies.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PolicyQuery {
    /// Versions of this one only.
    #[serde(default)]
    pub policy: Option<String>,
}

/// What is approved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBody {
    /// The digest of what was looked at.
    pub digest: String,
}

fn shape(row: PolicyRow, document: Option<Value>) -> PolicyResponse {
    PolicyResponse {
        policy: row.slug,
        version: row.version,
        state: row.state,
        digest: row.digest,
        effective_from: row.effective_from,
        effective_until: row.effective_until,
        drafted_by: row.drafted_by,
        submitted_by: row.submitted_by,
        approved_by: row.approved_by,
        changed_at: moment(row.changed_at),
        document,
    }
}

/// All versions.
#[utoipa::path(tag = "policies", params(PolicyQuery), responses((status = 200, body = PolicyList)))]
#[get("/policies")]
pub async fn list(desk: Desk, query: web::Query<PolicyQuery>) -> Result<web::Json<PolicyList>, Problem> {
    let rows = desk.read(move |service, _| service.policies(query.policy.as_deref())).await?;
    Ok(web::Json(PolicyList { items: rows.into_iter().map(|row| shape(row, None)).collect() }))
}

/// One version, with what it says.
#[utoipa::path(tag = "policies", responses((status = 200, body = PolicyResponse), (status = 404, body = Problem)))]
#[get("/policies/{slug}/{version}")]
pub async fn one(desk: Desk, path: web::Path<(String, i32)>) -> Result<web::Json<PolicyResponse>, Problem> {
    let (row, text) = desk.read(move |service, _| service.policy(&path.0, path.1)).await?;
    let document = kept(&text)?;
    Ok(web::Json(shape(row, Some(document))))
}

/// Every problem of a policy, with its place. Nothing is kept.
#[utoipa::path(tag = "policies", request_body = Object, responses((status = 200, body = Object)))]
#[post("/policies/check")]
pub async fn check(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let text = text(&body)?;
    let checked = desk.read(move |service, _| Ok(service.check_policy(&text))).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"usable": !checked.has_errors(), "problems": checked.problems})))
}

/// Keeps a draft: a new version, or another text of a draft.
#[utoipa::path(tag = "policies", request_body = Object,
    responses((status = 201, body = PolicyResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/policies")]
pub async fn draft(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let text = text(&body)?;
    desk.once(StatusCode::CREATED, text, |service, conn, caller, text| {
        Ok(shape(service.draft_policy(conn, &caller.actor, text)?, None))
    })
    .await
}

fn text(body: &[u8]) -> Result<String, Problem> {
    if body.is_empty() {
        return Err(Problem::unreadable("", "the body is the policy, and it is empty"));
    }
    let text = std::str::from_utf8(body).map_err(|_| Problem::unreadable("", "a policy is UTF-8 text"))?;
    Ok(text.to_owned())
}

async fn act(
    desk: Desk,
    path: web::Path<(String, i32)>,
    act: PolicyAct,
    digest: Option<String>,
) -> Result<HttpResponse, Problem> {
    let (slug, version) = path.into_inner();
    desk.once(StatusCode::OK, digest, move |service, conn, caller, digest| {
        let row = service.move_policy(conn, &caller.actor, (&slug, version), act, digest.as_deref())?;
        Ok(shape(row, None))
    })
    .await
}

/// Hands a draft in.
#[utoipa::path(tag = "policies", responses((status = 200, body = PolicyResponse), (status = 409, body = Problem)))]
#[post("/policies/{slug}/{version}/submit")]
pub async fn submit(desk: Desk, path: web::Path<(String, i32)>) -> Result<HttpResponse, Problem> {
    act(desk, path, PolicyAct::Submit, None).await
}

/// Puts a version in force; by somebody who neither wrote nor submitted it.
#[utoipa::path(tag = "policies", request_body = ApproveBody,
    responses((status = 200, body = PolicyResponse), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/policies/{slug}/{version}/approve")]
pub async fn approve(desk: Desk, path: web::Path<(String, i32)>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: ApproveBody = json(&body)?;
    act(desk, path, PolicyAct::Approve, Some(body.digest)).await
}

/// Gives a version back to its author.
#[utoipa::path(tag = "policies", responses((status = 200, body = PolicyResponse), (status = 409, body = Problem)))]
#[post("/policies/{slug}/{version}/return")]
pub async fn give_back(desk: Desk, path: web::Path<(String, i32)>) -> Result<HttpResponse, Problem> {
    act(desk, path, PolicyAct::Return, None).await
}

/// What is in flight under a version, and what becomes of each if it is withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlightList {
    /// Requests, and relief that nobody asked for, that wait for something; by decision.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Flight>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl From<Flights> for FlightList {
    fn from(found: Flights) -> Self {
        Self { items: found.items, next: found.next.map(|after| outside("decision", after)) }
    }
}

/// A version that was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawnResponse {
    /// The version.
    #[serde(flatten)]
    pub policy: PolicyResponse,
    /// What was in flight under it; the first 500, the rest is read from `in-flight`.
    pub in_flight: FlightList,
}

/// Takes a version out of force at once, and says what becomes of each request in flight.
#[utoipa::path(tag = "policies", responses((status = 200, body = WithdrawnResponse), (status = 409, body = Problem)))]
#[post("/policies/{slug}/{version}/withdraw")]
pub async fn withdraw(desk: Desk, path: web::Path<(String, i32)>) -> Result<HttpResponse, Problem> {
    let (slug, version) = path.into_inner();
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        let (row, flights) = service.withdraw_policy(conn, &caller.actor, (&slug, version))?;
        Ok(WithdrawnResponse { policy: shape(row, None), in_flight: flights.into() })
    })
    .await
}

/// What is in flight under a version: what would have to be decided again if it were withdrawn.
#[utoipa::path(tag = "policies", params(PageQuery), responses((status = 200, body = FlightList), (status = 404, body = Problem)))]
#[get("/policies/{slug}/{version}/in-flight")]
pub async fn in_flight(
    desk: Desk,
    path: web::Path<(String, i32)>,
    query: web::Query<PageQuery>,
) -> Result<web::Json<FlightList>, Problem> {
    let (after, limit) = query.read("decision")?;
    let found = desk.read(move |service, _| service.in_flight(&path.0, path.1, after, limit)).await?;
    Ok(web::Json(found.into()))
}
