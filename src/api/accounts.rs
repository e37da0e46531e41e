//! `/v1/accounts`: snapshots in, and each account as it stands.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::grants::{self, GrantResponse};
use super::problem::Problem;
use super::shape::moment;
use crate::service::Served;
use crate::service::account::{Intake, SnapshotFormat};
use crate::service::reference::outside;

/// The form of a file of snapshots.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntakeQuery {
    /// jsonl (one account a line) or csv.
    #[serde(default)]
    #[param(default = "jsonl")]
    pub format: Option<String>,
}

/// What became of a file of snapshots.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntakeResponse {
    /// Accounts that were not known.
    pub new: u64,
    /// Accounts with another snapshot than before.
    pub changed: u64,
    /// Accounts that say what is known.
    pub unchanged: u64,
    /// Snapshots that are older than what is known.
    pub late: u64,
    /// Lines that could not be read.
    pub bad_lines: Vec<BadLineResponse>,
}

/// A line that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadLineResponse {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub reason: String,
}

fn intake(done: Intake) -> IntakeResponse {
    IntakeResponse {
        new: done.new,
        changed: done.changed,
        unchanged: done.unchanged,
        late: done.late,
        bad_lines: done
            .bad_lines
            .into_iter()
            .map(|bad| BadLineResponse { line: bad.line, reason: bad.reason })
            .collect(),
    }
}

/// Takes snapshots in. Sent again, what is known is left as it is: after a failure the same file goes on.
#[utoipa::path(tag = "accounts", params(IntakeQuery), request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = IntakeResponse), (status = 400, body = Problem)))]
#[post("/accounts")]
pub async fn take(
    desk: Desk,
    query: web::Query<IntakeQuery>,
    body: web::Bytes,
) -> Result<web::Json<IntakeResponse>, Problem> {
    let format = match query.format.as_deref() {
        None | Some("jsonl") => SnapshotFormat::Jsonl,
        Some("csv") => SnapshotFormat::Csv,
        Some(other) => return Err(Problem::unreadable("", format!("format is jsonl or csv, not {other}"))),
    };
    let done = desk.read(move |service, _| service.take_snapshots(format, &body)).await?;
    Ok(web::Json(intake(done)))
}

/// An account as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountResponse {
    /// The lender's number.
    pub account: String,
    /// The day of the snapshot in force.
    pub as_of: chrono::NaiveDate,
    /// When it came.
    pub received_at: String,
    /// SHA-256 of it.
    pub digest: String,
    /// What it says.
    pub snapshot: Value,
    /// Every snapshot that was in force, the first first.
    pub history: Vec<SnapshotResponse>,
    /// Requests, the first first.
    pub requests: Vec<String>,
    /// What was granted.
    pub grants: Vec<GrantResponse>,
    /// Instructions to the core system that no snapshot contains yet.
    pub open_instructions: Vec<String>,
}

/// A snapshot that is or was in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct SnapshotResponse {
    /// Its day.
    pub as_of: chrono::NaiveDate,
    /// When it came.
    pub received_at: String,
    /// SHA-256 of it.
    pub digest: String,
}

/// An account with its snapshots, requests, grants and open instructions.
#[utoipa::path(tag = "accounts", responses((status = 200, body = AccountResponse), (status = 404, body = Problem)))]
#[get("/accounts/{account}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<AccountResponse>, Problem> {
    let standing = desk.read(move |service, caller| service.account(caller, &path)).await?;
    Ok(web::Json(AccountResponse {
        account: standing.row.number,
        as_of: standing.row.as_of,
        received_at: moment(standing.row.received_at),
        digest: standing.row.snapshot,
        snapshot: serde_json::to_value(&standing.report).map_err(|_| Problem::failed())?,
        history: standing
            .snapshots
            .into_iter()
            .map(|row| SnapshotResponse { as_of: row.as_of, received_at: moment(row.received_at), digest: row.digest })
            .collect(),
        requests: standing.requests.into_iter().map(|row| outside("request", row.id)).collect(),
        grants: standing.grants.iter().map(grants::shape).collect::<Served<_>>()?,
        open_instructions: standing.open_instructions.into_iter().map(|id| outside("instruction", id)).collect(),
    }))
}

/// What was decided without being asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReliefResponse {
    /// The decision.
    pub decision: String,
    /// How it ends.
    pub outcome: String,
    /// What was granted.
    pub grants: Vec<GrantResponse>,
}

/// Gives what the policies give without being asked.
#[utoipa::path(tag = "accounts", responses((status = 201, body = ReliefResponse), (status = 404, body = Problem)))]
#[post("/accounts/{account}/relief")]
pub async fn relief(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let number = path.into_inner();
    desk.once(StatusCode::CREATED, (), move |service, conn, caller, ()| {
        let given = service.give_relief(conn, &caller.actor, &number)?;
        Ok(ReliefResponse {
            decision: outside("decision", given.decision.id),
            outcome: given.decision.outcome,
            grants: given.grants.iter().map(grants::shape).collect::<Served<_>>()?,
        })
    })
    .await
}
