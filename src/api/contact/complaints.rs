//! `/v1/complaints`: taken, answered within their clock, rated, opened again.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::AssignBody;
use super::said;
use crate::api::desk::{Desk, json};
use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, moment, next};
use crate::secret::Hidden;
use crate::service::care::complaint::resolving::Root;
use crate::service::care::complaint::{CLASSES, ComplaintRow, NewComplaint, Of};
use crate::service::reference::{inside, outside};
use crate::service::{Served, ServiceError};

/// Somebody complains.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplainBody {
    /// The contact that it is made in. A borrower needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The account's number, for a borrower with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// app or page, for a borrower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// What it is about: see `/v1/complaint-classes`.
    pub class: String,
    /// In their words. They are kept sealed.
    #[serde(serialize_with = "said::serialize")]
    #[schema(value_type = String)]
    pub words: Hidden<String>,
}

/// A complaint.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintResponse {
    /// Its id.
    pub complaint: String,
    /// Its case.
    pub case: String,
    /// What it is about.
    pub class: String,
    /// open, resolved or withdrawn.
    pub state: String,
    /// hotline, app, page, sms or branch.
    pub via: String,
    /// When it came.
    pub received_at: String,
    /// The days of its clock: 15, 30 or 60.
    pub clock_days: i32,
    /// The last day to answer it.
    pub due_on: chrono::NaiveDate,
    /// Whether that was warned of: none, soon, tomorrow or overdue.
    pub warned: String,
    /// Who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// upheld, partly_upheld, not_upheld or settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<RootBody>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// How content its borrower is, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// How often it was opened again.
    pub reopened: i32,
}

/// What a complaint came from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RootBody {
    /// policy, channel, staff, system, third_party or unfounded.
    pub kind: String,
    /// The policy, where that is what it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The emergency channel, where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// How a complaint is answered.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveComplaintBody {
    /// upheld, partly_upheld, not_upheld or settled.
    pub resolution: String,
    /// What it came from.
    pub root: RootBody,
    /// What the borrower is told. It is kept sealed.
    #[serde(serialize_with = "said::serialize")]
    #[schema(value_type = String)]
    pub answer: Hidden<String>,
}

/// Why. It is kept sealed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedReasonBody {
    /// The reason.
    #[serde(serialize_with = "said::serialize")]
    #[schema(value_type = String)]
    pub reason: Hidden<String>,
}

/// How content somebody is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// From 1, not content, to 5, content.
    pub score: i32,
}

/// A page of complaints.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintList {
    /// They, in the order in which they came.
    pub items: Vec<ComplaintResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which complaints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ComplaintQuery {
    /// open, resolved or withdrawn.
    #[serde(default)]
    pub state: Option<String>,
    /// Of this class.
    #[serde(default)]
    pub class: Option<String>,
    /// That this person looks after.
    #[serde(default)]
    pub assigned_to: Option<String>,
    /// That were warned of so far at least: soon, tomorrow or overdue.
    #[serde(default)]
    pub warned: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// A class.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintClass {
    /// Its name in documents.
    pub class: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// All classes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintClasses {
    /// They.
    pub items: Vec<ComplaintClass>,
}

const WARNED: [&str; 4] = ["none", "soon", "tomorrow", "overdue"];

fn shape(row: ComplaintRow) -> ComplaintResponse {
    let warned = usize::try_from(row.warned).ok().and_then(|stage| WARNED.get(stage)).copied().unwrap_or("none");
    let root = row.root_kind.map(|kind| RootBody {
        kind,
        policy: row.root_policy,
        version: row.root_version,
        channel: row.root_channel_id.map(|channel| outside("channel", channel)),
    });
    ComplaintResponse {
        complaint: outside("complaint", row.id),
        case: outside("case", row.case_id),
        class: row.class,
        state: row.state,
        via: row.via,
        received_at: moment(row.received_at),
        clock_days: row.clock_days,
        due_on: row.due_on,
        warned: warned.to_owned(),
        assigned_to: row.assigned_to,
        resolution: row.resolution,
        root,
        ended_at: row.ended_at.map(moment),
        score: row.score,
        reopened: row.reopened,
    }
}

impl RootBody {
    fn read(&self) -> Served<Root> {
        let wrong = |pointer: &str, message: &str| Err(ServiceError::invalid(pointer, message));
        match (self.kind.as_str(), &self.policy, self.version, &self.channel) {
            ("policy", Some(slug), Some(version), None) => Ok(Root::Policy(slug.clone(), version)),
            ("channel", None, None, Some(channel)) => match inside("channel", channel) {
                Some(channel) => Ok(Root::Channel(channel)),
                None => wrong("/root/channel", "there is no such channel"),
            },
            ("staff", None, None, None) => Ok(Root::Staff),
            ("system", None, None, None) => Ok(Root::System),
            ("third_party", None, None, None) => Ok(Root::ThirdParty),
            ("unfounded", None, None, None) => Ok(Root::Unfounded),
            ("policy", ..) => wrong("/root", "a policy with its version, and nothing else"),
            ("channel", ..) => wrong("/root", "a channel, and nothing else"),
            _ => wrong("/root/kind", "policy, channel, staff, system, third_party or unfounded"),
        }
    }
}

/// Takes a complaint: an agent in a contact, a borrower online. Its clock begins today.
#[utoipa::path(tag = "complaints", request_body = ComplainBody,
    responses((status = 201, body = ComplaintResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/complaints")]
pub async fn take(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: ComplainBody = json(&body)?;
    desk.once(StatusCode::CREATED, body, |service, conn, caller, body| {
        let contact = match &body.contact {
            Some(text) => Some(
                inside("contact", text).ok_or_else(|| ServiceError::invalid("/contact", "there is no such contact"))?,
            ),
            None => None,
        };
        let new = NewComplaint {
            contact,
            account: body.account.clone(),
            class: body.class.clone(),
            words: body.words.clone(),
            channel: body.via.clone(),
        };
        Ok(shape(service.take_complaint(conn, caller, &new)?))
    })
    .await
}

/// Complaints, in the order in which they came.
#[utoipa::path(tag = "complaints", params(ComplaintQuery), responses((status = 200, body = ComplaintList)))]
#[get("/complaints")]
pub async fn list(desk: Desk, query: web::Query<ComplaintQuery>) -> Result<web::Json<ComplaintList>, Problem> {
    let query = query.into_inner();
    let (after, limit) = PageQuery { after: query.after, limit: query.limit, state: None }.read("complaint")?;
    let stage = |text: &String| {
        let stage = WARNED.iter().position(|known| known == text).and_then(|stage| i32::try_from(stage).ok());
        stage.ok_or_else(|| Problem::unreadable("", "warned is soon, tomorrow or overdue"))
    };
    let warned = query.warned.as_ref().map(stage).transpose()?;
    let of = Of { state: query.state, class: query.class, assigned_to: query.assigned_to, warned };
    let rows = desk.read(move |service, _| service.complaints(&of, after, limit)).await?;
    let next = next("complaint", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(ComplaintList { items: rows.into_iter().map(shape).collect(), next }))
}

/// A complaint.
#[utoipa::path(tag = "complaints", responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem)))]
#[get("/complaints/{complaint}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<ComplaintResponse>, Problem> {
    let complaint = id("complaint", &path)?;
    let found = desk.read(move |service, caller| service.complaint(caller, complaint)).await?;
    Ok(web::Json(shape(found.0)))
}

/// Gives a complaint to somebody.
#[utoipa::path(tag = "complaints", request_body = AssignBody,
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/assign")]
pub async fn assign(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (complaint, body): (_, AssignBody) = (id("complaint", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.assign_complaint(conn, &caller.actor, complaint, body.to.as_deref())?))
    })
    .await
}

/// Gives a complaint more time: 30 days in all, then 60 by somebody else.
#[utoipa::path(tag = "complaints", request_body = SealedReasonBody,
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/extend")]
pub async fn extend(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (complaint, body): (_, SealedReasonBody) = (id("complaint", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.extend_complaint(conn, &caller.actor, complaint, &body.reason)?))
    })
    .await
}

/// Answers a complaint, with what it came from.
#[utoipa::path(tag = "complaints", request_body = ResolveComplaintBody,
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/resolve")]
pub async fn resolve(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (complaint, body): (_, ResolveComplaintBody) = (id("complaint", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let how = (body.resolution.as_str(), &body.root.read()?, &body.answer);
        Ok(shape(service.resolve_complaint(conn, &caller.actor, complaint, how)?))
    })
    .await
}

/// No longer makes it.
#[utoipa::path(tag = "complaints",
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/withdraw")]
pub async fn withdraw(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let complaint = id("complaint", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        Ok(shape(service.withdraw_complaint(conn, caller, complaint)?))
    })
    .await
}

/// Says how content its borrower is with how it was dealt with.
#[utoipa::path(tag = "complaints", request_body = RateBody,
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/rate")]
pub async fn rate(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (complaint, body): (_, RateBody) = (id("complaint", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.rate_complaint(conn, caller, complaint, body.score)?))
    })
    .await
}

/// Opens a complaint again: its borrower is not content with the answer.
#[utoipa::path(tag = "complaints", request_body = SealedReasonBody,
    responses((status = 200, body = ComplaintResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/complaints/{complaint}/reopen")]
pub async fn reopen(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (complaint, body): (_, SealedReasonBody) = (id("complaint", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        Ok(shape(service.reopen_complaint(conn, caller, complaint, &body.reason)?))
    })
    .await
}

/// What complaints are about.
#[utoipa::path(tag = "complaints", responses((status = 200, body = ComplaintClasses)))]
#[get("/complaint-classes")]
pub async fn classes(desk: Desk) -> Result<web::Json<ComplaintClasses>, Problem> {
    desk.read(|_, _| Ok(())).await?;
    let class = |(class, [zh, en]): &(&str, [&str; 2])| ComplaintClass {
        class: (*class).to_owned(),
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
    };
    Ok(web::Json(ComplaintClasses { items: CLASSES.iter().map(class).collect() }))
}
