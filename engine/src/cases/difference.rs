//! Where two documents differ, value by value, with places that a person can find.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// Keys that tell the entries of a list apart, the first that fits.
const NAMES: [&str; 8] = ["pointer", "benefit", "offer", "policy", "row", "charge", "kind", "id"];

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: keys and names of entries, such as `policies[flood].benefits[fees].outcome`.
    pub at: String,
    /// What was kept, as JSON; none: nothing stood there.
    pub kept: Option<String>,
    /// What stands there now, as JSON; none: nothing.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: {} → {}", self.at, text(&self.kept), text(&self.now))
    }
}

/// Every place in which two documents differ, in document order.
#[must_use]
pub fn differences(kept: &Value, now: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(kept), Some(now), &mut found);
    found
}

fn compare(at: &str, kept: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    match (kept, now) {
        (kept, now) if kept == now => {}
        (Some(Value::Object(kept)), Some(Value::Object(now))) => {
            let added = now.keys().filter(|key| !kept.contains_key(*key));
            for key in kept.keys().chain(added) {
                let inside = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                compare(&inside, kept.get(key), now.get(key), found);
            }
        }
        (Some(Value::Array(kept)), Some(Value::Array(now))) => lists(at, kept, now, found),
        (kept, now) => {
            let text = |side: Option<&Value>| side.map(ToString::to_string);
            found.push(Difference { at: at.to_owned(), kept: text(kept), now: text(now) });
        }
    }
}

/// Lists whose entries have names are compared name by name, others place by place.
fn lists(at: &str, kept: &[Value], now: &[Value], found: &mut Vec<Difference>) {
    let named = |key: &&str| names(kept, key).zip(names(now, key));
    let Some((was, is)) = NAMES.iter().find_map(named) else {
        for place in 0..kept.len().max(now.len()) {
            compare(&format!("{at}[{place}]"), kept.get(place), now.get(place), found);
        }
        return;
    };
    let added = is.iter().filter(|name| !was.contains(name));
    for name in was.iter().chain(added) {
        let of = |names: &[&str], values: &'_ [Value]| {
            names.iter().position(|one| one == name).and_then(|place| values.get(place).cloned())
        };
        compare(&format!("{at}[{name}]"), of(&was, kept).as_ref(), of(&is, now).as_ref(), found);
    }
    // The same entries in another order differ too.
    let common = |names: &[&str], other: &[&str]| -> Vec<String> {
        names.iter().filter(|name| other.contains(name)).map(|name| (*name).to_owned()).collect()
    };
    let (before, after) = (common(&was, &is), common(&is, &was));
    if before != after {
        found.push(Difference {
            at: format!("{at} (order)"),
            kept: Some(before.join(", ")),
            now: Some(after.join(", ")),
        });
    }
}

/// The names of a list's entries by a key, when every entry has one of its own.
fn names<'v>(values: &'v [Value], key: &str) -> Option<Vec<&'v str>> {
    let names: Vec<&str> = values.iter().map(|value| value.get(key)?.as_str()).collect::<Option<_>>()?;
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    (distinct.len() == names.len()).then_some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    fn shown(kept: &serde_json::Value, now: &serde_json::Value) -> Vec<String> {
        differences(kept, now).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn equal_documents_do_not_differ_whatever_the_order_of_their_keys() {
        assert!(shown(&json!({"a": 1, "b": [{"id": "x"}]}), &json!({"b": [{"id": "x"}], "a": 1})).is_empty());
    }

    #[test]
    fn a_value_is_shown_with_both_sides() {
        let kept = json!({"totals": {"waived": {"amount": "50.00"}}, "outcome": "granted", "gone": 1});
        let now = json!({"totals": {"waived": {"amount": "45.00"}}, "outcome": "granted", "new": null});
        let wanted = ["totals.waived.amount: \"50.00\" → \"45.00\"", "gone: 1 → nothing", "new: nothing → null"];
        assert_eq!(shown(&kept, &now), wanted);
    }

    #[test]
    fn entries_with_names_are_matched_by_them() {
        let kept = json!({"benefits": [{"benefit": "a", "n": 1}, {"benefit": "b", "n": 2}, {"benefit": "c", "n": 3}]});
        let now = json!({"benefits": [{"benefit": "c", "n": 3}, {"benefit": "b", "n": 5}]});
        let wanted = [
            r#"benefits[a]: {"benefit":"a","n":1} → nothing"#,
            "benefits[b].n: 2 → 5",
            "benefits (order): b, c → c, b",
        ];
        assert_eq!(shown(&kept, &now), wanted);
    }

    #[test]
    fn entries_without_names_are_matched_by_place() {
        assert_eq!(shown(&json!([1, 2]), &json!([1, 3, 4])), ["[1]: 2 → 3", "[2]: nothing → 4"]);
        // A name that stands twice tells nothing apart.
        let (kept, now) = (json!([{"id": "x"}, {"id": "x"}]), json!([{"id": "x"}]));
        assert_eq!(shown(&kept, &now), [r#"[1]: {"id":"x"} → nothing"#]);
    }
}
