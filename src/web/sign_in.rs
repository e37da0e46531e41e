//! Signing in and out, for those who work for the lender.

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;

use super::form::Fields;
use super::frame::{Frame, first_room};
use super::turned::Turned;
use super::visitor::{Visitor, go};
use crate::api::desk::COOKIE;
use crate::api::session::{admit, count, dismiss};
use crate::secret::Hidden;
use crate::service::access::Principal;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(form).service(sign_in).service(sign_out);
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    f: Frame,
    next: String,
    refused: bool,
}

/// Where somebody begins.
#[must_use]
pub fn home(who: &Principal) -> &'static str {
    if who.borrower().is_some() { "/relief/loans" } else { first_room(who).unwrap_or("/") }
}

/// A path of this house to go on to, from an address; nothing that leads elsewhere.
#[must_use]
pub fn next_of(text: &str) -> Option<&str> {
    let inside = text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\r', '\n', '\t']);
    inside.then_some(text)
}

/// Where the address says to go on to.
pub(super) fn next(request: &HttpRequest) -> String {
    let asked = request.query_string().split('&').find_map(|part| part.strip_prefix("next="));
    asked.and_then(next_of).unwrap_or_default().to_owned()
}

/// The form.
#[get("/sign-in")]
pub async fn form(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let next = next(&request);
    visitor.open(|_| Ok(()), move |f, ()| SignIn { f, next, refused: false }).await
}

/// Signs in.
#[post("/sign-in")]
pub async fn sign_in(request: HttpRequest, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    if let Err(problem) = count(&request) {
        return Err(visitor.turn(problem));
    }
    let (name, password) = (fields.get("name").to_owned(), Hidden::text(fields.get("password")));
    let (visitor, signed_in) = visitor.with_service(move |service| service.sign_in(&name, &password)).await?;
    let next = next_of(fields.get("next")).unwrap_or_default().to_owned();
    let Some(signed_in) = signed_in else {
        return visitor.again(StatusCode::UNAUTHORIZED, |f| SignIn { f, next, refused: true });
    };
    let mut answer = go(if next.is_empty() { home(&signed_in.principal) } else { &next });
    match admit(&request, &mut answer, &signed_in) {
        Ok(()) => Ok(answer),
        Err(problem) => Err(visitor.turn(problem)),
    }
}

/// Signs out.
#[post("/sign-out")]
pub async fn sign_out(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let cookie = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned());
    let (visitor, ()) =
        visitor.with_service(move |service| cookie.map_or(Ok(()), |cookie| service.sign_out(&cookie))).await?;
    let mut answer = go("/");
    match dismiss(&mut answer) {
        Ok(()) => Ok(answer),
        Err(problem) => Err(visitor.turn(problem)),
    }
}
