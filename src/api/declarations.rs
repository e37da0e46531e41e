//! `/v1/declarations`: disasters, declared, amended, closed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use forbear_engine::declaration::Declaration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::moment;
use crate::service::event::DeclarationRow;

/// A declaration.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclarationResponse {
    /// Its name.
    pub declaration: String,
    /// The event.
    pub event: String,
    /// open or closed.
    pub state: String,
    /// The number of the last amendment; 0 is the original.
    pub amendment: i32,
    /// SHA-256 of its canonical JSON.
    pub digest: String,
    /// Who declared it.
    pub made_by: String,
    /// When it last changed.
    pub changed_at: String,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
}

/// Declarations.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclarationList {
    /// They.
    pub items: Vec<DeclarationResponse>,
}

/// Which declarations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeclarationQuery {
    /// Of this event only.
    #[serde(default)]
    pub event: Option<String>,
}

fn shape(row: DeclarationRow, document: Option<Value>) -> DeclarationResponse {
    DeclarationResponse {
        declaration: row.slug,
        event: row.event,
        state: row.state,
        amendment: row.amendment,
        digest: row.digest,
        made_by: row.made_by,
        changed_at: moment(row.changed_at),
        document,
    }
}

/// All declarations.
#[utoipa::path(tag = "declarations", params(DeclarationQuery), responses((status = 200, body = DeclarationList)))]
#[get("/declarations")]
pub async fn list(desk: Desk, query: web::Query<DeclarationQuery>) -> Result<web::Json<DeclarationList>, Problem> {
    let rows = desk.read(move |service, _| service.declarations(query.event.as_deref())).await?;
    Ok(web::Json(DeclarationList { items: rows.into_iter().map(|row| shape(row, None)).collect() }))
}

/// One, with what it says.
#[utoipa::path(tag = "declarations",
    responses((status = 200, body = DeclarationResponse), (status = 404, body = Problem)))]
#[get("/declarations/{declaration}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<DeclarationResponse>, Problem> {
    let (row, document) = desk.read(move |service, _| service.declaration(&path)).await?;
    let document = serde_json::to_value(document).map_err(|_| Problem::failed())?;
    Ok(web::Json(shape(row, Some(document))))
}

/// Declares a disaster, or amends one: the whole document, with its new amendments.
#[utoipa::path(tag = "declarations", request_body = Object,
    responses((status = 201, body = DeclarationResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/declarations")]
pub async fn declare(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let document: Declaration = json(&body)?;
    desk.once(StatusCode::CREATED, document, |service, conn, caller, document| {
        Ok(shape(service.declare(conn, &caller.actor, document)?, None))
    })
    .await
}

/// What a list of FEMA came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportResponse {
    /// Disasters that were declared.
    pub declared: Vec<String>,
    /// Disasters that were amended: more areas, or another end.
    pub amended: Vec<String>,
    /// Disasters of which the list says what is known.
    pub unchanged: u64,
    /// Disasters of which it says something else; they stay as they are.
    pub differing: Vec<DifferingResponse>,
    /// Rows of the list: areas and exceptions.
    pub rows: usize,
    /// Rows that are an area.
    pub areas: usize,
    /// Rows that are none, each with its line and why.
    pub exceptions: Vec<String>,
}

/// A disaster that stays as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferingResponse {
    /// Its name.
    pub declaration: String,
    /// What the list says otherwise.
    pub differs: String,
}

/// Declares the disasters of FEMA's `DisasterDeclarationsSummaries` (CSV or JSON), and amends those that are known.
#[utoipa::path(tag = "declarations", request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportResponse), (status = 400, body = Problem), (status = 422, body = Problem)))]
#[post("/declarations/openfema")]
pub async fn import(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let text = String::from_utf8(body.to_vec()).map_err(|_| Problem::unreadable("", "the list is no UTF-8"))?;
    desk.once(StatusCode::OK, text, |service, conn, caller, text| {
        let done = service.import_openfema(conn, &caller.actor, text)?;
        let differing = done.differing.into_iter();
        Ok(ImportResponse {
            declared: done.declared,
            amended: done.amended,
            unchanged: done.unchanged,
            differing: differing.map(|(declaration, differs)| DifferingResponse { declaration, differs }).collect(),
            rows: done.rows,
            areas: done.areas,
            exceptions: done.exceptions,
        })
    })
    .await
}

async fn set_open(desk: Desk, path: web::Path<String>, open: bool) -> Result<HttpResponse, Problem> {
    let slug = path.into_inner();
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.close_declaration(conn, &caller.actor, &slug, open)?, None))
    })
    .await
}

/// Closes it: nothing is decided under it any more, what was granted stays.
#[utoipa::path(tag = "declarations",
    responses((status = 200, body = DeclarationResponse), (status = 404, body = Problem)))]
#[post("/declarations/{declaration}/close")]
pub async fn close(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_open(desk, path, false).await
}

/// Opens it again.
#[utoipa::path(tag = "declarations",
    responses((status = 200, body = DeclarationResponse), (status = 404, body = Problem)))]
#[post("/declarations/{declaration}/reopen")]
pub async fn reopen(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_open(desk, path, true).await
}
