//! `/v1/requests/{request}/evidence` and `/v1/evidence`: what borrowers show.
//!
//! A file is the body itself: phones in a bad network send it in one piece, and nothing has to be taken apart before it is looked
//! at. What it is called comes in `Content-Disposition`, as in a download, so that no name stands in an address.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, Charset, ContentDisposition, DispositionParam,
    DispositionType, ExtendedValue, HeaderMap,
};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, json};
use super::grants::ReasonBody;
use super::problem::Problem;
use super::shape::{id, moment};
use crate::secret::Hidden;
use crate::service::evidence::{EvidenceRow, Media, NewEvidence, media};
use crate::service::reference::outside;
use crate::service::{Service, ServiceError};

/// A file of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceResponse {
    /// Its id.
    pub evidence: String,
    /// The request.
    pub request: String,
    /// What it is to prove, as policies name it.
    pub kind: String,
    /// What its sender called it; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, as its content says.
    pub media_type: String,
    /// How long it is.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// received, accepted or refused.
    pub state: String,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it came.
    pub created_at: String,
    /// When its content was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
}

/// The files of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceList {
    /// They, the first first; there are 50 at most.
    pub items: Vec<EvidenceResponse>,
}

/// What a file is to prove.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuery {
    /// A kind that a policy asks for, or `other`.
    #[serde(default)]
    pub kind: String,
    /// Whose it is: the lender's number for the person, where that is not the caller and the loan has several borrowers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// What the answer to a key is bound to: the content by its digest.
#[derive(Serialize)]
struct Sent {
    kind: String,
    of: Option<String>,
    declared: Option<String>,
    sha256: String,
}

fn shape(row: &EvidenceRow, media: &Media, name: Option<&Hidden<String>>) -> EvidenceResponse {
    EvidenceResponse {
        evidence: outside("evidence", row.id),
        request: outside("request", row.request_id),
        kind: row.kind.clone(),
        name: name.map(|name| name.show().clone()),
        media_type: media.media_type.clone(),
        bytes: media.bytes,
        sha256: row.hash.clone(),
        state: row.state.clone(),
        reason: row.reason.clone(),
        created_at: moment(row.created_at),
        erased_at: row.erased_at.map(moment),
    }
}

/// What a file is called, from `Content-Disposition`.
fn called(headers: &HeaderMap) -> Result<Option<Hidden<String>>, Problem> {
    let Some(said) = headers.get(CONTENT_DISPOSITION) else { return Ok(None) };
    let wrong = || Problem::unreadable("", "Content-Disposition is `attachment; filename*=UTF-8''…` (RFC 6266)");
    let said = ContentDisposition::from_raw(said).map_err(|_| wrong())?;
    let own = match (said.get_filename_ext(), said.get_filename()) {
        (Some(extended), _) => String::from_utf8(extended.value.clone()).map_err(|_| wrong())?,
        (None, Some(plain)) => plain.to_owned(),
        (None, None) => return Ok(None),
    };
    Ok(Some(Hidden::new(own)))
}

/// Takes a file: PDF, JPEG, PNG, HEIC or WebP, told by its content. It counts once somebody accepted it.
#[utoipa::path(tag = "evidence", params(EvidenceQuery),
    request_body(content = String, content_type = "application/octet-stream", description = "The file itself"),
    responses((status = 201, body = EvidenceResponse), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/requests/{request}/evidence")]
pub async fn take(
    desk: Desk,
    request: HttpRequest,
    service: web::Data<Service>,
    path: web::Path<String>,
    query: web::Query<EvidenceQuery>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (of, query) = (id("request", &path)?, query.into_inner());
    let name = called(request.headers())?;
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let most = service.evidence_bytes();
    let received = body.to_bytes_limited(most).await.map_err(|_| Problem::too_large(most))?;
    let received = received.map_err(|_| Problem::unreadable("", "the body broke off"))?;
    let sha256 = crate::service::evidence::sha256(&received);
    let sent = Sent { kind: query.kind, of: query.of, declared, sha256 };
    desk.once(StatusCode::CREATED, sent, move |service, conn, caller, sent| {
        let new = NewEvidence {
            kind: sent.kind.clone(),
            party: sent.of.clone(),
            name: name.clone(),
            declared: sent.declared.clone(),
            content: &received,
        };
        let (row, media) = service.take_evidence(conn, caller, of, &new)?;
        Ok(shape(&row, &media, None))
    })
    .await
}

/// The files of a request.
#[utoipa::path(tag = "evidence", responses((status = 200, body = EvidenceList), (status = 404, body = Problem)))]
#[get("/requests/{request}/evidence")]
pub async fn list(desk: Desk, path: web::Path<String>) -> Result<web::Json<EvidenceList>, Problem> {
    let request = id("request", &path)?;
    let files = desk.read(move |service, caller| service.evidence(caller, request)).await?;
    let items = files.iter().map(|(row, media, name)| shape(row, media, name.as_ref())).collect();
    Ok(web::Json(EvidenceList { items }))
}

/// A file in full, to be saved and not to be run; who saw it is in the log.
#[utoipa::path(tag = "evidence",
    responses((status = 200, description = "The file", body = String, content_type = "application/octet-stream"), (status = 404, body = Problem)))]
#[get("/evidence/{evidence}/content")]
pub async fn content(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let evidence = id("evidence", &path)?;
    let shown = desk
        .read(move |service, caller| service.store.write(|conn| service.show_evidence(conn, caller, evidence)))
        .await?;
    let kind = media::of(&shown.media.media_type).ok_or_else(|| {
        ServiceError::unknown(format!("a file is kept as {}, which is not taken", shown.media.media_type))
    })?;
    let name = kind.name(shown.name.as_ref().map(|name| name.show().as_str()));
    let extended =
        ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: name.into_bytes() };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(kind.name(None)), DispositionParam::FilenameExt(extended)],
    };
    Ok(HttpResponse::Ok()
        .content_type(kind.media_type)
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(shown.content.to_vec()))
}

/// Accepts a file: a request that waited for such evidence is decided again.
#[utoipa::path(tag = "evidence",
    responses((status = 200, body = EvidenceStateResponse), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/evidence/{evidence}/accept")]
pub async fn accept(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let evidence = id("evidence", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        service.judge_evidence(conn, &caller.actor, evidence, None).map(judged)
    })
    .await
}

/// Refuses a file, with a reason that the borrower sees.
#[utoipa::path(tag = "evidence", request_body = ReasonBody,
    responses((status = 200, body = EvidenceStateResponse), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/evidence/{evidence}/refuse")]
pub async fn refuse(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (evidence, body): (_, ReasonBody) = (id("evidence", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        service.judge_evidence(conn, &caller.actor, evidence, Some(&body.reason)).map(judged)
    })
    .await
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceStateResponse {
    /// Its id.
    pub evidence: String,
    /// The request: where it waited for such evidence, it is decided again.
    pub request: String,
    /// What it is to prove.
    pub kind: String,
    /// accepted or refused.
    pub state: String,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn judged(row: EvidenceRow) -> EvidenceStateResponse {
    EvidenceStateResponse {
        evidence: outside("evidence", row.id),
        request: outside("request", row.request_id),
        kind: row.kind,
        state: row.state,
        reason: row.reason,
    }
}
