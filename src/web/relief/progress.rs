//! Where a case stands, for whoever has its number and the end of the phone, without signing in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use crate::api::contact::progress::looked_up;
use crate::secret::Hidden;
use crate::service::Service;
use crate::service::care::case::progress::{Progress, Step};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "relief/progress.html")]
struct ProgressPage {
    f: Frame,
    refused: bool,
    found: Option<Progress>,
}

impl ProgressPage {
    fn words(&self, step: &Step) -> &'static str {
        step.words(self.f.language)
    }
}

/// Asks for the number.
#[get("/relief/progress")]
pub async fn form(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor.open(|_| Ok(()), |f, ()| ProgressPage { f, refused: false, found: None }).await
}

/// Shows where it stands. A number that there is not and wrong digits look alike.
#[post("/relief/progress")]
pub async fn look_up(
    request: HttpRequest,
    service: web::Data<Service>,
    visitor: Visitor,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let asked = (fields.get("case").to_owned(), Hidden::text(fields.get("last4")));
    match looked_up(&request, service, asked).await {
        Ok(Some(found)) => visitor.again(StatusCode::OK, |f| ProgressPage { f, refused: false, found: Some(found) }),
        Ok(None) => visitor.again(StatusCode::NOT_FOUND, |f| ProgressPage { f, refused: true, found: None }),
        Err(problem) => Err(visitor.turn(problem)),
    }
}
