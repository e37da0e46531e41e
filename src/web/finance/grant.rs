//! One grant: why it was decided so, what it does to every payment, its entries in the journal; approved, turned down or
//! taken back here.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use crate::api::grants::decided_again;
use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::access::{Principal, Role};
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::relief::propose::GrantRow;
use crate::service::relief::told_decision::ToldGrant;
use crate::service::{Conn, Served, Service};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "finance/grant.html")]
struct GrantPage {
    f: Frame,
    grant: String,
    told: ToldGrant,
}

impl GrantPage {
    fn of(&self, row: &GrantRow) -> String {
        outside("grant", row.id)
    }

    fn may_approve(&self) -> bool {
        self.told.row.state == "pending_approval" && self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover])
    }

    fn may_refuse(&self) -> bool {
        let before = ["proposed", "pending_approval", "approved", "offered", "accepted"];
        before.contains(&self.told.row.state.as_str()) && self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover])
    }

    fn may_reverse(&self) -> bool {
        let can_be = matches!(self.told.row.state.as_str(), "posted" | "confirmed") || self.told.still_held.is_some();
        can_be && self.f.is_any(&[Role::FinanceApprover])
    }
}

/// The grant.
#[get("/finance/grants/{grant}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let grant = path.into_inner();
    let Ok(number) = id("grant", &grant) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    visitor
        .show(
            move |service, caller| service.tell_grant(caller, number, language),
            |f, told| GrantPage { f, grant, told },
        )
        .await
}

/// Approves what was shown.
#[post("/finance/grants/{grant}/approve")]
pub async fn approve(
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let grant = path.into_inner();
    let Ok(number) = id("grant", &grant) else { return Err(visitor.turn(Problem::missing())) };
    let again: Option<i64> = visitor
        .act(&fields, fields.get("shown").to_owned(), move |service, conn, caller, shown| {
            Ok(match service.approve_grant(conn, &caller.actor, number, shown)? {
                Agreed::Done(_) => None,
                Agreed::DecidedAgain(decision) => Some(decision),
            })
        })
        .await?;
    match again {
        None => Ok(go(&format!("/finance/grants/{grant}"))),
        Some(decision) => Err(Turned::of(&request).with(decided_again(decision).into())),
    }
}

/// Does something to a grant for a reason, and shows it again.
async fn because(
    visitor: Visitor,
    grant: &str,
    fields: &Fields,
    mut work: impl FnMut(&Service, &mut Conn, &Principal, (i64, &str)) -> Served<GrantRow> + Send + 'static,
) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("grant", grant) else { return Err(visitor.turn(Problem::missing())) };
    let reason = fields.get("reason").to_owned();
    if reason.is_empty() {
        return Err(visitor.turn(Problem::unreadable("/reason", "say why")));
    }
    visitor
        .act(fields, reason, move |service, conn, caller, reason| {
            work(service, conn, caller, (number, reason))?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/finance/grants/{grant}")))
}

/// Turns it down before it is posted.
#[post("/finance/grants/{grant}/refuse")]
pub async fn refuse(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    because(visitor, &path, &fields, |service, conn, caller, (grant, reason)| {
        service.refuse(conn, &caller.actor, grant, reason)
    })
    .await
}

/// Takes it back after it was posted.
#[post("/finance/grants/{grant}/reverse")]
pub async fn reverse(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    because(visitor, &path, &fields, |service, conn, caller, (grant, reason)| {
        service.reverse_grant(conn, &caller.actor, grant, reason)
    })
    .await
}
