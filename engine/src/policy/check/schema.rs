//! The schema of policies, and how a document is held against it.

use std::sync::LazyLock;

use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::source::MOST_PROBLEMS;
use super::{deserialise, explain};
use crate::money::{Amount, Currency};
use crate::policy::document::Policy;
use crate::policy::problem::{At, Problem};

/// The JSON Schema (Draft 2020-12) of policies, made from the document's types.
#[must_use]
pub fn policy_schema() -> Value {
    let schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Policy>();
    schema.to_value()
}

/// The schema and what holds documents against it; made once per process, since it takes longer than all the rest of
/// a check.
static RULES: LazyLock<Option<(Value, Validator)>> = LazyLock::new(|| {
    let schema = policy_schema();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).ok()?;
    Some((schema, validator))
});

/// A document held against the schema.
pub(super) struct Fitted {
    pub problems: Vec<Problem>,
    /// The document, what does not fit set aside; `None` when too little is left.
    pub document: Option<Policy>,
    pub aside: Aside,
}

/// What was set aside, so that its consequences are not reported as problems of their own.
#[derive(Debug, Default)]
pub(super) struct Aside {
    replaced: Vec<String>,
    incomplete: Vec<String>,
    renamed: Vec<(String, String)>,
}

impl Aside {
    /// The problem with its place in the text, unless it only follows from what was set aside.
    pub fn keep(&self, problem: Problem) -> Option<Problem> {
        let under = |place: &String| {
            problem.pointer.strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.replaced.iter().any(under) || self.incomplete.contains(&problem.pointer) {
            return None;
        }
        Some(self.in_text(problem))
    }

    /// The place as the author wrote it: under the names that keys have in the text.
    fn in_text(&self, mut problem: Problem) -> Problem {
        for (to, from) in self.renamed.iter().rev() {
            if let Some(rest) =
                problem.pointer.strip_prefix(to.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
            {
                problem.pointer = format!("{from}{rest}");
            }
        }
        problem
    }
}

/// How often the document is mended before it is given up: each round mends all that is found at one depth.
const MOST_ROUNDS: usize = 12;

/// Holds a document against the schema. `broken` are places that were already reported.
pub(super) fn fit(value: &Value, broken: &[String]) -> Fitted {
    let mut fitted = Fitted { problems: Vec::new(), document: None, aside: Aside::default() };
    fitted.aside.replaced.extend(broken.iter().cloned());
    if !value.is_object() {
        let problem = Problem::error("not-an-object", &At::root(), "a policy is a JSON object");
        fitted.problems.push(problem.help("begin with {\"policy\": \"…\", \"version\": 1, …}"));
        return fitted;
    }
    let Some((schema, validator)) = &*RULES else { return fitted };
    let mut value = value.clone();
    amounts(&mut value, &At::root(), &mut fitted);
    for _ in 0..MOST_ROUNDS {
        if !mend(&mut value, schema, validator, &mut fitted) {
            break;
        }
    }
    if validator.is_valid(&value) {
        match deserialise(value) {
            Ok(document) => fitted.document = Some(document),
            Err(problem) => fitted.problems.extend(fitted.aside.keep(*problem)),
        }
    }
    fitted
}

/// Amounts with more decimals than their currency has, and the code that is none; a schema cannot say that.
fn amounts(value: &mut Value, at: &At, fitted: &mut Fitted) {
    match value {
        Value::Array(entries) => {
            entries.iter_mut().enumerate().for_each(|(index, entry)| amounts(entry, &at.index(index), fitted));
        }
        Value::Object(members) => {
            if members.get("currency").is_some_and(|code| code == "RMB") {
                let at = at.key("currency");
                let problem = Problem::error("bad-currency", &at, "\"RMB\" is not the code of a currency");
                fitted.problems.push(problem.help("write \"CNY\""));
                fitted.aside.replaced.push(at.to_string());
                members.insert("currency".to_owned(), json!("CNY"));
            }
            let parsed = |key: &str| members.get(key).and_then(Value::as_str);
            let amount = parsed("amount").and_then(|text| serde_json::from_value::<Amount>(json!(text)).ok());
            let currency = parsed("currency").and_then(|code| Currency::new(code).ok());
            if let (Some(amount), Some(currency)) = (amount, currency)
                && let Err(error) = amount.in_currency(currency)
            {
                let at = at.key("amount");
                let help = match currency.decimals() {
                    0 => format!("{currency} has no decimals: write a whole amount, in quotes"),
                    decimals => format!("round it to {decimals} decimals"),
                };
                fitted.problems.push(Problem::error("bad-amount", &at, error.to_string()).help(help));
                fitted.aside.replaced.push(at.to_string());
                members.insert("amount".to_owned(), json!("1"));
            }
            members.iter_mut().for_each(|(key, member)| amounts(member, &at.key(key), fitted));
        }
        _ => {}
    }
}

/// Reports what does not fit and sets it aside. Returns whether anything changed.
fn mend(value: &mut Value, schema: &Value, validator: &Validator, fitted: &mut Fitted) -> bool {
    let errors: Vec<ValidationError<'static>> =
        validator.iter_errors(value).take(MOST_PROBLEMS).map(ValidationError::to_owned).collect();
    if fitted.problems.len() >= MOST_PROBLEMS {
        return false;
    }
    let mut changed = false;
    for error in errors {
        for finding in explain::explain(&error, schema) {
            let explain::Finding { problem, repair } = finding;
            let known = fitted.aside.replaced.contains(&problem.pointer);
            let repaired = apply(value, schema, &repair, &mut fitted.aside);
            changed |= repaired;
            if repaired && !known {
                let problem = fitted.aside.in_text(problem);
                fitted.problems.push(problem);
            }
        }
    }
    changed
}

/// Changes the document so that the rest can be checked.
fn apply(value: &mut Value, schema: &Value, repair: &explain::Repair, aside: &mut Aside) -> bool {
    use explain::Repair;
    match repair {
        Repair::Rename { at, from, to } => {
            let Some(members) = value.pointer_mut(&at.to_string()).and_then(Value::as_object_mut) else { return false };
            let Some(member) = members.shift_remove(from) else { return false };
            members.insert(to.clone(), member);
            aside.renamed.push((at.key(to).to_string(), at.key(from).to_string()));
            true
        }
        Repair::Remove { at, key } => {
            let Some(members) = value.pointer_mut(&at.to_string()).and_then(Value::as_object_mut) else { return false };
            let removed = members.shift_remove(key).is_some();
            aside.incomplete.push(at.to_string());
            aside.replaced.push(at.key(key).to_string());
            removed
        }
        Repair::Add { at, key, of } => {
            let Some(members) = value.pointer_mut(&at.to_string()).and_then(Value::as_object_mut) else { return false };
            aside.replaced.push(at.key(key).to_string());
            aside.incomplete.push(at.to_string());
            members.insert(key.clone(), least(of, schema, 0)).is_none()
        }
        Repair::Replace { at, of } => {
            let Some(place) = value.pointer_mut(&at.to_string()) else { return false };
            *place = least(of, schema, 0);
            aside.replaced.push(at.to_string());
            true
        }
    }
}

/// The least value that a schema allows.
fn least(of: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 16 {
        return Value::Null;
    }
    let of = explain::resolve(of, schema);
    if let Some(first) = of.get("enum").and_then(|all| all.get(0)).or_else(|| of.get("const")) {
        return first.clone();
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(branch) = of.get(key).and_then(|branches| branches.get(0)) {
            return least(branch, schema, depth.saturating_add(1));
        }
    }
    let name = of.get("type").and_then(|name| name.as_str().or_else(|| name.get(0).and_then(Value::as_str)));
    match name {
        Some("object") => {
            let required = of.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let members = required.map(|key| {
                let member = of.get("properties").and_then(|all| all.get(key)).unwrap_or(&Value::Null);
                (key.to_owned(), least(member, schema, depth.saturating_add(1)))
            });
            Value::Object(members.collect::<Map<String, Value>>())
        }
        Some("array") => {
            let entries = of.get("items").map(|items| least(items, schema, depth.saturating_add(1)));
            Value::Array(entries.into_iter().collect())
        }
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        Some("string") => match (of.get("format").and_then(Value::as_str), of.get("pattern").and_then(Value::as_str)) {
            (Some("date"), _) => json!("2026-01-01"),
            (_, Some(pattern)) if pattern.contains("A-Z") => json!("CNY"),
            (_, Some(pattern)) if pattern.contains("0-9]{1") => json!("1"),
            _ => json!("placeholder"),
        },
        _ => Value::Null,
    }
}
