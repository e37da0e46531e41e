//! One line of CSV (RFC 4180) into its cells. A record is one line: a quote that is not closed on its line is an
//! error of that line, so it can never swallow the good lines below.

/// Splits a line at its commas into `cells`; quotes are taken off. The error says what would be right.
pub(super) fn split(line: &str, cells: &mut Vec<String>) -> Result<(), String> {
    cells.clear();
    let mut rest = line;
    loop {
        let cell = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (cell, after) = close(quoted, line.len().saturating_sub(rest.len()))?;
                rest = after;
                cell
            }
            None => {
                let (cell, _) = rest.split_once(',').unwrap_or((rest, ""));
                rest = rest.get(cell.len()..).unwrap_or_default();
                cell.trim().to_owned()
            }
        };
        cells.push(cell);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(()),
            None => {
                return Err(format!("`{}` follows a closing quote: write a quote inside a cell twice", first(rest)));
            }
        }
    }
}

/// The cell up to its closing quote, and what follows it.
fn close(quoted: &str, at: usize) -> Result<(String, &str), String> {
    let mut cell = String::new();
    let mut rest = quoted;
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            let column = at.saturating_add(1);
            return Err(format!("the quote at byte {column} is not closed on its line: a record is one line"));
        };
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Ok((cell, after)),
        }
    }
}

fn first(text: &str) -> String {
    text.chars().take(10).collect()
}
