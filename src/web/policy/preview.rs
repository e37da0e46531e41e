//! Previews against the book: begun from a version, worked out in the background, shown by area and benefit.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::money::Money;
use forbear_engine::region::RegionTree;
use serde_json::Value;

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::ServiceError;
use crate::service::reference::outside;
use crate::service::relief::preview::kept::{KeptPreview, NewPreview, PreviewRow};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// Begins one.
#[post("/policies/{slug}/{version}/preview")]
pub async fn begin(visitor: Visitor, path: web::Path<(String, i32)>, fields: Fields) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    let declarations: Vec<String> = fields.all("declaration").into_iter().map(str::to_owned).collect();
    let said = (declarations, fields.get("nobody_asks") == "yes", fields.get("today").to_owned());
    let begun: String = visitor
        .act(&fields, said, move |service, conn, caller, (declarations, nobody_asks, today)| {
            let wrong = |_| ServiceError::invalid("/today", format!("{today} is no day such as 2021-07-29"));
            let new = NewPreview {
                declarations: declarations.clone(),
                answers: None,
                nobody_asks: *nobody_asks,
                today: if today.is_empty() { None } else { Some(today.parse().map_err(wrong)?) },
            };
            let row = service.ask_preview(conn, &caller.actor, (&slug, version), &new)?;
            Ok(outside("preview", row.id))
        })
        .await?;
    Ok(go(&format!("/previews/{begun}")))
}

#[derive(Template)]
#[template(path = "policy/preview.html")]
struct PreviewPage {
    f: Frame,
    preview: String,
    row: PreviewRow,
    asked: KeptPreview,
    result: Option<Value>,
}

/// A row of a table of what a preview came to.
struct Figures<'a> {
    name: String,
    of: &'a Value,
}

impl PreviewPage {
    fn is_under_way(&self) -> bool {
        matches!(self.row.state.as_str(), "waiting" | "running")
    }

    fn is_own(&self) -> bool {
        self.f.who.as_ref().is_some_and(|who| who.actor.id == self.row.caller)
    }

    /// How far it is, in hundredths.
    fn percent(&self) -> i64 {
        self.row.decided.saturating_mul(100).checked_div(self.row.accounts).unwrap_or_default()
    }

    fn count(&self, name: &str) -> String {
        let counted = self.result.as_ref().and_then(|result| result.get(name)?.as_u64());
        counted.map_or_else(|| "—".to_owned(), |count| count.to_string())
    }

    /// Accounts by how they end.
    fn endings(&self) -> Vec<(&'static str, u64)> {
        let say = |zh, en| self.f.say(zh, en);
        let words = [
            ("granted_proactively", say("免申即享", "given without being asked for")),
            ("granted_on_request", say("申请即得", "given if asked for")),
            ("needs_information", say("需补充信息", "more has to be answered")),
            ("referred", say("转人工", "referred to a person")),
            ("declined", say("不予", "declined")),
            ("not_computable", say("无法计算", "cannot be worked out")),
        ];
        let endings = self.result.as_ref().and_then(|result| result.get("endings"));
        let of = |name: &str| endings.and_then(|all| all.get(name)?.as_u64());
        words.into_iter().filter_map(|(name, word)| Some((word, of(name)?))).collect()
    }

    /// The tables that are shown, each with what it is called.
    fn tables(&self) -> [(&'static str, &'static str); 3] {
        let say = |zh, en| self.f.say(zh, en);
        [
            ("total", say("合计", "All in all")),
            ("by_benefit", say("按政策与措施", "By policy and benefit")),
            ("by_region", say("按地区", "By area")),
        ]
    }

    /// The rows of a table, each with what it is called.
    fn table(&self, table: &str) -> Vec<Figures<'_>> {
        let rows = self.result.as_ref().and_then(|result| result.get(table)?.as_array());
        let named = |of: &'_ Value| {
            let text = |name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let tree = RegionTree::builtin();
            match table {
                "by_region" => {
                    let code = text("region");
                    tree.find(&code).map_or(code, |region| tree.full_name(region))
                }
                "by_benefit" => format!("{} · {}", text("policy"), text("benefit")),
                _ => self.f.say("合计", "all in all").to_owned(),
            }
        };
        rows.into_iter().flatten().map(|of| Figures { name: named(of), of }).collect()
    }

    /// Of its own accord, or when asked.
    fn part(&self, row: &Figures<'_>) -> &'static str {
        let asked = row.of.get("part").and_then(Value::as_str) == Some("request");
        if asked {
            self.f.say("申请后另给", "if everybody asks")
        } else {
            self.f.say("免申即享", "without asking")
        }
    }

    fn number(&self, row: &Figures<'_>, name: &str) -> String {
        row.of.get(name).and_then(Value::as_u64).unwrap_or_default().to_string()
    }

    fn money(&self, row: &Figures<'_>, name: &str) -> String {
        let money = row.of.get(name).and_then(|money| serde_json::from_value::<Money>(money.clone()).ok());
        money.map_or_else(|| "—".to_owned(), |money| self.f.money(&money))
    }
}

/// How far it is, and what it came to.
#[get("/previews/{preview}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let preview = path.into_inner();
    let Ok(number) = id("preview", &preview) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .show(
            move |service, _| {
                let row = service.preview(number)?;
                let asked: KeptPreview = serde_json::from_str(&row.asked).map_err(ServiceError::unknown)?;
                let result = row.result.as_deref().map(serde_json::from_str::<Value>).transpose();
                let result = result.map_err(ServiceError::unknown)?;
                Ok((row, asked, result))
            },
            |f, (row, asked, result)| PreviewPage { f, preview, row, asked, result },
        )
        .await
}

/// Ends one that is under way.
#[post("/previews/{preview}/cancel")]
pub async fn cancel(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let preview = path.into_inner();
    let Ok(number) = id("preview", &preview) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (), move |service, conn, caller, ()| {
            service.cancel_preview(conn, &caller.actor, number)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/previews/{preview}")))
}
