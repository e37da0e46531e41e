//! `/v1/periods`: months that finance closed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use super::shape::moment;
use crate::service::relief::period::{Month, PeriodRow};

/// A month to be closed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodBody {
    /// Such as 2021-07.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2021-07")]
    pub period: String,
}

/// A closed month.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodResponse {
    /// It.
    pub period: String,
    /// Its first day.
    pub from: chrono::NaiveDate,
    /// Its last.
    pub until: chrono::NaiveDate,
    /// Entries of its days.
    pub entries: i64,
    /// SHA-256 of its totals: as long as it is the same, so is every report of the month.
    pub digest: String,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: String,
}

/// Closed months.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodList {
    /// They, in order.
    pub items: Vec<PeriodResponse>,
    /// The month that is closed next.
    pub open: String,
}

fn shape(row: PeriodRow) -> PeriodResponse {
    PeriodResponse {
        period: row.month,
        from: row.first_day,
        until: row.last_day,
        entries: row.entries,
        digest: row.digest,
        closed_by: row.closed_by,
        closed_at: moment(row.closed_at),
    }
}

/// A month as it is written.
///
/// # Errors
/// It is none.
pub fn month(pointer: &str, text: &str) -> Result<Month, Problem> {
    Month::parse(text)
        .ok_or_else(|| Problem::unreadable(pointer, format!("a period is a month such as 2021-07, not {text}")))
}

/// Closed months, and the one that comes next.
#[utoipa::path(tag = "periods", responses((status = 200, body = PeriodList)))]
#[get("/periods")]
pub async fn list(desk: Desk) -> Result<web::Json<PeriodList>, Problem> {
    let periods = desk.read(|service, _| service.periods()).await?;
    let items = periods.closed.into_iter().map(shape).collect();
    Ok(web::Json(PeriodList { items, open: periods.open.to_string() }))
}

/// Closes a month that is over, in order. It cannot be undone: what takes one of its entries back counts in an open month.
#[utoipa::path(tag = "periods", request_body = PeriodBody,
    responses((status = 201, body = PeriodResponse), (status = 400, body = Problem), (status = 409, body = Problem)))]
#[post("/periods")]
pub async fn close(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: PeriodBody = json(&body)?;
    let month = month("/period", &body.period)?;
    desk.once(StatusCode::CREATED, body, move |service, conn, caller, _| {
        Ok(shape(service.close_period(conn, &caller.actor, month)?))
    })
    .await
}
