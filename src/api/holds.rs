//! Holds of an account, and the end of one before its time.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::grants::ReasonBody;
use super::problem::Problem;
use super::shape::id;
use crate::service::reference::outside;
use crate::service::relief::release::{Held, Released, names};

/// What the lender has stopped doing for an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldResponse {
    /// The grant.
    pub grant: String,
    /// collections, enforcement, credit_reporting …
    pub what: Vec<String>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; none while its end is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The first day on which it no longer holds, where it was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_on: Option<NaiveDate>,
    /// Why it was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The end of a hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseResponse {
    /// The grant.
    pub grant: String,
    /// The first day on which it no longer holds.
    pub released_on: NaiveDate,
    /// What other grants go on holding.
    pub still_held: Vec<String>,
    /// What the core system is told.
    pub instruction: String,
}

pub(super) fn shape(held: Held) -> HoldResponse {
    HoldResponse {
        grant: outside("grant", held.grant),
        what: names(&held.change),
        from: held.change.from,
        until: held.change.until,
        released_on: held.released_on,
        reason: held.reason,
    }
}

/// Ends a hold or a standing order before its time, from today on. What other grants hold stays held, what was given stays given.
#[utoipa::path(tag = "grants", request_body = ReasonBody,
    responses((status = 200, body = ReleaseResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/grants/{grant}/release")]
pub async fn release(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (grant, body): (_, ReasonBody) = (id("grant", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let Released { released_on, still_held, instruction } =
            service.release_hold(conn, &caller.actor, grant, &body.reason)?;
        let (grant, instruction) = (outside("grant", grant), outside("instruction", instruction));
        Ok(ReleaseResponse { grant, released_on, still_held, instruction })
    })
    .await
}
