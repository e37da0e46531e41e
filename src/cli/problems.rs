//! Problems of a policy as a person reads them: file, line and column, the excerpt, and what would be right.

use std::fmt::Write;
use std::ops::Range;

use forbear_engine::policy::check::{Checked, Diagnostic};
use forbear_engine::policy::problem::Level;
use unicode_width::UnicodeWidthStr;

/// Longer lines are cut round what is marked.
const WIDEST: usize = 110;

/// Renders every problem of a checked policy; `name` is what the file is called. Colour is for terminals.
#[must_use]
pub fn render(name: &str, checked: &Checked, colour: bool) -> String {
    let all = checked.problems.iter().map(|found| one(name, checked, found, colour));
    all.collect()
}

/// The escape codes of a terminal, or nothing.
struct Style {
    level: &'static str,
    quiet: &'static str,
    bold: &'static str,
    off: &'static str,
}

impl Style {
    const fn of(level: Level, colour: bool) -> Self {
        match (colour, level) {
            (false, _) => Self { level: "", quiet: "", bold: "", off: "" },
            (true, Level::Error) => {
                Self { level: "\u{1b}[1;31m", quiet: "\u{1b}[34m", bold: "\u{1b}[1m", off: "\u{1b}[0m" }
            }
            (true, Level::Warning) => {
                Self { level: "\u{1b}[1;33m", quiet: "\u{1b}[34m", bold: "\u{1b}[1m", off: "\u{1b}[0m" }
            }
        }
    }
}

fn one(name: &str, checked: &Checked, found: &Diagnostic, colour: bool) -> String {
    let problem = &found.problem;
    let Style { level, quiet, bold, off } = Style::of(problem.level, colour);
    let word = match problem.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let also: Vec<(Range<usize>, &str)> = problem
        .also
        .iter()
        .map(|(pointer, note)| (checked.source.span(pointer, problem.mark), note.as_str()))
        .collect();
    let lines = also.iter().map(|(span, _)| checked.source.line_column(span.start).0).chain([found.line]);
    let gutter = lines.max().unwrap_or(1).to_string().len();
    let blank = " ".repeat(gutter);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{level}{word}[{}]{off}{bold}: {}{off}", problem.code, problem.message);
    let _ = writeln!(text, "{blank}{quiet}-->{off} {name}:{}:{}", found.line, found.column);
    let _ = writeln!(text, "{blank} {quiet}|{off}");
    excerpt(&mut text, checked, &found.span, ('^', "", level), (gutter, quiet, off));
    for (span, note) in &also {
        excerpt(&mut text, checked, span, ('-', note, quiet), (gutter, quiet, off));
    }
    if !problem.example.is_empty() {
        let given = if problem.code == "unique-undecided" {
            "these values meet both, if an account can have them"
        } else {
            "an account that meets both"
        };
        let _ = writeln!(text, "{blank} {quiet}={off} {given}:");
        for line in &problem.example {
            let _ = writeln!(text, "{blank}     {line}");
        }
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(text, "{blank} {quiet}={off} {bold}help:{off} {help}");
    }
    text.push('\n');
    text
}

/// A line of the document with marks under its part; of a longer part the first line.
fn excerpt(
    text: &mut String,
    checked: &Checked,
    span: &Range<usize>,
    mark: (char, &str, &str),
    style: (usize, &str, &str),
) {
    let ((sign, note, paint), (gutter, quiet, off)) = (mark, style);
    let source = checked.source.text.as_str();
    let (line, _) = checked.source.line_column(span.start);
    let begin = source.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at.saturating_add(1));
    let whole = source.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let before = source.get(begin..span.start).unwrap_or_default();
    let inside = source.get(span.clone()).and_then(|part| part.lines().next()).unwrap_or_default().trim_end();
    let after = whole.get(before.len().saturating_add(inside.len())..).unwrap_or_default();
    // Tabs are one blank wide, so that the mark stands right.
    let [before, inside, after] = [before, inside, after].map(|part| part.replace('\t', " "));
    let (before, after) = cut(&before, &inside, &after);
    let indent = " ".repeat(before.width());
    let marks = sign.to_string().repeat(inside.width().max(1));
    let number = format!("{line:>gutter$}");
    let _ = writeln!(text, "{quiet}{number} |{off} {before}{inside}{after}");
    let blank = " ".repeat(gutter);
    let _ = writeln!(text, "{blank} {quiet}|{off} {indent}{paint}{}{off}", format!("{marks} {note}").trim_end());
}

/// What stands before and after, as much of it as a line has room for.
fn cut(before: &str, inside: &str, after: &str) -> (String, String) {
    if before.width().saturating_add(inside.width()).saturating_add(after.width()) <= WIDEST {
        return (before.to_owned(), after.trim_end().to_owned());
    }
    let room = WIDEST.saturating_sub(inside.width()).max(40);
    let keep = |all: &str, most: usize| all.chars().take(most).collect::<String>();
    let (left, right) = (before.chars().count(), after.chars().count());
    let shown_left = left.min(room.saturating_sub(right.min(room / 3)));
    let shown_right = right.min(room.saturating_sub(shown_left));
    let start: String = before.chars().skip(left.saturating_sub(shown_left)).collect();
    let start = if shown_left < left { format!("…{start}") } else { start };
    let end =
        if shown_right < right { format!("{}…", keep(after, shown_right)) } else { after.trim_end().to_owned() };
    (start, end)
}
