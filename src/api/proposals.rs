//! `/v1/proposals`: what senders changed after their draft was confirmed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::grants::ReasonBody;
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::Served;
use crate::service::care::ProposalRow;
use crate::service::reference::outside;

/// A proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalResponse {
    /// Its id.
    pub proposal: String,
    /// The draft.
    pub draft: String,
    /// The alert that it comes of.
    pub alert: String,
    /// `amend` the declaration, or `withdraw`: close it.
    pub kind: String,
    /// What the alert says more: regions, severity, last day.
    pub change: Value,
    /// waiting, accepted or dismissed.
    pub state: String,
    /// Why it was dismissed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When it was made.
    pub created_at: String,
}

/// A page of proposals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalList {
    /// They.
    pub items: Vec<ProposalResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

pub(super) fn shape(row: ProposalRow) -> Served<ProposalResponse> {
    Ok(ProposalResponse {
        proposal: outside("proposal", row.id),
        draft: outside("draft", row.draft_id),
        alert: outside("alert", row.alert_id),
        kind: row.kind,
        change: kept(&row.change)?,
        state: row.state,
        reason: row.reason,
        decided_by: row.decided_by,
        created_at: moment(row.created_at),
    })
}

/// Proposals, the first made first.
#[utoipa::path(tag = "care", params(PageQuery), responses((status = 200, body = ProposalList)))]
#[get("/proposals")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<ProposalList>, Problem> {
    let (after, limit) = query.read("proposal")?;
    let state = query.into_inner().state;
    let rows = desk.read(move |service, _| service.proposals(None, state.as_deref(), after, limit)).await?;
    let next = next("proposal", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(shape).collect::<Served<_>>()?;
    Ok(web::Json(ProposalList { items, next }))
}

/// Does what is proposed: amends the declaration, or closes it where the sender withdrew everything.
#[utoipa::path(tag = "care",
    responses((status = 200, body = ProposalResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/drafts/{draft}/proposals/{proposal}/accept")]
pub async fn accept(desk: Desk, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let ids = (id("draft", &path.0)?, id("proposal", &path.1)?);
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.accept_proposal(conn, &caller.actor, ids)?)
    })
    .await
}

/// Leaves the declaration as it is.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = ProposalResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/drafts/{draft}/proposals/{proposal}/dismiss")]
pub async fn dismiss(desk: Desk, path: web::Path<(String, String)>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (ids, body): (_, ReasonBody) = ((id("draft", &path.0)?, id("proposal", &path.1)?), json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service.dismiss_proposal(conn, &caller.actor, ids, &body.reason)?)
    })
    .await
}
