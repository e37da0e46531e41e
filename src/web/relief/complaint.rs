//! Complaining, and what became of it: the answer, how content one is with it, opening it again.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::secret::Hidden;
use crate::service::access::Principal;
use crate::service::care::complaint::{CLASSES, ComplaintRow, NewComplaint};
use crate::service::care::contact::words::Said;
use crate::service::reference::outside;
use crate::service::{Conn, Served, Service};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// What a borrower reads of what was said: their own words, and the answer.
const THEIRS: [&str; 3] = ["complaint", "again", "resolution"];

#[derive(Template)]
#[template(path = "relief/complain.html")]
struct ComplainPage {
    f: Frame,
    account: String,
}

impl ComplainPage {
    fn classes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        CLASSES.iter().map(|(class, words)| (*class, self.f.language.of(*words)))
    }
}

/// What is wrong.
#[get("/relief/complain/{account}")]
pub async fn form(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let account = path.into_inner();
    let own = account.clone();
    let load = move |service: &Service, caller: &Principal| service.account(caller, &own).map(|_| ());
    visitor.show(load, |f, ()| ComplainPage { f, account }).await
}

#[derive(Serialize, Deserialize)]
struct Complaining {
    account: String,
    class: String,
    /// What is said is sealed: the key of a form knows it by its digest.
    digest: String,
}

/// Complains. The clock begins today.
#[post("/relief/complain/{account}")]
pub async fn complain(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let (class, said) = (fields.get("class").to_owned(), Hidden::text(fields.get("words")));
    let digest = crate::service::evidence::sha256(said.show().as_bytes());
    let body = Complaining { account: path.into_inner(), class, digest };
    let made: String = visitor
        .act(&fields, body, move |service, conn, caller, body| {
            let new = NewComplaint {
                contact: None,
                account: Some(body.account.clone()),
                class: body.class.clone(),
                words: said.clone(),
                channel: Some("page".to_owned()),
            };
            Ok(outside("complaint", service.take_complaint(conn, caller, &new)?.id))
        })
        .await?;
    Ok(go(&format!("/relief/complaints/{made}")))
}

#[derive(Template)]
#[template(path = "relief/complaint.html")]
struct ComplaintPage {
    f: Frame,
    complaint: String,
    row: ComplaintRow,
    number: String,
    said: Vec<Said>,
}

impl ComplaintPage {
    fn about(&self) -> &str {
        let known = CLASSES.iter().find(|(class, _)| *class == self.row.class);
        known.map_or(self.row.class.as_str(), |(_, words)| self.f.language.of(*words))
    }
}

/// Where it stands.
#[get("/relief/complaints/{complaint}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(own) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    let about = complaint.clone();
    let load = move |service: &Service, caller: &Principal| {
        let (row, number) = service.complaint(caller, own)?;
        let mut said = service.words_of(&caller.actor, row.case_id, Some(&about))?;
        said.retain(|said| THEIRS.contains(&said.kind.as_str()));
        Ok((row, number, said))
    };
    visitor.show(load, |f, (row, number, said)| ComplaintPage { f, complaint, row, number, said }).await
}

/// Does something with a complaint, and shows it again.
async fn with<F>(visitor: Visitor, complaint: String, fields: Fields, work: F) -> Result<HttpResponse, Turned>
where
    F: Fn(&Service, &mut Conn, &Principal, i64) -> Served<ComplaintRow> + Send + 'static,
{
    let Ok(own) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    visitor.act(&fields, own, move |service, conn, caller, own| work(service, conn, caller, *own).map(|_| ())).await?;
    Ok(go(&format!("/relief/complaints/{complaint}")))
}

/// No longer makes it.
#[post("/relief/complaints/{complaint}/withdraw")]
pub async fn withdraw(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    with(visitor, path.into_inner(), fields, |service, conn, caller, own| service.withdraw_complaint(conn, caller, own))
        .await
}

/// Says how content one is.
#[post("/relief/complaints/{complaint}/rate")]
pub async fn rate(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    // What is no number is refused as one out of bounds.
    let score = fields.get("score").parse().unwrap_or(0);
    with(visitor, path.into_inner(), fields, move |service, conn, caller, own| {
        service.rate_complaint(conn, caller, own, score)
    })
    .await
}

/// Is not content with the answer.
#[post("/relief/complaints/{complaint}/reopen")]
pub async fn reopen(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let reason = Hidden::text(fields.get("reason"));
    with(visitor, path.into_inner(), fields, move |service, conn, caller, own| {
        service.reopen_complaint(conn, caller, own, &reason)
    })
    .await
}
