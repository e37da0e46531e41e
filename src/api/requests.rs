//! `/v1/requests`: borrowers asking for relief.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::grants::{self, GrantResponse, ShownBody, agreed};
use super::problem::Problem;
use super::shape::{id, moment};
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::relief::ask::{Asked, NewRequest, RequestRow, Said};
use crate::service::{Served, ServiceError};

/// A borrower asks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBody {
    /// The account's number.
    pub account: String,
    /// The disaster; any when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// app, page, hotline, sms or branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Answers to questions, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Value>,
    /// Numbers left to the borrower, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence supplied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Of several offers, the one taken: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
}

/// Answers, choices, evidence.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidBody {
    /// Answers to questions, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Value>,
    /// Numbers left to the borrower, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence supplied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Of several offers, the one taken: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
}

impl SaidBody {
    pub(super) fn said(&self) -> Said {
        Said {
            answers: self.answers.clone(),
            choices: self.choices.clone(),
            evidence: self.evidence.clone(),
            accepts: self.accepts.clone(),
        }
    }
}

/// A request, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestResponse {
    /// Its id.
    pub request: String,
    /// The case that it belongs to.
    pub case: String,
    /// What its borrower calls that by.
    pub case_number: String,
    /// The account's number.
    pub account: String,
    /// received, needs_information, decided or closed.
    pub state: String,
    /// How it ends: as the decision in force says, or as a reviewer decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// That decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Facts that are asked for, in order.
    pub questions: Vec<String>,
    /// Kinds of evidence that are asked for.
    pub evidence: Vec<String>,
    /// Ways to move payments, of which one can be taken.
    pub offers: Vec<Value>,
    /// What was granted.
    pub grants: Vec<GrantResponse>,
    /// What happened, in order.
    pub steps: Vec<StepResponse>,
    /// The request that this is the appeal against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal_of: Option<CaseResponse>,
    /// The appeal against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<CaseResponse>,
    /// The last day to appeal against what was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal_by: Option<chrono::NaiveDate>,
    /// The lender answers by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<chrono::NaiveDate>,
    /// When it came.
    pub created_at: String,
}

/// Another request that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseResponse {
    /// Its id.
    pub request: String,
    /// What its borrower calls it by.
    pub case_number: String,
}

/// Why something that was declined should be decided otherwise, and what is said further.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealBody {
    /// Why, in the borrower's words.
    pub reason: String,
    /// Answers to questions, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Value>,
    /// Numbers left to the borrower, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence supplied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Of several offers, the one taken: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
}

/// A step of its progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepResponse {
    /// What happened.
    pub kind: String,
    /// When.
    pub at: String,
    /// What a reviewer asks, why something is turned down, or why it should be decided otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

pub(super) fn shape(asked: &Asked) -> Served<RequestResponse> {
    let told = match &asked.decision {
        Some(row) => serde_json::from_str(&row.body).map_err(ServiceError::unknown)?,
        None => Told::default(),
    };
    let missing = told.policies.iter().flat_map(|claim| &claim.evidence).filter(|kind| !kind.supplied);
    Ok(RequestResponse {
        request: outside("request", asked.request.id),
        case_number: asked.case.number.clone(),
        case: outside("case", asked.case.id),
        account: asked.account.clone(),
        state: asked.request.state.clone(),
        outcome: asked.outcome.clone(),
        decision: asked.request.decision_id.map(|id| outside("decision", id)),
        questions: each_once(told.policies.iter().flat_map(|claim| claim.questions.clone())),
        evidence: each_once(missing.map(|kind| kind.kind.clone())),
        offers: told.offers,
        grants: asked.grants.iter().map(grants::shape).collect::<Served<_>>()?,
        steps: asked
            .steps
            .iter()
            .map(|step| StepResponse { kind: step.kind.clone(), at: moment(step.at), note: step.note.clone() })
            .collect(),
        appeal_of: asked.appeal_of.as_ref().map(|row| case(row, asked)),
        appeal: asked.appeal.as_ref().map(|row| case(row, asked)),
        appeal_by: asked.appeal_by,
        answer_by: asked.request.answer_by,
        created_at: moment(asked.request.created_at),
    })
}

/// An appeal belongs to the case of what it is against.
fn case(row: &RequestRow, of: &Asked) -> CaseResponse {
    CaseResponse { request: outside("request", row.id), case_number: of.case.number.clone() }
}

/// What a kept decision tells whoever asked.
#[derive(Default, Deserialize)]
struct Told {
    policies: Vec<ToldClaim>,
    #[serde(default)]
    offers: Vec<Value>,
}

#[derive(Deserialize)]
struct ToldClaim {
    #[serde(default)]
    questions: Vec<String>,
    #[serde(default)]
    evidence: Vec<ToldEvidence>,
}

#[derive(Deserialize)]
struct ToldEvidence {
    kind: String,
    supplied: bool,
}

/// Texts in order, each once.
fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// Asks for relief: it is decided at once, and what needs nobody is posted.
#[utoipa::path(tag = "requests", request_body = AskBody,
    responses((status = 201, body = RequestResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/requests")]
pub async fn ask(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: AskBody = json(&body)?;
    desk.once(StatusCode::CREATED, body, |service, conn, caller, body| {
        let own = caller.account(conn, &body.account)?;
        let new = NewRequest {
            account: body.account.clone(),
            declaration: body.declaration.clone(),
            via: body.via.clone(),
            said: Said {
                answers: body.answers.clone(),
                choices: body.choices.clone(),
                evidence: body.evidence.clone(),
                accepts: body.accepts.clone(),
            },
        };
        shape(&service.ask_of(conn, &caller.actor, &own, &new)?)
    })
    .await
}

/// One, with what became of it.
#[utoipa::path(tag = "requests", responses((status = 200, body = RequestResponse), (status = 404, body = Problem)))]
#[get("/requests/{request}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<RequestResponse>, Problem> {
    let request = id("request", &path)?;
    let asked = desk.read(move |service, caller| service.request(caller, request)).await?;
    Ok(web::Json(shape(&asked)?))
}

/// Adds what was asked for: it is decided again.
#[utoipa::path(tag = "requests", request_body = SaidBody,
    responses((status = 200, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/requests/{request}/answers")]
pub async fn answer(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (request, body): (_, SaidBody) = (id("request", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        service.may_see_request(conn, caller, request)?;
        shape(&service.answer_request(conn, &caller.actor, request, &body.said())?)
    })
    .await
}

/// Agrees with what is offered.
#[utoipa::path(tag = "requests", request_body = ShownBody,
    responses((status = 200, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/requests/{request}/accept")]
pub async fn accept(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (request, body): (_, ShownBody) = (id("request", &path)?, json(&body)?);
    agreed(desk, body, move |service, conn, caller, body: &ShownBody| {
        service.may_see_request(conn, caller, request)?;
        Ok(match service.accept_offers(conn, &caller.actor, request, &body.shown)? {
            Agreed::Done(asked) => Agreed::Done(shape(&asked)?),
            Agreed::DecidedAgain(decision) => Agreed::DecidedAgain(decision),
        })
    })
    .await
}

/// No longer wants it.
#[utoipa::path(tag = "requests",
    responses((status = 200, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/requests/{request}/withdraw")]
pub async fn withdraw(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let request = id("request", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        service.may_see_request(conn, caller, request)?;
        shape(&service.withdraw_request(conn, &caller.actor, request)?)
    })
    .await
}

/// Appeals against what was declined: a request of its own, which somebody looks at who did not decide the first.
#[utoipa::path(tag = "requests", request_body = AppealBody,
    responses((status = 201, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/requests/{request}/appeal")]
pub async fn appeal(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (request, body): (_, AppealBody) = (id("request", &path)?, json(&body)?);
    desk.once(StatusCode::CREATED, body, move |service, conn, caller, body| {
        service.may_see_request(conn, caller, request)?;
        let said = Said {
            answers: body.answers.clone(),
            choices: body.choices.clone(),
            evidence: body.evidence.clone(),
            accepts: body.accepts.clone(),
        };
        shape(&service.appeal(conn, &caller.actor, request, (&body.reason, &said))?)
    })
    .await
}
