//! `/v1/accounts`: snapshots in, and each account as it stands.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::flags::{self, FlagResponse};
use super::grants::{self, GrantResponse};
use super::holds::{self, HoldResponse};
use super::imports::{self, IntakeResponse};
use super::incoming;
use super::problem::Problem;
use super::shape::moment;
use crate::service::account::import::{NewImport, SnapshotFormat};
use crate::service::care::FlagRow;
use crate::service::reference::outside;
use crate::service::{Served, ServiceError};

/// Bad lines that are told at once, at most; the others are read from the import.
const SHOWN: i64 = 100;

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

/// Takes snapshots in while they come, however many. Sent again, what is known is left as it is: after a failure the same
/// file goes on. With `Content-Digest: sha-256=:…:` it goes on behind what is taken in already.
#[utoipa::path(tag = "accounts", params(IntakeQuery), request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = IntakeResponse), (status = 400, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/accounts")]
pub async fn take(
    desk: Desk,
    query: web::Query<IntakeQuery>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<web::Json<IntakeResponse>, Problem> {
    let format = match query.format.as_deref() {
        None | Some("jsonl") => SnapshotFormat::Jsonl,
        Some("csv") => SnapshotFormat::Csv,
        Some(other) => return Err(Problem::unreadable("", format!("format is jsonl or csv, not {other}"))),
    };
    let new = NewImport { format, content_digest: incoming::content_digest(request.headers())? };
    let (service, caller) = desk.admit_caller().await?;
    let turn = incoming::turn()?;
    let body = incoming::begin(body);
    let taken = web::block(move || {
        let _turn = turn;
        let row = service.take_stream(&caller.actor, &new, body)?;
        let bad = service.import_lines(row.id, Some("bad"), 0, SHOWN)?;
        Ok::<_, Problem>((row, bad))
    });
    let (row, bad) = taken.await.map_err(|_| Problem::failed())??;
    match row.state.as_str() {
        "broken" => Err(Problem::unreadable("", imports::broken(&row))),
        "differs" => Err(ServiceError::invalid("", imports::differs(&row)).into()),
        _ => Ok(web::Json(imports::shape(row, bad))),
    }
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
    /// What is or was held for it.
    pub holds: Vec<HoldResponse>,
    /// Instructions to the core system that no snapshot contains yet.
    pub open_instructions: Vec<String>,
    /// What one has to mind of those who owe it today; a borrower sees what is minded of them alone.
    pub flags: Vec<FlagResponse>,
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
    let (standing, flags) = desk
        .read(move |service, caller| {
            let standing = service.account(caller, &path)?;
            let own = |row: &FlagRow| caller.borrower().is_none_or(|party| party == row.party);
            let held = service.flags_on(standing.row.id)?.into_iter().filter(own);
            Ok((standing, held.map(|row| flags::shape(service, row)).collect()))
        })
        .await?;
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
        holds: standing.holds.into_iter().map(holds::shape).collect(),
        open_instructions: standing.open_instructions.into_iter().map(|id| outside("instruction", id)).collect(),
        flags,
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
