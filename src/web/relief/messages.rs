//! What a borrower was told by message; and that they want none, or want them again.

use actix_web::{HttpResponse, get, post};
use askama::Template;

use crate::service::access::Principal;
use crate::service::care::outreach::inbox::Received;
use crate::service::care::outreach::opt_out::{Scope, Whom, resume, stop};
use crate::service::{Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "relief/messages.html")]
struct Messages {
    f: Frame,
    received: Vec<Received>,
    /// Whether they said that they want no more.
    stopped: bool,
}

/// The messages, the last first.
#[get("/relief/messages")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    let load = |service: &Service, caller: &Principal| {
        let party = caller.borrower().ok_or(ServiceError::Missing("person"))?;
        let stopped = |scope: &str| scope == Scope::Messages.name();
        let said = service.opt_outs(party)?;
        let stopped = said.iter().any(|row| row.resumed_at.is_none() && stopped(&row.scope));
        Ok((service.messages_to(party)?, stopped))
    };
    visitor.show(load, |f, (received, stopped)| Messages { f, received, stopped }).await
}

/// Wants no more of them, or wants them again.
#[post("/relief/messages")]
pub async fn choose(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let wanted = fields.get("wanted") == "yes";
    visitor
        .act(&fields, wanted, |service, conn, caller, wanted| {
            let party = caller.borrower().ok_or(ServiceError::Missing("person"))?;
            let change = if *wanted { resume } else { stop };
            change(service, conn, &caller.actor, Whom::Person(party), (Scope::Messages, "web"))?;
            Ok(())
        })
        .await?;
    Ok(go("/relief/messages"))
}
