//! `/v1/channels`: emergency channels, prepared, approved, opened, extended, stood down, closed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::contact::reporting::{ContactMeasures, measures};
use super::desk::{Desk, json, tagged};
use super::grants::ReasonBody;
use super::outreach::{self, CampaignResponse};
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::care::channel::settings::Settings;
use crate::service::care::channel::{ChannelRow, Of};
use crate::service::reference::outside;
use crate::service::relief::preview::kept::PreviewRow;
use crate::service::{Served, Service, ServiceError};

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelResponse {
    /// Its id.
    pub channel: String,
    /// standby, open, standing_down or closed.
    pub state: String,
    /// The declaration.
    pub declaration: String,
    /// The event.
    pub event: String,
    /// The response level.
    pub level: String,
    /// How it is set: hours, hotline, queue, key word, banner, target, capacity, policies, days.
    pub settings: Value,
    /// SHA-256 of what is approved and opened.
    pub digest: String,
    /// Who set it last.
    pub made_by: String,
    /// The second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Who opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<String>,
    /// Why it was opened before its previews were there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_preview: Option<String>,
    /// Why it last changed its state or its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its last day, extensions included.
    pub expires_on: NaiveDate,
    /// Whether it runs, and somebody answers at this moment.
    pub answering_now: bool,
    /// When the first alert behind its declaration came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerted_at: Option<String>,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<String>,
    /// When it began to stand down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing_down_at: Option<String>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// What is measured of it.
    pub measures: Measures,
    /// What each policy would give to whom, as far as that is worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previews: Option<Vec<ChannelPreviewResponse>>,
    /// What people are told of it; before it opens, whom it would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outreach: Option<Vec<CampaignResponse>>,
}

/// What is measured of a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Measures {
    /// Whole minutes from the first alert to the opening; left out where no alert stands behind it, or it was not opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes_from_alert: Option<i64>,
    /// Of the contacts that came through it: how soon they were answered, and their cases resolved; for one channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<ContactMeasures>,
}

/// A preview of a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelPreviewResponse {
    /// The policy.
    pub policy: String,
    /// The version.
    pub version: i32,
    /// The preview.
    pub preview: String,
    /// waiting, running, done, failed or cancelled.
    pub state: String,
    /// How many accounts there are.
    pub accounts: i64,
    /// How many are decided.
    pub decided: i64,
    /// What it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}

/// A page of channels.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelList {
    /// They, without their previews.
    pub items: Vec<ChannelResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which channels.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ChannelQuery {
    /// In this state only.
    #[serde(default)]
    pub state: Option<String>,
    /// For this declaration only.
    #[serde(default)]
    pub declaration: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// A channel in the making.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareBody {
    /// The declaration.
    pub declaration: String,
    /// How it is set: see docs/channels.md.
    #[schema(value_type = Object)]
    pub settings: Settings,
}

/// What somebody saw.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenBody {
    /// The channel's digest.
    pub digest: String,
}

/// What somebody saw who opens a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    /// The channel's digest.
    pub digest: String,
    /// Why it is opened before its previews are there.
    #[serde(default)]
    pub without_preview: Option<String>,
}

/// Until when a channel goes on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBody {
    /// Its new last day.
    pub expires_on: NaiveDate,
    /// Why.
    pub reason: String,
}

/// A channel as it is shown.
///
/// # Errors
/// What was kept is damaged.
pub fn shape(service: &Service, row: ChannelRow) -> Served<ChannelResponse> {
    let settings: Settings = serde_json::from_str(&row.settings).map_err(ServiceError::unknown)?;
    let local = service.clock.now().and_utc().with_timezone(&service.clock.zone()).naive_local();
    let runs = matches!(row.state.as_str(), "open" | "standing_down");
    let from_alert = row.opened_at.zip(row.alerted_at).map(|(opened, alerted)| opened.signed_duration_since(alerted));
    Ok(ChannelResponse {
        channel: outside("channel", row.id),
        state: row.state,
        declaration: row.declaration,
        event: row.event,
        level: row.level,
        settings: kept(&row.settings)?,
        digest: row.digest,
        made_by: row.made_by,
        approved_by: row.approved_by,
        opened_by: row.opened_by,
        without_preview: row.unseen,
        reason: row.reason,
        expires_on: row.expires_on,
        answering_now: runs && settings.hours.answered_at(local, &service.lender.calendar),
        alerted_at: row.alerted_at.map(moment),
        opened_at: row.opened_at.map(moment),
        standing_down_at: row.standing_down_at.map(moment),
        closed_at: row.closed_at.map(moment),
        measures: Measures { minutes_from_alert: from_alert.map(|took| took.num_minutes()), contacts: None },
        previews: None,
        outreach: None,
    })
}

/// A channel with what is measured of it, what it would give to whom, and what people are told.
///
/// # Errors
/// The store fails, or what was kept is damaged.
pub fn whole(service: &Service, row: ChannelRow, previews: Vec<PreviewRow>) -> Served<ChannelResponse> {
    let channel = row.id;
    let mut shown = shape(service, row)?;
    shown.measures.contacts = Some(measures(&service.channel_figures(channel)?));
    shown.previews = Some(previews.into_iter().map(preview).collect::<Served<_>>()?);
    shown.outreach = Some(service.outreach_of(channel)?.into_iter().map(outreach::shape).collect());
    Ok(shown)
}

fn preview(row: PreviewRow) -> Served<ChannelPreviewResponse> {
    Ok(ChannelPreviewResponse {
        policy: row.policy,
        version: row.version,
        preview: outside("preview", row.id),
        state: row.state,
        accounts: row.accounts,
        decided: row.decided,
        result: row.result.as_deref().map(kept).transpose()?,
    })
}

/// Channels, the first made first.
#[utoipa::path(tag = "care", params(ChannelQuery), responses((status = 200, body = ChannelList)))]
#[get("/channels")]
pub async fn list(desk: Desk, query: web::Query<ChannelQuery>) -> Result<web::Json<ChannelList>, Problem> {
    let query = query.into_inner();
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("channel")?;
    let of = Of { state: query.state, declaration: query.declaration };
    let (items, last) = desk
        .read(move |service, _| {
            let rows = service.channels(&of, after, limit)?;
            let last = rows.last().map(|row| row.id);
            let items = rows.into_iter().map(|row| shape(service, row)).collect::<Served<Vec<_>>>()?;
            Ok((items, last))
        })
        .await?;
    let next = next("channel", items.len(), limit, last);
    Ok(web::Json(ChannelList { items, next }))
}

/// A channel, with what it would give to whom. Its `ETag` is what a change is bound to, its digest what is approved and opened.
#[utoipa::path(tag = "care", responses((status = 200, body = ChannelResponse), (status = 404, body = Problem)))]
#[get("/channels/{channel}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let channel = id("channel", &path)?;
    let (revision, shown) = desk
        .read(move |service, _| {
            let (row, previews) = service.channel(channel)?;
            Ok((row.revision, whole(service, row, previews)?))
        })
        .await?;
    Ok(tagged(revision, &shown))
}

/// Prepares a channel; its previews are worked out in the background.
#[utoipa::path(tag = "care", request_body = PrepareBody,
    responses((status = 201, body = ChannelResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels")]
pub async fn prepare(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: PrepareBody = json(&body)?;
    desk.once(StatusCode::CREATED, body, |service, conn, caller, body| {
        shape(service, service.prepare_channel(conn, &caller.actor, &body.declaration, &body.settings)?)
    })
    .await
}

/// Sets a channel on standby otherwise; an approval is taken back by it.
#[utoipa::path(tag = "care", request_body = Object,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem), (status = 428, body = Problem)))]
#[put("/channels/{channel}")]
pub async fn edit(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, Settings) = (id("channel", &path)?, json(&body)?);
    let seen = desk.seen()?;
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service, service.edit_channel(conn, &caller.actor, (channel, seen), body)?)
    })
    .await
}

/// Approves what is set, as a second person: levels I and II need one.
#[utoipa::path(tag = "care", request_body = SeenBody,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem)))]
#[post("/channels/{channel}/approve")]
pub async fn approve(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, SeenBody) = (id("channel", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service, service.approve_channel(conn, &caller.actor, channel, &body.digest)?)
    })
    .await
}

/// Opens a channel: subscribers are told.
#[utoipa::path(tag = "care", request_body = OpenBody,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem)))]
#[post("/channels/{channel}/open")]
pub async fn open(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, OpenBody) = (id("channel", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let seen = (body.digest.as_str(), body.without_preview.as_deref());
        shape(service, service.open_channel(conn, &caller.actor, channel, seen)?)
    })
    .await
}

/// Lets a channel go on until a later day; one that stands down opens again.
#[utoipa::path(tag = "care", request_body = ExtendBody,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/extend")]
pub async fn extend(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, ExtendBody) = (id("channel", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let until = (body.expires_on, body.reason.as_str());
        shape(service, service.extend_channel(conn, &caller.actor, channel, until)?)
    })
    .await
}

/// Lets a channel stand down before its time.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/stand-down")]
pub async fn stand_down(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, ReasonBody) = (id("channel", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service, service.stand_channel_down(conn, &caller.actor, channel, &body.reason)?)
    })
    .await
}

/// Closes a channel at once; one on standby is given up.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = ChannelResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/close")]
pub async fn close(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, ReasonBody) = (id("channel", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service, service.close_channel(conn, &caller.actor, channel, &body.reason)?)
    })
    .await
}

/// The table of response levels: which facts make which level.
#[utoipa::path(tag = "care", responses((status = 200, body = Object)))]
#[get("/response-levels")]
pub async fn levels(desk: Desk) -> Result<web::Json<Value>, Problem> {
    let table = desk.read(|service, _| serde_json::to_value(&service.care().response).map_err(ServiceError::unknown));
    Ok(web::Json(table.await?))
}
