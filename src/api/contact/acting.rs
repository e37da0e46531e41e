//! `/v1/contacts/{contact}/requests`: an agent acts for a caller, who agreed to that on record. `/v1/scripts`: the words that are read.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::moments;
use crate::api::desk::{Desk, json};
use crate::api::grants::agreed;
use crate::api::problem::Problem;
use crate::api::requests::{RequestResponse, SaidBody, shape};
use crate::api::shape::{id, moment};
use crate::service::care::contact::ConsentRow;
use crate::service::care::contact::acting::Consent;
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::relief::ask::Said;

/// What a caller agreed to by word of mouth.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// Who: the lender's number for the person.
    pub party: String,
    /// The words that were read, by name: see `/v1/scripts`.
    pub script: String,
    /// The digest of them.
    pub script_digest: String,
    /// Where the recording is.
    pub recording: String,
    /// When it was said; now, where it is left out.
    #[serde(default, with = "moments")]
    #[schema(value_type = Option<String>)]
    pub said_at: Option<NaiveDateTime>,
}

impl ConsentBody {
    fn consent(&self) -> Consent {
        Consent {
            party: self.party.clone(),
            script: self.script.clone(),
            script_digest: self.script_digest.clone(),
            recording: self.recording.clone(),
            said_at: self.said_at,
        }
    }
}

/// A caller asks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForBody {
    /// The disaster; that of the contact, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// Answers to questions, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Value>,
    /// Numbers left to the borrower, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence supplied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Of several offers, the one taken: `policy/benefit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
    /// That they want it asked for.
    pub consent: ConsentBody,
}

/// A caller agrees with what was read to them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptForBody {
    /// The digest of what was read.
    pub shown: String,
    /// That they agree.
    pub consent: ConsentBody,
}

/// Words that are read to callers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScriptResponse {
    /// What they are called.
    pub script: String,
    /// Before what they are read: apply or accept.
    #[serde(rename = "for")]
    pub purpose: String,
    /// What a consent names.
    pub digest: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScriptList {
    /// They.
    pub items: Vec<ScriptResponse>,
}

/// A consent that was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentResponse {
    /// Its id.
    pub consent: String,
    /// The contact.
    pub contact: String,
    /// apply or accept.
    pub kind: String,
    /// Who agreed.
    pub party: String,
    /// The words that were read.
    pub script: String,
    /// Their digest.
    pub script_digest: String,
    /// Where the recording is.
    pub recording: String,
    /// The digest of what was shown, for an acceptance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was said.
    pub said_at: String,
}

/// The consents of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentList {
    /// They, the first first.
    pub items: Vec<ConsentResponse>,
}

fn consent(row: ConsentRow) -> ConsentResponse {
    ConsentResponse {
        consent: outside("consent", row.id),
        contact: outside("contact", row.contact_id),
        kind: row.kind,
        party: row.party,
        script: row.script,
        script_digest: row.script_digest,
        recording: row.recording,
        shown: row.shown_digest,
        recorded_by: row.recorded_by,
        said_at: moment(row.said_at),
    }
}

/// Asks for relief for a caller, who agreed to that on record.
#[utoipa::path(tag = "contacts", request_body = AskForBody,
    responses((status = 201, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/requests")]
pub async fn ask(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, body): (_, AskForBody) = (id("contact", &path)?, json(&body)?);
    desk.once(StatusCode::CREATED, body, move |service, conn, caller, body| {
        let said = Said {
            answers: body.answers.clone(),
            choices: body.choices.clone(),
            evidence: body.evidence.clone(),
            accepts: body.accepts.clone(),
        };
        let asked = (body.declaration.as_deref(), &said, &body.consent.consent());
        shape(&service.ask_for_caller(conn, &caller.actor, contact, asked)?)
    })
    .await
}

/// Answers for a caller what was asked.
#[utoipa::path(tag = "contacts", request_body = SaidBody,
    responses((status = 200, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/requests/{request}/answers")]
pub async fn answer(desk: Desk, path: web::Path<(String, String)>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, request) = (id("contact", &path.0)?, id("request", &path.1)?);
    let body: SaidBody = json(&body)?;
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(&service.answer_for_caller(conn, &caller.actor, (contact, request), &body.said())?)
    })
    .await
}

/// Agrees for a caller with what was read to them, who said so on record.
#[utoipa::path(tag = "contacts", request_body = AcceptForBody,
    responses((status = 200, body = RequestResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/contacts/{contact}/requests/{request}/accept")]
pub async fn accept(desk: Desk, path: web::Path<(String, String)>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (contact, request) = (id("contact", &path.0)?, id("request", &path.1)?);
    let body: AcceptForBody = json(&body)?;
    agreed(desk, body, move |service, conn, caller, body: &AcceptForBody| {
        let said = (body.shown.as_str(), &body.consent.consent());
        Ok(match service.accept_for_caller(conn, &caller.actor, (contact, request), said)? {
            Agreed::Done(asked) => Agreed::Done(shape(&asked)?),
            Agreed::DecidedAgain(decision) => Agreed::DecidedAgain(decision),
        })
    })
    .await
}

/// What was agreed to by word of mouth for a request.
#[utoipa::path(tag = "contacts", responses((status = 200, body = ConsentList), (status = 404, body = Problem)))]
#[get("/requests/{request}/consents")]
pub async fn consents(desk: Desk, path: web::Path<String>) -> Result<web::Json<ConsentList>, Problem> {
    let request = id("request", &path)?;
    let rows = desk.read(move |service, caller| {
        service.request(caller, request)?;
        service.consents(request)
    });
    Ok(web::Json(ConsentList { items: rows.await?.into_iter().map(consent).collect() }))
}

/// The words that are read to callers before somebody acts for them.
#[utoipa::path(tag = "contacts", responses((status = 200, body = ScriptList)))]
#[get("/scripts")]
pub async fn scripts(desk: Desk) -> Result<web::Json<ScriptList>, Problem> {
    let scripts = desk.read(|service, _| Ok(service.care().scripts.clone())).await?;
    let items = scripts.into_iter().map(|own| ScriptResponse {
        digest: own.digest(),
        zh: own.text.chinese.clone().unwrap_or_default(),
        en: own.text.english.clone().unwrap_or_default(),
        script: own.script,
        purpose: own.purpose,
    });
    Ok(web::Json(ScriptList { items: items.collect() }))
}
