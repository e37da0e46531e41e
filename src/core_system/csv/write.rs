//! CSV out: every column in every file, so that one reader setting fits all.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use forbear_engine::account::Account;
use serde_json::Value;

use super::columns::{Field, Home, RECORDS, Record, columns};

/// Writes accounts as CSV.
pub struct Writer<W: Write> {
    out: csv::Writer<W>,
    places: HashMap<&'static str, usize>,
    cells: Vec<String>,
}

/// Writes the header and all accounts.
pub fn write_csv<W: Write>(out: W, accounts: impl IntoIterator<Item = Account>) -> io::Result<()> {
    let mut writer = Writer::new(out);
    writer.header()?;
    accounts.into_iter().try_for_each(|account| writer.append(&account))?;
    writer.flush()
}

impl<W: Write> Writer<W> {
    /// Over any sink; the header is written apart, so that a file can be written in parts.
    pub fn new(out: W) -> Self {
        let names = columns();
        let cells = vec![String::new(); names.len()];
        let places = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        // Cells are quoted here: the reader takes spaces off a cell that is not.
        let out = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Never).from_writer(out);
        Self { out, places, cells }
    }

    /// The line that names the columns.
    pub fn header(&mut self) -> io::Result<()> {
        self.out.write_record(columns()).map_err(io::Error::from)
    }

    /// The rows of one account. An error when a text in it is empty or holds a line break: CSV in this form cannot.
    pub fn append(&mut self, account: &Account) -> io::Result<()> {
        let json = serde_json::to_value(account)?;
        for record in &RECORDS {
            match record.home {
                Home::Account => self.row(record, account, &json, None)?,
                Home::List(list) => {
                    for item in elements(&json, list) {
                        self.row(record, account, item, None)?;
                        self.children(record, account, list, item)?;
                    }
                }
                Home::Within { .. } => {}
                Home::Attribute => {
                    let pairs = json.get("attributes").and_then(Value::as_object);
                    for (name, value) in pairs.into_iter().flatten() {
                        let pair = serde_json::json!({"name": name, "value": value});
                        self.row(record, account, &pair, None)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes out what is held back.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The rows that belong to an element of a list.
    fn children(&mut self, above: &Record, account: &Account, within: &str, parent: &Value) -> io::Result<()> {
        for record in &RECORDS {
            let Home::Within { list, key, column, child } = record.home else { continue };
            let Some(name) = above.fields.iter().find(|field| list == within && field.path == [key]) else { continue };
            let link = name.cell.write(parent.get(key).unwrap_or(&Value::Null));
            for item in elements(parent, child) {
                self.row(record, account, item, Some((column, &link)))?;
            }
        }
        Ok(())
    }

    fn row(&mut self, record: &Record, account: &Account, json: &Value, link: Option<(&str, &str)>) -> io::Result<()> {
        self.cells.iter_mut().for_each(String::clear);
        self.set("record", record.name)?;
        self.set("account", &account.account)?;
        if let Some((column, link)) = link {
            self.set(column, link)?;
        }
        for field in record.fields {
            if let Some(value) = value(json, field) {
                if field.cell == super::columns::Cell::Text && value == "" {
                    return Err(unwritable(format!("{} is an empty text, which a cell cannot be", field.column)));
                }
                self.set(field.column, &field.cell.write(value))?;
            }
        }
        let empty = |key: &&&str| json.get(**key) == Some(&Record::nothing(key));
        let empties: Vec<&str> = record.empties.iter().filter(empty).copied().collect();
        self.set("empty", &empties.join(";"))?;
        self.out.write_record(&self.cells).map_err(io::Error::from)
    }

    fn set(&mut self, column: &str, text: &str) -> io::Result<()> {
        if text.contains(['\n', '\r']) {
            return Err(unwritable(format!("{text:?} holds a line break")));
        }
        if let Some(cell) = self.places.get(column).and_then(|at| self.cells.get_mut(*at)) {
            cell.push_str(&quoted(text));
        }
        Ok(())
    }
}

/// What CSV has no form for.
fn unwritable(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what}: write JSON Lines"))
}

/// A cell as RFC 4180 writes it.
fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"']) || text.trim() != text {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a field shows; an empty list is named under `empty` instead.
fn value<'a>(json: &'a Value, field: &Field) -> Option<&'a Value> {
    let found = field.path.iter().try_fold(json, |at, key| at.get(key))?;
    (found != &Value::Array(Vec::new()) || field.cell == super::columns::Cell::Json).then_some(found)
}

fn elements<'a>(json: &'a Value, list: &str) -> &'a [Value] {
    json.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
