//! `/v1/instructions`: what the core system is told, and what it says of it.

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, post, web};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, json};
use super::grants::ReasonBody;
use super::incoming;
use super::problem::Problem;
use super::shape::{PageQuery, id, kept, moment, next};
use crate::service::reference::outside;
use crate::service::relief::confirm::InstructionRow;
use crate::service::relief::hand_over::{
    AnswerCounts, AnswerFormat, Answered, AnsweredLine, COLUMNS, Place, table_rows,
};
use crate::service::{Served, Service, ServiceError};

/// An instruction.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstructionResponse {
    /// Its id: what a snapshot that contains it names.
    pub instruction: String,
    /// pending, sent, confirmed, rejected or dead.
    pub state: String,
    /// apply or reverse.
    pub kind: String,
    /// Its place among the account's, from 1.
    pub sequence: i64,
    /// Why the last attempt failed, or why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// What is to be done.
    pub document: Value,
}

/// A page of instructions.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstructionList {
    /// They, the first made first.
    pub items: Vec<InstructionResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn shape(row: InstructionRow) -> Served<InstructionResponse> {
    Ok(InstructionResponse {
        instruction: outside("instruction", row.id),
        state: row.state,
        kind: row.kind,
        sequence: row.sequence,
        failure: row.failure,
        created_at: moment(row.created_at),
        document: kept(&row.body)?,
    })
}

/// All instructions, or those of a state: a core system that polls takes the pending ones.
#[utoipa::path(tag = "instructions", params(PageQuery), responses((status = 200, body = InstructionList)))]
#[get("/instructions")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<InstructionList>, Problem> {
    let (after, limit) = query.read("instruction")?;
    let rows = desk.read(move |service, _| service.instructions(query.state.as_deref(), after, limit)).await?;
    let next = next("instruction", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(InstructionList { items: rows.into_iter().map(shape).collect::<Served<_>>()?, next }))
}

/// The core system has done it. Said twice, it changes nothing.
#[utoipa::path(tag = "instructions",
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/confirm")]
pub async fn confirm(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let instruction = id("instruction", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.answer_instruction(conn, &caller.actor, instruction, None)?)
    })
    .await
}

/// The core system will not do it: its grants end, with entries of their own.
#[utoipa::path(tag = "instructions", request_body = ReasonBody,
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/reject")]
pub async fn reject(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (instruction, body): (_, ReasonBody) = (id("instruction", &path)?, json(&body)?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        shape(service.answer_instruction(conn, &caller.actor, instruction, Some(&body.reason))?)
    })
    .await
}

/// Sends one again that could not be delivered.
#[utoipa::path(tag = "instructions",
    responses((status = 200, body = InstructionResponse), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/instructions/{instruction}/resend")]
pub async fn resend(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let instruction = id("instruction", &path)?;
    desk.once(StatusCode::OK, (), move |service, conn, caller, ()| {
        shape(service.resend(conn, &caller.actor, instruction)?)
    })
    .await
}

/// The form of a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FormQuery {
    /// jsonl or csv.
    #[serde(default)]
    #[param(default = "jsonl")]
    pub format: Option<String>,
}

impl FormQuery {
    fn read(&self) -> Result<AnswerFormat, Problem> {
        match self.format.as_deref() {
            None | Some("jsonl") => Ok(AnswerFormat::Jsonl),
            Some("csv") => Ok(AnswerFormat::Csv),
            Some(other) => Err(Problem::unreadable("", format!("format is jsonl or csv, not {other}"))),
        }
    }
}

/// Instructions that are read and sent at once.
const PAGE: i64 = 500;

/// What waits as a file, account by account and there in order. Nothing is marked: say what you have by `hand-over`.
#[utoipa::path(tag = "instructions", params(FormQuery),
    responses((status = 200, content((String = "application/jsonl"), (String = "text/csv"))), (status = 400, body = Problem)))]
#[get("/instructions/export")]
pub async fn export(desk: Desk, query: web::Query<FormQuery>) -> Result<HttpResponse, Problem> {
    let form = query.read()?;
    let service = desk.admit().await?;
    let pages = stream::try_unfold(Some((0, 0)), move |after| {
        let service = service.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = web::block(move || page(&service, after, form)).await.map_err(|_| Problem::failed())?;
            Ok::<_, Problem>(Some(page.map_err(Problem::from)?))
        }
    });
    let kind = if form == AnswerFormat::Csv { "text/csv; charset=utf-8" } else { "application/jsonl" };
    Ok(HttpResponse::Ok().content_type(kind).streaming(pages))
}

/// A page as text, and where the next begins; none after the last.
fn page(service: &Service, after: Place, form: AnswerFormat) -> Served<(Bytes, Option<Place>)> {
    let rows = service.waiting_instructions(after, PAGE)?;
    let full = i64::try_from(rows.len()).is_ok_and(|found| found >= PAGE);
    let next = rows.last().map(|(row, _)| (row.account_id, row.sequence)).filter(|_| full);
    if form == AnswerFormat::Jsonl {
        let text: String = rows.iter().map(|(row, _)| format!("{}\n", row.body)).collect();
        return Ok((text.into(), next));
    }
    let mut table = csv::Writer::from_writer(Vec::new());
    if after == (0, 0) {
        table.write_record(COLUMNS).map_err(ServiceError::unknown)?;
    }
    for (row, _) in &rows {
        for cells in table_rows(row)? {
            table.write_record(&cells).map_err(ServiceError::unknown)?;
        }
    }
    Ok((table.into_inner().map_err(ServiceError::unknown)?.into(), next))
}

/// Instructions that the core system has.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverBody {
    /// Their ids, 1,000 at most.
    pub instructions: Vec<String>,
}

/// How many were marked.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverResponse {
    /// Of those that were named and waited.
    pub marked: usize,
}

/// Marks instructions as handed over: they no longer wait. Said twice, it changes nothing.
#[utoipa::path(tag = "instructions", request_body = HandOverBody,
    responses((status = 200, body = HandOverResponse), (status = 404, body = Problem)))]
#[post("/instructions/hand-over")]
pub async fn hand_over(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: HandOverBody = json(&body)?;
    if body.instructions.len() > 1_000 {
        return Err(Problem::unreadable("/instructions", "name 1,000 instructions at most"));
    }
    let ids = body.instructions.iter().map(|own| id("instruction", own)).collect::<Result<Vec<i64>, _>>()?;
    desk.once(StatusCode::OK, body, move |service, conn, caller, _| {
        let rows = service.named_instructions(conn, &ids)?;
        Ok(HandOverResponse { marked: service.hand_over(conn, &caller.actor, &rows)? })
    })
    .await
}

/// What became of a file of answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswersResponse {
    /// Instructions that were done.
    pub confirmed: u64,
    /// Instructions that were not, and whose grants ended.
    pub rejected: u64,
    /// Answers that were given before.
    pub known: u64,
    /// Lines that could not be used.
    pub bad: u64,
    /// The first 1,000 of them.
    #[schema(value_type = Vec<Object>)]
    pub bad_lines: Vec<AnsweredLine>,
}

/// Lines that are named, at most.
const NAMED: usize = 1_000;

/// Takes what the core system says of many instructions: `instruction`, `answer` (confirmed or rejected), `reason`. It is read
/// while it comes; sent again, what was said before is known.
#[utoipa::path(tag = "instructions", params(FormQuery), request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = AnswersResponse), (status = 400, body = Problem)))]
#[post("/instructions/answers")]
pub async fn answers(
    desk: Desk,
    query: web::Query<FormQuery>,
    body: web::Payload,
) -> Result<web::Json<AnswersResponse>, Problem> {
    let format = query.read()?;
    let (service, caller) = desk.admit_caller().await?;
    let turn = incoming::turn()?;
    let body = incoming::begin(body);
    let taken = web::block(move || {
        let _turn = turn;
        let mut named = Vec::new();
        let counts = service.take_answers(&caller.actor, format, body, |line| {
            if line.result == Answered::Bad && named.len() < NAMED {
                named.push(line);
            }
            Ok::<_, ServiceError>(())
        })?;
        Ok::<_, Problem>((counts, named))
    });
    let (AnswerCounts { confirmed, rejected, known, bad }, bad_lines) =
        taken.await.map_err(|_| Problem::failed())??;
    Ok(web::Json(AnswersResponse { confirmed, rejected, known, bad, bad_lines }))
}
