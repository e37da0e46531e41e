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

/// Who may be entered as: the name, what they are called, and what they do.
const ROLES: &[(&str, [&str; 2], [&str; 2])] = &[
    (
        "borrower",
        ["借款人", "Borrower"],
        ["申请纾困，比较方案，查看进度", "Asks for relief, compares options, follows progress"],
    ),
    (
        "care_lead",
        ["关怀主管", "Care lead"],
        ["确认灾害，开设应急专属通道", "Confirms disasters, opens emergency channels"],
    ),
    (
        "second_care_lead",
        ["第二位关怀主管", "Second care lead"],
        ["作为第二人批准一、二级响应通道", "Approves channels of levels I and II as the second person"],
    ),
    ("care_agent", ["关怀专员", "Care agent"], ["接待来电，代客申请", "Takes calls, applies for callers"]),
    (
        "finance_reviewer",
        ["财务审核", "Finance reviewer"],
        ["查看待审事项与额度", "Looks at what waits, and at budgets"],
    ),
    ("finance_approver", ["财务复核", "Finance approver"], ["批准纾困，关账", "Approves relief, closes periods"]),
    ("policy_author", ["政策制定", "Policy author"], ["起草与测试纾困政策", "Writes and tests relief policies"]),
    ("policy_approver", ["政策审批", "Policy approver"], ["审批政策生效", "Puts policies in force"]),
    (
        "auditor",
        ["审计", "Auditor"],
        ["查看账目、记录与设置，不改动任何内容", "Reads books, logs and settings, changes nothing"],
    ),
];

/// What this is, and where each goes in.
#[get("/")]
pub async fn landing(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor
        .open(
            |_| Ok(()),
            |f, ()| {
                let roles =
                    ROLES.iter().map(|(name, title, does)| (*name, f.language.of(*title), f.language.of(*does)));
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
    let known = ROLES.iter().find(|(name, ..)| *name == fields.get("role"));
    let (Some(demo), Some((name, ..))) = (demo.get_ref().clone(), known) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let (visitor, signed_in) = visitor.with_service(move |service| (demo.enter)(service, name)).await?;
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
