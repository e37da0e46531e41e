//! `/v1/drafts`: declarations that alerts made, and that wait for a care lead.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, put, web};
use chrono::NaiveDate;
use forbear_engine::declaration::{Area, Kind, Severity};
use forbear_engine::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::alerts::{AlertResponse, shape as alert_shape};
use super::channels::{ChannelResponse, shape as channel_shape};
use super::desk::{Desk, json, tagged};
use super::grants::ReasonBody;
use super::problem::Problem;
use super::proposals::{ProposalResponse, shape as proposal_shape};
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::Served;
use crate::service::care::channel::settings::Settings;
use crate::service::care::drafting::Edited;
use crate::service::care::{DraftRow, Of};
use crate::service::reference::outside;

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftResponse {
    /// Its id.
    pub draft: String,
    /// waiting, withdrawn, confirmed or dropped.
    pub state: String,
    /// Who sent its alerts.
    pub sender: String,
    /// What the sender calls it, with the format before it.
    pub incident: String,
    /// The event that it gathers under.
    pub event: String,
    /// What happened; left out where nobody knows yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How grave it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Its title, in both languages.
    pub title: Value,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// Its areas, as in a declaration.
    pub areas: Value,
    /// What could not be matched to regions, in the alerts' words: for a person.
    pub left: Value,
    /// The declaration that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// Who last edited it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<String>,
    /// Who confirmed or dropped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Why it was dropped or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When its first alert came.
    pub alerted_at: String,
    /// When it last changed.
    pub changed_at: String,
    /// The alerts behind it: the first five hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<AlertResponse>>,
    /// The channel that was prepared with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelResponse>,
    /// What its sender changed since it was confirmed: the first five hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposals: Option<Vec<ProposalResponse>>,
}

/// A page of drafts.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftList {
    /// They, without their alerts.
    pub items: Vec<DraftResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which drafts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DraftQuery {
    /// In this state only.
    #[serde(default)]
    pub state: Option<String>,
    /// Of this event only.
    #[serde(default)]
    pub event: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// What a care lead makes of a draft: all that stands in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// The event, a slug.
    pub event: String,
    /// What happened.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub kind: Option<Kind>,
    /// How grave it is, I to IV.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
    /// Its title, in both languages.
    #[schema(value_type = Object)]
    pub title: Text,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day; left out while it goes on.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// Its areas, as in a declaration.
    #[schema(value_type = Vec<Object>)]
    pub areas: Vec<Area>,
    /// What is still to be matched.
    #[serde(default)]
    pub left: Vec<String>,
}

/// Under which name a draft is declared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The declaration's name; left out, the event's, or that with a number.
    #[serde(default)]
    pub declaration: Option<String>,
    /// How a channel for it is set, which is prepared at once.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub channel: Option<Settings>,
}

/// A draft without what is behind it.
pub(super) fn shape(row: DraftRow) -> Served<DraftResponse> {
    Ok(DraftResponse {
        draft: outside("draft", row.id),
        state: row.state,
        sender: row.sender,
        incident: row.incident,
        event: row.event,
        kind: row.kind,
        severity: row.severity,
        title: kept(&row.title)?,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        areas: kept(&row.areas)?,
        left: kept(&row.left_over)?,
        declaration: row.declaration,
        edited_by: row.edited_by,
        decided_by: row.decided_by,
        reason: row.reason,
        alerted_at: moment(row.alerted_at),
        changed_at: moment(row.changed_at),
        alerts: None,
        channel: None,
        proposals: None,
    })
}

/// Drafts, the first made first.
#[utoipa::path(tag = "care", params(DraftQuery), responses((status = 200, body = DraftList)))]
#[get("/drafts")]
pub async fn list(desk: Desk, query: web::Query<DraftQuery>) -> Result<web::Json<DraftList>, Problem> {
    let query = query.into_inner();
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("draft")?;
    let of = Of { state: query.state, event: query.event };
    let rows = desk.read(move |service, _| service.drafts(&of, after, limit)).await?;
    let next = next("draft", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(shape).collect::<Served<_>>()?;
    Ok(web::Json(DraftList { items, next }))
}

/// A draft with the alerts behind it and what its sender changed since. Its `ETag` is what a change is bound to.
#[utoipa::path(tag = "care", responses((status = 200, body = DraftResponse), (status = 404, body = Problem)))]
#[get("/drafts/{draft}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    const MOST: i64 = 500;
    let draft = id("draft", &path)?;
    let (row, alerts, proposals) = desk
        .read(move |service, _| {
            let row = service.draft(draft)?;
            Ok((row, service.alerts(Some(draft), 0, MOST)?, service.proposals(Some(draft), None, 0, MOST)?))
        })
        .await?;
    let revision = row.revision;
    let mut shown = shape(row)?;
    shown.alerts = Some(alerts.into_iter().map(|row| alert_shape(row, false)).collect::<Served<_>>()?);
    shown.proposals = Some(proposals.into_iter().map(proposal_shape).collect::<Served<_>>()?);
    Ok(tagged(revision, &shown))
}

/// Changes what stands in a draft that waits.
#[utoipa::path(tag = "care", request_body = DraftBody,
    responses((status = 200, body = DraftResponse), (status = 409, body = Problem), (status = 428, body = Problem)))]
#[put("/drafts/{draft}")]
pub async fn edit(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (draft, body): (_, DraftBody) = (id("draft", &path)?, json(&body)?);
    let seen = desk.seen()?;
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let body = body.clone();
        let edited = Edited {
            event: body.event,
            kind: body.kind,
            severity: body.severity,
            title: body.title,
            starts_on: body.starts_on,
            ends_on: body.ends_on,
            areas: body.areas,
            left: body.left,
        };
        shape(service.edit_draft(conn, &caller.actor, (draft, seen), &edited)?)
    })
    .await
}

/// Declares what stands in a draft, and prepares a channel for it where that is wanted.
#[utoipa::path(tag = "care", request_body = ConfirmBody,
    responses((status = 201, body = DraftResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/drafts/{draft}/confirm")]
pub async fn confirm(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (draft, body): (_, ConfirmBody) = (id("draft", &path)?, json(&body)?);
    desk.once(StatusCode::CREATED, body, move |service, conn, caller, body| {
        let (row, declared) = service.confirm_draft(conn, &caller.actor, draft, body.declaration.as_deref())?;
        let mut shown = shape(row)?;
        if let Some(settings) = &body.channel {
            let prepared = service.prepare_channel(conn, &caller.actor, &declared.slug, settings);
            let prepared = prepared.map_err(|error| error.within("/channel"))?;
            shown.channel = Some(channel_shape(service, prepared)?);
        }
        Ok(shown)
    })
    .await
}

/// Drops a draft: it will be no declaration, unless its sender makes it graver or wider.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = DraftResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/drafts/{draft}/drop")]
pub async fn discard(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (draft, body): (_, ReasonBody) = (id("draft", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service.drop_draft(conn, &caller.actor, draft, &body.reason)?)
    })
    .await
}
