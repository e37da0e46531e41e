//! From JSON text to a checked account; what is wrong is named by its JSON pointer.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::snapshot::Account;
use super::snapshots::{Beside, Snapshots};

/// One thing that is wrong with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProblem {
    /// Where: a JSON pointer (RFC 6901) into the account; empty for the whole of it.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for AccountProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.pointer, self.message)
        }
    }
}

/// Why an account was refused: at least one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountError {
    /// In document order of the check that found them.
    pub problems: Vec<AccountProblem>,
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for AccountError {}

impl Account {
    /// Reads one account and validates it: at once where it is written plainly, else with the place of what is wrong.
    pub fn from_json(text: &str) -> Result<Self, AccountError> {
        let mut plain = Snapshots::default();
        match plain.read_plain(text, Beside::Nothing).then(|| plain.get(0)).flatten() {
            Some(snapshot) => Ok(snapshot.to_account()),
            None => read_json::<Self>(text)?.as_written(text),
        }
    }

    /// The account itself when it is valid and the text that it was read from has an object wherever there must be one:
    /// serde would take a list of values in the order of the keys, which no schema allows.
    pub fn as_written(self, text: &str) -> Result<Self, AccountError> {
        let account = self.validated()?;
        let odd = |error: serde_json::Error| AccountError { problems: vec![said(String::new(), &error.to_string())] };
        let given: Value = serde_json::from_str(text).map_err(odd)?;
        let read = serde_json::to_value(&account).map_err(odd)?;
        let mut problems = Vec::new();
        lists_for_objects(&given, &read, &mut String::new(), &mut problems);
        if problems.is_empty() { Ok(account) } else { Err(AccountError { problems }) }
    }

    /// The account itself when [`Account::validate`] finds nothing, else all that it found.
    pub fn validated(self) -> Result<Self, AccountError> {
        let problems = self.validate();
        if problems.is_empty() { Ok(self) } else { Err(AccountError { problems }) }
    }
}

/// Names the lists of a text that were read as objects.
fn lists_for_objects(given: &Value, read: &Value, at: &mut String, problems: &mut Vec<AccountProblem>) {
    let deeper = |key: &str, given: &Value, read: &Value, at: &mut String, problems: &mut Vec<AccountProblem>| {
        let length = at.len();
        at.push('/');
        at.push_str(key);
        lists_for_objects(given, read, at, problems);
        at.truncate(length);
    };
    match (given, read) {
        (Value::Array(_), Value::Object(_)) => {
            let message = "is a list: write an object, each value with its key".to_owned();
            problems.push(AccountProblem { pointer: at.clone(), message });
        }
        (Value::Array(given), Value::Array(read)) => {
            for (n, (given, read)) in given.iter().zip(read).enumerate() {
                deeper(&n.to_string(), given, read, at, problems);
            }
        }
        (Value::Object(given), Value::Object(read)) => {
            let both = given.iter().filter_map(|(key, given)| Some((key, given, read.get(key)?)));
            both.for_each(|(key, given, read)| deeper(key, given, read, at, problems));
        }
        _ => {}
    }
}

/// Reads any shape that holds an account (a reader's envelope, for example); not validated.
pub fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, AccountError> {
    // Keeping the path costs a third of the time, so it is kept only once there is something to name.
    serde_json::from_str(text).or_else(|_| {
        let mut source = serde_json::Deserializer::from_str(text);
        let value: T = serde_path_to_error::deserialize(&mut source).map_err(|error| problem(&error))?;
        source.end().map_err(|error| AccountError { problems: vec![said(String::new(), &error.to_string())] })?;
        Ok(value)
    })
}

/// Reads an account from a JSON value that was put together elsewhere; not validated.
pub fn read_value(value: Value) -> Result<Account, AccountError> {
    serde_path_to_error::deserialize(value).map_err(|error| problem(&error))
}

fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> AccountError {
    AccountError { problems: vec![said(pointer(error.path()), &error.inner().to_string())] }
}

/// What chrono says of a date that it cannot read.
const NOT_A_DAY: [&str; 4] =
    ["input is out of range", "input contains invalid characters", "premature end of input", "trailing input"];

/// The path as a JSON pointer.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The parser's message in the words of somebody who has to mend the document.
fn said(pointer: String, message: &str) -> AccountProblem {
    let (text, column) = match message.rsplit_once(" at line ") {
        Some((text, place)) => (text, place.rsplit_once(" column ").map(|(_, column)| column)),
        None => (message, None),
    };
    let mut names = text.split('`').skip(1).step_by(2);
    let better = if text.starts_with("unknown field") || text.starts_with("unknown variant") {
        names.next().map(|wrong| nearest(wrong, &names.collect::<Vec<_>>()))
    } else if text.contains("expected a string") && (text.contains("integer") || text.contains("floating point")) {
        names.next().map(|number| format!("`{number}` is a bare number: write it in quotes, \"{number}\""))
    } else if text.starts_with("missing field") {
        names.next().map(|name| format!("`{name}` is missing"))
    } else if text.starts_with("duplicate field") {
        names.next().map(|name| format!("`{name}` is given twice: keep one"))
    } else if NOT_A_DAY.iter().any(|start| text.starts_with(start)) {
        Some(format!("{text}: write a day that exists, such as 2021-07-31"))
    } else {
        None
    };
    let text = better.unwrap_or_else(|| text.to_owned());
    // The parser sees one line at a time, so only its column says something; 0 means that it knows none.
    let message = match column {
        Some(column) if column != "0" => format!("{text} (column {column})"),
        _ => text,
    };
    AccountProblem { pointer, message }
}

fn nearest(wrong: &str, right: &[&str]) -> String {
    // A word that long is no slip of the pen, and comparing it would take long.
    let close =
        right.iter().filter(|_| wrong.len() <= 200).map(|name| (strsim::damerau_levenshtein(wrong, name), name)).min();
    match close {
        Some((distance, name)) if distance <= 3 => format!("`{wrong}` is not known here: did you mean `{name}`?"),
        _ => format!("`{wrong}` is not known here: use one of {}", right.join(", ")),
    }
}

/// A map whose keys are all different; a key given twice is an error, not a silent last word.
pub(super) fn unique_keys<'de, D: Deserializer<'de>>(source: D) -> Result<BTreeMap<String, Value>, D::Error> {
    struct Unique;
    impl<'de> Visitor<'de> for Unique {
        type Value = BTreeMap<String, Value>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of attributes")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<String, Value>()? {
                if found.contains_key(&key) {
                    return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
                }
                found.insert(key, value);
            }
            Ok(found)
        }
    }
    source.deserialize_map(Unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place_and_what_is_right() {
        let start = r#"{"account":"A1","as_of":"2021-07-31","currency":"CNY""#;
        let cases = [
            (r#","produkt":"x"}"#, "/produkt: `produkt` is not known here: did you mean `product`? (column 63)"),
            (r#","terms":{"principal":5.5}}"#, "/terms/principal: `5.5` is a bare number: write it in quotes, \"5.5\""),
            (r#","charges":[{"id":"c","kind":"late_fees","amount":"1"}]}"#, "did you mean `late_fee`?"),
            (r#","account":"A2"}"#, "`account` is given twice: keep one"),
            (r#","attributes":{"a":1,"a":2}}"#, "/attributes: `a` is given twice: keep one"),
            (
                r#","payments":[{"id":"p","on":"2021-02-30","amount":"1"}]}"#,
                "/payments/0/on: input is out of range: write a day that exists",
            ),
            (r#"} {}"#, "trailing characters"),
            ("", "EOF while parsing"),
        ];
        for (rest, want) in cases {
            let error = Account::from_json(&format!("{start}{rest}")).unwrap_err().to_string();
            assert!(error.contains(want), "{rest}: {error}");
        }
        assert!(Account::from_json(&format!("{start}}}")).is_ok());
        let error = Account::from_json(r#"{"as_of":"2021-07-31","currency":"CNY"}"#).unwrap_err().to_string();
        assert!(error.starts_with("`account` is missing"), "{error}");
    }
}
