//! `/v1/notices`: what subscribers are told of channels, and whether they have it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::Served;
use crate::service::care::channel::NoticeRow;
use crate::service::reference::outside;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeResponse {
    /// Its id.
    pub notice: String,
    /// To whom.
    pub subscriber: String,
    /// The channel.
    pub channel: String,
    /// channel.opened, channel.extended, channel.standing_down or channel.closed.
    pub kind: String,
    /// pending, sent or dead.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// What is sent.
    pub body: Value,
}

/// A page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeList {
    /// They.
    pub items: Vec<NoticeResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn shape(row: NoticeRow) -> Served<NoticeResponse> {
    Ok(NoticeResponse {
        notice: outside("notice", row.id),
        subscriber: row.subscriber,
        channel: outside("channel", row.channel_id),
        kind: row.kind,
        state: row.state,
        attempts: row.attempts,
        failure: row.failure,
        created_at: moment(row.created_at),
        body: kept(&row.body)?,
    })
}

/// Notices, the first made first.
#[utoipa::path(tag = "care", params(PageQuery), responses((status = 200, body = NoticeList)))]
#[get("/notices")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<NoticeList>, Problem> {
    let (after, limit) = query.read("notice")?;
    let state = query.into_inner().state;
    let rows = desk.read(move |service, _| service.notices(state.as_deref(), after, limit)).await?;
    let next = next("notice", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(shape).collect::<Served<_>>()?;
    Ok(web::Json(NoticeList { items, next }))
}

/// Sends a notice again that could not be delivered.
#[utoipa::path(tag = "care",
    responses((status = 200, body = NoticeResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/notices/{notice}/resend")]
pub async fn resend(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let notice = id("notice", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.resend_notice(conn, &caller.actor, notice)?)
    })
    .await
}
