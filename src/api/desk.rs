//! The desk: where every request is received. It knows the caller, holds the rule of the route against their roles, and
//! does the work on a thread that may wait, once for each Idempotency-Key.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, COOKIE as SENT_COOKIE, ETAG, HeaderMap, HeaderName, IF_MATCH, ORIGIN};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::problem::Problem;
use super::rules::{self, Rule};
use crate::service::access::{Credentials, Principal};
use crate::service::error::pointer;
use crate::service::once::Key;
use crate::service::{Conn, Served, Service, ServiceError};

/// A request at the desk.
pub struct Desk {
    /// Those of the thread that received it: counted by nobody else.
    service: web::Data<Service>,
    limits: web::Data<Arc<Limits>>,
    rule: &'static Rule,
    credentials: Credentials,
    /// Who calls, once that is known.
    known: Option<Principal>,
    key: Option<String>,
    if_match: Option<String>,
    path: String,
}

impl FromRequest for Desk {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::receive(request))
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest Idempotency-Key.
const LONGEST_KEY: usize = 200;

/// The cookie of a session.
pub const COOKIE: &str = "forbear_session";

impl Desk {
    fn receive(request: &HttpRequest) -> Result<Self, Problem> {
        let service = request.app_data::<web::Data<Service>>().ok_or_else(Problem::failed)?;
        let limits = request.app_data::<web::Data<Arc<Limits>>>().ok_or_else(Problem::failed)?;
        let rule = rules::find(request.method(), request.match_info().as_str()).ok_or_else(|| {
            tracing::error!(path = request.path(), "a route without a rule");
            Problem::failed()
        })?;
        let headers = request.headers();
        let key = header(headers, &IDEMPOTENCY_KEY)?;
        if key.is_some_and(|key| key.is_empty() || key.len() > LONGEST_KEY) {
            return Err(Problem::unreadable("", format!("an Idempotency-Key has 1 to {LONGEST_KEY} characters")));
        }
        let bearer = header(headers, &AUTHORIZATION)?.and_then(|value| value.strip_prefix("Bearer "));
        let bearer = bearer.map(|token| token.trim().to_owned());
        let session = if headers.contains_key(SENT_COOKIE) { request.cookie(COOKIE) } else { None };
        let session = session.map(|cookie| cookie.value().to_owned());
        // A form of another site would sign somebody in as somebody else.
        let is_page = !rule.path.starts_with("/v1/");
        if bearer.is_none() && (session.is_some() || is_page) && is_of_another_site(request) {
            return Err(Problem::forbidden("the request comes from another site".to_owned()));
        }
        Ok(Self {
            service: service.clone(),
            limits: limits.clone(),
            rule,
            credentials: Credentials { bearer, session },
            known: None,
            key: key.map(str::to_owned),
            if_match: header(headers, &IF_MATCH)?.map(|tag| tag.trim_matches('"').to_owned()),
            path: request.path().to_owned(),
        })
    }

    /// Reads.
    ///
    /// # Errors
    /// The caller may not, or the work fails.
    pub async fn read<T, F>(self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Service, &Principal) -> Served<T> + Send + 'static,
    {
        let span = tracing::info_span!("work");
        let done = web::block(move || {
            let _entered = span.entered();
            let caller = self.caller()?;
            Ok(work(&self.service, &caller)?)
        });
        done.await.map_err(|_| Problem::failed())?
    }

    /// Reads before it is said what is done; the caller is let in once.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn peek<T, F>(&mut self, work: F) -> Result<(Principal, T), Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Service, &Principal) -> Served<T> + Send + 'static,
    {
        let (service, credentials) = (self.service.clone(), self.credentials.clone());
        let known = match self.known.clone() {
            Some(known) => known,
            None => {
                let known = web::block(move || service.authenticate(&credentials));
                let known = known.await.map_err(|_| Problem::failed())??.ok_or_else(Problem::unknown_caller)?;
                self.let_in(known)?
            }
        };
        self.known = Some(known.clone());
        let service = self.service.clone();
        let done = web::block(move || work(&service, &known).map(|done| (known, done)));
        Ok(done.await.map_err(|_| Problem::failed())??)
    }

    /// Lets the caller in, for an answer that is read while it is sent.
    ///
    /// # Errors
    /// The caller may not.
    pub async fn admit(self) -> Result<web::Data<Service>, Problem> {
        let admitted = web::block(move || self.caller().map(|_| self.service));
        admitted.await.map_err(|_| Problem::failed())?
    }

    /// Lets the caller in, for a body that is read while it comes: who it is, too.
    ///
    /// # Errors
    /// The caller may not.
    pub async fn admit_caller(self) -> Result<(web::Data<Service>, Principal), Problem> {
        let admitted = web::block(move || self.caller().map(|caller| (self.service, caller)));
        admitted.await.map_err(|_| Problem::failed())?
    }

    /// Does work in one transaction, once for each Idempotency-Key of the caller and route; answers the same again when
    /// it is sent again.
    ///
    /// # Errors
    /// The caller may not, the work fails, or the key came with another body before.
    pub async fn once<B, T, F>(self, status: StatusCode, body: B, mut work: F) -> Result<HttpResponse, Problem>
    where
        B: Serialize + Send + 'static,
        T: Serialize,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<T> + Send + 'static,
    {
        self.once_or(body, move |service, conn, caller, body| {
            let said = work(service, conn, caller, body)?;
            Ok((status, serde_json::to_string(&said).map_err(ServiceError::unknown)?))
        })
        .await
    }

    /// The same for work that chooses the status of its answer.
    ///
    /// # Errors
    /// As [`Desk::once`].
    pub async fn once_or<B, F>(self, body: B, work: F) -> Result<HttpResponse, Problem>
    where
        B: Serialize + Send + 'static,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<(StatusCode, String)> + Send + 'static,
    {
        let (status, body) = self.said(body, work).await?;
        let status = StatusCode::from_u16(status).map_err(|_| Problem::failed())?;
        let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
        Ok(HttpResponse::build(status).content_type(kind).body(body))
    }

    /// The same for a page, which goes on with what the work comes to.
    ///
    /// # Errors
    /// As [`Desk::once`].
    pub async fn act<B, T, F>(self, body: B, mut work: F) -> Result<T, Problem>
    where
        B: Serialize + Send + 'static,
        T: Serialize + DeserializeOwned,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<T> + Send + 'static,
    {
        let said = self.said(body, move |service, conn, caller, body| {
            let said = work(service, conn, caller, body)?;
            Ok((StatusCode::OK, serde_json::to_string(&said).map_err(ServiceError::unknown)?))
        });
        serde_json::from_str(&said.await?.1).map_err(|_| Problem::failed())
    }

    async fn said<B, F>(self, body: B, mut work: F) -> Result<(u16, String), Problem>
    where
        B: Serialize + Send + 'static,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<(StatusCode, String)> + Send + 'static,
    {
        let span = tracing::info_span!("work");
        let done = web::block(move || {
            let _entered = span.entered();
            let caller = self.caller()?;
            let key = self.key.as_ref().map(|key| Key::new(&caller, self.rule.method, &self.path, key, &body));
            let key = key.transpose()?;
            let answer = self.service.once(key.as_ref(), |conn| {
                let (status, said) = work(&self.service, conn, &caller, &body)?;
                Ok((status.as_u16(), said))
            })?;
            Ok::<_, Problem>(answer)
        });
        done.await.map_err(|_| Problem::failed())?
    }

    /// The same for work of which a part takes long and needs no transaction: that is done before.
    ///
    /// # Errors
    /// As [`Desk::once`].
    pub async fn prepared<B, P, T, F>(
        self,
        (status, asked): (StatusCode, B),
        prepare: impl FnOnce(&Service) -> Served<P> + Send + 'static,
        mut work: F,
    ) -> Result<HttpResponse, Problem>
    where
        B: Serialize + Send + 'static,
        P: Send + 'static,
        T: Serialize,
        F: FnMut(&Service, &mut Conn, &Principal, &P) -> Served<T> + Send + 'static,
    {
        let (prepared, desk) = web::block(move || {
            self.caller()?;
            Ok::<_, Problem>((prepare(&self.service)?, self))
        })
        .await
        .map_err(|_| Problem::failed())??;
        desk.once(status, asked, move |service, conn, caller, _| work(service, conn, caller, &prepared)).await
    }

    /// Does work in one transaction and keeps no answer of it: for what is nowhere to be kept.
    ///
    /// # Errors
    /// The caller may not, or the work fails.
    pub async fn unkept<B, T, F>(mut self, body: B, work: F) -> Result<HttpResponse, Problem>
    where
        B: Serialize + Send + 'static,
        T: Serialize,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<T> + Send + 'static,
    {
        self.key = None;
        self.once(StatusCode::OK, body, work).await
    }

    /// With the key that came with a form: a browser sends no head of its own.
    #[must_use]
    pub fn with_key(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Without any key: what the work comes to is nowhere kept.
    #[must_use]
    pub fn without_key(self) -> Self {
        Self { key: None, ..self }
    }

    /// The service, for what everybody may see.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// What this request came with, to ask later who it was.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// Who calls, if it is somebody who is known.
    ///
    /// # Errors
    /// The work fails.
    pub async fn maybe_caller(&self) -> Result<Option<Principal>, Problem> {
        let (service, credentials) = (self.service.clone(), self.credentials.clone());
        let known = web::block(move || service.authenticate(&credentials));
        Ok(known.await.map_err(|_| Problem::failed())??)
    }

    /// The revision that the caller saw, from `If-Match`.
    ///
    /// # Errors
    /// It is not given (428), or is none of ours.
    pub fn seen(&self) -> Result<i64, Problem> {
        let Some(tag) = &self.if_match else {
            let detail = "send the ETag of what you saw as If-Match, so that nobody's change is lost".to_owned();
            return Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "if_match_required",
                "If-Match is needed here",
                Some(detail),
            ));
        };
        tag.parse().map_err(|_| Problem::unreadable("", format!("{tag} is no ETag of this resource")))
    }

    /// The service for a caller who was known a moment ago and may, without a look at the store; none where one is
    /// needed. Whoever was let in here is not asked or counted again.
    ///
    /// # Errors
    /// The caller may not, or calls too often.
    pub fn recalled(&mut self) -> Result<Option<&Service>, Problem> {
        let Some(known) = self.service.recall(&self.credentials) else { return Ok(None) };
        self.known = Some(self.let_in(known)?);
        Ok(Some(&self.service))
    }

    fn caller(&self) -> Result<Principal, Problem> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        self.let_in(self.service.authenticate(&self.credentials)?.ok_or_else(Problem::unknown_caller)?)
    }

    fn let_in(&self, known: Principal) -> Result<Principal, Problem> {
        self.limits.count(&known)?;
        if known.is_any(self.rule.may) {
            return Ok(known);
        }
        let roles: Vec<&str> = self.rule.may.iter().map(|role| role.name()).collect();
        Err(Problem::forbidden(format!("this needs one of these roles: {}", roles.join(", "))))
    }
}

/// Whether a page of another site sends a change with the cookie of somebody who is signed in here. Browsers name the
/// origin of whatever is not a plain look.
fn is_of_another_site(request: &HttpRequest) -> bool {
    if request.method().is_safe() {
        return false;
    }
    let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null").to_owned());
    let host = request.connection_info().host().to_owned();
    origin.is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Problem::unreadable("", format!("the header {name} is not plain text")))?;
    Ok(Some(text))
}

/// Reads a JSON body; what does not fit is named by its place.
///
/// # Errors
/// It is no JSON, or does not fit.
pub fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    // To know the place all the while takes as long again as reading: only what does not fit is read for it.
    serde_json::from_slice(bytes).or_else(|_| placed(bytes))
}

fn placed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Problem::unreadable(&pointer(error.path()), without_value(&error.inner().to_string())))?;
    reader.end().map_err(|error| Problem::unreadable("", error.to_string()))?;
    Ok(read)
}

/// What serde says of a value that does not fit, without the value: it may be somebody's phone, and answers are kept by
/// whoever stands between.
#[must_use]
pub(super) fn without_value(said: &str) -> String {
    let names_it = ["invalid type: ", "invalid value: ", "unknown variant "].iter().any(|known| said.contains(known));
    let expected = said.rsplit_once(", expected ").filter(|_| names_it);
    expected.map_or_else(|| said.to_owned(), |(_, expected)| format!("expected {expected}"))
}

/// An answer with the revision of what it shows as its ETag.
#[must_use]
pub fn tagged(revision: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, format!("\"{revision}\""))).json(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_named_by_its_place_and_not_repeated() {
        #[derive(Debug, Deserialize)]
        struct Body {
            #[allow(dead_code)]
            account: String,
        }
        let refused = json::<Body>(br#"{"account": {"phone": 13812345678}}"#).unwrap_err();
        assert_eq!(refused.errors[0].pointer, "/account");
        assert_eq!(refused.errors[0].detail, "expected a string at line 1 column 12");
        let variant = "unknown variant `a, expected b`, expected `c` or `d` at line 1 column 9";
        assert_eq!(without_value(variant), "expected `c` or `d` at line 1 column 9");
        assert_eq!(without_value("missing field `account`"), "missing field `account`");
    }
}
