//! `/v1/contacts`: somebody calls, writes or comes by.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{moments, said};
use crate::api::desk::{Desk, json};
use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, moment, next};
use crate::secret::Hidden;
use crate::service::care::contact::attending::To;
use crate::service::care::contact::opening::{NewContact, Opened};
use crate::service::care::contact::{ContactRow, Of};
use crate::service::reference::outside;
use crate::service::{Served, ServiceError};

/// Somebody gets in touch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// hotline, app, page, sms or branch. A borrower says app or page.
    pub via: String,
    /// The account's number. A borrower with one account need not give it.
    #[serde(default)]
    pub account: Option<String>,
    /// The phone that they call from, to find out who it is.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Hidden<String>>,
    /// The disaster.
    #[serde(default)]
    pub declaration: Option<String>,
    /// The queue that the call went to.
    #[serde(default)]
    pub queue: Option<String>,
    /// What it is about: one of the navigator's questions.
    #[serde(default)]
    pub question: Option<String>,
    /// When it came; now, where it is left out.
    #[serde(default, deserialize_with = "moments::deserialize")]
    #[schema(value_type = Option<String>)]
    pub arrived_at: Option<NaiveDateTime>,
    /// What they said. It is kept sealed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub note: Option<Hidden<String>>,
}

/// What two bodies are told apart by: of what may name somebody only a digest.
#[derive(Serialize)]
struct Asked<'a>(&'a str, &'a Option<String>, &'a Option<String>, &'a Option<String>, Vec<String>);

impl ContactBody {
    fn told_apart(&self) -> serde_json::Value {
        let hidden = [&self.phone, &self.note].map(|text| text.as_ref().map(|text| text.show().as_str()).unwrap_or(""));
        let digests = hidden.into_iter().map(crate::secret::token::hash);
        let rest = [self.question.clone(), self.arrived_at.map(|at| at.to_string())];
        let rest = digests.chain(rest.into_iter().map(Option::unwrap_or_default)).collect();
        serde_json::to_value(Asked(&self.via, &self.account, &self.declaration, &self.queue, rest)).unwrap_or_default()
    }
}

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactResponse {
    /// Its id.
    pub contact: String,
    /// Its case.
    pub case: String,
    /// hotline, app, page, sms or branch.
    pub via: String,
    /// waiting, answered or resolved.
    pub state: String,
    /// The emergency channel that it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The disaster, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// Where it waits, or waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// When it came.
    pub arrived_at: String,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<String>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Seconds that it waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_seconds: Option<i64>,
    /// Within how many minutes it was to be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_minutes: Option<i32>,
    /// What it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
    /// Accounts that it may be about, where the phone does not tell which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactList {
    /// They, in the order in which they came.
    pub items: Vec<ContactResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ContactQuery {
    /// waiting, answered or resolved.
    #[serde(default)]
    pub state: Option<String>,
    /// Of this case.
    #[serde(default)]
    pub case: Option<String>,
    /// Of this emergency channel.
    #[serde(default)]
    pub channel: Option<String>,
    /// In this queue.
    #[serde(default)]
    pub queue: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// Which account it is about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifyBody {
    /// The account's number.
    pub account: String,
}

/// What is noted. It is kept sealed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// The text.
    #[serde(serialize_with = "said::serialize")]
    #[schema(value_type = String)]
    pub note: Hidden<String>,
}

/// To whom it is handed over: a person, or a queue.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandContactOverBody {
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// What they should know. It is kept sealed.
    #[serde(serialize_with = "said::serialize")]
    #[schema(value_type = String)]
    pub reason: Hidden<String>,
}

/// What a contact came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactOutcomeBody {
    /// informed, relief_asked, answered, agreed, complaint, handed_over, unreachable, wrong_person or other.
    pub outcome: String,
    /// Where that ends the case too: relief_given, nothing_given, informed, unreachable, not_ours or other.
    #[serde(default)]
    pub case_outcome: Option<String>,
}

pub(super) fn shape(row: ContactRow) -> ContactResponse {
    let waited = row.answered_at.map(|at| at.signed_duration_since(row.arrived_at).num_seconds());
    ContactResponse {
        contact: outside("contact", row.id),
        case: outside("case", row.case_id),
        via: row.via,
        state: row.state,
        channel: row.channel_id.map(|id| outside("channel", id)),
        declaration: row.declaration,
        queue: row.queue,
        question: row.question,
        arrived_at: moment(row.arrived_at),
        answered_at: row.answered_at.map(moment),
        answered_by: row.answered_by,
        waited_seconds: waited,
        target_minutes: row.target_minutes,
        outcome: row.outcome,
        resolved_at: row.resolved_at.map(moment),
        accounts: Vec::new(),
    }
}

fn opened(opened: Opened) -> ContactResponse {
    ContactResponse { accounts: opened.accounts, ..shape(opened.contact) }
}

/// Opens a contact: it joins the case that it belongs to, or opens one. What an agent opens is answered by them.
#[utoipa::path(tag = "contacts", request_body = ContactBody,
    responses((status = 201, body = ContactResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/contacts")]
pub async fn open(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: ContactBody = json(&body)?;
    let asked = body.told_apart();
    let new = NewContact {
        via: body.via,
        account: body.account,
        phone: body.phone,
        declaration: body.declaration,
        queue: body.queue,
        question: body.question,
        arrived_at: body.arrived_at,
        note: body.note,
    };
    desk.once(StatusCode::CREATED, asked, move |service, conn, caller, _| {
        Ok(opened(service.open_contact(conn, caller, &new)?))
    })
    .await
}

/// Contacts, in the order in which they came.
#[utoipa::path(tag = "contacts", params(ContactQuery), responses((status = 200, body = ContactList)))]
#[get("/contacts")]
pub async fn list(desk: Desk, query: web::Query<ContactQuery>) -> Result<web::Json<ContactList>, Problem> {
    let query = query.into_inner();
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("contact")?;
    let of = Of {
        state: query.state,
        case: query.case.as_deref().map(|text| id("case", text)).transpose()?,
        channel: query.channel.as_deref().map(|text| id("channel", text)).transpose()?,
        queue: query.queue,
    };
    let rows = desk.read(move |service, _| service.contacts(&of, after, limit)).await?;
    let next = next("contact", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(ContactList { items: rows.into_iter().map(shape).collect(), next }))
}

/// A contact.
#[utoipa::path(tag = "contacts", responses((status = 200, body = ContactResponse), (status = 404, body = Problem)))]
#[get("/contacts/{contact}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<ContactResponse>, Problem> {
    let contact = id("contact", &path)?;
    Ok(web::Json(shape(desk.read(move |service, caller| service.contact(caller, contact)).await?)))
}

/// Answers a contact that waits.
#[utoipa::path(tag = "contacts",
    responses((status = 200, body = ContactResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/answer")]
pub async fn answer(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let contact = id("contact", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.answer_contact(conn, &caller.actor, contact)?))
    })
    .await
}

/// Says which account a contact is about.
#[utoipa::path(tag = "contacts", request_body = IdentifyBody,
    responses((status = 200, body = ContactResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/identify")]
pub async fn identify(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, body): (_, IdentifyBody) = (id("contact", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.identify_contact(conn, &caller.actor, contact, &body.account)?))
    })
    .await
}

/// Notes something.
#[utoipa::path(tag = "contacts", request_body = NoteBody,
    responses((status = 200, body = ContactResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/contacts/{contact}/note")]
pub async fn note(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, body): (_, NoteBody) = (id("contact", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.note_contact(conn, &caller.actor, contact, &body.note)?))
    })
    .await
}

/// Hands a contact over, with its case.
#[utoipa::path(tag = "contacts", request_body = HandContactOverBody,
    responses((status = 200, body = ContactResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/hand-over")]
pub async fn hand_over(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, body): (_, HandContactOverBody) = (id("contact", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let to = to(body)?;
        Ok(shape(service.hand_contact_over(conn, &caller.actor, contact, (&to, &body.reason))?))
    })
    .await
}

fn to(body: &HandContactOverBody) -> Served<To> {
    match (&body.person, &body.queue) {
        (Some(person), None) if !person.trim().is_empty() => Ok(To::Person(person.clone())),
        (None, Some(queue)) if !queue.trim().is_empty() => Ok(To::Queue(queue.clone())),
        _ => Err(ServiceError::invalid("", "name a person or a queue, one of both")),
    }
}

/// Resolves a contact.
#[utoipa::path(tag = "contacts", request_body = ContactOutcomeBody,
    responses((status = 200, body = ContactResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/resolve")]
pub async fn resolve(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, body): (_, ContactOutcomeBody) = (id("contact", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let outcome = (body.outcome.as_str(), body.case_outcome.as_deref());
        Ok(shape(service.resolve_contact(conn, &caller.actor, contact, outcome)?))
    })
    .await
}
