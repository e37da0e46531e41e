//! `/v1/persons/{person}/opt-outs`, `/v1/me/opt-outs`: who wants no messages, no marketing, no collections by phone.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::moment;
use crate::service::access::Principal;
use crate::service::care::outreach::OptOutRow;
use crate::service::care::outreach::opt_out::{Scope, Whom, resume, stop};
use crate::service::{Served, ServiceError};

/// What is no longer wanted, or wanted again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptOutBody {
    /// messages (what STOP means), marketing or collections.
    pub scope: String,
    /// sms, hotline, app, web, email or letter.
    pub via: String,
}

/// An opt-out.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptOutResponse {
    /// messages, marketing or collections.
    pub scope: String,
    /// person, or phone: whoever has it.
    pub of: String,
    /// How it was said.
    pub via: String,
    /// Since when.
    pub stopped_at: String,
    /// How it was said that it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_via: Option<String>,
    /// Until when; left out, it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_at: Option<String>,
}

/// All that somebody ever said of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptOutList {
    /// They, the first first.
    pub items: Vec<OptOutResponse>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptOutChanged {
    /// Whether anything changed: said again it does not.
    pub changed: bool,
}

fn shape(row: OptOutRow) -> OptOutResponse {
    OptOutResponse {
        scope: row.scope,
        of: if row.party.is_some() { "person" } else { "phone" }.to_owned(),
        via: row.via,
        stopped_at: moment(row.stopped_at),
        resumed_via: row.resumed_via,
        resumed_at: row.resumed_at.map(moment),
    }
}

async fn listed(desk: Desk, party: Option<String>) -> Result<web::Json<OptOutList>, Problem> {
    let rows = desk.read(move |service, caller| service.opt_outs(&own(caller, party.as_deref())?)).await?;
    Ok(web::Json(OptOutList { items: rows.into_iter().map(shape).collect() }))
}

/// Whose they are: the one who is named, or the borrower themselves.
pub(super) fn own(caller: &Principal, party: Option<&str>) -> Served<String> {
    party.or_else(|| caller.borrower()).map(str::to_owned).ok_or(ServiceError::Missing("person"))
}

async fn changed(desk: Desk, party: Option<String>, body: OptOutBody, wanted: bool) -> Result<HttpResponse, Problem> {
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let party = own(caller, party.as_deref())?;
        let said = (Scope::read(&body.scope)?, body.via.as_str());
        let change = if wanted { resume } else { stop };
        let came = change(service, conn, &caller.actor, Whom::Person(&party), said)?;
        Ok(OptOutChanged { changed: came.changed })
    })
    .await
}

/// What somebody wants no more of, and ever wanted no more of.
#[utoipa::path(tag = "persons", responses((status = 200, body = OptOutList), (status = 404, body = Problem)))]
#[get("/persons/{person}/opt-outs")]
pub async fn list(desk: Desk, path: web::Path<String>) -> Result<web::Json<OptOutList>, Problem> {
    listed(desk, Some(path.into_inner())).await
}

/// Somebody wants no more of something.
#[utoipa::path(tag = "persons", request_body = OptOutBody,
    responses((status = 200, body = OptOutChanged), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/persons/{person}/opt-outs")]
pub async fn add(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: OptOutBody = json(&body)?;
    changed(desk, Some(path.into_inner()), body, false).await
}

/// Somebody wants it again.
#[utoipa::path(tag = "persons", request_body = OptOutBody,
    responses((status = 200, body = OptOutChanged), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/persons/{person}/opt-outs/resume")]
pub async fn end(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: OptOutBody = json(&body)?;
    changed(desk, Some(path.into_inner()), body, true).await
}

/// What the borrower wants no more of.
#[utoipa::path(tag = "me", responses((status = 200, body = OptOutList)))]
#[get("/me/opt-outs")]
pub async fn mine(desk: Desk) -> Result<web::Json<OptOutList>, Problem> {
    listed(desk, None).await
}

/// The borrower wants no more of something.
#[utoipa::path(tag = "me", request_body = OptOutBody,
    responses((status = 200, body = OptOutChanged), (status = 422, body = Problem)))]
#[post("/me/opt-outs")]
pub async fn add_mine(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: OptOutBody = json(&body)?;
    changed(desk, None, body, false).await
}

/// The borrower wants it again.
#[utoipa::path(tag = "me", request_body = OptOutBody,
    responses((status = 200, body = OptOutChanged), (status = 422, body = Problem)))]
#[post("/me/opt-outs/resume")]
pub async fn end_mine(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: OptOutBody = json(&body)?;
    changed(desk, None, body, true).await
}
