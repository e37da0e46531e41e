//! `/v1/progress`: where a case stands, for whoever has its number and the end of the phone. `/v1/me/cases`: one's own.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use forbear_engine::text::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::desk::{Desk, json};
use crate::api::problem::Problem;
use crate::api::session;
use crate::api::shape::moment;
use crate::secret::Hidden;
use crate::service::Service;
use crate::service::care::case::progress::{Progress, Step};
use crate::service::reference::outside;

/// Whoever wants to know.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpBody {
    /// The case's number.
    pub case: String,
    /// The last four digits of the phone that the lender knows.
    #[schema(value_type = String)]
    pub last4: Hidden<String>,
}

/// Where a case stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressResponse {
    /// Its number.
    pub case_number: String,
    /// open or resolved.
    pub state: String,
    /// The lender answers by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<chrono::NaiveDate>,
    /// What happened, in order.
    pub steps: Vec<ProgressStep>,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressStep {
    /// What happened.
    pub kind: String,
    /// The same in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// When.
    pub at: String,
    /// What a reviewer asks, or why something is turned down; for the borrower who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One's own case.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnCase {
    /// Its id.
    pub case: String,
    /// The account's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its requests, the first first.
    pub requests: Vec<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub progress: ProgressResponse,
}

/// One's own cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnCases {
    /// They, the last opened first.
    pub items: Vec<OwnCase>,
}

/// So long every answer takes at least: nobody tells by the clock whether a case is there.
const AT_LEAST: Duration = Duration::from_millis(200);

pub(super) fn step(step: Step) -> ProgressStep {
    let [zh, en] = [Language::Chinese, Language::English].map(|language| step.words(language).to_owned());
    ProgressStep { kind: step.kind, zh, en, at: moment(step.at), note: step.note }
}

/// Without what only who is signed in may read.
fn bare(progress: Progress) -> ProgressResponse {
    let steps = progress.steps.into_iter().map(|own| step(Step { note: None, ..own })).collect();
    let (case_number, state) = (progress.case.number, progress.case.state);
    ProgressResponse { case_number, state, answer_by: progress.answer_by, steps }
}

fn own(progress: Progress) -> OwnCase {
    OwnCase {
        case: outside("case", progress.case.id),
        account: progress.account,
        requests: progress.requests.into_iter().map(|id| outside("request", id)).collect(),
        progress: ProgressResponse {
            case_number: progress.case.number,
            state: progress.case.state,
            answer_by: progress.answer_by,
            steps: progress.steps.into_iter().map(step).collect(),
        },
    }
}

/// Looks a case up for whoever is at an address. Every answer takes as long.
///
/// # Errors
/// Too many came from that address, or the work fails.
pub async fn looked_up(
    request: &HttpRequest,
    service: web::Data<Service>,
    (number, last4): (String, Hidden<String>),
) -> Result<Option<Progress>, Problem> {
    session::count(request)?;
    let began = Instant::now();
    let found = session::work(service, move |service| service.look_up(&number, &last4)).await;
    actix_web::rt::time::sleep(AT_LEAST.saturating_sub(began.elapsed())).await;
    found
}

fn no_such_case() -> Problem {
    let detail = "number and digits do not fit, or were wrong too often: look again, or try in an hour".to_owned();
    Problem::new(StatusCode::NOT_FOUND, "no_such_case", "There is no such case", Some(detail))
}

/// Where a case stands. A number that there is not, wrong digits and a number that is locked are answered alike.
#[utoipa::path(tag = "progress", request_body = LookUpBody,
    responses((status = 200, body = ProgressResponse), (status = 404, body = Problem), (status = 429, body = Problem)))]
#[post("/progress")]
pub async fn look_up(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let body: LookUpBody = json(&body)?;
    let found = looked_up(&request, service, (body.case, body.last4)).await?;
    Ok(HttpResponse::Ok().json(bare(found.ok_or_else(no_such_case)?)))
}

/// The caller's own cases, each with its progress.
#[utoipa::path(tag = "progress", responses((status = 200, body = OwnCases)))]
#[get("/me/cases")]
pub async fn mine(desk: Desk) -> Result<web::Json<OwnCases>, Problem> {
    let found = desk.read(|service, caller| service.own_progress(caller)).await?;
    Ok(web::Json(OwnCases { items: found.into_iter().map(own).collect() }))
}
