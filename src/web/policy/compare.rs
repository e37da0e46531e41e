//! What differs between two versions, in words: a line for each difference.

use actix_web::{HttpResponse, get, web};
use askama::Template;
use serde_json::Value;

use super::words;
use crate::service::ServiceError;
use crate::service::policy::PolicyRow;
use crate::service::policy::compare::{Change, How, Step, changes};
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "policy/compare.html")]
struct Compare {
    f: Frame,
    before: PolicyRow,
    after: PolicyRow,
    changes: Vec<Change>,
}

impl Compare {
    /// Where a difference stands.
    fn place(&self, change: &Change) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => words::part(&self.f, key).to_owned(),
            Step::Id(id) => id.clone(),
            Step::Nth(at) => self.f.put("第 {} 项", "no. {}", at),
        };
        change.at.iter().map(step).collect::<Vec<_>>().join(" › ")
    }

    /// How it differs: how that is marked, and the word.
    fn how(&self, change: &Change) -> (&'static str, &'static str) {
        match change.how {
            How::Added(_) => ("good", self.f.say("新增", "new")),
            How::Removed(_) => ("bad", self.f.say("删除", "gone")),
            How::Changed(..) => ("warn", self.f.say("修改", "changed")),
            How::Moved(..) => ("warn", self.f.say("顺序变化", "in another order")),
        }
    }

    fn before(&self, change: &Change) -> String {
        match &change.how {
            How::Added(_) => "—".to_owned(),
            How::Removed(value) | How::Changed(value, _) => self.value(value),
            How::Moved(ids, _) => ids.join(", "),
        }
    }

    fn after(&self, change: &Change) -> String {
        match &change.how {
            How::Removed(_) => "—".to_owned(),
            How::Added(value) | How::Changed(_, value) => self.value(value),
            How::Moved(_, ids) => ids.join(", "),
        }
    }

    /// A value as people read it: what has a title by that, money as money, the rest as it is written.
    fn value(&self, value: &Value) -> String {
        let text = |value: &Value| value.get(self.f.language.tag()).and_then(Value::as_str).map(str::to_owned);
        let money = || {
            let (amount, currency) = (value.get("amount")?.as_str()?, value.get("currency")?.as_str()?);
            Some(format!("{amount} {currency}"))
        };
        match value {
            Value::String(own) => own.clone(),
            Value::Array(all) => all.iter().map(|one| self.value(one)).collect::<Vec<_>>().join(", "),
            Value::Object(_) => {
                let titled = value.get("title").and_then(text).or_else(|| text(value)).or_else(money);
                titled.unwrap_or_else(|| value.to_string())
            }
            other => other.to_string(),
        }
    }
}

/// From another version to this one.
#[get("/policies/{slug}/{version}/compare/{other}")]
pub async fn show(visitor: Visitor, path: web::Path<(String, i32, i32)>) -> Result<HttpResponse, Turned> {
    let (slug, version, other) = path.into_inner();
    visitor
        .show(
            move |service, _| {
                let (before, had) = service.policy(&slug, version.min(other))?;
                let (after, has) = service.policy(&slug, version.max(other))?;
                let read = |text: &str| serde_json::from_str::<Value>(text).map_err(ServiceError::unknown);
                let found = changes(&read(&had)?, &read(&has)?);
                Ok((before, after, found))
            },
            |f, (before, after, changes)| Compare { f, before, after, changes },
        )
        .await
}
