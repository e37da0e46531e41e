//! Lines that somebody wrote: a label and what a person says.

use crate::questions::Questions;

/// The label of what belongs to none of the questions.
pub const OUTSIDE: &str = "outside";
/// The label of what asks for a person.
pub const PERSON: &str = "person";

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `scenario.question`, [`OUTSIDE`] or [`PERSON`].
    pub label: String,
    /// What is said.
    pub text: String,
}

/// Reads a file of `label<TAB>utterance`.
///
/// # Errors
/// The first line that is none, with its number.
pub fn read(name: &str, text: &str, questions: &Questions) -> Result<Vec<Line>, String> {
    let line = |(at, line): (usize, &str)| {
        let place = format!("{name}:{}", at.saturating_add(1));
        let (label, said) = line.split_once('\t').ok_or_else(|| format!("{place}: write label, tab, utterance"))?;
        if said.trim().is_empty() || said.contains('\t') {
            return Err(format!("{place}: one utterance follows the label, and no further tab"));
        }
        if label != OUTSIDE && label != PERSON && questions.find(label).is_none() {
            return Err(format!("{place}: `{label}` is no label of questions.json, nor `{OUTSIDE}` or `{PERSON}`"));
        }
        Ok(Line { label: label.to_owned(), text: said.to_owned() })
    };
    text.lines().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_wrong_ones_named() {
        let questions = Questions::read(
            r#"{"relief": {"title": {"zh-CN": "纾困", "en": "Relief"}, "questions": {"apply": {"zh-CN": "申请", "en": "Apply"}}}}"#,
        )
        .unwrap();
        let lines = read("a.tsv", "relief.apply\t我要延期\noutside\t天气咋样\n", &questions).unwrap();
        assert_eq!(lines[1], Line { label: "outside".to_owned(), text: "天气咋样".to_owned() });
        for (text, expected) in [
            ("relief.apply 我要延期", "a.tsv:1: write label, tab, utterance"),
            ("outside\tx\nrelief.aply\ty", "a.tsv:2: `relief.aply` is no label"),
            ("outside\t ", "a.tsv:1: one utterance"),
            ("outside\ta\tb", "a.tsv:1: one utterance"),
        ] {
            let error = read("a.tsv", text, &questions).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
