//! The cases of a version: looked at, written and taken out while it is a draft, and taken over from another version.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use crate::service::access::{Principal, Role};
use crate::service::{Problem, Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "policy/cases.html")]
struct CasesPage {
    f: Frame,
    slug: String,
    version: i32,
    name: String,
    text: String,
    /// Whether they are kept under this name already.
    kept: bool,
    /// Whether they can be changed: it is a draft.
    draft: bool,
    /// What is wrong with them.
    problems: Vec<Problem>,
}

impl CasesPage {
    fn may_change(&self) -> bool {
        self.draft && self.f.is_any(&[Role::PolicyAuthor])
    }
}

/// The text of cases, if there are any of that name.
fn body(service: &Service, slug: &str, version: i32, name: &str) -> Served<Option<String>> {
    let found = service.cases(slug, version)?.into_iter().find(|row| row.name == name);
    Ok(found.map(|row| row.body))
}

/// Cases of a name, or a form for new ones; `from` is a version that they are taken over from.
#[get("/policies/{slug}/{version}/cases")]
pub async fn form(
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<(String, i32)>,
) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    let asked = Fields::asked(&request);
    let (name, from) = (asked.get("name").to_owned(), asked.get("from").parse::<i32>().ok());
    let load = move |service: &Service, _: &Principal| {
        let draft = service.policy(&slug, version)?.0.state == "draft";
        let own = body(service, &slug, version, &name)?;
        let other = match (&own, from) {
            (None, Some(from)) => body(service, &slug, from, &name)?,
            _ => None,
        };
        let kept = own.is_some();
        if !draft && !kept {
            return Err(ServiceError::Missing("cases"));
        }
        Ok((slug, version, name, own.or(other).unwrap_or_default(), kept, draft))
    };
    visitor
        .show(load, |f, (slug, version, name, text, kept, draft)| CasesPage {
            f,
            slug,
            version,
            name,
            text,
            kept,
            draft,
            problems: Vec::new(),
        })
        .await
}

/// Keeps them with the draft, or takes them out. Where they cannot be read they are shown again with what is wrong.
pub async fn send(visitor: Visitor, path: web::Path<(String, i32)>, fields: Fields) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    let (name, text) = (fields.get("name").to_owned(), fields.get("text").to_owned());
    let remove = fields.get("do") == "remove";
    let at = format!("/policies/{slug}/{version}");
    let visitor = if remove {
        visitor
    } else {
        let (own, asked, checked) = (slug.clone(), name.clone(), text.clone());
        let check = move |service: &Service, _: &Principal| {
            let draft = service.policy(&own, version)?.0.state == "draft";
            let kept = body(service, &own, version, &asked)?.is_some();
            Ok((service.check_cases(&asked, &checked), kept, draft))
        };
        let (visitor, (who, (wrong, kept, draft))) = visitor.each(&fields, check).await?;
        if !wrong.is_empty() {
            let page = |f| CasesPage { f, slug, version, name, text, kept, draft, problems: wrong };
            return visitor.shown_with(StatusCode::UNPROCESSABLE_ENTITY, who, page);
        }
        visitor
    };
    visitor
        .act(&fields, (slug, name, text, remove), move |service, conn, caller, (slug, name, text, remove)| {
            if *remove {
                service.remove_cases(conn, &caller.actor, (slug, version), name)?;
            } else {
                service.keep_cases(conn, &caller.actor, (slug, version), name, text)?;
            }
            Ok(())
        })
        .await?;
    Ok(go(&at))
}
