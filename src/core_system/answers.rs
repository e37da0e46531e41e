//! What the core system says of instructions, as a file: JSON Lines, `{"instruction", "answer", "reason"}`, or CSV with these
//! columns. `answer` is `confirmed` or `rejected`.

use std::io::BufRead;

use serde::Deserialize;

use super::BadLine;
use super::lines::Lines;

/// Bytes of a line, at most.
const LONGEST: usize = 64 << 10;

/// The form of a file of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFormat {
    /// One object a line.
    Jsonl,
    /// One record a line, the columns in the first.
    Csv,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The number of its line, from 1.
    pub line: u64,
    /// The instruction.
    pub instruction: String,
    /// Why it was rejected; none: it was confirmed.
    pub rejected: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    instruction: String,
    answer: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Reads answers one by one.
pub fn read<R: BufRead>(format: AnswerFormat, source: R) -> impl Iterator<Item = Result<Answer, BadLine>> {
    let mut lines = Lines::with_limit(source, LONGEST);
    let mut head: Option<csv::StringRecord> = None;
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            let (line, text) = match lines.next()? {
                Ok(read) => read,
                Err(bad) => return Some(Err(bad)),
            };
            let bad = |reason: String| Some(Err(BadLine { line, reason }));
            let written = match (format, &head) {
                (AnswerFormat::Jsonl, _) => serde_json::from_str(text).map_err(|error| error.to_string()),
                (AnswerFormat::Csv, Some(head)) => {
                    record(text).and_then(|cells| cells.deserialize(Some(head)).map_err(|error| error.to_string()))
                }
                (AnswerFormat::Csv, None) => match record(text).and_then(columns) {
                    Ok(columns) => {
                        head = Some(columns);
                        continue;
                    }
                    Err(reason) => {
                        ended = true;
                        return bad(reason);
                    }
                },
            };
            return match written.and_then(|written| answer(line, written)) {
                Ok(answer) => Some(Ok(answer)),
                Err(reason) => bad(reason),
            };
        }
        None
    })
}

fn record(text: &str) -> Result<csv::StringRecord, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).map_err(|error| error.to_string())?;
    Ok(record)
}

/// Without a right head no record can be trusted.
fn columns(head: csv::StringRecord) -> Result<csv::StringRecord, String> {
    let known = ["instruction", "answer", "reason"];
    let wrong = head.iter().find(|name| !known.contains(name));
    if let Some(wrong) = wrong {
        return Err(format!("unknown column `{wrong}`, nothing was read: the columns are {}", known.join(", ")));
    }
    match known.iter().take(2).find(|name| !head.iter().any(|column| column == **name)) {
        Some(missing) => Err(format!("column `{missing}` is missing, nothing was read")),
        None => Ok(head),
    }
}

fn answer(line: u64, written: Written) -> Result<Answer, String> {
    let Written { instruction, answer, reason } = written;
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    let rejected = match (answer.as_str(), reason) {
        ("confirmed", None) => None,
        ("confirmed", Some(_)) => return Err("what is confirmed has no `reason`".to_owned()),
        ("rejected", Some(reason)) => Some(reason),
        ("rejected", None) => return Err("what is rejected has a `reason`".to_owned()),
        (other, _) => return Err(format!("`answer` is confirmed or rejected, not {other}")),
    };
    Ok(Answer { line, instruction, rejected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(format: AnswerFormat, text: &str) -> Vec<String> {
        let read = read(format, text.as_bytes());
        read.map(|read| match read {
            Ok(answer) => format!("{} {} {:?}", answer.line, answer.instruction, answer.rejected),
            Err(bad) => bad.to_string(),
        })
        .collect()
    }

    #[test]
    fn both_forms_say_the_same() {
        let lines = "{\"instruction\":\"i1\",\"answer\":\"confirmed\"}\n\n{\"instruction\":\"i2\",\"answer\":\"rejected\",\"reason\":\"no, none\"}\n";
        let table = "\u{feff}instruction,answer,reason\ni1,confirmed,\ni2,rejected,\"no, none\"\n";
        assert_eq!(told(AnswerFormat::Jsonl, lines), ["1 i1 None", "3 i2 Some(\"no, none\")"]);
        assert_eq!(told(AnswerFormat::Csv, table), ["2 i1 None", "3 i2 Some(\"no, none\")"]);
        assert_eq!(told(AnswerFormat::Csv, "instruction,answer\ni1,confirmed\n"), ["2 i1 None"]);
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_is_read() {
        let lines = "{\"instruction\":\"i1\",\"answer\":\"done\"}\nno\n{\"instruction\":\"i2\",\"answer\":\"rejected\"}\n{\"instruction\":\"i3\",\"answer\":\"confirmed\"}\n";
        let told_of = told(AnswerFormat::Jsonl, lines);
        assert_eq!(told_of[0], "line 1: `answer` is confirmed or rejected, not done");
        assert!(told_of[1].starts_with("line 2: "));
        assert_eq!(told_of[2..], ["line 3: what is rejected has a `reason`", "4 i3 None"]);
        let head = told(AnswerFormat::Csv, "instruction;answer\ni1;confirmed\n");
        assert!(head.len() == 1 && head[0].contains("unknown column `instruction;answer`"), "{head:?}");
        assert_eq!(told(AnswerFormat::Csv, "instruction\n"), ["line 1: column `answer` is missing, nothing was read"]);
    }
}
