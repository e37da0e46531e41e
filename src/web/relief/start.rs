//! Which disasters count, and getting in: with phone and code, or from the lender's app.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use forbear_engine::declaration::Designation;
use forbear_engine::region::{RegionId, RegionTree};

use crate::api::problem::Problem;
use crate::api::session::{admit, count};
use crate::secret::Hidden;
use crate::service::access::borrower::{CodeAsked, CodeUsed};
use crate::service::access::session::SignedIn;
use crate::service::care::channel::Of;
use crate::service::care::channel::publishing::Shown;
use crate::service::event::open::OpenDisaster;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::sign_in::{next, next_of};
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// Open channels that are looked through.
const MOST_CHANNELS: i64 = 100;

#[derive(Template)]
#[template(path = "relief/home.html")]
struct Home {
    f: Frame,
    disasters: Vec<OpenDisaster>,
    /// Of channels that are open: what they say, and the number to call.
    lines: Vec<(String, String)>,
}

impl Home {
    fn area(&self, region: &RegionId) -> String {
        RegionTree::builtin().full_name(*region)
    }

    fn mark(&self, designation: &Option<Designation>) -> &str {
        match designation {
            Some(Designation::Severe) => self.f.say("重灾区", "hit hard"),
            Some(Designation::Affected) => self.f.say("受灾区", "hit"),
            Some(Designation::Adjacent) => self.f.say("毗邻区", "next to it"),
            None => self.f.say("灾区", "designated"),
        }
    }
}

/// Which disasters count.
#[get("/relief")]
pub async fn home(visitor: Visitor) -> Result<HttpResponse, Turned> {
    let language = visitor.language();
    let load = move |service: &crate::service::Service| {
        let disasters = service.store.read(|conn| service.open_disasters(conn))?;
        let of = Of { state: Some("open".to_owned()), declaration: None };
        let mut lines = Vec::new();
        for row in service.channels(&of, 0, MOST_CHANNELS)? {
            let offered = Shown::of(&row)?.offered;
            if offered.expires_on >= service.clock.today() {
                lines.push((offered.banner.get(language).to_owned(), offered.hotline));
            }
        }
        Ok((disasters, lines))
    };
    visitor.open(load, |f, (disasters, lines)| Home { f, disasters, lines }).await
}

#[derive(Template)]
#[template(path = "relief/phone.html")]
struct Phone {
    f: Frame,
    next: String,
    wait: bool,
}

#[derive(Template)]
#[template(path = "relief/code.html")]
struct Code {
    f: Frame,
    next: String,
    phone: String,
    refused: bool,
    which: bool,
}

#[derive(Template)]
#[template(path = "relief/entered.html")]
struct Entered {
    f: Frame,
}

/// Asks for the phone.
#[get("/relief/sign-in")]
pub async fn phone_form(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let next = next(&request);
    visitor.open(|_| Ok(()), move |f, ()| Phone { f, next, wait: false }).await
}

/// Sends a code, and asks for it. Whether the phone is known is not said.
#[post("/relief/sign-in")]
pub async fn ask_code(request: HttpRequest, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    if let Err(problem) = count(&request) {
        return Err(visitor.turn(problem));
    }
    let (phone, next) = (fields.get("phone").to_owned(), next_of(fields.get("next")).unwrap_or_default().to_owned());
    let asked = Hidden::text(&phone);
    let (visitor, asked) = visitor.with_service(move |service| service.ask_code(&asked)).await?;
    match asked {
        CodeAsked::TooSoon => visitor.again(StatusCode::TOO_MANY_REQUESTS, |f| Phone { f, next, wait: true }),
        CodeAsked::OnItsWay => visitor.again(StatusCode::OK, |f| Code { f, next, phone, refused: false, which: false }),
    }
}

/// Signs in with the code.
#[post("/relief/code")]
pub async fn use_code(request: HttpRequest, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    if let Err(problem) = count(&request) {
        return Err(visitor.turn(problem));
    }
    let (phone, next) = (fields.get("phone").to_owned(), next_of(fields.get("next")).unwrap_or_default().to_owned());
    let (asked, code) = (Hidden::text(&phone), Hidden::text(fields.get("code")));
    let number = Some(fields.get("id_number")).filter(|text| !text.is_empty()).map(Hidden::text);
    let (visitor, used) = visitor.with_service(move |service| service.use_code(&asked, &code, number.as_ref())).await?;
    match used {
        CodeUsed::In(signed_in) => enter(&request, visitor, &signed_in, &next),
        CodeUsed::Refused => {
            visitor.again(StatusCode::UNAUTHORIZED, |f| Code { f, next, phone, refused: true, which: false })
        }
        CodeUsed::WhichPerson => {
            visitor.again(StatusCode::CONFLICT, |f| Code { f, next, phone, refused: false, which: true })
        }
    }
}

/// Signs in whom the lender's app sends, with what it signed.
#[get("/relief/from-app")]
pub async fn from_app(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    if let Err(problem) = count(&request) {
        return Err(visitor.turn(problem));
    }
    let token = request.query_string().split('&').find_map(|part| part.strip_prefix("token=")).unwrap_or_default();
    let token = token.to_owned();
    let (visitor, signed_in) = visitor.with_service(move |service| service.hand_off(&token)).await?;
    let Some(signed_in) = signed_in else { return Err(visitor.turn(Problem::unknown_caller())) };
    // The app's page leads here, and the cookie is for requests that come from this site: its own page leads on.
    let mut answer = visitor.again(StatusCode::OK, |f| Entered { f })?;
    admit(&request, &mut answer, &signed_in).map_err(|problem| Turned::of(&request).with(problem))?;
    Ok(answer)
}

fn enter(request: &HttpRequest, visitor: Visitor, signed_in: &SignedIn, next: &str) -> Result<HttpResponse, Turned> {
    let mut answer = go(if next.is_empty() { "/relief/loans" } else { next });
    match admit(request, &mut answer, signed_in) {
        Ok(()) => Ok(answer),
        Err(problem) => Err(visitor.turn(problem)),
    }
}
