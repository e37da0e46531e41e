//! `/health`: whether the program runs, and whether it can work.

use actix_web::{HttpResponse, get, web};

use super::problem::Problem;
use crate::service::Service;

/// The program runs.
#[utoipa::path(tag = "health", responses((status = 200, body = str)))]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

/// The database answers.
#[utoipa::path(tag = "health", responses((status = 200, body = str), (status = 500, body = Problem)))]
#[get("/health/ready")]
pub async fn ready(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let answered = web::block(move || service.policies(None)).await.map_err(|_| Problem::failed())?;
    answered?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ok"))
}
