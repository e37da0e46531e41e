//! Evidence: a photograph or a file from the phone, or a statement that needs no file.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::evidence::sha256;
use crate::service::relief::ask::Said;
use crate::web::evidence::sent_as;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// The evidence that is a borrower's own word: no file is needed.
const STATEMENT: &str = "self_statement";

#[derive(Template)]
#[template(path = "relief/evidence.html")]
struct EvidencePage {
    f: Frame,
    request: String,
    kind: String,
    statement: bool,
    most: usize,
}

/// A form with a file.
#[derive(MultipartForm)]
pub struct Sent {
    proof: Text<String>,
    key: Text<String>,
    kind: Text<String>,
    #[multipart(limit = "16MiB")]
    file: Option<Bytes>,
}

/// Asks for it.
#[get("/relief/cases/{request}/evidence")]
pub async fn form(visitor: Visitor, asked: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let kind = asked.query_string().split('&').find_map(|part| part.strip_prefix("kind=")).unwrap_or("other");
    let fits =
        !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let kind = if fits { kind.to_owned() } else { "other".to_owned() };
    visitor
        .show(
            move |service, caller| {
                service.request(caller, number)?;
                Ok(service.evidence_bytes())
            },
            |f, most| EvidencePage { f, request, statement: kind == STATEMENT, kind, most },
        )
        .await
}

/// Takes it.
#[post("/relief/cases/{request}/evidence")]
pub async fn take(
    visitor: Visitor,
    path: web::Path<String>,
    sent: Result<MultipartForm<Sent>, actix_web::Error>,
) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let sent = match sent {
        Ok(sent) => sent.into_inner(),
        Err(error) => return Err(visitor.turn(Problem::unreadable("", error.to_string()))),
    };
    let (kind, file) = (sent.kind.into_inner(), sent.file.filter(|file| !file.data.is_empty()));
    let fields = Fields::of([("proof", sent.proof.into_inner()), ("key", sent.key.into_inner())]);
    let digest = file.as_ref().map(|file| sha256(&file.data));
    visitor
        .act(&fields, (number, kind, digest), move |service, conn, caller, (number, kind, _)| {
            service.may_see_request(conn, caller, *number)?;
            let Some(file) = &file else {
                let said = Said { evidence: vec![kind.clone()], ..Said::default() };
                service.answer_request(conn, &caller.actor, *number, &said)?;
                return Ok(());
            };
            service.take_evidence(conn, caller, *number, &sent_as(kind, None, file))?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/relief/cases/{request}")))
}
