//! `/v1/cases`: everything about a loan and a disaster, for whoever works on it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::progress::{ProgressStep, step};
use crate::api::desk::{Desk, json};
use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, moment, next};
use crate::service::care::case::{CaseRow, Of};
use crate::service::care::contact::words::Said;
use crate::service::reference::outside;
use crate::service::{Served, Service};

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareCase {
    /// Its id.
    pub case: String,
    /// What its borrower calls it by.
    pub case_number: String,
    /// open or resolved.
    pub state: String,
    /// The event, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// How it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// How often it was opened again.
    pub reopened: i32,
    /// When it was opened.
    pub opened_at: String,
    /// When it was resolved last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
}

/// A case in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareCaseFile {
    /// It.
    #[serde(flatten)]
    pub case: CareCase,
    /// The account's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its requests, the first first.
    pub requests: Vec<String>,
    /// What happened, in order.
    pub steps: Vec<ProgressStep>,
    /// What was said, in order.
    pub words: Vec<WordsResponse>,
}

/// What somebody said or wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct WordsResponse {
    /// What it is about.
    pub about: String,
    /// note, hand_over, complaint, …
    pub kind: String,
    /// It; none once it is erased.
    pub text: Option<String>,
    /// Who wrote it down.
    pub written_by: String,
    /// When.
    pub at: String,
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareCaseList {
    /// They, the first opened first.
    pub items: Vec<CareCase>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CareCaseQuery {
    /// open or resolved.
    #[serde(default)]
    pub state: Option<String>,
    /// That this person looks after.
    #[serde(default)]
    pub assigned_to: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// Who looks after it from now on; nobody, where it is left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// The person.
    #[serde(default)]
    pub to: Option<String>,
}

/// How a case was resolved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOutcomeBody {
    /// relief_given, nothing_given, informed, unreachable, not_ours or other.
    pub outcome: String,
}

fn shape(row: CaseRow) -> CareCase {
    CareCase {
        case: outside("case", row.id),
        case_number: row.number,
        state: row.state,
        event: row.event,
        assigned_to: row.assigned_to,
        outcome: row.outcome,
        reopened: row.reopened,
        opened_at: moment(row.opened_at),
        resolved_at: row.resolved_at.map(moment),
    }
}

fn said(words: Said) -> WordsResponse {
    WordsResponse {
        about: words.about,
        kind: words.kind,
        text: words.text.map(|text| text.show().clone()),
        written_by: words.written_by,
        at: moment(words.at),
    }
}

/// Cases, the first opened first.
#[utoipa::path(tag = "contacts", params(CareCaseQuery), responses((status = 200, body = CareCaseList)))]
#[get("/cases")]
pub async fn list(desk: Desk, query: web::Query<CareCaseQuery>) -> Result<web::Json<CareCaseList>, Problem> {
    let query = query.into_inner();
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("case")?;
    let of = Of { state: query.state, assigned_to: query.assigned_to, account: None };
    let rows = desk.read(move |service, _| service.cases_of_care(&of, after, limit)).await?;
    let next = next("case", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(CareCaseList { items: rows.into_iter().map(shape).collect(), next }))
}

/// A case, with what happened and what was said.
#[utoipa::path(tag = "contacts", responses((status = 200, body = CareCaseFile), (status = 404, body = Problem)))]
#[get("/cases/{case}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<CareCaseFile>, Problem> {
    let case = id("case", &path)?;
    let file = desk.read(move |service, caller| {
        let progress = service.progress(caller, case)?;
        Ok(CareCaseFile {
            case: shape(progress.case),
            account: progress.account,
            requests: progress.requests.into_iter().map(|id| outside("request", id)).collect(),
            steps: progress.steps.into_iter().map(step).collect(),
            words: service.words_of(&caller.actor, case, None)?.into_iter().map(said).collect(),
        })
    });
    Ok(web::Json(file.await?))
}

/// Gives a case to somebody.
#[utoipa::path(tag = "contacts", request_body = AssignBody,
    responses((status = 200, body = CareCase), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/cases/{case}/assign")]
pub async fn assign(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (case, body): (_, AssignBody) = (id("case", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.assign_case(conn, &caller.actor, case, body.to.as_deref())?))
    })
    .await
}

/// Resolves a case.
#[utoipa::path(tag = "contacts", request_body = CaseOutcomeBody,
    responses((status = 200, body = CareCase), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/cases/{case}/resolve")]
pub async fn resolve(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (case, body): (_, CaseOutcomeBody) = (id("case", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service: &Service, conn, caller, body| -> Served<CareCase> {
        Ok(shape(service.resolve_case(conn, &caller.actor, case, &body.outcome)?))
    })
    .await
}

/// Opens a case again.
#[utoipa::path(tag = "contacts",
    responses((status = 200, body = CareCase), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/cases/{case}/reopen")]
pub async fn reopen(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let case = id("case", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.reopen_case(conn, &caller.actor, case)?))
    })
    .await
}
