//! `/v1/me`: who the caller is.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeResponse {
    /// Their id.
    pub id: String,
    /// The person.
    pub person: String,
    /// What they are.
    pub roles: Vec<String>,
}

/// Who the caller is.
#[utoipa::path(tag = "me", responses((status = 200, body = MeResponse), (status = 401, body = Problem)))]
#[get("/me")]
pub async fn me(desk: Desk) -> Result<web::Json<MeResponse>, Problem> {
    let caller = desk.read(|_, caller| Ok(caller.clone())).await?;
    let roles = caller.roles.iter().map(|role| role.name().to_owned()).collect();
    Ok(web::Json(MeResponse { id: caller.actor.id, person: caller.actor.person, roles }))
}
