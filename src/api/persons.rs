//! `/v1/persons`: who somebody is, masked; in full for a reason that is logged.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::flags::{self, FlagResponse};
use super::grants::ReasonBody;
use super::problem::Problem;
use crate::secret::Hidden;

/// Somebody, masked or in full.
#[derive(Serialize, ToSchema)]
pub struct PersonResponse {
    /// The lender's number for the person.
    pub person: String,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    /// What they read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What one has to mind of them today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<FlagResponse>,
}

/// Somebody, masked.
#[utoipa::path(tag = "persons", responses((status = 200, body = PersonResponse), (status = 404, body = Problem)))]
#[get("/persons/{person}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<PersonResponse>, Problem> {
    let (found, flags) = desk
        .read(move |service, _| {
            let held = service.flags(&path)?.into_iter().filter(|row| service.holds(row));
            Ok((service.person(&path)?, held.map(|row| flags::shape(service, row)).collect()))
        })
        .await?;
    Ok(web::Json(PersonResponse {
        person: found.party,
        name: found.name,
        phone: found.phone,
        id_number: found.id_number,
        language: found.language,
        flags,
    }))
}

/// Somebody in full. The reason is logged; what is shown is not.
#[utoipa::path(tag = "persons", request_body = ReasonBody,
    responses((status = 200, body = PersonResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/persons/{person}/reveal")]
pub async fn reveal(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: ReasonBody = json(&body)?;
    let party = path.into_inner();
    let shown = |value: Option<Hidden<String>>| value.map(|value| value.show().clone());
    // Never kept as an answer under a key: it is in full.
    desk.unkept(body, move |service, conn, caller, body| {
        let found = service.reveal_person(conn, &caller.actor, &party, &body.reason)?;
        Ok(PersonResponse {
            person: found.party,
            name: shown(found.name),
            phone: shown(found.phone),
            id_number: shown(found.id_number),
            language: found.language,
            flags: Vec::new(),
        })
    })
    .await
}

/// Forgets who somebody is; the facts of their accounts stay.
#[utoipa::path(tag = "persons", request_body = ReasonBody,
    responses((status = 200, body = PersonResponse), (status = 404, body = Problem)))]
#[post("/persons/{person}/erase")]
pub async fn erase(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: ReasonBody = json(&body)?;
    let party = path.into_inner();
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        service.erase_person(conn, &caller.actor, &party, &body.reason)?;
        let person = party.clone();
        Ok(PersonResponse { person, name: None, phone: None, id_number: None, language: None, flags: Vec::new() })
    })
    .await
}

/// Sessions that were ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedOutResponse {
    /// How many.
    pub sessions: usize,
}

/// Signs somebody out wherever they are signed in: their phone is lost, or another's hands were on it.
#[utoipa::path(tag = "persons", responses((status = 200, body = SignedOutResponse), (status = 404, body = Problem)))]
#[delete("/persons/{person}/sessions")]
pub async fn sign_out(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let party = path.into_inner();
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(SignedOutResponse { sessions: service.end_borrower_sessions(conn, &caller.actor, &party)? })
    })
    .await
}
