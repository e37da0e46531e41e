//! A borrower's loans, and asking for relief for one of them.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::service::care::complaint::ComplaintRow;
use crate::service::event::open::OpenDisaster;
use crate::service::reference::outside;
use crate::service::relief::ask::{NewRequest, RequestRow, Said};
use crate::service::relief::told::OwnLoan;
use crate::service::{Served, Service};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "relief/loans.html")]
struct Loans {
    f: Frame,
    loans: Vec<(OwnLoan, Vec<ComplaintRow>)>,
    open: bool,
}

impl Loans {
    fn case(&self, row: &RequestRow) -> String {
        format!("/relief/cases/{}", outside("request", row.id))
    }

    fn complaint(&self, row: &ComplaintRow) -> String {
        format!("/relief/complaints/{}", outside("complaint", row.id))
    }

    fn complaint_state(&self, row: &ComplaintRow) -> &str {
        match row.state.as_str() {
            "open" => self.f.say("处理中", "Being looked into"),
            "resolved" => self.f.say("已答复", "Answered"),
            _ => self.f.say("已撤回", "Withdrawn"),
        }
    }

    fn state(&self, row: &RequestRow) -> &str {
        match row.state.as_str() {
            "needs_information" => self.f.say("等您补充或确认", "Waiting for you"),
            "closed" => self.f.say("已结束", "Closed"),
            _ => self.f.say("已受理", "Being dealt with"),
        }
    }
}

/// The loans.
#[get("/relief/loans")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor
        .show(
            |service, caller| {
                let open = service.store.read(|conn| service.open_disasters(conn))?;
                let open = open.iter().any(|disaster| !disaster.policies.is_empty());
                let with = |loan: OwnLoan| {
                    let complaints = service.complaints_on(caller, loan.row.id)?;
                    Ok((loan, complaints))
                };
                Ok((service.own_loans(caller)?.into_iter().map(with).collect::<Served<Vec<_>>>()?, open))
            },
            |f, (loans, open)| Loans { f, loans, open },
        )
        .await
}

#[derive(Template)]
#[template(path = "relief/ask.html")]
struct AskPage {
    f: Frame,
    account: String,
    disasters: Vec<OpenDisaster>,
    /// What was asked before and has not ended.
    before: Vec<RequestRow>,
}

impl AskPage {
    fn case(&self, row: &RequestRow) -> String {
        format!("/relief/cases/{}", outside("request", row.id))
    }
}

fn to_ask(service: &Service) -> Served<Vec<OpenDisaster>> {
    let mut open = service.store.read(|conn| service.open_disasters(conn))?;
    open.retain(|disaster| !disaster.policies.is_empty());
    Ok(open)
}

/// Which disaster it was.
#[get("/relief/ask/{account}")]
pub async fn ask_form(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let account = path.into_inner();
    let own = account.clone();
    visitor
        .show(
            move |service, caller| {
                service.account(caller, &own)?;
                let loans = service.own_loans(caller)?.into_iter().filter(|loan| loan.row.number == own);
                let mut before: Vec<RequestRow> = loans.flat_map(|loan| loan.requests).collect();
                before.retain(|row| row.state != "closed");
                Ok((to_ask(service)?, before))
            },
            move |f, (disasters, before)| AskPage { f, account, disasters, before },
        )
        .await
}

#[derive(Serialize, Deserialize)]
struct Asking {
    account: String,
    declaration: Option<String>,
}

/// Asks: it is decided at once.
#[post("/relief/ask/{account}")]
pub async fn ask(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let declaration = Some(fields.get("declaration").to_owned()).filter(|slug| !slug.is_empty());
    let asking = Asking { account: path.into_inner(), declaration };
    let request: String = visitor
        .act(&fields, asking, |service, conn, caller, body| {
            let own = caller.account(conn, &body.account)?;
            let new = NewRequest {
                account: body.account.clone(),
                declaration: body.declaration.clone(),
                via: Some("page".to_owned()),
                said: Said::default(),
            };
            Ok(outside("request", service.ask_of(conn, &caller.actor, &own, &new)?.request.id))
        })
        .await?;
    Ok(go(&format!("/relief/cases/{request}/question")))
}
