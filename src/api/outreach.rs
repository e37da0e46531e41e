//! `/v1/channels/{channel}/outreach`: what a channel tells people, and how far it is; `/v1/messages`: what became of each.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::grants::ReasonBody;
use super::opt_outs::own;
use super::problem::Problem;
use super::shape::{PageQuery, id, moment, next};
use crate::service::Service;
use crate::service::care::outreach::MessageRow;
use crate::service::care::outreach::campaign::Steer;
use crate::service::care::outreach::inbox::Received;
use crate::service::care::outreach::progress::Progress;
use crate::service::care::outreach::receipt::Receipt;
use crate::service::reference::outside;

/// What a channel tells people on an occasion.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignResponse {
    /// opening or reminder.
    pub kind: String,
    /// preview (nobody is told yet), running, paused or cancelled.
    pub state: String,
    /// Whether everybody was looked at.
    pub complete: bool,
    /// People in the hit areas, each once, as far as they were looked at.
    pub audience: u64,
    /// How many read what.
    pub languages: BTreeMap<String, u64>,
    /// How many have to ask, and how many were given something already.
    pub variants: BTreeMap<String, u64>,
    /// What is said: by language, then by variant.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// Messages that wait.
    pub queued: i64,
    /// Messages that the gateway took.
    pub sent: i64,
    /// Messages that phones have.
    pub delivered: i64,
    /// Messages that could not be delivered.
    pub failed: i64,
    /// Messages that do not go out, by reason; of a preview, that would not.
    pub suppressed: BTreeMap<String, i64>,
    /// Why it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// All that a channel tells people.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutreachResponse {
    /// By occasion; none where nobody is told anything.
    pub campaigns: Vec<CampaignResponse>,
}

/// A message. It names nobody: to whom it went is told by the person's number.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageResponse {
    /// Its id: the name under which the gateway got it.
    pub message: String,
    /// To whom.
    pub person: String,
    /// opening or reminder.
    pub kind: String,
    /// In which language.
    pub language: String,
    /// queued, sent, delivered, failed or suppressed.
    pub state: String,
    /// Why it is suppressed, or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often it was sent.
    pub attempts: i32,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it is sent next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// When the gateway took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// When the phone had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageList {
    /// They.
    pub items: Vec<MessageResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message that went out to the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedResponse {
    /// Its id.
    pub message: String,
    /// The event that it is about.
    pub event: String,
    /// opening or reminder.
    pub kind: String,
    /// In which language.
    pub language: String,
    /// What it said.
    pub text: String,
    /// sent, delivered or failed.
    pub state: String,
    /// When it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
}

/// What the caller was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedList {
    /// The messages, the last first.
    pub items: Vec<ReceivedResponse>,
}

/// What the gateway says of messages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsBody {
    /// Receipts, 1,000 at most: `message`, `status` (delivered or failed), `code`.
    #[schema(value_type = Vec<Object>)]
    pub receipts: Vec<Receipt>,
}

/// What was made of receipts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptsResponse {
    /// Those that said something new.
    pub taken: u64,
    /// Those that said what is known.
    pub known: u64,
    /// Messages that are none of ours.
    pub unknown: Vec<String>,
}

pub(super) fn shape(progress: Progress) -> CampaignResponse {
    let count = |state: &str| progress.states.get(state).copied().unwrap_or(0);
    let of_preview = || {
        let counted = progress.tally.suppressed.iter();
        counted.map(|(reason, count)| (reason.clone(), i64::try_from(*count).unwrap_or(i64::MAX))).collect()
    };
    CampaignResponse {
        complete: progress.row.built_at.is_some(),
        audience: progress.tally.persons,
        queued: count("queued"),
        sent: count("sent"),
        delivered: count("delivered"),
        failed: count("failed"),
        suppressed: if progress.row.state == "preview" { of_preview() } else { progress.suppressed.clone() },
        kind: progress.row.kind,
        state: progress.row.state,
        languages: progress.tally.languages,
        variants: progress.tally.variants,
        texts: progress.texts,
        reason: progress.row.reason,
    }
}

fn message(row: MessageRow) -> MessageResponse {
    MessageResponse {
        message: outside("message", row.id),
        person: row.party,
        kind: row.kind,
        language: row.language,
        next_at: (row.state == "queued").then(|| moment(row.next_at)),
        state: row.state,
        reason: row.reason,
        attempts: row.attempts,
        failure: row.failure,
        sent_at: row.sent_at.map(moment),
        delivered_at: row.delivered_at.map(moment),
    }
}

/// What a channel tells people: before it opens whom it would tell, then how far it is.
#[utoipa::path(tag = "care", responses((status = 200, body = OutreachResponse), (status = 404, body = Problem)))]
#[get("/channels/{channel}/outreach")]
pub async fn show(desk: Desk, path: web::Path<String>) -> Result<web::Json<OutreachResponse>, Problem> {
    let channel = id("channel", &path)?;
    let campaigns = desk.read(move |service, _| service.outreach_of(channel)).await?;
    Ok(web::Json(OutreachResponse { campaigns: campaigns.into_iter().map(shape).collect() }))
}

async fn steered(desk: Desk, path: &str, body: &[u8], steer: Steer) -> Result<HttpResponse, Problem> {
    let (channel, body): (_, ReasonBody) = (id("channel", path)?, json(body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        service.steer_campaigns(conn, &caller.actor, (channel, steer, Some(body.reason.as_str())))?;
        let campaigns = service.outreach_in(conn, channel)?;
        Ok(OutreachResponse { campaigns: campaigns.into_iter().map(shape).collect() })
    })
    .await
}

/// Stops what a channel tells, for a while.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = OutreachResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/outreach/pause")]
pub async fn pause(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    steered(desk, &path, &body, Steer::Pause).await
}

/// Lets it go on.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = OutreachResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/outreach/resume")]
pub async fn resume(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    steered(desk, &path, &body, Steer::Resume).await
}

/// Ends it: what was sent stays sent, the rest does not go out.
#[utoipa::path(tag = "care", request_body = ReasonBody,
    responses((status = 200, body = OutreachResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/channels/{channel}/outreach/cancel")]
pub async fn cancel(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    steered(desk, &path, &body, Steer::Cancel).await
}

/// What became of each message of a channel.
#[utoipa::path(tag = "care", params(PageQuery),
    responses((status = 200, body = MessageList), (status = 404, body = Problem)))]
#[get("/channels/{channel}/messages")]
pub async fn messages(
    desk: Desk,
    path: web::Path<String>,
    query: web::Query<PageQuery>,
) -> Result<web::Json<MessageList>, Problem> {
    let channel = id("channel", &path)?;
    let query = query.into_inner();
    let (after, limit) = query.read("message")?;
    let rows = desk.read(move |service, _| service.messages(channel, query.state.as_deref(), (after, limit))).await?;
    let next = next("message", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(MessageList { items: rows.into_iter().map(message).collect(), next }))
}

fn received(Received { row, text }: Received) -> ReceivedResponse {
    ReceivedResponse {
        message: outside("message", row.id),
        event: row.event,
        kind: row.kind,
        language: row.language,
        text,
        state: row.state,
        sent_at: row.sent_at.map(moment),
    }
}

/// What the borrower was told by message.
#[utoipa::path(tag = "me", responses((status = 200, body = ReceivedList)))]
#[get("/me/messages")]
pub async fn mine(desk: Desk) -> Result<web::Json<ReceivedList>, Problem> {
    let items = desk.read(|service, caller| service.messages_to(&own(caller, None)?)).await?;
    Ok(web::Json(ReceivedList { items: items.into_iter().map(received).collect() }))
}

/// Sends a message again that could not be delivered.
#[utoipa::path(tag = "care", responses((status = 200, body = MessageResponse), (status = 409, body = Problem)))]
#[post("/messages/{message}/resend")]
pub async fn resend(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let wanted = id("message", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(message(service.resend_message(conn, &caller.actor, wanted)?))
    })
    .await
}

/// Takes what the gateway says of messages: signed as the webhooks that go out, with the secret of receipts.
#[utoipa::path(tag = "care", request_body = ReceiptsBody,
    responses((status = 200, body = ReceiptsResponse), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[post("/messages/receipts")]
pub async fn receipts(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<web::Json<ReceiptsResponse>, Problem> {
    let signed = request.headers().get("forbear-signature").map(|value| value.to_str().unwrap_or_default().to_owned());
    let text = String::from_utf8(body.to_vec()).map_err(|_| Problem::unreadable("", "the body is no UTF-8"))?;
    service.signed_by_gateway(signed.as_deref(), &text).map_err(|reason| {
        Problem::new(StatusCode::UNAUTHORIZED, "not_signed", "Not signed", Some(reason.to_owned()))
    })?;
    let body: ReceiptsBody = json(text.as_bytes())?;
    let made = web::block(move || service.store.write(|conn| service.take_receipts(conn, &body.receipts)));
    let made = made.await.map_err(|_| Problem::failed())??;
    Ok(web::Json(ReceiptsResponse { taken: made.taken, known: made.known, unknown: made.unknown }))
}
