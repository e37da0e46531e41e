//! `/v1/journal/export`: the journal as a file, for the lender's ledger.
//!
//! A line of the file is a line of an entry, with debit and credit in columns of their own; in JSON Lines it is an entry.
//! It is read and sent page by page, however long it is; a workbook alone has a last row. It holds what was committed when
//! it was asked for, to the last entry, and nothing that came later.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use forbear_engine::money::{Currency, Money};
use futures_util::stream;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use utoipa::IntoParams;

use super::shape;
use crate::api::desk::Desk;
use crate::api::problem::Problem;
use crate::service::reference::outside;
use crate::service::relief::journal::{EntryRow, LineRow, Part};
use crate::service::{Served, Service, ServiceError};

/// Entries that are read at once.
const PAGE: i64 = 500;

/// Rows of a sheet, the head among them (ECMA-376 as Excel bounds it).
const MOST_ROWS: u32 = 1_048_576;

/// The columns.
const COLUMNS: [&str; 12] = [
    "entry",
    "line",
    "posted_on",
    "written_at",
    "kind",
    "grant",
    "ledger",
    "currency",
    "debit",
    "credit",
    "bearer",
    "charge",
];

/// Where the debits stand among them; the credits come next.
const DEBIT: u16 = 8;

/// Which days, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// The first day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// The last.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// csv, jsonl or xlsx.
    #[param(default = "csv")]
    #[serde(default)]
    pub format: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Jsonl,
}

/// The journal as a file: CSV, JSON Lines or a workbook.
#[utoipa::path(tag = "journal", params(ExportQuery),
    responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 400, body = Problem), (status = 409, body = Problem)))]
#[get("/journal/export")]
pub async fn export(desk: Desk, query: web::Query<ExportQuery>) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let service = desk.admit().await?;
    let (form, kind) = match query.format.as_deref() {
        None | Some("csv") => (Form::Csv, "text/csv; charset=utf-8"),
        Some("jsonl") => (Form::Jsonl, "application/jsonl"),
        Some("xlsx") => {
            let made = web::block(move || workbook(&service, whole(&service, &query)?));
            let made = made.await.map_err(|_| Problem::failed())??;
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            return Ok(HttpResponse::Ok().content_type(kind).insert_header(attached("xlsx")).body(made));
        }
        Some(other) => return Err(Problem::unreadable("", format!("format is csv, jsonl or xlsx, not {other}"))),
    };
    let name = if form == Form::Csv { "csv" } else { "jsonl" };
    let part = web::block({
        let service = service.clone();
        move || whole(&service, &query)
    });
    let part = part.await.map_err(|_| Problem::failed())??;
    let pages = stream::try_unfold(Some(part), move |part| {
        let service = service.clone();
        async move {
            let Some(part) = part else { return Ok(None) };
            let page = web::block(move || page(&service, part, form)).await.map_err(|_| Problem::failed())?;
            Ok::<_, Problem>(Some(page.map_err(Problem::from)?))
        }
    });
    Ok(HttpResponse::Ok().content_type(kind).insert_header(attached(name)).streaming(pages))
}

fn attached(ending: &str) -> (actix_web::http::header::HeaderName, String) {
    (CONTENT_DISPOSITION, format!("attachment; filename=\"journal.{ending}\""))
}

/// The days that are asked for, as far as the journal goes by now.
fn whole(service: &Service, query: &ExportQuery) -> Served<Part> {
    let to = service.journal_end()?;
    Ok(Part { from: query.from, until: query.until, after: 0, to: Some(to) })
}

/// Entries with their lines, and the part that is left; none after the last.
type Stretch = (Vec<(EntryRow, Vec<LineRow>)>, Option<Part>);

/// As many entries as are read at once.
fn stretch(service: &Service, part: Part) -> Served<Stretch> {
    let rows = service.journal_part(&part, PAGE)?;
    let full = i64::try_from(rows.len()).is_ok_and(|found| found >= PAGE);
    let next = rows.last().map(|(place, ..)| Part { after: *place, ..part }).filter(|_| full);
    Ok((rows.into_iter().map(|(_, entry, lines)| (entry, lines)).collect(), next))
}

/// A page as text, and the part that is left.
fn page(service: &Service, part: Part, form: Form) -> Served<(Bytes, Option<Part>)> {
    let (rows, next) = stretch(service, part)?;
    let text = match form {
        Form::Csv => table(rows, part.after == 0)?,
        Form::Jsonl => {
            let mut text = Vec::new();
            for row in rows {
                serde_json::to_writer(&mut text, &shape(row)).map_err(ServiceError::unknown)?;
                text.push(b'\n');
            }
            text
        }
    };
    Ok((text.into(), next))
}

fn table(rows: Vec<(EntryRow, Vec<LineRow>)>, head: bool) -> Served<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    if head {
        out.write_record(COLUMNS).map_err(ServiceError::unknown)?;
    }
    for (entry, lines) in rows {
        for line in &lines {
            let (debit, credit) = sides(line)?;
            let amounts = [debit, credit].map(|side| side.map(|amount| amount.to_string()).unwrap_or_default());
            let (before, after) = around(&entry, line);
            let record = before.iter().chain(&amounts).chain(&after);
            out.write_record(record).map_err(ServiceError::unknown)?;
        }
    }
    out.into_inner().map_err(ServiceError::unknown)
}

/// What stands before the amounts, and after them.
fn around(entry: &EntryRow, line: &LineRow) -> ([String; 8], [String; 2]) {
    let before = [
        outside("entry", entry.id),
        line.line.to_string(),
        entry.posted_on.to_string(),
        crate::api::shape::moment(entry.at),
        entry.kind.clone(),
        outside("grant", entry.grant_id),
        line.ledger.clone(),
        line.currency.clone(),
    ];
    (before, [line.bearer.clone().unwrap_or_default(), line.charge.clone().unwrap_or_default()])
}

/// Debit and credit: one of them.
fn sides(line: &LineRow) -> Served<(Option<Decimal>, Option<Decimal>)> {
    let currency = Currency::new(&line.currency).map_err(ServiceError::unknown)?;
    let amount = Money::new(line.amount, currency).to_decimal();
    Ok(if line.amount < 0 { (None, Some(-amount)) } else { (Some(amount), None) })
}

/// The journal as a workbook of one sheet. Its rows go to a file while they are written, so that memory stays small.
fn workbook(service: &Service, part: Part) -> Served<Vec<u8>> {
    let failed = |error: XlsxError| ServiceError::unknown(error);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name("journal").map_err(failed)?;
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    let bold = Format::new().set_bold();
    for (column, name) in (0_u16..).zip(COLUMNS) {
        sheet.write_with_format(0, column, name, &bold).map_err(failed)?;
    }
    let (mut row, mut left) = (1_u32, Some(part));
    while let Some(part) = left {
        let (rows, next) = stretch(service, part)?;
        left = next;
        for (entry, lines) in rows {
            for line in &lines {
                if row >= MOST_ROWS {
                    let message = "more lines than a sheet has rows: ask for fewer days, or for csv";
                    return Err(ServiceError::conflict("too_many_rows", message));
                }
                let (before, beside) = around(&entry, line);
                for (column, text) in (0..).zip(&before) {
                    sheet.write(row, column, text).map_err(failed)?;
                }
                let (debit, credit) = sides(line)?;
                for (column, amount) in (DEBIT..).zip([debit, credit]) {
                    if let Some(amount) = amount {
                        sheet.write(row, column, amount).map_err(failed)?;
                    }
                }
                for (column, text) in (DEBIT.saturating_add(2)..).zip(&beside) {
                    sheet.write(row, column, text).map_err(failed)?;
                }
                row = row.saturating_add(1);
            }
        }
    }
    book.save_to_buffer().map_err(failed)
}
