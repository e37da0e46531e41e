//! Files that borrowers showed, for those who judge them: looked at, accepted, or refused with a reason; and taken over a counter.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, post, web};

use super::form::Fields;
use super::frame::Frame;
use super::sign_in::next_of;
use super::turned::Turned;
use super::visitor::{Visitor, go};
use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::secret::Hidden;
use crate::service::access::{Principal, Role};
use crate::service::evidence::{EvidenceRow, NewEvidence, sha256};
use crate::service::reference::outside;
use crate::service::{Served, Service, ServiceError};

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(judge).service(take);
}

/// Who looks at files and judges them.
const JUDGES: [Role; 4] = [Role::CareAgent, Role::CareLead, Role::FinanceReviewer, Role::FinanceApprover];

/// A file.
pub struct File {
    /// It.
    pub row: EvidenceRow,
    /// What it is.
    pub media_type: String,
    /// What its sender called it.
    pub called: Option<Hidden<String>>,
}

impl File {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        outside("evidence", self.row.id)
    }

    /// What it is called; who sent it may have said nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        self.called.as_ref().map_or(self.media_type.as_str(), |name| name.show())
    }
}

impl Frame {
    /// Where a file stands, with how that is marked.
    #[must_use]
    pub fn file_state(&self, state: &str) -> (&'static str, &'static str) {
        match state {
            "accepted" => ("good", self.say("已接受", "accepted")),
            "refused" => ("bad", self.say("未接受", "not accepted")),
            _ => ("warn", self.say("已收到", "received")),
        }
    }
}

/// The files of some requests; none for whoever does not judge them.
///
/// # Errors
/// There is no such request for this caller.
pub fn files(service: &Service, caller: &Principal, requests: &[i64]) -> Served<Vec<File>> {
    if !caller.is_any(&JUDGES) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for request in requests {
        let files = service.evidence(caller, *request)?.into_iter();
        found.extend(files.map(|(row, media, called)| File { row, media_type: media.media_type, called }));
    }
    Ok(found)
}

/// A file of a form, as evidence of a kind.
#[must_use]
pub fn sent_as<'a>(kind: &str, party: Option<String>, file: &'a Bytes) -> NewEvidence<'a> {
    NewEvidence {
        kind: kind.to_owned(),
        party,
        name: file.file_name.clone().map(Hidden::new),
        declared: file.content_type.as_ref().map(ToString::to_string),
        content: &file.data,
    }
}

/// Where the form says that it came from.
fn back(fields: &Fields) -> String {
    next_of(fields.get("back")).unwrap_or("/").to_owned()
}

/// Accepts a file, or refuses it.
#[post("/evidence/{evidence}/judge")]
pub async fn judge(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("evidence", &path) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, fields.get("verdict").to_owned(), fields.get("reason").to_owned());
    visitor
        .act(&fields, said, |service, conn, caller, (number, verdict, reason)| {
            let refused = match verdict.as_str() {
                "accept" => None,
                "refuse" => Some(reason.as_str()),
                _ => return Err(ServiceError::invalid("/verdict", "accept or refuse")),
            };
            service.judge_evidence(conn, &caller.actor, *number, refused)?;
            Ok(())
        })
        .await?;
    Ok(go(&back(&fields)))
}

/// A form with a file that somebody brings.
#[derive(MultipartForm)]
pub struct Brought {
    proof: Text<String>,
    key: Text<String>,
    kind: Text<String>,
    party: Text<String>,
    back: Text<String>,
    #[multipart(limit = "16MiB")]
    file: Bytes,
}

/// Takes a file that a borrower brings or sends to whoever works on the case.
#[post("/care/requests/{request}/evidence")]
pub async fn take(
    visitor: Visitor,
    path: web::Path<String>,
    sent: Result<MultipartForm<Brought>, actix_web::Error>,
) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("request", &path) else { return Err(visitor.turn(Problem::missing())) };
    let sent = match sent {
        Ok(sent) => sent.into_inner(),
        Err(error) => return Err(visitor.turn(Problem::unreadable("", error.to_string()))),
    };
    let fields = Fields::of([
        ("proof", sent.proof.into_inner()),
        ("key", sent.key.into_inner()),
        ("back", sent.back.into_inner()),
    ]);
    let (kind, party, file) = (sent.kind.into_inner(), sent.party.into_inner(), sent.file);
    let said = (number, kind, party, sha256(&file.data));
    visitor
        .act(&fields, said, move |service, conn, caller, (number, kind, party, _)| {
            let party = Some(party.clone()).filter(|party| !party.is_empty());
            service.take_evidence(conn, caller, *number, &sent_as(kind, party, &file))?;
            Ok(())
        })
        .await?;
    Ok(go(&back(&fields)))
}
