//! `/v1/session`: signing in and out. Browsers get a cookie that scripts cannot read; whoever is refused is not told why.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::cookie::time::OffsetDateTime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{COOKIE, json};
use super::limits::Limits;
use super::me::MeResponse;
use super::problem::Problem;
use super::serve::Proxy;
use crate::secret::Hidden;
use crate::service::access::borrower::{CodeAsked, CodeUsed};
use crate::service::access::session::SignedIn;
use crate::service::{Served, Service};

/// Somebody of the lender signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    /// Their name.
    pub name: String,
    /// Their password.
    #[schema(value_type = String)]
    pub password: Hidden<String>,
}

/// A borrower asks for a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// Their phone.
    #[schema(value_type = String)]
    pub phone: Hidden<String>,
}

/// A borrower has a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCodeBody {
    /// Their phone.
    #[schema(value_type = String)]
    pub phone: Hidden<String>,
    /// The code.
    #[schema(value_type = String)]
    pub code: Hidden<String>,
    /// Their identity number, where several people have the phone.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id_number: Option<Hidden<String>>,
}

/// A borrower comes from the lender's app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOffBody {
    /// What the app signed.
    pub token: String,
}

/// Whether a code is on its way; it does not say whether the phone is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeResponse {
    /// on_its_way.
    pub code: String,
}

pub(super) async fn work<T, F>(service: web::Data<Service>, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&Service) -> Served<T> + Send + 'static,
{
    Ok(web::block(move || work(&service)).await.map_err(|_| Problem::failed())??)
}

/// Counts an attempt by where it comes from.
///
/// # Errors
/// There were too many.
pub fn count(request: &HttpRequest) -> Result<(), Problem> {
    let limits = request.app_data::<web::Data<Arc<Limits>>>().ok_or_else(Problem::failed)?;
    let proxied = request.app_data::<Proxy>().is_some_and(|proxy| proxy.0);
    let info = request.connection_info();
    let from = if proxied { info.realip_remote_addr() } else { info.peer_addr() };
    // Where it is not said, all share one.
    let from = from.and_then(|from| from.parse().ok()).unwrap_or(IpAddr::from([0, 0, 0, 0]));
    limits.count_sign_in(from)
}

fn refused() -> Problem {
    let detail = "name or secret do not fit, or signing in is not possible now".to_owned();
    Problem::new(StatusCode::UNAUTHORIZED, "refused", "Not signed in", Some(detail))
}

/// The answer to whoever got in.
fn welcome(request: &HttpRequest, signed_in: Option<SignedIn>) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.ok_or_else(refused)?;
    let roles = signed_in.principal.roles.iter().map(|role| role.name().to_owned()).collect();
    let actor = signed_in.principal.actor.clone();
    let mut answer = HttpResponse::Created().json(MeResponse { id: actor.id, person: actor.person, roles });
    admit(request, &mut answer, &signed_in)?;
    Ok(answer)
}

/// Gives whoever got in their cookie: for this site alone, and no script reads it.
///
/// # Errors
/// The session ends at no moment that can be written.
pub fn admit(request: &HttpRequest, answer: &mut HttpResponse, signed_in: &SignedIn) -> Result<(), Problem> {
    let ends = OffsetDateTime::from_unix_timestamp(signed_in.expires_at.and_utc().timestamp());
    let cookie = Cookie::build(COOKIE, signed_in.token.show().clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(request.connection_info().scheme() == "https")
        .expires(ends.map_err(|_| Problem::failed())?)
        .finish();
    answer.add_cookie(&cookie).map_err(|_| Problem::failed())
}

/// Takes the cookie back.
///
/// # Errors
/// The answer takes none.
pub fn dismiss(answer: &mut HttpResponse) -> Result<(), Problem> {
    let mut gone = Cookie::build(COOKIE, "").path("/").finish();
    gone.make_removal();
    answer.add_cookie(&gone).map_err(|_| Problem::failed())
}

/// Signs somebody of the lender in.
#[utoipa::path(tag = "session", request_body = SignInBody,
    responses((status = 201, body = MeResponse), (status = 401, body = Problem), (status = 429, body = Problem)))]
#[post("/session")]
pub async fn sign_in(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    count(&request)?;
    let body: SignInBody = json(&body)?;
    let signed_in = work(service, move |service| service.sign_in(&body.name, &body.password)).await?;
    welcome(&request, signed_in)
}

/// Signs out.
#[utoipa::path(tag = "session", responses((status = 204)))]
#[delete("/session")]
pub async fn sign_out(request: HttpRequest, service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    if let Some(cookie) = request.cookie(COOKIE) {
        work(service, move |service| service.sign_out(cookie.value())).await?;
    }
    let mut answer = HttpResponse::NoContent().finish();
    dismiss(&mut answer)?;
    Ok(answer)
}

/// Sends a one-time code to a borrower's phone.
#[utoipa::path(tag = "session", request_body = CodeBody,
    responses((status = 202, body = CodeResponse), (status = 409, body = Problem), (status = 429, body = Problem)))]
#[post("/session/codes")]
pub async fn ask_code(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    count(&request)?;
    let body: CodeBody = json(&body)?;
    match work(service, move |service| service.ask_code(&body.phone)).await? {
        CodeAsked::OnItsWay => Ok(HttpResponse::Accepted().json(CodeResponse { code: "on_its_way".to_owned() })),
        CodeAsked::TooSoon => {
            let detail = Some("a code was sent just now, or too many were: wait a little".to_owned());
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_soon", "Too many codes", detail);
            Err(Problem { retry_after: Some(60), ..problem })
        }
    }
}

/// Signs a borrower in with a one-time code.
#[utoipa::path(tag = "session", request_body = UseCodeBody,
    responses((status = 201, body = MeResponse), (status = 401, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
#[post("/session/code")]
pub async fn use_code(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    count(&request)?;
    let body: UseCodeBody = json(&body)?;
    let used = work(service, move |service| service.use_code(&body.phone, &body.code, body.id_number.as_ref()));
    match used.await? {
        CodeUsed::In(signed_in) => welcome(&request, Some(signed_in)),
        CodeUsed::Refused => Err(refused()),
        CodeUsed::WhichPerson => {
            let detail = Some("several people have this phone: send the identity number too".to_owned());
            Err(Problem::new(StatusCode::CONFLICT, "which_person", "Who is it?", detail))
        }
    }
}

/// Signs a borrower in who comes from the lender's app.
#[utoipa::path(tag = "session", request_body = HandOffBody,
    responses((status = 201, body = MeResponse), (status = 401, body = Problem), (status = 429, body = Problem)))]
#[post("/session/hand-off")]
pub async fn hand_off(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    count(&request)?;
    let body: HandOffBody = json(&body)?;
    let signed_in = work(service, move |service| service.hand_off(&body.token)).await?;
    welcome(&request, signed_in)
}
