//! Files of snapshots as they are taken in: how far each is, and what could not be read. Files come over the API; here one
//! sees them come.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::account::import::{ImportLineRow, ImportRow};
use crate::service::reference::outside;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// Files that are listed, and lines that are shown of one.
const MOST: i64 = 100;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(show);
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    f: Frame,
    rows: Vec<ImportRow>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    f: Frame,
    row: ImportRow,
    lines: Vec<ImportLineRow>,
}

/// How a file stands, with how that is marked.
fn state(f: &Frame, row: &ImportRow) -> (&'static str, &'static str) {
    let say = |zh, en| f.say(zh, en);
    match row.state.as_str() {
        "running" => ("soft", say("导入中", "being taken in")),
        "done" => ("good", say("已完成", "taken in")),
        "differs" => ("bad", say("内容与摘要不符", "not what its sender said")),
        _ => ("warn", say("已中断，可重发续传", "broke off: send it again, it goes on there")),
    }
}

/// What became of a file's lines, in words.
fn counts(f: &Frame, row: &ImportRow) -> [(&'static str, i64); 6] {
    let say = |zh, en| f.say(zh, en);
    [
        (say("新账户", "New accounts"), row.added),
        (say("有变化", "Changed"), row.changed),
        (say("无变化", "Unchanged"), row.unchanged),
        (say("早于已知快照", "Older than what is known"), row.late),
        (say("文件内重复", "More than once in the file"), row.repeated),
        (say("无法读取", "Unreadable"), row.bad),
    ]
}

impl ImportsPage {
    fn state(&self, row: &ImportRow) -> (&'static str, &'static str) {
        state(&self.f, row)
    }

    fn name(&self, row: &ImportRow) -> String {
        outside("import", row.id)
    }

    /// Whether any of them still comes.
    fn is_live(&self) -> bool {
        self.rows.iter().any(|row| row.state == "running")
    }
}

impl ImportPage {
    fn state(&self) -> (&'static str, &'static str) {
        state(&self.f, &self.row)
    }

    fn counts(&self) -> [(&'static str, i64); 6] {
        counts(&self.f, &self.row)
    }

    fn kind(&self, line: &ImportLineRow) -> &'static str {
        match line.kind.as_str() {
            "bad" => self.f.say("无法读取", "unreadable"),
            "late" => self.f.say("较旧", "older"),
            _ => self.f.say("重复", "repeated"),
        }
    }
}

/// The files that came last.
#[get("/imports")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor.show(|service, _| service.last_imports(MOST), |f, rows| ImportsPage { f, rows }).await
}

/// One of them.
#[get("/imports/{import}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let Ok(import) = id("import", &path) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .show(
            move |service, _| Ok((service.import(import)?, service.import_lines(import, None, 0, MOST)?)),
            |f, (row, lines)| ImportPage { f, row, lines },
        )
        .await
}
