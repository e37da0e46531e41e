//! The guard for any number of accounts: lines in, lines out in the same order, a page at a time.

use std::io::{self, BufRead, Write};

use serde::Deserialize;
use serde_json::json;

use super::Asked;
use crate::service::{Served, Service, ServiceError};

/// Accounts that are looked at together.
const PAGE: usize = 2_000;

/// Bytes of a line, at most.
const LONGEST: usize = 1_000;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// Accounts that may be contacted.
    pub may: u64,
    /// Accounts that may not.
    pub may_not: u64,
    /// Lines that name no account.
    pub bad: u64,
}

/// A line: `"A-1"`, `{"account": "A-1"}`, or what names nothing.
enum Line {
    Account(String),
    Bad(u64, &'static str),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Number(String),
    Named { account: String },
}

impl Service {
    /// Answers for each line of `from` with one in `to`.
    ///
    /// # Errors
    /// The store fails, or nobody reads or writes any more. A line that names no account is answered as one.
    pub fn guard_stream(&self, asked: Asked, mut from: impl BufRead, mut to: impl Write) -> Served<Run> {
        let broken = |error: io::Error| ServiceError::unknown(format!("the lines broke off: {error}"));
        let (mut run, mut page, mut number) = (Run::default(), Vec::with_capacity(PAGE), 0_u64);
        let mut text = Vec::new();
        loop {
            text.clear();
            let read = next_line(&mut from, &mut text).map_err(broken)?;
            if read {
                number = number.saturating_add(1);
                page.extend(line(number, &text));
            }
            if page.len() >= PAGE || (!read && !page.is_empty()) {
                self.answer(asked, &page, &mut to, &mut run)?;
                page.clear();
            }
            if !read {
                to.flush().map_err(broken)?;
                return Ok(run);
            }
        }
    }

    fn answer(&self, asked: Asked, page: &[Line], to: &mut impl Write, run: &mut Run) -> Served<()> {
        let named = page.iter().filter_map(|line| match line {
            Line::Account(number) => Some(number.as_str()),
            Line::Bad(..) => None,
        });
        let mut verdicts = self.guard_page(asked, &named.collect::<Vec<_>>())?.into_iter();
        let mut lines = Vec::with_capacity(page.len().saturating_mul(64));
        for line in page {
            match line {
                Line::Account(_) => {
                    let Some(verdict) = verdicts.next() else { continue };
                    let count = if verdict.may { &mut run.may } else { &mut run.may_not };
                    *count = count.saturating_add(1);
                    serde_json::to_writer(&mut lines, &verdict).map_err(ServiceError::unknown)?;
                }
                Line::Bad(number, problem) => {
                    run.bad = run.bad.saturating_add(1);
                    let said = json!({"line": number, "problem": problem});
                    serde_json::to_writer(&mut lines, &said).map_err(ServiceError::unknown)?;
                }
            }
            lines.push(b'\n');
        }
        to.write_all(&lines).map_err(|error| ServiceError::unknown(format!("nobody reads the answers: {error}")))
    }
}

/// Reads a line into `text`, of a long one the beginning; says whether there was one.
fn next_line(from: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<bool> {
    let mut any = false;
    loop {
        let held = from.fill_buf()?;
        if held.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr::memchr(b'\n', held);
        let piece = end.and_then(|end| held.get(..end)).unwrap_or(held);
        let room = LONGEST.saturating_add(1).saturating_sub(text.len());
        text.extend(piece.iter().take(room));
        let used = end.map_or(held.len(), |end| end.saturating_add(1));
        from.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// What a line names; nothing where it is empty.
fn line(number: u64, text: &[u8]) -> Option<Line> {
    if text.len() > LONGEST {
        return Some(Line::Bad(number, "a line has 1,000 bytes at most"));
    }
    let text = text.trim_ascii();
    if text.is_empty() {
        return None;
    }
    Some(match serde_json::from_slice(text) {
        Ok(Said::Number(account) | Said::Named { account }) => Line::Account(account),
        Err(_) => Line::Bad(number, "a line is the account's number as \"A-1\", or {\"account\": \"A-1\"}"),
    })
}
