//! `/v1/grants`: what was granted, approved, posted, taken back.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::{MoneyBody, PageQuery, id, kept, moment, next};
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::relief::propose::GrantRow;
use crate::service::{Served, ServiceError, relief};

/// A grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantResponse {
    /// Its id.
    pub grant: String,
    /// The decision.
    pub decision: String,
    /// The event.
    pub event: String,
    /// The declaration.
    pub declaration: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// proposed, pending_approval, approved, offered, accepted, posted, confirmed, rejected or reversed.
    pub state: String,
    /// The day it was decided.
    pub decided_on: chrono::NaiveDate,
    /// How many people have to approve.
    pub people: i16,
    /// How many did.
    pub approvals: i16,
    /// The digest of what whoever approves or agrees has to have seen.
    pub shown: String,
    /// Owed, never paid, no longer owed.
    pub waived: MoneyBody,
    /// Paid and given back.
    pub refunded: MoneyBody,
    /// Money given.
    pub goodwill: MoneyBody,
    /// Payments moved to later.
    pub deferred: MoneyBody,
    /// Interest on top.
    pub added_interest: MoneyBody,
    /// Loss in present value; below zero, a gain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present_value_loss: Option<MoneyBody>,
    /// For proactive relief: the last day to undo it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out_by: Option<chrono::NaiveDate>,
    /// The instruction that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// The budget that has to have money first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// When it last changed.
    pub changed_at: String,
    /// What it does.
    pub adjustments: Value,
}

/// A page of grants.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantList {
    /// They, the first made first.
    pub items: Vec<GrantResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What was shown.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownBody {
    /// Its digest.
    pub shown: String,
}

/// Why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// In a sentence; no personal data.
    pub reason: String,
}

/// A grant as it is shown.
///
/// # Errors
/// What was kept of it is damaged.
pub fn shape(row: &GrantRow) -> Served<GrantResponse> {
    let money = |minor: i64| MoneyBody::of(minor, &row.currency);
    Ok(GrantResponse {
        grant: outside("grant", row.id),
        decision: outside("decision", row.decision_id),
        event: row.event.clone(),
        declaration: row.declaration.clone(),
        policy: row.policy.clone(),
        version: row.version,
        rule: row.rule.clone(),
        benefit: row.benefit.clone(),
        state: row.state.clone(),
        decided_on: row.decided_on,
        people: row.people,
        approvals: row.approvals,
        shown: row.shown_digest.clone(),
        waived: money(row.waived),
        refunded: money(row.refunded),
        goodwill: money(row.goodwill),
        deferred: money(row.deferred),
        added_interest: money(row.added_interest),
        present_value_loss: row.present_value_loss.map(money),
        opt_out_by: row.opt_out_by,
        instruction: row.instruction_id.map(|id| outside("instruction", id)),
        waits_for: row.waits_for.map(|id| outside("budget", id)),
        changed_at: moment(row.changed_at),
        adjustments: kept(&row.adjustments)?,
    })
}

/// An answer when what was shown no longer holds: it was decided again.
#[must_use]
pub fn decided_again(decision: i64) -> ServiceError {
    let message = format!(
        "what this was decided on has changed since, and it has been decided again: look at {}",
        outside("decision", decision)
    );
    ServiceError::conflict("decided_again", message)
}

/// All grants, or those of a state.
#[utoipa::path(tag = "grants", params(PageQuery), responses((status = 200, body = GrantList)))]
#[get("/grants")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<GrantList>, Problem> {
    let (after, limit) = query.read("grant")?;
    let rows = desk.read(move |service, _| service.grants(query.state.as_deref(), after, limit)).await?;
    let next = next("grant", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(GrantList { items: rows.iter().map(shape).collect::<Served<_>>()?, next }))
}

/// One.
#[utoipa::path(tag = "grants", responses((status = 200, body = GrantResponse), (status = 404, body = Problem)))]
#[get("/grants/{grant}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<GrantResponse>, Problem> {
    let grant = id("grant", &path)?;
    let row = desk.read(move |service, caller| service.grant(caller, grant)).await?;
    Ok(web::Json(shape(&row)?))
}

/// Approves it. With the last approval it is posted, or offered to the borrower.
#[utoipa::path(tag = "grants", request_body = ShownBody,
    responses((status = 200, body = GrantResponse), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/grants/{grant}/approve")]
pub async fn approve(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ShownBody) = (id("grant", &path)?, json(&body)?);
    agreed(desk, body, move |service, conn, caller, body: &ShownBody| {
        Ok(match service.approve_grant(conn, &caller.actor, grant, &body.shown)? {
            Agreed::Done(row) => Agreed::Done(shape(&row)?),
            Agreed::DecidedAgain(decision) => Agreed::DecidedAgain(decision),
        })
    })
    .await
}

/// Does work that may come to a new decision instead, which is kept although the caller is told that theirs does not hold.
pub(super) async fn agreed<B, T, F>(desk: Desk, body: B, mut work: F) -> Result<HttpResponse, Problem>
where
    B: Serialize + Send + 'static,
    T: Serialize,
    F: FnMut(
            &crate::service::Service,
            &mut crate::service::Conn,
            &crate::service::access::Principal,
            &B,
        ) -> Served<relief::approve::Agreed<T>>
        + Send
        + 'static,
{
    desk.once_or(body, move |service, conn, caller, body| {
        Ok(match work(service, conn, caller, body)? {
            Agreed::Done(done) => (StatusCode::OK, serde_json::to_string(&done).map_err(ServiceError::unknown)?),
            Agreed::DecidedAgain(decision) => {
                let problem = Problem::from(decided_again(decision));
                (StatusCode::CONFLICT, serde_json::to_string(&problem).map_err(ServiceError::unknown)?)
            }
        })
    })
    .await
}

/// Turns it down before it is posted.
#[utoipa::path(tag = "grants", request_body = ReasonBody,
    responses((status = 200, body = GrantResponse), (status = 409, body = Problem)))]
#[post("/grants/{grant}/refuse")]
pub async fn refuse(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ReasonBody) = (id("grant", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(&service.refuse(conn, &caller.actor, grant, &body.reason)?)
    })
    .await
}

/// Takes it back after it was posted.
#[utoipa::path(tag = "grants", request_body = ReasonBody,
    responses((status = 200, body = GrantResponse), (status = 409, body = Problem)))]
#[post("/grants/{grant}/reverse")]
pub async fn reverse(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ReasonBody) = (id("grant", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(&service.reverse_grant(conn, &caller.actor, grant, &body.reason)?)
    })
    .await
}

/// Agrees with relief that was offered without being asked for, and with what was offered beside it.
#[utoipa::path(tag = "grants", request_body = ShownBody,
    responses((status = 200, body = GrantResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/grants/{grant}/accept")]
pub async fn accept(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ShownBody) = (id("grant", &path)?, json(&body)?);
    agreed(desk, body, move |service, conn, caller, body: &ShownBody| {
        Ok(match service.accept_grant(conn, caller, grant, &body.shown)? {
            Agreed::Done(row) => Agreed::Done(shape(&row)?),
            Agreed::DecidedAgain(decision) => Agreed::DecidedAgain(decision),
        })
    })
    .await
}

/// Prolongs a suspension or a hold by the step that its policy allows: a further grant, approved as the policy asks.
#[utoipa::path(tag = "grants", request_body = ReasonBody,
    responses((status = 201, body = GrantResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/grants/{grant}/renew")]
pub async fn renew(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ReasonBody) = (id("grant", &path)?, json(&body)?);
    desk.once(StatusCode::CREATED, body, move |service, conn, caller, body| {
        shape(&service.renew_grant(conn, &caller.actor, grant, &body.reason)?)
    })
    .await
}

/// Undoes relief that came without being asked for, in time.
#[utoipa::path(tag = "grants",
    responses((status = 200, body = GrantResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/grants/{grant}/opt-out")]
pub async fn opt_out(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let grant = id("grant", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| shape(&service.opt_out(conn, caller, grant)?)).await
}
