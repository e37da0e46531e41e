//! `/v1/rounds`: relief without being asked for all whom a declaration concerns, given in the background.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{PageQuery, id, moment, next};
use crate::service::reference::outside;
use crate::service::relief::round::RoundRow;

/// A round.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoundResponse {
    /// Its id.
    pub round: String,
    /// The declaration.
    pub declaration: String,
    /// proactive: for everybody; amended: for those who had something before an amendment.
    pub kind: String,
    /// waiting, running, done, failed or cancelled.
    pub state: String,
    /// How many accounts there were when it began.
    pub accounts: i64,
    /// How many were looked at.
    pub passed: i64,
    /// To how many something was given, or set before people to approve.
    pub given: i64,
    /// About how many a person would have to decide; nothing was put before anybody.
    pub referred: i64,
    /// How many could not be decided; the log says which and why.
    pub failed: i64,
    /// Who began it.
    pub made_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// A page of rounds.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoundList {
    /// They, the first begun first.
    pub items: Vec<RoundResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn shape(row: RoundRow) -> RoundResponse {
    RoundResponse {
        round: outside("round", row.id),
        declaration: row.declaration,
        kind: row.kind,
        state: row.state,
        accounts: row.accounts,
        passed: row.passed,
        given: row.given,
        referred: row.referred,
        failed: row.failed,
        made_by: row.made_by,
        created_at: moment(row.created_at),
        changed_at: moment(row.changed_at),
    }
}

/// Begins to give everybody what the policies give for a declaration without being asked. A declaration has one round at a time.
#[utoipa::path(tag = "declarations",
    responses((status = 202, body = RoundResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/declarations/{declaration}/relief")]
pub async fn begin(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let slug = path.into_inner();
    desk.once(StatusCode::ACCEPTED, (), move |service, conn, caller, ()| {
        Ok(shape(service.begin_round(conn, &caller.actor, &slug)?))
    })
    .await
}

/// Rounds, the first begun first.
#[utoipa::path(tag = "declarations", params(PageQuery), responses((status = 200, body = RoundList)))]
#[get("/rounds")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<RoundList>, Problem> {
    let (after, limit) = query.read("round")?;
    let rows = desk.read(move |service, _| service.rounds(after, limit)).await?;
    let next = next("round", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(RoundList { items: rows.into_iter().map(shape).collect(), next }))
}

/// A round: how far it is, and what it gave.
#[utoipa::path(tag = "declarations", responses((status = 200, body = RoundResponse), (status = 404, body = Problem)))]
#[get("/rounds/{round}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<RoundResponse>, Problem> {
    let round = id("round", &path)?;
    Ok(web::Json(shape(desk.read(move |service, _| service.round(round)).await?)))
}

/// Ends a round; what it gave stays.
#[utoipa::path(tag = "declarations",
    responses((status = 200, body = RoundResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/rounds/{round}/cancel")]
pub async fn cancel(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let round = id("round", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.cancel_round(conn, &caller.actor, round)?))
    })
    .await
}
