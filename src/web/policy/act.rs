//! What can be done with a version: handed in, approved by somebody else, given back, withdrawn.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::service::policy::flight::{Flight, Waits};
use crate::service::policy::{PolicyAct, PolicyRow};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// What is in flight that a page names, at most.
const FLIGHTS: i64 = 500;

type Key = web::Path<(String, i32)>;

async fn act(visitor: Visitor, path: Key, fields: &Fields, act: PolicyAct) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    let back = format!("/policies/{slug}/{version}");
    let digest = Some(fields.get("digest").to_owned()).filter(|digest| !digest.is_empty());
    visitor
        .act(fields, digest, move |service, conn, caller, digest| {
            service.move_policy(conn, &caller.actor, (&slug, version), act, digest.as_deref())?;
            Ok(())
        })
        .await?;
    Ok(go(&back))
}

/// Hands a draft in.
#[post("/policies/{slug}/{version}/submit")]
pub async fn submit(visitor: Visitor, path: Key, fields: Fields) -> Result<HttpResponse, Turned> {
    act(visitor, path, &fields, PolicyAct::Submit).await
}

/// Puts a version in force.
#[post("/policies/{slug}/{version}/approve")]
pub async fn approve(visitor: Visitor, path: Key, fields: Fields) -> Result<HttpResponse, Turned> {
    act(visitor, path, &fields, PolicyAct::Approve).await
}

/// Gives a version back to its author.
#[post("/policies/{slug}/{version}/return")]
pub async fn give_back(visitor: Visitor, path: Key, fields: Fields) -> Result<HttpResponse, Turned> {
    act(visitor, path, &fields, PolicyAct::Return).await
}

#[derive(Template)]
#[template(path = "policy/withdraw.html")]
struct Withdraw {
    f: Frame,
    row: PolicyRow,
    flights: Vec<Flight>,
    more: bool,
}

impl Withdraw {
    fn may(&self) -> bool {
        matches!(self.row.state.as_str(), "submitted" | "approved" | "effective" | "superseded")
    }

    /// What happens to something when the version is withdrawn.
    fn then(&self, flight: &Flight) -> &'static str {
        let zh = match flight.waits_for {
            Waits::Approval => "不再按此版本给予：批准时将撇开此版本重新决定",
            Waits::Consent => "方案失效：借款人同意时将撇开此版本重新决定",
            Waits::Money => "不再按此版本给予：有额度时将撇开此版本重新决定",
            Waits::Answer => "问题保留：收到回答后撇开此版本决定",
            Waits::Referral => "审核人会看到此版本已撤回：不能再按其给予",
            Waits::Others => "不再按此版本给予：与其等待的事项一并重新决定",
        };
        self.f.say(zh, flight.when_withdrawn)
    }
}

/// What is in flight under a version, before it is withdrawn.
#[get("/policies/{slug}/{version}/withdraw")]
pub async fn ask_withdraw(visitor: Visitor, path: Key) -> Result<HttpResponse, Turned> {
    let (slug, version) = path.into_inner();
    visitor
        .show(
            move |service, _| {
                let found = service.in_flight(&slug, version, 0, FLIGHTS)?;
                Ok((service.policy(&slug, version)?.0, found))
            },
            |f, (row, found)| Withdraw { f, row, more: found.next.is_some(), flights: found.items },
        )
        .await
}

/// Takes a version out of force at once.
#[post("/policies/{slug}/{version}/withdraw")]
pub async fn withdraw(visitor: Visitor, path: Key, fields: Fields) -> Result<HttpResponse, Turned> {
    act(visitor, path, &fields, PolicyAct::Withdraw).await
}
