//! A report as a file: CSV, or a workbook of one sheet.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use forbear_engine::money::{Currency, Money};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::problem::Problem;
use crate::service::{Served, ServiceError};

/// How a report is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the API answers.
    Json,
    /// A file.
    File(Kind),
}

/// Of which kind a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Form {
    /// # Errors
    /// There is no such form.
    pub fn read(asked: Option<&str>) -> Result<Self, Problem> {
        match asked {
            None | Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::File(Kind::Csv)),
            Some("xlsx") => Ok(Self::File(Kind::Xlsx)),
            Some(other) => Err(Problem::unreadable("", format!("format is json, csv or xlsx, not {other}"))),
        }
    }
}

/// What stands in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// An amount, which a workbook can sum up.
    Amount(Decimal),
}

impl Cell {
    /// An amount in minor units.
    ///
    /// # Errors
    /// There is no such currency.
    pub fn money(minor: i64, currency: &str) -> Served<Self> {
        let currency = Currency::new(currency).map_err(ServiceError::unknown)?;
        Ok(Self::Amount(Money::new(minor, currency).to_decimal()))
    }
}

/// A table with a name.
pub struct Sheet<'a> {
    /// What the file is called.
    pub name: &'a str,
    /// The names of its columns.
    pub head: &'a [&'a str],
    /// What stands below them.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet<'_> {
    /// As a file to keep.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn file(&self, kind: Kind) -> Result<HttpResponse, Problem> {
        let (content, of, ending) = match kind {
            Kind::Csv => (self.csv()?, "text/csv; charset=utf-8", "csv"),
            Kind::Xlsx => (
                self.workbook().map_err(ServiceError::unknown)?,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
            ),
        };
        let name = format!("attachment; filename=\"{}.{ending}\"", self.name);
        Ok(HttpResponse::Ok().content_type(of).insert_header((CONTENT_DISPOSITION, name)).body(content))
    }

    /// A text that a spreadsheet would take for a formula has an apostrophe before it.
    fn csv(&self) -> Served<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(self.head).map_err(ServiceError::unknown)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
                Cell::Text(text) => text.clone(),
                Cell::Amount(amount) => amount.to_string(),
            });
            out.write_record(cells).map_err(ServiceError::unknown)?;
        }
        out.into_inner().map_err(ServiceError::unknown)
    }

    /// Texts are written as texts, so that none is a formula.
    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(self.name)?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (column, name) in (0_u16..).zip(self.head) {
            sheet.write_with_format(0, column, *name, &bold)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Amount(amount) => sheet.write(row, column, *amount)?,
                };
            }
        }
        book.save_to_buffer()
    }
}
