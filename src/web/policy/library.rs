//! The library: all versions of all policies, where each stands.

use actix_web::{HttpResponse, get};
use askama::Template;

use crate::service::access::Role;
use crate::service::policy::PolicyRow;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "policy/library.html")]
struct Library {
    f: Frame,
    rows: Vec<PolicyRow>,
}

impl Library {
    fn may_write(&self) -> bool {
        self.f.is_any(&[Role::PolicyAuthor])
    }
}

/// All versions, those of a policy together.
#[get("/policies")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor
        .show(
            |service, _| {
                let mut rows = service.policies(None)?;
                rows.sort_by(|one, other| one.slug.cmp(&other.slug).then(other.version.cmp(&one.version)));
                Ok(rows)
            },
            |f, rows| Library { f, rows },
        )
        .await
}
