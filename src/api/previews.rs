//! `/v1/previews`: what a version of a policy would do to the accounts that are kept, worked out in the background.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::reference::outside;
use crate::service::relief::preview::kept::{KeptPreview, NewPreview, PreviewRow};
use crate::service::{Served, ServiceError};

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// Declarations by name.
    pub declarations: Vec<String>,
    /// What everybody who may ask is taken to answer, by fact; left out: that the disaster hurt them.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub answers: Option<BTreeMap<String, Value>>,
    /// Nobody asks: what is given without being asked for.
    #[serde(default)]
    pub nobody_asks: bool,
    /// The decision day; today, or the version's first day where that is later.
    #[serde(default)]
    pub today: Option<NaiveDate>,
}

/// A preview.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewResponse {
    /// Its id.
    pub preview: String,
    /// The policy.
    pub policy: String,
    /// The version.
    pub version: i32,
    /// SHA-256 of what the version said.
    pub digest: String,
    /// The declarations.
    pub declarations: Vec<String>,
    /// The decision day.
    pub today: NaiveDate,
    /// waiting, running, done, failed or cancelled.
    pub state: String,
    /// How many accounts there were when it began.
    pub accounts: i64,
    /// How many are decided.
    pub decided: i64,
    /// Who asked.
    pub made_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What it came to: people and money by benefit, rule, bearer and region, and why others get nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}

/// A page of previews.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewList {
    /// They, without what they came to.
    pub items: Vec<PreviewResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn shape(row: PreviewRow, whole: bool) -> Served<PreviewResponse> {
    let asked: KeptPreview = serde_json::from_str(&row.asked).map_err(ServiceError::unknown)?;
    let result = row.result.as_deref().filter(|_| whole).map(kept).transpose()?;
    Ok(PreviewResponse {
        preview: outside("preview", row.id),
        policy: row.policy,
        version: row.version,
        digest: asked.digest,
        declarations: asked.declarations,
        today: asked.today,
        state: row.state,
        accounts: row.accounts,
        decided: row.decided,
        made_by: row.made_by,
        created_at: moment(row.created_at),
        changed_at: moment(row.changed_at),
        failure: row.failure,
        result,
    })
}

/// Asks for a preview of a version, also of a draft; it is worked out in the background. A caller has one at a time.
#[utoipa::path(tag = "policies", request_body = PreviewBody,
    responses((status = 202, body = PreviewResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/policies/{slug}/{version}/preview")]
pub async fn ask(desk: Desk, path: web::Path<(String, i32)>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: PreviewBody = json(&body)?;
    let (slug, version) = path.into_inner();
    desk.once(StatusCode::ACCEPTED, body, move |service, conn, caller, body| {
        let new = NewPreview {
            declarations: body.declarations.clone(),
            answers: body.answers.clone(),
            nobody_asks: body.nobody_asks,
            today: body.today,
        };
        shape(service.ask_preview(conn, &caller.actor, (&slug, version), &new)?, true)
    })
    .await
}

/// Previews, the first asked for first.
#[utoipa::path(tag = "policies", params(PageQuery), responses((status = 200, body = PreviewList)))]
#[get("/previews")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<PreviewList>, Problem> {
    let (after, limit) = query.read("preview")?;
    let rows = desk.read(move |service, _| service.previews(after, limit)).await?;
    let next = next("preview", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(|row| shape(row, false)).collect::<Served<_>>()?;
    Ok(web::Json(PreviewList { items, next }))
}

/// A preview: how far it is, and what it came to.
#[utoipa::path(tag = "policies", responses((status = 200, body = PreviewResponse), (status = 404, body = Problem)))]
#[get("/previews/{preview}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<PreviewResponse>, Problem> {
    let preview = id("preview", &path)?;
    Ok(web::Json(shape(desk.read(move |service, _| service.preview(preview)).await?, true)?))
}

/// Ends a preview of the caller's that is under way.
#[utoipa::path(tag = "policies",
    responses((status = 200, body = PreviewResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/previews/{preview}/cancel")]
pub async fn cancel(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let preview = id("preview", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.cancel_preview(conn, &caller.actor, preview)?, true)
    })
    .await
}
