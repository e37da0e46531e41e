//! `/v1/alerts`: what others warn of, taken in; what was refused, and why.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use forbear_engine::digest::hex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::care::reading::Trust;
use crate::service::care::taking::{Origin, Taken};
use crate::service::care::{AlertRow, RefusalRow};
use crate::service::reference::outside;
use crate::service::{Served, ServiceError};

/// What an intake came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsTakenResponse {
    /// Alerts that were taken in, in order.
    pub taken: Vec<TakenResponse>,
    /// What was refused.
    pub refused: Vec<RefusedResponse>,
    /// How many were known already.
    pub repeated: u64,
    /// How many tell of no disaster.
    pub slight: u64,
}

/// An alert that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenResponse {
    /// The alert.
    pub alert: String,
    /// Who sent it.
    pub sender: String,
    /// The sender's name for it.
    pub identifier: String,
    /// What it did: drafted, extended, joined, reopened, withdrew, proposed, ended or nothing.
    pub outcome: String,
    /// The draft that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
}

/// Something that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedResponse {
    /// Who sent it, where that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The sender's name for it, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The refusal's stable name.
    pub refusal: String,
    /// Where, and what would be right.
    pub reason: String,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertResponse {
    /// Its id.
    pub alert: String,
    /// Who sent it.
    pub sender: String,
    /// The sender's name for it.
    pub identifier: String,
    /// cap, nws or usgs.
    pub format: String,
    /// alert, update, cancel or end.
    pub message: String,
    /// When it was sent.
    pub sent: String,
    /// The draft that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// What it did.
    pub outcome: String,
    /// How it came: a feed's name, `api` or `file`.
    pub via: String,
    /// When it came.
    pub received_at: String,
    /// Its regions, each with how it was found, and what could not be matched.
    pub placed: Value,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    /// They, without what they say.
    pub items: Vec<AlertResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Something that was refused, however often it came.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalResponse {
    /// How it came.
    pub via: String,
    /// What was refused.
    #[serde(flatten)]
    pub what: RefusedResponse,
    /// How often it came.
    pub times: i64,
    /// When it first came.
    pub first_at: String,
    /// When it last came.
    pub last_at: String,
}

/// A page of what was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalList {
    /// They.
    pub items: Vec<RefusalResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AlertQuery {
    /// Of this draft only.
    #[serde(default)]
    pub draft: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// An intake as it is answered.
fn intake(taken: Taken) -> AlertsTakenResponse {
    let refusals = taken.refused.into_iter().map(|found| RefusedResponse {
        sender: found.sender,
        identifier: found.identifier,
        refusal: found.refusal.name().to_owned(),
        reason: found.refusal.to_string(),
    });
    let alerts = taken.taken.into_iter().map(|found| TakenResponse {
        alert: outside("alert", found.alert),
        sender: found.sender,
        identifier: found.identifier,
        outcome: found.outcome.to_owned(),
        draft: found.draft.map(|draft| outside("draft", draft)),
    });
    AlertsTakenResponse {
        taken: alerts.collect(),
        refused: refusals.collect(),
        repeated: taken.repeated,
        slight: taken.slight,
    }
}

pub(super) fn shape(row: AlertRow, whole: bool) -> Served<AlertResponse> {
    let content = whole.then(|| kept(&row.body)).transpose()?;
    Ok(AlertResponse {
        alert: outside("alert", row.id),
        sender: row.sender,
        identifier: row.identifier,
        format: row.format,
        message: row.message,
        sent: moment(row.sent),
        draft: row.draft_id.map(|draft| outside("draft", draft)),
        outcome: row.outcome,
        via: row.via,
        received_at: moment(row.received_at),
        placed: kept(&row.placed)?,
        content,
    })
}

fn refusal(row: RefusalRow) -> RefusalResponse {
    let what =
        RefusedResponse { sender: row.sender, identifier: row.identifier, refusal: row.name, reason: row.message };
    RefusalResponse {
        via: row.via,
        what,
        times: row.times,
        first_at: moment(row.first_at),
        last_at: moment(row.last_at),
    }
}

/// Takes alerts in: CAP (alone or in an Atom index), NWS or USGS; the format is told from the content. Each becomes part of a
/// draft that waits for a care lead. What is refused is named in the answer, and the rest is taken.
#[utoipa::path(tag = "care", request_body(content = String, content_type = "application/cap+xml"),
    responses((status = 200, body = AlertsTakenResponse)))]
#[post("/alerts")]
pub async fn take(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    if body.is_empty() {
        return Err(Problem::unreadable("", "the body is empty: send alerts in CAP, of the NWS or of the USGS"));
    }
    let asked = (StatusCode::OK, fingerprint(&body));
    desk.prepared(
        asked,
        move |service| service.read_alerts(&body, &Trust::default()),
        |service, conn, caller, reading| {
            let origin = Origin { actor: &caller.actor, via: "api" };
            Ok::<_, ServiceError>(intake(service.take_alerts(conn, &origin, reading)?))
        },
    )
    .await
}

/// What tells one body from another, whatever its bytes are.
fn fingerprint(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Alerts, the first that came first.
#[utoipa::path(tag = "care", params(AlertQuery), responses((status = 200, body = AlertList)))]
#[get("/alerts")]
pub async fn list(desk: Desk, query: web::Query<AlertQuery>) -> Result<web::Json<AlertList>, Problem> {
    let query = query.into_inner();
    let draft = query.draft.map(|draft| id("draft", &draft)).transpose()?;
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("alert")?;
    let rows = desk.read(move |service, _| service.alerts(draft, after, limit)).await?;
    let next = next("alert", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(|row| shape(row, false)).collect::<Served<_>>()?;
    Ok(web::Json(AlertList { items, next }))
}

/// What was refused, by name: the first that came first.
#[utoipa::path(tag = "care", params(PageQuery), responses((status = 200, body = RefusalList)))]
#[get("/alerts/refused")]
pub async fn refused(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<RefusalList>, Problem> {
    let (after, limit) = query.read("refusal")?;
    let rows = desk.read(move |service, _| service.refused_alerts(after, limit)).await?;
    let next = next("refusal", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(RefusalList { items: rows.into_iter().map(refusal).collect(), next }))
}

/// An alert, with what it says.
#[utoipa::path(tag = "care", responses((status = 200, body = AlertResponse), (status = 404, body = Problem)))]
#[get("/alerts/{alert}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<AlertResponse>, Problem> {
    let alert = id("alert", &path)?;
    Ok(web::Json(shape(desk.read(move |service, _| service.alert(alert)).await?, true)?))
}
