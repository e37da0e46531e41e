//! `/v1/contact-guard`: whether accounts may be contacted; one, or as many as come, answered while they come.

use std::io::{self, Write};

use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, post, rt, web};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::desk::Desk;
use super::incoming;
use super::problem::Problem;
use crate::service::ServiceError;
use crate::service::care::guard::Purpose;

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GuardQuery {
    /// collections, marketing, letter or service.
    pub purpose: String,
    /// At which moment; left out, now.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// Of several who owe the account this one alone.
    #[serde(default)]
    pub person: Option<String>,
}

/// Whether an account may be contacted, and why not: the hold, opt-out, flag, quiet hours or messages of the week, each with its
/// end where that is known.
#[utoipa::path(tag = "care", params(GuardQuery),
    responses((status = 200, body = Object), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/contact-guard/{account}")]
pub async fn one(
    desk: Desk,
    path: web::Path<String>,
    query: web::Query<GuardQuery>,
) -> Result<web::Json<Value>, Problem> {
    let query = query.into_inner();
    let verdict = desk.read(move |service, _| {
        let asked = service.question(Purpose::read(&query.purpose)?, query.at.map(|at| at.naive_utc()));
        let verdict = service.guard(asked, &path, query.person.as_deref())?;
        serde_json::to_value(&verdict).map_err(ServiceError::unknown)
    });
    Ok(web::Json(verdict.await?))
}

/// Pieces of an answer that wait for whoever reads it, at most.
const WAITING: usize = 16;

/// Answers on their way out.
struct Answers(mpsc::Sender<Result<Bytes, io::Error>>);

impl Write for Answers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads the answers any more");
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether accounts may be contacted, a line for each (`"A-1"` or `{"account": "A-1"}`), in the same order. Answers come while
/// lines are sent: read them meanwhile.
#[utoipa::path(tag = "care", params(GuardQuery), request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = String, content_type = "application/x-ndjson"), (status = 400, body = Problem)))]
#[post("/contact-guard")]
pub async fn many(desk: Desk, query: web::Query<GuardQuery>, body: web::Payload) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    if query.person.is_some() {
        return Err(Problem::unreadable("", "person is asked of one account alone: /v1/contact-guard/{account}"));
    }
    let service = desk.admit().await?;
    let asked = service.question(Purpose::read(&query.purpose)?, query.at.map(|at| at.naive_utc()));
    let turn = incoming::turn()?;
    let body = incoming::begin(body);
    let (send, receive) = mpsc::channel(WAITING);
    let failed = send.clone();
    rt::spawn(web::block(move || {
        let _turn = turn;
        if let Err(error) = service.guard_stream(asked, body, Answers(send)) {
            tracing::error!(%error, "the contact guard broke off");
            // The answer ends without its end, so that nobody takes half of it for all.
            let broken = io::Error::other("it broke off");
            drop(failed.blocking_send(Err(broken)));
        }
    }));
    let answers =
        stream::unfold(receive, |mut receive| async move { receive.recv().await.map(|piece| (piece, receive)) });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(answers))
}
