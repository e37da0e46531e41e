//! `/v1/decisions`: kept decisions, with receipt; and made again.

use actix_web::{get, post, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{id, moment};
use crate::service::reference::outside;

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionResponse {
    /// Its id.
    pub decision: String,
    /// When it was made.
    pub decided_at: String,
    /// How it ends.
    pub outcome: String,
    /// SHA-256 of what it says, without the engine's version: what whoever approves or agrees has seen.
    pub shown: String,
    /// SHA-256 of what it was made from.
    pub inputs: String,
    /// What it says, with trace and receipt.
    pub document: Value,
}

/// A decision, made again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayResponse {
    /// Whether it comes out the same, byte for byte, but for the engine's version.
    pub same: bool,
    /// SHA-256 of it as it was kept.
    pub kept: String,
    /// SHA-256 of it as it is made now.
    pub now: String,
    /// The version of the engine that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// One, with trace and receipt.
#[utoipa::path(tag = "decisions", responses((status = 200, body = DecisionResponse), (status = 404, body = Problem)))]
#[get("/decisions/{decision}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<DecisionResponse>, Problem> {
    let decision = id("decision", &path)?;
    let row = desk.read(move |service, caller| service.decision(caller, decision)).await?;
    Ok(web::Json(DecisionResponse {
        decision: outside("decision", row.id),
        decided_at: moment(row.decided_at),
        outcome: row.outcome,
        shown: row.body_digest,
        inputs: row.inputs_digest,
        document: serde_json::from_str(&row.body).map_err(|_| Problem::failed())?,
    }))
}

/// Makes it again from what it was made from.
#[utoipa::path(tag = "decisions", responses((status = 200, body = ReplayResponse), (status = 404, body = Problem)))]
#[post("/decisions/{decision}/replay")]
pub async fn replay(desk: Desk, path: web::Path<String>) -> Result<web::Json<ReplayResponse>, Problem> {
    let decision = id("decision", &path)?;
    let again = desk.read(move |service, _| service.replay_decision(decision)).await?;
    Ok(web::Json(ReplayResponse { same: again.same, kept: again.kept, now: again.now, engine: again.engine }))
}
