//! `/v1/persons/{person}/flags`, `/v1/me/flags`: what one has to mind of people, said once.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::opt_outs::own;
use super::problem::Problem;
use super::shape::moment;
use crate::service::Service;
use crate::service::care::FlagRow;

/// What one has to mind of somebody.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagBody {
    /// vulnerable, bereaved, hospitalised, deceased or represented.
    pub flag: String,
    /// How it is known: told, told_by_relative, document, observed, public_record or disaster_list.
    pub reason: String,
    /// Its last day; left out, until it is lifted.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// What no longer has to be minded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBody {
    /// Which.
    pub flag: String,
    /// Why it ends: told, over or mistake.
    pub reason: String,
}

/// A flag.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlagResponse {
    /// Whose.
    pub person: String,
    /// Which.
    pub flag: String,
    /// How it is known.
    pub reason: String,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// When it was set.
    pub set_at: String,
    /// Whether it holds today.
    pub holds: bool,
    /// Why it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_reason: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<String>,
}

/// All flags that somebody ever had.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlagList {
    /// They, the first first.
    pub items: Vec<FlagResponse>,
}

pub(super) fn shape(service: &Service, row: FlagRow) -> FlagResponse {
    FlagResponse {
        holds: service.holds(&row),
        person: row.party,
        flag: row.flag,
        reason: row.reason,
        until: row.until,
        set_at: moment(row.set_at),
        lifted_reason: row.lifted_reason,
        lifted_at: row.lifted_at.map(moment),
    }
}

async fn listed(desk: Desk, party: Option<String>) -> Result<web::Json<FlagList>, Problem> {
    let items = desk.read(move |service, caller| {
        let rows = service.flags(&own(caller, party.as_deref())?)?;
        Ok(rows.into_iter().map(|row| shape(service, row)).collect())
    });
    Ok(web::Json(FlagList { items: items.await? }))
}

async fn flagged(desk: Desk, party: Option<String>, body: FlagBody) -> Result<HttpResponse, Problem> {
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let party = own(caller, party.as_deref())?;
        let said = (body.flag.as_str(), body.reason.as_str(), body.until);
        Ok(shape(service, service.set_flag(conn, &caller.actor, &party, said)?))
    })
    .await
}

async fn lifted(desk: Desk, party: Option<String>, body: LiftBody) -> Result<HttpResponse, Problem> {
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let party = own(caller, party.as_deref())?;
        let said = (body.flag.as_str(), body.reason.as_str());
        Ok(shape(service, service.lift_flag(conn, &caller.actor, &party, said)?))
    })
    .await
}

/// What one has, and ever had, to mind of somebody: look here before you ask.
#[utoipa::path(tag = "persons", responses((status = 200, body = FlagList), (status = 404, body = Problem)))]
#[get("/persons/{person}/flags")]
pub async fn list(desk: Desk, path: web::Path<String>) -> Result<web::Json<FlagList>, Problem> {
    listed(desk, Some(path.into_inner())).await
}

/// Sets a flag; said again it changes nothing.
#[utoipa::path(tag = "persons", request_body = FlagBody,
    responses((status = 200, body = FlagResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/persons/{person}/flags")]
pub async fn add(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: FlagBody = json(&body)?;
    flagged(desk, Some(path.into_inner()), body).await
}

/// Lifts a flag.
#[utoipa::path(tag = "persons", request_body = LiftBody,
    responses((status = 200, body = FlagResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/persons/{person}/flags/lift")]
pub async fn end(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: LiftBody = json(&body)?;
    lifted(desk, Some(path.into_inner()), body).await
}

/// What the lender minds of the borrower.
#[utoipa::path(tag = "me", responses((status = 200, body = FlagList)))]
#[get("/me/flags")]
pub async fn mine(desk: Desk) -> Result<web::Json<FlagList>, Problem> {
    listed(desk, None).await
}

/// The borrower says what the lender has to mind.
#[utoipa::path(tag = "me", request_body = FlagBody,
    responses((status = 200, body = FlagResponse), (status = 422, body = Problem)))]
#[post("/me/flags")]
pub async fn add_mine(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: FlagBody = json(&body)?;
    flagged(desk, None, body).await
}

/// The borrower says that it no longer has to be minded.
#[utoipa::path(tag = "me", request_body = LiftBody,
    responses((status = 200, body = FlagResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/me/flags/lift")]
pub async fn end_mine(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: LiftBody = json(&body)?;
    lifted(desk, None, body).await
}
