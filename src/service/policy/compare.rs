//! What differs between two versions of a policy: both documents are walked together. Rules, benefits and tests are told
//! apart by their ids, so that one more rule is one change; their order counts, because the first that holds may win.

use serde_json::{Map, Value};

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key.
    Key(String),
    /// Something of a list, by its id.
    Id(String),
    /// Something of a list, by its place from 1.
    Nth(usize),
}

/// How something differs.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// It is new.
    Added(Value),
    /// It is gone.
    Removed(Value),
    /// It says something else.
    Changed(Value, Value),
    /// The same stand in another order: their ids before and after.
    Moved(Vec<String>, Vec<String>),
}

/// A difference and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// From the whole document to it.
    pub at: Vec<Step>,
    /// How it differs.
    pub how: How,
}

/// Keys that say nothing of what a policy does.
const SILENT: [&str; 2] = ["$schema", "version"];

/// Everything in which two documents differ, in the order of the first.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut walk = Walk { at: Vec::new(), found: Vec::new() };
    walk.values(before, after);
    walk.found
}

struct Walk {
    at: Vec<Step>,
    found: Vec<Change>,
}

impl Walk {
    fn note(&mut self, how: How) {
        self.found.push(Change { at: self.at.clone(), how });
    }

    fn within(&mut self, step: Step, work: impl FnOnce(&mut Self)) {
        self.at.push(step);
        work(self);
        self.at.pop();
    }

    fn values(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(one), Value::Object(other)) if !is_money(one) && !is_money(other) => {
                self.objects(one, other);
            }
            (Value::Array(one), Value::Array(other)) => match (ids(one), ids(other)) {
                (Some(had), Some(has)) => self.by_id((one, &had), (other, &has)),
                _ if one.iter().chain(other).any(Value::is_object) => self.by_place(one, other),
                _ => self.note(How::Changed(before.clone(), after.clone())),
            },
            _ => self.note(How::Changed(before.clone(), after.clone())),
        }
    }

    fn either(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (Some(before), Some(after)) => self.values(before, after),
            (Some(before), None) => self.note(How::Removed(before.clone())),
            (None, Some(after)) => self.note(How::Added(after.clone())),
            (None, None) => {}
        }
    }

    fn objects(&mut self, before: &Map<String, Value>, after: &Map<String, Value>) {
        let new = after.keys().filter(|key| !before.contains_key(*key));
        for key in before.keys().chain(new).filter(|key| !SILENT.contains(&key.as_str())) {
            self.within(Step::Key(key.clone()), |walk| walk.either(before.get(key), after.get(key)));
        }
    }

    fn by_id(&mut self, (before, had): (&[Value], &[String]), (after, has): (&[Value], &[String])) {
        let of = |all: &[Value], ids: &[String], id: &String| {
            ids.iter().zip(all).find(|(known, _)| *known == id).map(|(_, value)| value.clone())
        };
        let kept: Vec<String> = had.iter().filter(|id| has.contains(id)).cloned().collect();
        let now: Vec<String> = has.iter().filter(|id| had.contains(id)).cloned().collect();
        if kept != now {
            self.note(How::Moved(kept, now));
        }
        let new = has.iter().filter(|id| !had.contains(id));
        for id in had.iter().chain(new) {
            let (one, other) = (of(before, had, id), of(after, has, id));
            self.within(Step::Id(id.clone()), |walk| walk.either(one.as_ref(), other.as_ref()));
        }
    }

    fn by_place(&mut self, before: &[Value], after: &[Value]) {
        for at in 0..before.len().max(after.len()) {
            let step = Step::Nth(at.saturating_add(1));
            self.within(step, |walk| walk.either(before.get(at), after.get(at)));
        }
    }
}

/// An amount with its currency is one value.
fn is_money(object: &Map<String, Value>) -> bool {
    object.len() == 2 && object.contains_key("amount") && object.contains_key("currency")
}

/// The ids of a list of things that have some, each once.
fn ids(list: &[Value]) -> Option<Vec<String>> {
    let ids: Option<Vec<String>> = list.iter().map(|one| Some(one.get("id")?.as_str()?.to_owned())).collect();
    let mut once = ids.clone()?;
    once.sort_unstable();
    once.dedup();
    ids.filter(|ids| !ids.is_empty() && once.len() == ids.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(change: &Change) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Id(id) => format!("#{id}"),
            Step::Nth(at) => at.to_string(),
        };
        change.at.iter().map(step).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_difference_is_named_once_by_its_place() {
        let money = |amount: &str| json!({"amount": amount, "currency": "CNY"});
        let before = json!({"version": 1, "rules": [
            {"id": "a", "benefits": [{"id": "fees", "waive": {"cap": money("500.00"), "share": "1"}}]},
            {"id": "b"}, {"id": "c"}], "limits": [{"count": 1}], "owner": "x"});
        let after = json!({"version": 2, "rules": [
            {"id": "d"}, {"id": "b"},
            {"id": "a", "benefits": [{"id": "fees", "waive": {"cap": money("400.00"), "share": "1"}}]}],
            "limits": [{"count": 1}, {"count": 3}], "owner": "x", "evidence": []});
        let found = changes(&before, &after);
        let places: Vec<String> = found.iter().map(place).collect();
        assert_eq!(
            places,
            ["rules", "rules/#a/benefits/#fees/waive/cap", "rules/#c", "rules/#d", "limits/2", "evidence"]
        );
        assert_eq!(found[0].how, How::Moved(vec!["a".into(), "b".into()], vec!["b".into(), "a".into()]));
        assert_eq!(found[1].how, How::Changed(money("500.00"), money("400.00")));
        assert_eq!(found[2].how, How::Removed(json!({"id": "c"})));
        assert_eq!(found[4].how, How::Added(json!({"count": 3})));
        assert_eq!(changes(&before, &before), []);
    }
}
