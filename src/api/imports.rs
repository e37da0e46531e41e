//! `/v1/imports`: files of snapshots that were taken in, how far each is, and what was wrong with it.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{PageQuery, id, moment, next};
use crate::service::account::import::{ImportLineRow, ImportRow};
use crate::service::reference::outside;

/// A file of snapshots that is, or was, taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntakeResponse {
    /// Its id.
    pub import: String,
    /// running, broken, done, or differs where the content is not what its sender said.
    pub state: String,
    /// jsonl or csv.
    pub format: String,
    /// Bytes that are taken in, from its beginning.
    pub bytes: i64,
    /// Lines in them.
    pub lines: i64,
    /// Accounts that were not known.
    pub new: i64,
    /// Accounts with another snapshot than before.
    pub changed: i64,
    /// Snapshots that say what is known.
    pub unchanged: i64,
    /// Snapshots that are older than what is known.
    pub late: i64,
    /// Of all these, snapshots whose account came before in the same file.
    pub repeated: i64,
    /// Lines that could not be read.
    pub bad: i64,
    /// SHA-256 of the content, as its sender says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_digest: Option<String>,
    /// SHA-256 of the content, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When it began.
    pub created_at: String,
    /// When it last went on.
    pub changed_at: String,
    /// The first lines that could not be read; the others, and late and repeated ones, are read page by page.
    pub bad_lines: Vec<IntakeLineResponse>,
}

/// A line with something to say of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntakeLineResponse {
    /// Its number, from 1.
    pub line: i64,
    /// bad, late or repeated.
    pub kind: String,
    /// The account, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it is, and what would be right.
    pub reason: String,
}

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportList {
    /// They, the first begun first.
    pub items: Vec<IntakeResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineList {
    /// They, in order; of a file the first 10,000 are kept.
    pub items: Vec<IntakeLineResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LineQuery {
    /// bad, late or repeated; all when it is left out.
    #[serde(default)]
    pub kind: Option<String>,
    /// Goes on after this line: the `next` of the page before.
    #[serde(default)]
    pub after: Option<i64>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

pub(super) fn shape(row: ImportRow, bad: Vec<ImportLineRow>) -> IntakeResponse {
    IntakeResponse {
        import: outside("import", row.id),
        state: row.state,
        format: row.format,
        bytes: row.bytes,
        lines: row.lines,
        new: row.added,
        changed: row.changed,
        unchanged: row.unchanged,
        late: row.late,
        repeated: row.repeated,
        bad: row.bad,
        content_digest: row.content_digest,
        digest: row.digest,
        created_at: moment(row.created_at),
        changed_at: moment(row.changed_at),
        bad_lines: bad.into_iter().map(line).collect(),
    }
}

fn line(row: ImportLineRow) -> IntakeLineResponse {
    IntakeLineResponse { line: row.line, kind: row.kind, account: row.account, reason: row.reason }
}

/// What is said of a file that broke off.
pub(super) fn broken(row: &ImportRow) -> String {
    let import = outside("import", row.id);
    format!(
        "the body broke off; {} lines of it are taken in ({import}): send the whole again, it goes on there",
        row.lines
    )
}

/// What is said of a file that is not what its sender said.
pub(super) fn differs(row: &ImportRow) -> String {
    let came = row.digest.as_deref().unwrap_or_default();
    format!(
        "the content is not what Content-Digest says: its SHA-256 is {came}; {} lines of it are taken in ({}), send it again \
         with its own digest, or without one",
        row.lines,
        outside("import", row.id)
    )
}

/// Files of snapshots, the first begun first.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = ImportList)))]
#[get("/imports")]
pub async fn list(desk: Desk, query: web::Query<PageQuery>) -> Result<web::Json<ImportList>, Problem> {
    let (after, limit) = query.read("import")?;
    let rows = desk.read(move |service, _| service.imports(after, limit)).await?;
    let next = next("import", rows.len(), limit, rows.last().map(|row| row.id));
    Ok(web::Json(ImportList { items: rows.into_iter().map(|row| shape(row, Vec::new())).collect(), next }))
}

/// A file: how far it is, and what became of its lines.
#[utoipa::path(tag = "accounts", responses((status = 200, body = IntakeResponse), (status = 404, body = Problem)))]
#[get("/imports/{import}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<web::Json<IntakeResponse>, Problem> {
    let import = id("import", &path)?;
    let (row, bad) = desk
        .read(move |service, _| Ok((service.import(import)?, service.import_lines(import, Some("bad"), 0, 100)?)))
        .await?;
    Ok(web::Json(shape(row, bad)))
}

/// Lines of a file with something to say of them: what could not be read, is older than what is known, or came twice.
#[utoipa::path(tag = "accounts", params(LineQuery), responses((status = 200, body = LineList), (status = 404, body = Problem)))]
#[get("/imports/{import}/lines")]
pub async fn lines(
    desk: Desk,
    path: web::Path<String>,
    query: web::Query<LineQuery>,
) -> Result<web::Json<LineList>, Problem> {
    let import = id("import", &path)?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Problem::unreadable("", "limit is from 1 to 500"));
    }
    let (kind, after) = (query.kind.clone(), query.after.unwrap_or(0));
    if let Some(other) = kind.as_deref().filter(|kind| !["bad", "late", "repeated"].contains(kind)) {
        return Err(Problem::unreadable("", format!("kind is bad, late or repeated, not {other}")));
    }
    let rows = desk.read(move |service, _| service.import_lines(import, kind.as_deref(), after, limit)).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|found| found >= limit);
    let next = rows.last().map(|row| row.line).filter(|_| full);
    Ok(web::Json(LineList { items: rows.into_iter().map(line).collect(), next }))
}
