//! One version: its text with problems at their lines, its cases with how they go, who did what, what can be done.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::text::{TextLine, lines};
use crate::api::rules::RULES;
use crate::service::Served;
use crate::service::access::Role;
use crate::service::policy::PolicyRow;
use crate::service::policy::cases::Tested;
use crate::service::reference::outside;
use crate::service::relief::preview::kept::PreviewRow;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// Previews that are looked through for those of a version.
const PREVIEWS: i64 = 500;

#[derive(Template)]
#[template(path = "policy/version.html")]
struct Version {
    f: Frame,
    row: PolicyRow,
    lines: Vec<TextLine>,
    tested: Tested,
    /// Names of its cases.
    cases: Vec<String>,
    /// Cases of other versions that it has not: a version and a name.
    elsewhere: Vec<(i32, String)>,
    others: Vec<PolicyRow>,
    declarations: Vec<String>,
    previews: Vec<PreviewRow>,
}

impl Version {
    fn path(&self) -> String {
        format!("/policies/{}/{}", self.row.slug, self.row.version)
    }

    fn is_author(&self) -> bool {
        self.f.is_any(&[Role::PolicyAuthor])
    }

    fn is_approver(&self) -> bool {
        self.f.is_any(&[Role::PolicyApprover])
    }

    /// Whether whoever looks wrote or submitted it: then somebody else approves.
    fn is_own(&self) -> bool {
        let person = self.f.who.as_ref().map(|who| who.actor.person.as_str());
        person == Some(self.row.drafted_by.as_str()) || (person.is_some() && person == self.row.submitted_by.as_deref())
    }

    fn may_withdraw(&self) -> bool {
        self.is_approver() && matches!(self.row.state.as_str(), "submitted" | "approved" | "effective" | "superseded")
    }

    fn may_preview(&self) -> bool {
        let preview = "/v1/policies/{slug}/{version}/preview";
        RULES.iter().any(|rule| rule.path == preview && self.f.is_any(rule.may))
    }

    fn preview(&self, row: &PreviewRow) -> String {
        outside("preview", row.id)
    }
}

/// The version.
#[get("/policies/{slug}/{version}")]
pub async fn show(visitor: Visitor, path: web::Path<(String, i32)>) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    visitor
        .show(
            move |service, _| {
                let (row, text) = service.policy(&slug, version)?;
                let lines = lines(&text, &service.check_policy(&text).problems);
                let tested = service.test_policy(&slug, version)?;
                let mut others = service.policies(Some(&slug))?;
                others.retain(|other| other.version != version);
                let names = |version: i32| -> Served<Vec<String>> {
                    Ok(service.cases(&slug, version)?.into_iter().map(|row| row.name).collect())
                };
                let cases = names(version)?;
                let mut elsewhere = Vec::new();
                for other in &others {
                    let own = names(other.version)?.into_iter().filter(|name| !cases.contains(name));
                    elsewhere.extend(own.map(|name| (other.version, name)));
                }
                let declarations = service.declarations(None)?.into_iter().map(|row| row.slug).collect();
                let mut previews = service.previews(0, PREVIEWS)?;
                previews.retain(|one| (one.policy.as_str(), one.version) == (slug.as_str(), version));
                Ok((row, lines, tested, (cases, elsewhere), others, declarations, previews))
            },
            |f, (row, lines, tested, (cases, elsewhere), others, declarations, previews)| Version {
                f,
                row,
                lines,
                tested,
                cases,
                elsewhere,
                others,
                declarations,
                previews,
            },
        )
        .await
}
