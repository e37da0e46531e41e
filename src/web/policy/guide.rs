//! What can be written in a policy, from its JSON Schema: each part with its keys or words, and what they mean.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use forbear_engine::policy::check::policy_schema;
use serde_json::Value;

/// A part of a policy.
pub struct Part {
    /// Its name in the schema; `Policy` for the whole.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its keys, or the words that it can be.
    pub entries: Vec<Entry>,
}

/// A key of a part, or a word that it can be.
pub struct Entry {
    /// As it is written.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// What it means.
    pub about: String,
    /// The part that its value is, where it is one that is told here.
    pub of: Option<String>,
}

/// All parts, the whole policy first, then in the order in which they are first needed.
pub static GUIDE: LazyLock<Vec<Part>> = LazyLock::new(|| {
    let schema = policy_schema();
    let mut parts = vec![part("Policy", &schema)];
    let named = schema.get("$defs").and_then(Value::as_object);
    parts.extend(named.into_iter().flatten().map(|(name, of)| part(name, of)));
    parts.retain(|part| !part.entries.is_empty());
    let known: BTreeSet<String> = parts.iter().map(|part| part.name.clone()).collect();
    for entry in parts.iter_mut().flat_map(|part| &mut part.entries) {
        entry.of = entry.of.take().filter(|of| known.contains(of));
    }
    parts
});

fn about(of: &Value) -> String {
    of.get("description").and_then(Value::as_str).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part(name: &str, of: &Value) -> Part {
    let required: Vec<&str> =
        of.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let keys = of.get("properties").and_then(Value::as_object).into_iter().flatten();
    let keys = keys.filter(|(key, _)| !key.starts_with('$')).map(|(key, of)| Entry {
        name: key.clone(),
        required: required.contains(&key.as_str()),
        about: about(of),
        of: refers(of),
    });
    let words = of.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let words = words.filter_map(|one| {
        let name = one.get("const").and_then(Value::as_str)?.to_owned();
        Some(Entry { name, required: false, about: about(one), of: None })
    });
    let plain = of.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let plain = plain.map(|word| Entry { name: word.to_owned(), required: false, about: String::new(), of: None });
    Part { name: name.to_owned(), about: about(of), entries: keys.chain(words).chain(plain).collect() }
}

/// The first definition that a value's schema leads to.
fn refers(of: &Value) -> Option<String> {
    match of {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(link) => link.rsplit('/').next().map(str::to_owned),
            None => members.values().find_map(refers),
        },
        Value::Array(items) => items.iter().find_map(refers),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_schema_is_told_and_leads_to_what_is_there() {
        let of = |name: &str| GUIDE.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("no {name}"));
        let whole = of("Policy");
        assert_eq!(GUIDE[0].name, "Policy");
        let key = |part: &'static Part, name: &str| part.entries.iter().find(|one| one.name == name).unwrap();
        assert!(key(whole, "rules").required && !key(whole, "limits").required);
        assert_eq!(key(whole, "rules").of.as_deref(), Some("Rule"));
        assert_eq!(key(of("Benefit"), "waive").of.as_deref(), Some("Waive"));
        assert!(of("HitPolicy").entries.iter().any(|word| word.name == "first" && !word.about.is_empty()));
        for part in GUIDE.iter() {
            assert!(!part.about.is_empty(), "{}", part.name);
            for entry in &part.entries {
                assert!(entry.of.as_deref().is_none_or(|name| !of(name).entries.is_empty()), "{}", entry.name);
            }
        }
    }
}
