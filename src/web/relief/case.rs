//! The case: where it stands, what was decided and why, what can be done now; appeal, withdrawal, and the letter.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::options::{Choosable, choosable};
use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::care::case::progress::words;
use crate::service::evidence::EvidenceRow;
use crate::service::reference::outside;
use crate::service::relief::ask::{RequestRow, Said};
use crate::service::relief::told::Told;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// What a borrower can do next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Answer,
    Choose,
    Agree,
    Show,
    Nothing,
}

#[derive(Template)]
#[template(path = "relief/case.html")]
struct Case {
    f: Frame,
    request: String,
    told: Told,
    next: Next,
    granted: Option<Choosable>,
    files: Vec<EvidenceRow>,
}

fn next(told: &Told) -> Next {
    if told.asked.grants.iter().any(|grant| grant.state == "offered") {
        return Next::Agree;
    }
    if told.asked.request.state != "needs_information" {
        return Next::Nothing;
    }
    match (&told.questions[..], told.compared.as_ref().is_some_and(|compared| compared.offers.len() > 1)) {
        ([_, ..], _) => Next::Answer,
        (_, true) => Next::Choose,
        _ => Next::Show,
    }
}

/// What a case comes to, in one word, with how it is marked.
fn headline(f: &Frame, told: &Told, next: Next) -> (&'static str, String) {
    let say = |zh: &str, en: &str| f.say(zh, en).to_owned();
    let given = |state: &[&str]| told.asked.grants.iter().any(|grant| state.contains(&grant.state.as_str()));
    match (told.asked.request.state.as_str(), told.asked.outcome.as_deref(), next) {
        (_, _, Next::Agree) => ("warn", say("请您确认方案", "Please look at the offer and agree")),
        (_, _, Next::Answer) => ("warn", say("请您回答几个问题", "Please answer a few questions")),
        (_, _, Next::Choose) => ("warn", say("请您选择一个方案", "Please choose one of the options")),
        (_, _, Next::Show) => ("warn", say("请您补充材料", "Please show what is asked for")),
        ("closed", _, _) if !given(&["posted", "confirmed"]) => ("soft", say("案件已结束", "The case is closed")),
        (_, Some("declined"), _) => ("bad", say("这次未能批准", "It could not be granted")),
        (_, Some("referred"), _) => ("warn", say("正在人工审核", "A person is looking at it")),
        _ if given(&["posted", "confirmed"]) => ("good", say("纾困已生效", "Relief is in force")),
        _ if given(&["pending_approval", "proposed", "approved"]) => {
            ("warn", say("符合政策，等待复核", "Granted by policy, waiting for approval"))
        }
        _ => ("soft", say("已受理", "Received")),
    }
}

impl Case {
    fn headline(&self) -> (&'static str, String) {
        headline(&self.f, &self.told, self.next)
    }

    fn step(&self, kind: &str) -> &str {
        words(kind, self.f.language).unwrap_or("—")
    }

    fn of(&self, row: &RequestRow) -> String {
        outside("request", row.id)
    }

    fn can_withdraw(&self) -> bool {
        let given = self.told.asked.grants.iter().any(|grant| matches!(grant.state.as_str(), "posted" | "confirmed"));
        self.told.asked.request.state != "closed" && !given
    }
}

/// The case.
#[get("/relief/cases/{request}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    visitor
        .show(
            move |service, caller| {
                let told = service.tell_request(caller, number, language)?;
                let files = service.evidence(caller, number)?.into_iter().map(|(row, ..)| row).collect();
                Ok((told, files))
            },
            |f, (told, files)| {
                let next = next(&told);
                let given =
                    told.asked.grants.iter().any(|grant| !matches!(grant.state.as_str(), "rejected" | "reversed"));
                let granted = choosable(&f, &told).into_iter().next().filter(|one| given && one.name.is_empty());
                Case { request, next, granted, files, told, f }
            },
        )
        .await
}

/// No longer wants it.
#[post("/relief/cases/{request}/withdraw")]
pub async fn withdraw(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, number, |service, conn, caller, number| {
            service.may_see_request(conn, caller, *number)?;
            service.withdraw_request(conn, &caller.actor, *number)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/relief/cases/{request}")))
}

#[derive(Template)]
#[template(path = "relief/appeal.html")]
struct AppealPage {
    f: Frame,
    request: String,
    told: Told,
}

/// Why it should be decided otherwise.
#[get("/relief/cases/{request}/appeal")]
pub async fn appeal_form(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    let load = move |service: &crate::service::Service, caller: &_| service.tell_request(caller, number, language);
    visitor.show(load, |f, told| AppealPage { f, request, told }).await
}

/// Appeals.
#[post("/relief/cases/{request}/appeal")]
pub async fn appeal(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let reason = fields.get("reason").to_owned();
    let appealed: String = visitor
        .act(&fields, (number, reason), |service, conn, caller, (number, reason)| {
            service.may_see_request(conn, caller, *number)?;
            let made = service.appeal(conn, &caller.actor, *number, (reason, &Said::default()))?;
            Ok(outside("request", made.request.id))
        })
        .await?;
    Ok(go(&format!("/relief/cases/{appealed}")))
}

#[derive(Template)]
#[template(path = "relief/letter.html")]
struct Letter {
    f: Frame,
    request: String,
    told: Told,
    headline: String,
    granted: Option<Choosable>,
}

/// The decision as a letter, to print and keep.
#[get("/relief/cases/{request}/letter")]
pub async fn letter(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    let load = move |service: &crate::service::Service, caller: &_| service.tell_request(caller, number, language);
    visitor
        .show(load, |f, told| {
            let given = told.asked.grants.iter().any(|grant| matches!(grant.state.as_str(), "posted" | "confirmed"));
            let granted = choosable(&f, &told).into_iter().next().filter(|one| given && one.name.is_empty());
            let headline = headline(&f, &told, next(&told)).1;
            Letter { request, headline, granted, told, f }
        })
        .await
}
