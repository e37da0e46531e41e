//! CSV in: rows are gathered into one account at a time. An account with a bad row is refused whole, as one bad
//! line, for without that row it would say something else.

use std::io::BufRead;
use std::sync::Arc;

use forbear_engine::account::AccountProblem;
use forbear_engine::account::read::read_value;
use serde_json::{Map, Value};

use super::columns::{Home, RECORDS, Record, columns};
use super::line::split;
use crate::core_system::lines::Lines;
use crate::core_system::{BadLine, Read};

/// Rows of one account, at most.
const MOST_ROWS: usize = 100_000;

/// Reads accounts from CSV.
pub struct Reader<R> {
    lines: Lines<R>,
    header: Option<Arc<[String]>>,
    draft: Option<Draft>,
    /// A line that could not be split: it belongs to the account of the next row.
    stray: Option<BadLine>,
    ended: bool,
}

/// The account that is being gathered.
struct Draft {
    account: String,
    json: Map<String, Value>,
    /// The line of each row, under the pointer of its object.
    places: Vec<Place>,
    bad: Option<BadLine>,
}

/// Where a row's object went.
struct Place {
    list: Option<(&'static str, usize)>,
    child: Option<(&'static str, usize)>,
    record: &'static Record,
    line: u64,
}

impl Place {
    fn pointer(&self) -> String {
        let step = |(list, at): (&str, usize)| format!("/{list}/{at}");
        format!("{}{}", self.list.map_or_else(String::new, step), self.child.map_or_else(String::new, step))
    }
}

/// A row that was split: its kind and its cells by column.
struct Row<'a> {
    record: &'static Record,
    cells: Vec<(&'a str, &'a str)>,
}

impl Row<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        self.cells.iter().find(|(name, _)| *name == column).map(|(_, cell)| *cell)
    }
}

impl<R: BufRead> Reader<R> {
    /// From any source of bytes.
    pub fn new(source: R) -> Self {
        Self::over(Lines::new(source))
    }

    /// With another bound on the line.
    pub fn with_limit(source: R, limit: usize) -> Self {
        Self::over(Lines::with_limit(source, limit))
    }

    fn over(lines: Lines<R>) -> Self {
        Self { lines, header: None, draft: None, stray: None, ended: false }
    }

    /// Takes in one line; what is finished by it comes out.
    fn take(&mut self, line: u64, cells: &[String]) -> Option<Read> {
        let header = self.header.clone().unwrap_or_default();
        let (row, wrong) = match row(&header, cells) {
            Ok(row) => (Some(row), None),
            Err(reason) => (None, Some(reason)),
        };
        let find = |column: &str| header.iter().position(|name| name == column).and_then(|at| cells.get(at));
        let account = find("account").map(String::as_str).unwrap_or_default();
        let starts = find("record").is_some_and(|record| record == "account");
        let same = !starts && self.draft.as_ref().is_some_and(|draft| draft.account == account);
        let stray = self.stray.take();
        let mut finished = None;
        if !same {
            // A stray line before an `account` row may have been the last row of the account above.
            let (above, below) = if starts { (stray, None) } else { (None, stray) };
            finished = self.finish(above);
            let missing = || format!("no `account` row of `{account}` stands above this row: it comes first");
            let bad = below.or_else(|| (!starts).then(|| BadLine { line, reason: missing() }));
            self.draft = Some(Draft { account: account.to_owned(), json: Map::new(), places: Vec::new(), bad });
        } else if let (Some(draft), Some(stray)) = (&mut self.draft, stray) {
            draft.bad.get_or_insert(stray);
        }
        let draft = self.draft.as_mut()?;
        if draft.bad.is_none() {
            let done = match (row, wrong) {
                (Some(row), _) => draft.add(line, &row),
                (None, reason) => Err(reason.unwrap_or_default()),
            };
            draft.bad = done.err().map(|reason| BadLine { line, reason });
        }
        if draft.bad.is_some() {
            (draft.json, draft.places) = (Map::new(), Vec::new());
        }
        finished
    }

    /// The account gathered so far.
    fn finish(&mut self, stray: Option<BadLine>) -> Option<Read> {
        match (self.draft.take(), stray) {
            (Some(draft), stray) => Some(draft.read(stray)),
            (None, Some(stray)) => Some(Err(stray)),
            (None, None) => None,
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        let mut cells = Vec::new();
        while !self.ended {
            let Some(read) = self.lines.next() else {
                self.ended = true;
                let stray = self.stray.take();
                return self.finish(stray);
            };
            let split = read.and_then(|(line, text)| match split(text, &mut cells) {
                Ok(()) => Ok(line),
                Err(reason) => Err(BadLine { line, reason }),
            });
            match (split, &self.header) {
                (Ok(line), None) => match check_header(&cells) {
                    Ok(()) => self.header = Some(std::mem::take(&mut cells).into()),
                    Err(reason) => {
                        self.ended = true;
                        return Some(Err(BadLine { line, reason }));
                    }
                },
                (Err(bad), None) => {
                    self.ended = true;
                    return Some(Err(bad));
                }
                (Ok(line), Some(_)) => {
                    if let Some(finished) = self.take(line, &cells) {
                        return Some(finished);
                    }
                }
                // Of several stray lines in a row the first is told; they cost one account.
                (Err(bad), Some(_)) => {
                    self.stray.get_or_insert(bad);
                }
            }
        }
        None
    }
}

/// Without a right header no row can be trusted, so a wrong one ends the file.
fn check_header(header: &[String]) -> Result<(), String> {
    let known = columns();
    let unknown: Vec<String> = header
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| format!("`{name}`{}", nearest(name, known.iter().copied())))
        .collect();
    let separator =
        header.first().filter(|_| header.len() == 1).and_then(|only| only.chars().find(|c| ";\t|".contains(*c)));
    if let Some(separator) = separator {
        return Err(format!("the columns are separated by {separator:?}: separate them by commas"));
    }
    if !unknown.is_empty() {
        return Err(format!("unknown columns, nothing was read: {}", unknown.join(", ")));
    }
    if let Some(twice) =
        header.iter().enumerate().find(|(at, name)| header.iter().take(*at).any(|other| other == *name))
    {
        return Err(format!("column `{}` is there twice, nothing was read", twice.1));
    }
    match ["record", "account"].iter().find(|name| !header.iter().any(|column| column == *name)) {
        Some(missing) => {
            Err(format!("column `{missing}` is missing, nothing was read: the first line names the columns"))
        }
        None => Ok(()),
    }
}

fn nearest<'a>(wrong: &str, right: impl Iterator<Item = &'a str>) -> String {
    // A word that long is no slip of the pen, and comparing it would take long.
    let close = right.filter(|_| wrong.len() <= 200).map(|name| (strsim::damerau_levenshtein(wrong, name), name)).min();
    close
        .filter(|(distance, _)| *distance <= 4)
        .map_or_else(String::new, |(_, name)| format!(" (did you mean `{name}`?)"))
}

/// The kind of a row and its cells, empty ones left out.
fn row<'a>(header: &'a [String], cells: &'a [String]) -> Result<Row<'a>, String> {
    if cells.len() != header.len() {
        return Err(format!("{} cells under {} columns: every row has a cell for each", cells.len(), header.len()));
    }
    let cells: Vec<(&str, &str)> = header
        .iter()
        .zip(cells)
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(column, cell)| (column.as_str(), cell.as_str()))
        .collect();
    let name = cells.iter().find(|(column, _)| *column == "record").map(|(_, cell)| *cell).unwrap_or_default();
    let Some(record) = RECORDS.iter().find(|record| record.name == name) else {
        let hint = nearest(name, RECORDS.iter().map(|record| record.name));
        return Err(format!("column `record`: `{name}` is no kind of row{hint}"));
    };
    if let Some((column, _)) = cells.iter().find(|(column, _)| !record.has(column)) {
        return Err(format!("column `{column}` says nothing in a row of `{name}`: leave it empty"));
    }
    Ok(Row { record, cells })
}

impl Draft {
    /// Puts a row where it belongs.
    fn add(&mut self, line: u64, row: &Row<'_>) -> Result<(), String> {
        if self.places.len() >= MOST_ROWS {
            return Err(format!("more than {MOST_ROWS} rows of one account"));
        }
        let object = object(row)?;
        let mut place = Place { list: None, child: None, record: row.record, line };
        match row.record.home {
            Home::Account => {
                self.json = object;
                self.json.insert("account".to_owned(), Value::from(self.account.as_str()));
            }
            Home::List(list) => place.list = Some((list, push(&mut self.json, list, object)?)),
            Home::Within { list, key, column, child } => {
                let wanted = row.get(column).unwrap_or_default();
                let items = self.json.get_mut(list).and_then(Value::as_array_mut);
                let found = items
                    .and_then(|items| items.iter_mut().enumerate().rev().find(|(_, item)| says(item, key, wanted)));
                let Some((at, Value::Object(parent))) = found else {
                    return Err(format!(
                        "column `{column}`: no row above has `{wanted}`: it comes before what belongs to it"
                    ));
                };
                place.list = Some((list, at));
                place.child = Some((child, push(parent, child, object)?));
            }
            Home::Attribute => {
                let Some(Value::String(name)) = object.get("name") else {
                    return Err("column `name` is empty: an attribute has a name".to_owned());
                };
                let value = object.get("value").cloned().unwrap_or_default();
                let all = self.json.entry("attributes").or_insert_with(|| Value::Object(Map::new()));
                let twice = all.as_object_mut().and_then(|all| all.insert(name.clone(), value)).is_some();
                if twice {
                    return Err(format!("attribute `{name}` is given twice: keep one"));
                }
            }
        }
        self.places.push(place);
        Ok(())
    }

    /// The account, or the line that is to be mended.
    fn read(self, stray: Option<BadLine>) -> Read {
        let Self { json, places, bad, .. } = self;
        if let Some(bad) = bad.or(stray) {
            return Err(bad);
        }
        let account = read_value(Value::Object(json)).and_then(|account| account.validated());
        account.map_err(|error| blame(&places, &error.problems))
    }
}

/// Turns pointers into lines and columns; the line is that of the first problem.
fn blame(places: &[Place], problems: &[AccountProblem]) -> BadLine {
    let mut first = None;
    let mut reasons = Vec::new();
    for AccountProblem { pointer, message } in problems {
        let under = |place: &&Place| {
            let prefix = place.pointer();
            pointer.strip_prefix(&prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let Some(place) = places.iter().filter(under).max_by_key(|place| place.pointer().len()) else { continue };
        let own = place.pointer();
        let rest = pointer.strip_prefix(&own).unwrap_or_default();
        let path: Vec<&str> = rest.split('/').skip(1).collect();
        let field = place.record.fields.iter().find(|field| field.path == path.as_slice());
        first.get_or_insert(place.line);
        let name = place.record.name;
        let line = if first == Some(place.line) { String::new() } else { format!("line {}: ", place.line) };
        reasons.push(match field {
            Some(field) => format!("{line}{name}, column `{}`: {message}", field.column),
            None if rest.is_empty() => format!("{line}{name}: {message}"),
            None => format!("{line}{name} at {rest}: {message}"),
        });
    }
    let line = first.or_else(|| places.first().map(|place| place.line)).unwrap_or_default();
    BadLine { line, reason: reasons.join("; ") }
}

/// The JSON object of a row.
fn object(row: &Row<'_>) -> Result<Map<String, Value>, String> {
    let mut object = Map::new();
    for name in row.get("empty").into_iter().flat_map(|names| names.split(';')).map(str::trim) {
        if !row.record.empties.contains(&name) {
            let known = row.record.empties.join(", ");
            return Err(format!("column `empty`: `{name}` cannot be empty here: it may name {known}"));
        }
        object.insert(name.to_owned(), Record::nothing(name));
    }
    for field in row.record.fields {
        let Some(text) = row.get(field.column) else { continue };
        let value = field.cell.read(text).map_err(|reason| format!("column `{}`: {reason}", field.column))?;
        match field.path {
            [outer, inner] => {
                let under = object.entry(*outer).or_insert_with(|| Value::Object(Map::new()));
                under.as_object_mut().and_then(|under| under.insert((*inner).to_owned(), value));
            }
            path => path.iter().for_each(|key| {
                object.insert((*key).to_owned(), value.clone());
            }),
        }
    }
    if row.record.name == "schedule" {
        object.insert("rows".to_owned(), Value::Array(Vec::new()));
    }
    Ok(object)
}

/// Whether an element has a key with a value that is written so.
fn says(item: &Value, key: &str, wanted: &str) -> bool {
    match item.get(key) {
        Some(Value::String(text)) => text == wanted,
        Some(value) => value.as_u64().is_some_and(|number| wanted.parse() == Ok(number)),
        None => false,
    }
}

fn push(parent: &mut Map<String, Value>, list: &str, object: Map<String, Value>) -> Result<usize, String> {
    let list = parent.entry(list).or_insert_with(|| Value::Array(Vec::new()));
    let list = list.as_array_mut().ok_or("the list is no list")?;
    list.push(Value::Object(object));
    Ok(list.len().saturating_sub(1))
}
