//! The first page: what this is, and where each goes in.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;

use super::form::Fields;
use super::frame::Frame;
use super::sign_in::home;
use super::turned::Turned;
use super::visitor::{Demo, Visitor, go};
use crate::api::problem::Problem;
use crate::api::session::admit;
use crate::service::access::Role;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(landing).service(help).service(enter).service(reset);
}

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    f: Frame,
    /// In a demonstration: each role by name, with what it is called and what it does.
    roles: Vec<(&'static str, &'static str, &'static str)>,
}

/// What each role is called, and does.
const ROLES: &[(Role, [&str; 2], [&str; 2])] = &[
    (
        Role::Borrower,
        ["借款人", "Borrower"],
        ["申请纾困，比较方案，查看进度", "Asks for relief, compares options, follows progress"],
    ),
    (
        Role::CareLead,
        ["关怀主管", "Care lead"],
        ["确认灾害，开设应急专属通道", "Confirms disasters, opens emergency channels"],
    ),
    (Role::CareAgent, ["关怀专员", "Care agent"], ["接待来电，代客申请", "Takes calls, applies for callers"]),
    (
        Role::FinanceReviewer,
        ["财务审核", "Finance reviewer"],
        ["查看待审事项与额度", "Looks at what waits, and at budgets"],
    ),
    (Role::FinanceApprover, ["财务复核", "Finance approver"], ["批准纾困，关账", "Approves relief, closes periods"]),
    (Role::PolicyAuthor, ["政策制定", "Policy author"], ["起草与测试纾困政策", "Writes and tests relief policies"]),
    (Role::PolicyApprover, ["政策审批", "Policy approver"], ["审批政策生效", "Puts policies in force"]),
    (Role::Auditor, ["审计", "Auditor"], ["查看一切，不改动任何内容", "Reads everything, changes nothing"]),
];

/// What this is, and where each goes in.
#[get("/")]
pub async fn landing(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor
        .open(
            |_| Ok(()),
            |f, ()| {
                let roles =
                    ROLES.iter().map(|(role, title, does)| (role.name(), f.language.of(*title), f.language.of(*does)));
                Landing { roles: roles.collect(), f }
            },
        )
        .await
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    f: Frame,
}

/// How it is used, and by whom.
#[get("/help")]
pub async fn help(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor.open(|_| Ok(()), |f, ()| Help { f }).await
}

/// In a demonstration: signs in as a role.
#[post("/demo/enter")]
pub async fn enter(
    request: HttpRequest,
    demo: web::Data<Option<Demo>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let (Some(demo), Some(role)) = (demo.get_ref().clone(), Role::of(fields.get("role"))) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let (visitor, signed_in) = visitor.with_service(move |service| (demo.enter)(service, role)).await?;
    let Some(signed_in) = signed_in else { return Err(visitor.turn(Problem::missing())) };
    let mut answer = go(home(&signed_in.principal));
    match admit(&request, &mut answer, &signed_in) {
        Ok(()) => Ok(answer),
        Err(problem) => Err(visitor.turn(problem)),
    }
}

/// In a demonstration: begins anew.
#[post("/demo/reset")]
pub async fn reset(demo: web::Data<Option<Demo>>, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let Some(demo) = demo.get_ref().clone() else { return Err(visitor.turn(Problem::missing())) };
    let may_reset = Arc::clone(&demo.may_reset);
    visitor.with_service(move |service| may_reset(service)).await?;
    (demo.reset)();
    Ok(go("/"))
}
