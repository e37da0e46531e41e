//! The editor: a text that is checked, with problems at line and column, and kept as a draft once it has no errors.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::guide::{GUIDE, Part};
use super::text::Said;
use crate::service::Served;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "policy/edit.html")]
struct Editor {
    f: Frame,
    text: String,
    /// What is wrong with it; none before it was checked.
    checked: Option<Vec<Said>>,
}

impl Editor {
    fn guide(&self) -> &'static [Part] {
        &GUIDE
    }

    fn errors(&self) -> usize {
        self.checked.iter().flatten().filter(|one| one.error).count()
    }
}

/// A text to begin with: that of a version, or none.
#[get("/policies/edit")]
pub async fn form(visitor: Visitor, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse, Turned> {
    let fields = Fields::from(query);
    let named = fields.get("version").parse::<i32>().ok().map(|version| (fields.get("policy").to_owned(), version));
    visitor
        .show(
            move |service, _| -> Served<String> {
                let Some((slug, version)) = named else { return Ok(String::new()) };
                let (row, text) = service.policy(&slug, version)?;
                let last = service.policies(Some(&slug))?.into_iter().map(|row| row.version).max();
                let next = last.unwrap_or(version).saturating_add(1);
                Ok(if row.state == "draft" { text } else { numbered(&text, version, next) })
            },
            |f, text| Editor { f, text, checked: None },
        )
        .await
}

/// The text of a version as that of another, where its number stands as it is written commonly.
fn numbered(text: &str, version: i32, next: i32) -> String {
    for space in [" ", ""] {
        let (before, after) = (format!("\"version\":{space}{version}"), format!("\"version\":{space}{next}"));
        if text.contains(&before) {
            return text.replacen(&before, &after, 1);
        }
    }
    text.to_owned()
}

/// Checks the text; keeps it where that is asked for and nothing is wrong.
pub async fn send(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let text = fields.get("text").to_owned();
    let own = text.clone();
    let (visitor, (who, problems)) = visitor
        .each(&fields, move |service, _| Ok(service.check_policy(&own).problems.iter().map(Said::of).collect()))
        .await?;
    let problems: Vec<Said> = problems;
    if fields.get("do") != "keep" || problems.iter().any(|one| one.error) {
        return visitor.shown_to(who, |f| Editor { f, text, checked: Some(problems) });
    }
    let (slug, version): (String, i32) = visitor
        .act(&fields, text, |service, conn, caller, text| {
            let row = service.draft_policy(conn, &caller.actor, text)?;
            Ok((row.slug, row.version))
        })
        .await?;
    Ok(go(&format!("/policies/{slug}/{version}")))
}
