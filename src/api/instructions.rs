//! `/v1/instructions`: what the core system is told, and what it says of it.

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
use crate::service::reference::outside;
use crate::service::relief::confirm::InstructionRow;

/// An instruction.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstructionResponse {
    /// Its id: what a snapshot that contains it names.
    pub instruction: String,
    /// pending, sent, confirmed, rejected or dead.
    pub state: String,
    /// apply or reverse.
    pub kind: String,
    /// Its place among the account's, from 1.
    pub sequence: i64,
    /// Why the last attempt failed, or why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// What is to be done.
    pub document: Value,
}

/// A page of instructions.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstructionList {
    /// They, the first made first.
    pub items: Vec<InstructionResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn shape(row: InstructionRow) -> Served<InstructionResponse> {
    Ok(InstructionResponse {
        instruction: outside("instruction", row.id),
        state: row.state,
        kind: row.kind,
        sequence: row.sequence,
        failure: row.failure,
        created_at: moment(row.created_at),
        document: kept(&row.body)?,
    })
}

/// All instructions, or those of a state: a core system that polls takes the pending ones.
#[utoipa::path(tag = "instructions", params(PageQuery), responses((status = 200, body = InstructionList)))]
#[get("/instructions")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<InstructionList>, Problem> {
    let (after, limit) = query.read("instruction")?;
    let rows = desk.read(move |service, _| service.instructions(query.state.as_deref(), after, limit)).await?;
    let next = next("instruction", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(InstructionList { items: rows.into_iter().map(shape).collect::<Served<_>>()?, next }))
}

/// The core system has done it. Said twice, it changes nothing.
#[utoipa::path(tag = "instructions",
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/confirm")]
pub async fn confirm(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let instruction = id("instruction", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.answer_instruction(conn, &caller.actor, instruction, None)?)
    })
    .await
}

/// The core system will not do it: its grants end, with entries of their own.
#[utoipa::path(tag = "instructions", request_body = ReasonBody,
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/reject")]
pub async fn reject(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (instruction, body): (_, ReasonBody) = (id("instruction", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service.answer_instruction(conn, &caller.actor, instruction, Some(&body.reason))?)
    })
    .await
}

/// Sends one again that could not be delivered.
#[utoipa::path(tag = "instructions",
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/resend")]
pub async fn resend(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let instruction = id("instruction", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.resend(conn, &caller.actor, instruction)?)
    })
    .await
}
