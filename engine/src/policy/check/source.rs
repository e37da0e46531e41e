//! The text of a policy: strict JSON, and where each name and value stands in it.

use std::collections::BTreeMap;
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Number, Value};

use crate::policy::problem::{At, Mark, Problem};

/// Deeper than this nobody reads; and the checks walk it level by level.
const MOST_DEPTH: usize = 64;
/// Values in one policy, at most: forty times the largest that is shipped.
const MOST_VALUES: usize = 20_000;
/// Problems of one kind that are told; who mends a thousand sees the rest.
pub(super) const MOST_PROBLEMS: usize = 1_000;
/// Numbers in a policy are counts, days and months.
const MOST_NUMBER: i64 = 2_147_483_647;

/// A document with the place of everything in it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text as it was given.
    pub text: String,
    /// The document; null when the text is not JSON.
    pub value: Value,
    spans: BTreeMap<String, Span>,
    lines: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Span {
    name: Option<Range<usize>>,
    value: Range<usize>,
}

impl Source {
    /// Reads a text. Problems come with the byte range that they are about; when the text is not JSON there is one.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<(Problem, Range<usize>)>) {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect();
        let mut source = Self { text: text.to_owned(), value: Value::Null, spans: BTreeMap::new(), lines };
        let mut reader = Reader { text, spans: BTreeMap::new(), problems: Vec::new() };
        if let Some(problem) = unreadable(text) {
            return (source, vec![problem]);
        }
        match parse_to_ast(text, &CollectOptions::default(), &strict()) {
            Err(error) => reader.problems.push(syntax(&error, text)),
            Ok(parsed) => match parsed.value {
                None => reader.problems.push((empty(), 0..0)),
                Some(value) => source.value = reader.value(&value, &At::root(), None),
            },
        }
        if reader.spans.len() > MOST_VALUES {
            let message = format!("more than {MOST_VALUES} values in one policy");
            let problem = Problem::error("too-large", &At::root(), message).help("write several policies");
            return (source, vec![(problem, 0..text.len())]);
        }
        reader.problems.truncate(MOST_PROBLEMS);
        source.spans = reader.spans;
        (source, reader.problems)
    }

    /// Whether the text is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        !self.spans.is_empty()
    }

    /// The bytes of the name or value at a JSON Pointer; when there is nothing, those of what should hold it.
    #[must_use]
    pub fn span(&self, pointer: &str, mark: Mark) -> Range<usize> {
        let mut pointer = pointer;
        let mut mark = mark;
        loop {
            if let Some(span) = self.spans.get(pointer) {
                return match (&span.name, mark) {
                    (Some(name), Mark::Name) => name.clone(),
                    _ => span.value.clone(),
                };
            }
            mark = Mark::Value;
            match pointer.rsplit_once('/') {
                Some((parent, _)) => pointer = parent,
                None => return 0..0,
            }
        }
    }

    /// Line and column of a byte, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|at| self.lines.get(at)).copied().unwrap_or(0);
        let before = self.text.get(start..byte.min(self.text.len())).unwrap_or_default();
        (line, before.chars().count().saturating_add(1))
    }
}

const fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn empty() -> Problem {
    Problem::error("empty-file", &At::root(), "the file is empty")
        .help("`forbear schema` prints what a policy looks like")
}

/// What makes a text no JSON before it is parsed.
fn unreadable(text: &str) -> Option<(Problem, Range<usize>)> {
    let root = At::root();
    if text.starts_with('\u{feff}') {
        let problem = Problem::error("byte-order-mark", &root, "the file begins with a byte order mark (BOM)");
        return Some((problem.help("save it as UTF-8 without BOM"), 0..'\u{feff}'.len_utf8()));
    }
    if text.trim().is_empty() {
        return Some((empty(), 0..0));
    }
    if let Some(at) = text.find('\0') {
        let problem = Problem::error("nul-byte", &root, "the text has a NUL byte in it");
        return Some((problem.help("save the file as UTF-8 text"), at..at.saturating_add(1)));
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth = depth.saturating_add(1),
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            let message = format!("lists and objects stand more than {MOST_DEPTH} deep in each other here");
            let problem = Problem::error("too-deep", &root, message);
            return Some((problem.help("flatten the conditions"), at..at.saturating_add(1)));
        }
    }
    None
}

/// A syntax error, said in words that a person can act on.
fn syntax(error: &ParseError, text: &str) -> (Problem, Range<usize>) {
    use ParseErrorKind as K;
    let range = error.range();
    let mut span = range.start.min(text.len())..range.end.min(text.len());
    let sign = text.get(span.start..).and_then(|rest| rest.chars().next());
    let (code, message, help) = match error.kind() {
        K::String(kind) => return string_error(kind, span, text),
        _ if matches!(sign, Some('“' | '”' | '‘' | '’' | '«' | '»' | '「' | '」')) => {
            ("curly-quotes", "these quotes are not JSON's", "write straight double quotes: \"…\"")
        }
        _ if matches!(sign, Some('，' | '：' | '｛' | '｝' | '［' | '］' | '＂' | '、')) => {
            ("wide-sign", "a full-width sign stands here", "write the narrow one: , : { } [ ] or \"")
        }
        K::CommentsNotAllowed | K::UnterminatedCommentBlock => (
            "comment",
            "JSON has no comments",
            "take it out; what people should read belongs into \"summary\" or a \"message\"",
        ),
        K::TrailingCommasNotAllowed => {
            ("trailing-comma", "a comma stands before the end of the list or object", "take the comma out")
        }
        K::ExpectedComma => ("missing-comma", "a comma is missing before this", "put a comma between two entries"),
        K::SingleQuotedStringsNotAllowed => ("single-quotes", "JSON strings stand in double quotes", "write \"…\""),
        K::ExpectedColonAfterObjectKey => {
            ("missing-colon", "a colon is missing after the name", "write \"name\": value")
        }
        K::ExpectedObjectValue => ("missing-value", "the name has no value", "write \"name\": value"),
        K::ExpectedStringObjectProperty | K::UnexpectedWord | K::UnexpectedToken | K::UnexpectedTokenInObject
            if sign == Some(',') =>
        {
            ("extra-comma", "a comma too many stands here", "take it out")
        }
        K::ExpectedStringObjectProperty | K::UnexpectedWord | K::UnexpectedTokenInObject => (
            "unquoted-word",
            "a word stands here without quotes",
            "write names and texts in double quotes; only true, false, null and numbers stand without",
        ),
        K::HexadecimalNumbersNotAllowed
        | K::UnaryPlusNumbersNotAllowed
        | K::BareDecimalPointNumbersNotAllowed
        | K::NonFiniteNumbersNotAllowed
        | K::ExpectedDigit
        | K::ExpectedDigitFollowingNegativeSign
        | K::ExpectedPlusMinusOrDigitInNumberLiteral => (
            "bad-number",
            "this is not a JSON number",
            "write whole numbers such as 30; amounts and rates are strings such as \"500.00\"",
        ),
        K::MultipleRootJsonValues => {
            ("more-than-one-value", "something stands after the end of the policy", "keep one policy in one file")
        }
        K::UnterminatedArray => ("unclosed", "the list that begins here is never closed", "add the missing ]"),
        K::UnterminatedObject => ("unclosed", "the object that begins here is never closed", "add the missing }"),
        _ => ("not-json", "this is not JSON", "look for a comma, quote or bracket too many or too few just before"),
    };
    if span.is_empty() {
        span.end = text
            .get(span.start..)
            .and_then(|rest| rest.chars().next())
            .map_or(span.start, |c| span.start.saturating_add(c.len_utf8()));
    }
    (Problem::error(code, &At::root(), message).help(help), span)
}

fn string_error(kind: &jsonc_parser::ParseStringErrorKind, span: Range<usize>, text: &str) -> (Problem, Range<usize>) {
    use jsonc_parser::ParseStringErrorKind as K;
    let end =
        text.get(span.start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| span.start.saturating_add(at));
    let span = span.start..span.end.min(end).max(span.start);
    let (code, message, help) = match kind {
        K::UnterminatedStringLiteral => {
            ("unclosed", "the text that begins here has no closing quote", "add the missing \"")
        }
        K::InvalidUnicodeEscapeSequence(_) => {
            ("bad-escape", "half of a surrogate pair is no character", "write the character itself; the file is UTF-8")
        }
        _ => (
            "bad-escape",
            "this escape is not one of JSON's",
            "write \\\\ for a backslash, \\n for a new line, \\u and four digits for a character",
        ),
    };
    (Problem::error(code, &At::root(), message).help(help), span)
}

struct Reader<'t> {
    text: &'t str,
    spans: BTreeMap<String, Span>,
    problems: Vec<(Problem, Range<usize>)>,
}

impl Reader<'_> {
    fn value(&mut self, value: &ast::Value<'_>, at: &At, name: Option<Range<usize>>) -> Value {
        if self.spans.len() > MOST_VALUES {
            return Value::Null;
        }
        let range = value.range();
        self.spans.insert(at.to_string(), Span { name, value: range.start..range.end });
        match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::StringLit(literal) => {
                self.plain(range.start..range.end, at);
                Value::String(literal.value.to_string())
            }
            ast::Value::NumberLit(literal) => self.number(literal.value, at, range.start..range.end),
            ast::Value::Array(array) => {
                let entries = array.elements.iter().enumerate();
                Value::Array(entries.map(|(index, entry)| self.value(entry, &at.index(index), None)).collect())
            }
            ast::Value::Object(object) => self.object(object, at),
        }
    }

    /// Every member once: of a name that stands twice the first counts.
    fn object(&mut self, object: &ast::Object<'_>, at: &At) -> Value {
        let mut members = Map::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let place = at.key(name);
            let range = property.name.range();
            self.plain(range.start..range.end, &place);
            if members.contains_key(name) {
                let message = format!("\"{name}\" stands twice in this object");
                let problem = Problem::error("duplicate-key", &place, message).on_name();
                let problem = problem.help("keep one of the two: readers of JSON disagree on which counts");
                self.problems.push((problem.also(&place, "here first"), range.start..range.end));
                continue;
            }
            let value = self.value(&property.value, &place, Some(range.start..range.end));
            members.insert(name.to_owned(), value);
        }
        Value::Object(members)
    }

    /// A text in quotes is one line; the parser lets line breaks and other control characters pass.
    fn plain(&mut self, range: Range<usize>, at: &At) {
        let quoted = self.text.get(range.clone()).unwrap_or_default();
        if let Some(inside) = quoted.bytes().position(|byte| byte < 0x20) {
            let found = range.start.saturating_add(inside);
            let message = "a line break, tab or other control character stands inside a text";
            let problem =
                Problem::error("control-character", at, message).help("write \\n for a line break, \\t for a tab");
            self.problems.push((problem, found..found.saturating_add(1)));
        }
    }

    fn number(&mut self, text: &str, at: &At, range: Range<usize>) -> Value {
        let whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !whole {
            let problem = Problem::error("fractional-number", at, format!("{text} is not a whole number"));
            let help = format!("amounts, rates and shares are strings: write \"{text}\"; counts are whole numbers");
            let help = if text.contains(['e', 'E']) { "write a whole number such as 30".to_owned() } else { help };
            self.problems.push((problem.help(help), range));
            return Value::Number(Number::from(1));
        }
        match text.parse::<i64>().ok().filter(|number| number.abs() <= MOST_NUMBER) {
            Some(number) => Value::Number(Number::from(number)),
            None => {
                let problem =
                    Problem::error("number-too-large", at, format!("{text} is more than anything a policy counts"));
                self.problems.push((problem.help(format!("write at most {MOST_NUMBER}")), range));
                Value::Number(Number::from(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_place() {
        let text = "{\n  \"灾\": {\"a/b\": [1, \"二\"]}\n}";
        let (source, problems) = Source::read(text);
        assert_eq!(problems, []);
        let cases = [
            ("", Mark::Value, text, (1, 1)),
            ("/灾", Mark::Name, "\"灾\"", (2, 3)),
            ("/灾/a~1b/1", Mark::Value, "\"二\"", (2, 20)),
            // What is not there stands where it should.
            ("/灾/c", Mark::Name, "{\"a/b\": [1, \"二\"]}", (2, 8)),
        ];
        for (pointer, mark, part, place) in cases {
            let span = source.span(pointer, mark);
            assert_eq!((&text[span.clone()], source.line_column(span.start)), (part, place), "{pointer}");
        }
    }

    #[test]
    fn what_is_not_plain_json_is_named() {
        let deep = "[".repeat(65);
        let cases = [
            ("", "empty-file"),
            ("\u{feff}{}", "byte-order-mark"),
            ("{\"a\": \"\u{0}\"}", "nul-byte"),
            (deep.as_str(), "too-deep"),
            ("{\"a\": 1,}", "trailing-comma"),
            ("{\"a\": 1 \"b\": 2}", "missing-comma"),
            ("{'a': 1}", "single-quotes"),
            ("{a: 1}", "unquoted-word"),
            ("{\"a\" 1}", "missing-colon"),
            ("{\"a\": 0x1f}", "bad-number"),
            ("{} {}", "more-than-one-value"),
            ("{\"a\": [1}", "not-json"),
            ("{\"a\": 1", "unclosed"),
            ("{\"a\": \"x", "unclosed"),
            ("{\"a\": \"\\ud800\"}", "bad-escape"),
            ("{} // end", "comment"),
            ("{\"a\": 1, \"a\": 2}", "duplicate-key"),
            ("{\"a\": 1.5}", "fractional-number"),
            ("{\"a\": 99999999999999999999}", "number-too-large"),
        ];
        for (text, want) in cases {
            let (_, problems) = Source::read(text);
            let codes: Vec<&str> = problems.iter().map(|(problem, _)| problem.code).collect();
            assert_eq!(codes, [want], "{text}");
        }
    }
}
