//! `/v1/decisions`: the engine alone, one question or many; kept decisions, with receipt; and made again.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use forbear_engine::decide::{Decision, Detail};
use forbear_engine::history::History;
use forbear_engine::request::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::{id, kept, moment};
use crate::service::reference::outside;
use crate::service::relief::stateless::{Grounds, Question};
use crate::service::{Served, Service, ServiceError};

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
        document: kept(&row.body)?,
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

/// A question to the engine; nothing of it is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody<'a> {
    /// The account's snapshot.
    #[serde(borrow)]
    #[schema(value_type = Object)]
    pub account: &'a RawValue,
    /// Versions of policies; all that are in force when left out.
    #[serde(default)]
    pub policies: Option<Vec<VersionBody>>,
    /// Declarations by name; all that are open when left out.
    #[serde(default)]
    pub declarations: Option<Vec<String>>,
    /// The request; proactive relief when left out.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub request: Option<Request>,
    /// Earlier relief.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub history: Option<History>,
    /// The decision day; today when left out.
    #[serde(default)]
    pub today: Option<NaiveDate>,
    /// How much is explained: lean, reasons or full.
    #[serde(default)]
    pub detail: DetailBody,
}

/// A version of a policy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionBody {
    /// The policy.
    pub policy: String,
    /// The version.
    pub version: i32,
}

/// How much is explained.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DetailBody {
    /// Outcome, reasons, benefits and money.
    Lean,
    /// With what would have to change for a decline.
    #[default]
    Reasons,
    /// With trace and receipt.
    Full,
}

fn question<'a>(service: &Service, body: QuestionBody<'a>) -> Question<'a> {
    let by = Grounds {
        policies: body.policies.map(|all| all.into_iter().map(|named| (named.policy, named.version)).collect()),
        declarations: body.declarations,
        today: body.today.unwrap_or_else(|| service.clock.today()),
    };
    let detail = match body.detail {
        DetailBody::Lean => Detail::Lean,
        DetailBody::Reasons => Detail::Reasons,
        DetailBody::Full => Detail::Full,
    };
    Question {
        account: body.account.get(),
        by,
        request: body.request,
        history: body.history.unwrap_or_default(),
        detail,
    }
}

fn written(decision: &Decision) -> Served<Vec<u8>> {
    decision.to_json().map_err(ServiceError::unknown)
}

fn decide(service: &Service, body: QuestionBody<'_>) -> Served<Vec<u8>> {
    service.decide_alone(&question(service, body)).and_then(|decision| written(&decision))
}

/// The longest body that is decided where it is received, when all it needs is at hand: an account of some hundred rows
/// takes less than handing it to another thread does.
const SHORT: usize = 32 << 10;

/// Decides where the request was received, if it is short and nothing has to be looked up.
fn at_once(desk: &mut Desk, body: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
    if body.len() > SHORT {
        return Ok(None);
    }
    let Some(service) = desk.recalled()? else { return Ok(None) };
    let asked = question(service, json(body)?);
    let Some(ready) = service.at_hand(&asked.by) else { return Ok(None) };
    Ok(Some(ready.decide(&asked).and_then(|decision| written(&decision))?))
}

/// Asks the engine alone: nothing is kept.
#[utoipa::path(tag = "decisions", request_body = QuestionBody,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 422, body = Problem)))]
#[post("/decisions")]
pub async fn alone(mut desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let decided = match at_once(&mut desk, &body)? {
        Some(decided) => decided,
        None => desk.read(move |service, _| Ok(json(&body).map(|question| decide(service, question)))).await???,
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(decided))
}

/// Asks many questions at once, one a line; as many lines come back, each a decision or a problem, in order.
#[utoipa::path(tag = "decisions", request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
#[post("/decisions/batch")]
pub async fn batch(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    if body.is_empty() {
        return Err(Problem::unreadable("", "the body is questions, one a line, and it is empty"));
    }
    let lines = desk
        .read(move |service, _| {
            let mut lines = Vec::new();
            let asked = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            for line in asked {
                let answer = json(line).and_then(|question| decide(service, question).map_err(Problem::from));
                let (kind, mut said) = match answer {
                    Ok(decision) => ("decision", decision),
                    Err(problem) => ("problem", serde_json::to_vec(&problem).map_err(ServiceError::unknown)?),
                };
                lines.extend_from_slice(format!("{{\"{kind}\":").as_bytes());
                lines.append(&mut said);
                lines.extend_from_slice(b"}\n");
            }
            Ok(lines)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").body(lines))
}
