//! `/v1/policies/{slug}/{version}/cases`: small scenarios with the decision that each should lead to, kept with a draft.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{kept, moment};
use crate::service::Served;
use crate::service::policy::cases::CaseRow;

/// The cases of one topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasesResponse {
    /// Their name among the version's.
    pub name: String,
    /// SHA-256 of their canonical JSON.
    pub digest: String,
    /// Who wrote them.
    pub kept_by: String,
    /// When they last changed.
    pub changed_at: String,
    /// What they say.
    pub document: Value,
}

/// The cases of a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasesList {
    /// They, by name.
    pub items: Vec<CasesResponse>,
}

fn shape(row: &CaseRow) -> Served<CasesResponse> {
    Ok(CasesResponse {
        document: kept(&row.body)?,
        name: row.name.clone(),
        digest: row.digest.clone(),
        kept_by: row.kept_by.clone(),
        changed_at: moment(row.changed_at),
    })
}

/// The cases of a version.
#[utoipa::path(tag = "policies", responses((status = 200, body = CasesList), (status = 404, body = Problem)))]
#[get("/policies/{slug}/{version}/cases")]
pub async fn list(desk: Desk, path: web::Path<(String, i32)>) -> Result<web::Json<CasesList>, Problem> {
    let rows = desk.read(move |service, _| service.cases(&path.0, path.1)).await?;
    Ok(web::Json(CasesList { items: rows.iter().map(shape).collect::<Served<_>>()? }))
}

/// Keeps cases with a draft, in place of those of the same name.
#[utoipa::path(tag = "policies", request_body = Object,
    responses((status = 200, body = CasesResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[put("/policies/{slug}/{version}/cases/{name}")]
pub async fn keep(
    desk: Desk,
    path: web::Path<(String, i32, String)>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let text = std::str::from_utf8(&body).map_err(|_| Problem::unreadable("", "cases are UTF-8 text"))?.to_owned();
    let (slug, version, name) = path.into_inner();
    desk.once(StatusCode::OK, text, move |service, conn, caller, text| {
        shape(&service.keep_cases(conn, &caller.actor, (&slug, version), &name, text)?)
    })
    .await
}

/// Removes cases from a draft; the answer is the cases that are left.
#[utoipa::path(tag = "policies",
    responses((status = 200, body = CasesList), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/policies/{slug}/{version}/cases/{name}")]
pub async fn remove(desk: Desk, path: web::Path<(String, i32, String)>) -> Result<HttpResponse, Problem> {
    let (slug, version, name) = path.into_inner();
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        let left = service.remove_cases(conn, &caller.actor, (&slug, version), &name)?;
        Ok(CasesList { items: left.iter().map(shape).collect::<Served<_>>()? })
    })
    .await
}

/// Runs the cases of a version: what passes, what comes out differently and where, and what no case exercises.
#[utoipa::path(tag = "policies", responses((status = 200, body = Object), (status = 404, body = Problem)))]
#[post("/policies/{slug}/{version}/test")]
pub async fn test(desk: Desk, path: web::Path<(String, i32)>) -> Result<HttpResponse, Problem> {
    let tested = desk.read(move |service, _| service.test_policy(&path.0, path.1)).await?;
    Ok(HttpResponse::Ok().json(tested))
}
