//! What a schema's complaint means to the person who wrote the policy.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::policy::compile::to_slug;
use crate::policy::nearest::{nearest, one_of};
use crate::policy::problem::{At, Problem};

/// A problem, and how to set it aside.
pub(super) struct Finding {
    pub problem: Problem,
    pub repair: Repair,
}

/// A change of the document after which the rest can be checked.
pub(super) enum Repair {
    /// A key has another name.
    Rename { at: At, from: String, to: String },
    /// A key is taken out.
    Remove { at: At, key: String },
    /// A key is added, with the least value of its schema.
    Add { at: At, key: String, of: Value },
    /// A value is replaced by the least one of its schema.
    Replace { at: At, of: Value },
}

/// Follows a `$ref`.
pub(super) fn resolve<'s>(of: &'s Value, schema: &'s Value) -> &'s Value {
    let target = of.get("$ref").and_then(Value::as_str).and_then(|link| link.strip_prefix('#'));
    target.and_then(|pointer| schema.pointer(pointer)).unwrap_or(of)
}

/// The schema that a keyword of an error belongs to.
fn owner<'s>(error: &ValidationError<'_>, schema: &'s Value) -> &'s Value {
    let path = error.schema_path().to_string();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent).unwrap_or(schema)
}

fn place(error: &ValidationError<'_>) -> At {
    let path = error.instance_path().to_string();
    let parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.fold(At::root(), |at, part| at.key(&part))
}

/// What an error means; several findings for several unknown keys.
pub(super) fn explain(error: &ValidationError<'_>, schema: &Value) -> Vec<Finding> {
    let at = place(error);
    let owner = owner(error, schema);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|key| unknown_key(key, error.instance(), owner, &at)).collect()
        }
        Kind::Required { property } => vec![missing_key(property.as_str().unwrap_or_default(), owner, schema, &at)],
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => branches(error, context, owner, schema, &at),
        kind => vec![value_problem(kind, error.instance(), owner, at)],
    }
}

fn properties(of: &Value) -> Vec<&str> {
    of.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys().map(String::as_str)).collect()
}

fn unknown_key(key: &str, instance: &Value, owner: &Value, at: &At) -> Finding {
    let keys = properties(owner);
    let free: Vec<&str> = keys.iter().copied().filter(|known| instance.get(*known).is_none()).collect();
    let usual = alias(key).filter(|usual| keys.contains(usual));
    let near = usual.or_else(|| nearest(key, free.iter().copied()));
    let listed = keys.iter().copied().filter(|key| *key != "$schema").collect::<Vec<_>>().join(", ");
    let message = format!("there is no key \"{key}\" here");
    let problem = Problem::error("unknown-key", &at.key(key), message).on_name();
    match near.filter(|near| instance.get(*near).is_none()) {
        Some(near) => {
            let meaning = owner.pointer(&format!("/properties/{near}/description")).and_then(Value::as_str);
            let help = match meaning.and_then(|text| text.split_inclusive(". ").next()) {
                Some(meaning) => format!("did you mean \"{near}\"? ({})", meaning.trim().trim_end_matches('.')),
                None => format!("did you mean \"{near}\"?"),
            };
            let repair = Repair::Rename { at: at.clone(), from: key.to_owned(), to: near.to_owned() };
            Finding { problem: problem.help(help), repair }
        }
        None => {
            let repair = Repair::Remove { at: at.clone(), key: key.to_owned() };
            let only = if listed.contains(", ") { "the keys here are" } else { "the only key here is" };
            Finding { problem: problem.help(format!("{only} {listed}")), repair }
        }
    }
}

/// What people write who know other languages of conditions.
fn alias(key: &str) -> Option<&'static str> {
    Some(match key {
        "eq" | "equals" | "==" | "equal" => "is",
        "ne" | "not_equals" | "!=" => "is_not",
        "gte" | ">=" | "min" | "minimum" => "at_least",
        "lte" | "<=" | "max" | "maximum" => "at_most",
        "gt" | ">" => "above",
        "lt" | "<" => "below",
        "and" => "all",
        "or" => "any",
        "contains" => "has",
        "one_of" => "in",
        "if" | "condition" => "when",
        "to" | "end" => "until",
        "start" => "from",
        "name" => "id",
        "postpone" | "delay" => "defer",
        "forgive" => "waive",
        "up_to" => "at_most",
        _ => return None,
    })
}

fn missing_key(key: &str, owner: &Value, schema: &Value, at: &At) -> Finding {
    let of = owner.pointer(&format!("/properties/{key}")).cloned().unwrap_or_default();
    let meaning = of.get("description").and_then(Value::as_str).unwrap_or_default();
    let problem = Problem::error("missing-key", at, format!("\"{key}\" is missing"));
    let form = forms(&of, schema);
    let help = match meaning {
        "" => format!("add \"{key}\": {form}"),
        meaning => format!("add \"{key}\": {form} ({})", lower_first(meaning.trim_end_matches('.'))),
    };
    Finding { problem: problem.help(help), repair: Repair::Add { at: at.clone(), key: key.to_owned(), of } }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    // Words such as ISO keep their capitals.
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Of several forms the one that was most likely meant explains what is wrong.
fn branches(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    owner: &Value,
    schema: &Value,
    at: &At,
) -> Vec<Finding> {
    let depth = error.instance_path().to_string().matches('/').count();
    let wrong_form = |errors: &Vec<ValidationError<'static>>| {
        errors.iter().any(|inner| {
            inner.instance_path().to_string().matches('/').count() == depth
                && matches!(inner.kind(), Kind::Type { .. } | Kind::Enum { .. } | Kind::Constant { .. })
        })
    };
    let weight = |errors: &&Vec<ValidationError<'static>>| -> usize {
        let of = |inner: &ValidationError<'static>| match inner.kind() {
            Kind::AdditionalProperties { unexpected } => unexpected.len().saturating_mul(3),
            Kind::Required { .. } => 2,
            _ => 1,
        };
        errors.iter().map(of).fold(0, usize::saturating_add)
    };
    let best = context.iter().filter(|errors| !wrong_form(errors)).min_by_key(weight);
    if let Some(errors) = best {
        return errors.iter().flat_map(|inner| explain(inner, schema)).collect();
    }
    // Enumerations written as alternatives: every branch is one name.
    let names = names(owner, schema);
    if let (Some(text), false) = (error.instance().as_str(), names.is_empty()) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let problem = Problem::error("unknown-value", at, format!("\"{text}\" is not allowed here"));
        let repair = Repair::Replace { at: at.clone(), of: owner.clone() };
        return vec![Finding { problem: problem.help(one_of(text, &names)), repair }];
    }
    let message = format!("{} does not fit here", describe(error.instance()));
    let branches = ["anyOf", "oneOf"].iter().filter_map(|key| owner.get(key)?.as_array()).flatten();
    let right = branches.map(|branch| resolve(branch, schema)).find_map(|branch| right_form(error.instance(), branch));
    let help = right.unwrap_or_else(|| format!("write {}", forms(owner, schema)));
    let problem = Problem::error("wrong-type", at, message).help(help);
    vec![Finding { problem, repair: Repair::Replace { at: at.clone(), of: owner.clone() } }]
}

/// The names that an enumeration allows.
fn names(of: &Value, schema: &Value) -> Vec<String> {
    let of = resolve(of, schema);
    let mut found: Vec<String> = Vec::new();
    let listed = of.get("enum").and_then(Value::as_array).into_iter().flatten().chain(of.get("const"));
    found.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    for key in ["anyOf", "oneOf"] {
        let inner = of.get(key).and_then(Value::as_array).into_iter().flatten();
        found.extend(inner.flat_map(|branch| names(branch, schema)));
    }
    found
}

/// Whether a schema is a list of names, however it is written.
fn is_enumeration(of: &Value) -> bool {
    let branches = of.get("oneOf").or_else(|| of.get("anyOf")).and_then(Value::as_array);
    let is_name = |branch: &Value| branch.get("const").is_some() || branch.get("enum").is_some();
    is_name(of) || branches.is_some_and(|branches| !branches.is_empty() && branches.iter().all(is_name))
}

/// What an author writes for the types that have several forms.
fn named_form(link: &str) -> Option<&'static str> {
    Some(match link.rsplit('/').next()? {
        "DateRule" => {
            "a date such as \"2026-06-01\", a date's name such as \"incident_start\", or {\"after\": \"incident_end\", \"days\": 90}"
        }
        "Quantity" => "a whole number, {\"up_to\": 3}, {\"choose\": …}, {\"fact\": …} or an amount with its currency",
        "Text" => "both languages: {\"zh-CN\": \"…\", \"en\": \"…\"}",
        "Condition" => "a test such as {\"fact\": \"request.hardship\", \"is\": true}, or {\"all\": […]}",
        "Money" | "MoneyDocument" => "an amount such as {\"amount\": \"500.00\", \"currency\": \"CNY\"}",
        "Span" => "{\"days\": …} or {\"months\": …}",
        _ => return None,
    })
}

/// The forms that a schema allows, in words.
fn forms(of: &Value, schema: &Value) -> String {
    let mut found: Vec<String> = Vec::new();
    collect_forms(of, schema, &mut found);
    found.dedup();
    match found.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "something else".to_owned(),
    }
}

fn collect_forms(of: &Value, schema: &Value, found: &mut Vec<String>) {
    if let Some(form) = of.get("$ref").and_then(Value::as_str).and_then(named_form) {
        found.push(form.to_owned());
        return;
    }
    let of = resolve(of, schema);
    if is_enumeration(of) {
        found.push(format!("one of {}", names(of, schema).join(", ")));
        return;
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(branches) = of.get(key).and_then(Value::as_array) {
            branches.iter().for_each(|branch| collect_forms(branch, schema, found));
            return;
        }
    }
    let listed = names(of, schema);
    if !listed.is_empty() {
        found.push(format!("one of {}", listed.join(", ")));
        return;
    }
    let types = match of.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    for name in types {
        found.push(match name {
            "null" => continue,
            "object" => {
                let keys: Vec<&str> = properties(of).into_iter().take(3).collect();
                let more = if properties(of).len() > keys.len() { ", …" } else { "" };
                format!(
                    "an object {{{}{more}}}",
                    keys.iter().map(|key| format!("\"{key}\": …")).collect::<Vec<_>>().join(", ")
                )
            }
            "array" => match of.get("items") {
                Some(items) => match names(items, schema).as_slice() {
                    [] => format!("a list, each entry {}", forms(items, schema)),
                    names => format!("a list of {}", names.join(", ")),
                },
                None => "a list".to_owned(),
            },
            "integer" => "a whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            _ => string_form(of).to_owned(),
        });
    }
}

fn string_form(of: &Value) -> &'static str {
    match (of.get("format").and_then(Value::as_str), of.get("pattern").and_then(Value::as_str)) {
        (Some("date"), _) => "a date such as \"2026-06-01\"",
        (_, Some(pattern)) if pattern.contains("A-Z") => "a currency such as \"CNY\"",
        (_, Some(pattern)) if pattern.contains("{1,15}") => "an amount as a decimal string such as \"500.00\"",
        (_, Some(pattern)) if pattern.contains("{1,12}") => "a decimal string such as \"0.30\" for 30 %",
        (_, Some(_)) => "lower-case words joined by hyphens, such as \"flood-relief\"",
        _ => "a string",
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string \"{text}\""),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn value_problem(kind: &Kind, instance: &Value, owner: &Value, at: At) -> Finding {
    let form = forms(owner, &Value::Null);
    let text = instance.as_str();
    let problem = match (kind, text) {
        (Kind::Enum { .. } | Kind::Constant { .. }, Some(text)) => {
            let all = names(owner, &Value::Null);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            Problem::error("unknown-value", &at, format!("\"{text}\" is not allowed here")).help(one_of(text, &all))
        }
        (Kind::Minimum { limit }, _) => Problem::error("number-too-small", &at, format!("{instance} is too small"))
            .help(format!("write {limit} or more")),
        (Kind::MinItems { .. }, _) => Problem::error("empty-list", &at, "the list is empty")
            .help("name at least one, or leave it out where it may be left out"),
        (Kind::Format { .. }, Some(text)) => Problem::error("bad-date", &at, format!("\"{text}\" is not a date"))
            .help("write the year, the month and the day as in \"2026-06-01\"; the day has to exist"),
        (Kind::Pattern { pattern }, Some(text)) => pattern_problem(pattern, text, &form, &at),
        _ => {
            let problem = Problem::error("wrong-type", &at, format!("{} does not fit here", describe(instance)));
            problem.help(right_form(instance, owner).unwrap_or_else(|| format!("write {form}")))
        }
    };
    Finding { problem, repair: Repair::Replace { at, of: owner.clone() } }
}

/// The same thing in the form that is wanted, where that is plain.
fn right_form(instance: &Value, owner: &Value) -> Option<String> {
    let wants = |name: &str| match owner.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        Some(one) => one == name,
        None => false,
    };
    match instance {
        Value::String(text) if wants("integer") => {
            text.trim().parse::<i64>().ok().map(|number| format!("write {number}, without quotes"))
        }
        Value::String(text) if wants("boolean") && matches!(text.as_str(), "true" | "false") => {
            Some(format!("write {text}, without quotes"))
        }
        Value::Number(number) if wants("string") => Some(format!("write it in quotes: \"{number}\"")),
        Value::Array(_) if owner.pointer("/properties/fact").is_some() => {
            Some("write {\"all\": […]}, or \"any\"".to_owned())
        }
        Value::String(_) | Value::Object(_) | Value::Number(_) if wants("array") => Some(format!(
            "write a list: [{}]",
            if instance.is_object() { "{…}".to_owned() } else { instance.to_string() }
        )),
        Value::String(text) if owner.pointer("/properties/zh-CN").is_some() => {
            Some(format!("write both languages: {{\"zh-CN\": \"…\", \"en\": {}}}", Value::from(text.as_str())))
        }
        _ => None,
    }
}

fn pattern_problem(pattern: &str, text: &str, form: &str, at: &At) -> Problem {
    let number = text.trim().trim_end_matches(['%', '％']).trim();
    let decimal = rust_decimal::Decimal::from_str_exact(number).ok();
    if pattern.contains("{1,12}") {
        let part = decimal.and_then(|number| number.checked_div(rust_decimal::Decimal::ONE_HUNDRED));
        let part = part.filter(|_| number != text.trim()).map(|part| part.normalize());
        let problem = Problem::error("bad-rate", at, format!("\"{text}\" is not a rate or share"));
        return problem.help(part.map_or_else(|| format!("write {form}"), |part| format!("write \"{part}\"")));
    }
    if pattern.contains("{1,15}") {
        let plain: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        let right = rust_decimal::Decimal::from_str_exact(&plain).ok().map(|_| format!("write \"{plain}\""));
        let problem = Problem::error("bad-amount", at, format!("\"{text}\" is not an amount"));
        return problem.help(right.unwrap_or_else(|| format!("write {form}")));
    }
    if pattern.contains("A-Z") {
        let upper = text.trim().to_uppercase();
        let right = match upper.as_str() {
            "RMB" | "元" | "人民币" | "¥" | "￥" => Some("CNY".to_owned()),
            "$" | "美元" => Some("USD".to_owned()),
            code if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => Some(code.to_owned()),
            _ => None,
        };
        let problem = Problem::error("bad-currency", at, format!("\"{text}\" is not the code of a currency"));
        return problem.help(
            right.map_or_else(
                || "write an ISO 4217 code such as \"CNY\"".to_owned(),
                |code| format!("write \"{code}\""),
            ),
        );
    }
    let problem =
        Problem::error("bad-slug", at, format!("the name \"{text}\" is not lower-case words joined by hyphens"));
    problem.help(to_slug(text).map_or_else(|| format!("write {form}"), |slug| format!("write \"{slug}\"")))
}
